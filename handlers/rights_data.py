"""What we hold about a person, told by kind, and her tags corrected by herself (D02, D13, D14)."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select

from dialogs import effects_rights
from dialogs.inputs import Ran, Refused
from handlers.desk import Desk
from handlers.rights_book import KeptKind
from handlers.tag_writes import Outcome, TagOrigin, remove_tag, write_tag
from models.database import Transaction
from models.personal import Person, find_person, list_holdings
from models.tags import list_tags

MOST_TAGS = 40
OWN_WORD = "owner"


def show_notice(desk: Desk, effect: effects_rights.ShowNotice) -> Ran | Refused:
    """Tell who keeps what, what for and how long, as a list (D02, D22)."""
    book, kinds = desk.runtime.content.consents, desk.runtime.content.retention.kinds
    by_time: dict[str, list[KeptKind]] = {}
    for kind in filter(lambda each: each.is_told, kinds.values()):
        by_time.setdefault(kind.written, []).append(kind)
    lines = [
        desk.say("data.kept_together", keeps=say_period(desk, written), titles="、".join(each.title for each in group))
        for written, group in sorted(by_time.items(), key=lambda item: (item[1][0].keep is None, item[1][0].keep))
    ]
    purposes = [desk.say("data.purpose", title=each.title, keeps=each.keeps) for each in book.purposes.values()]
    values = {"name": book.name, "contact": book.contact}
    return Ran({**values, "kinds": "\n".join(lines), "purposes": "；".join(purposes)})


def say_period(desk: Desk, written: str) -> str:
    """Return 180d, 24m, 3y or stays in words."""
    if written[-1:] in "dmy" and written[:-1].isdigit():
        return desk.say(f"data.period.{written[-1]}", number=written[:-1])
    return desk.say("data.period.stays")


def show_data(desk: Desk, effect: effects_rights.ShowData) -> Ran | Refused:
    """Tell every kind that is held of her: how much, from where, until when; her tags one by one."""
    person = find_person(desk.session, desk.openid)
    kinds = desk.runtime.content.retention.kinds
    lines = []
    for table, count in count_rows(desk.tx, person):
        kind = kinds[table]
        values = {"title": kind.title, "count": count, "source": kind.source, "keeps": say_period(desk, kind.written)}
        lines.append(desk.say("data.kind", **values))
    tags = [
        {"key": f"{key}={value}", "label": f"{label}：{value}", "words": [value]} for key, label, value in _list_own_tags(desk)
    ]
    if tags:
        lines.append(desk.say("data.tags", tags="、".join(str(tag["label"]) for tag in tags)))
    return Ran({"text": "\n".join(lines), "tags": tags, "count": len(lines)})


def count_rows(tx: Transaction, person: Person) -> Iterator[tuple[str, int]]:
    """Give the tables that know a person, with the number of her rows."""
    for holding in list_holdings():
        count = tx.session.scalar(select(func.count()).select_from(holding.source).where(holding.find(person))) or 0
        if count:
            yield holding.table, count


def _list_own_tags(desk: Desk) -> list[tuple[str, str, str]]:
    owner_id, keys = desk.person.owner_id, desk.runtime.content.vocabulary.keys
    held = list_tags(desk.session, owner_id, desk.now) if owner_id is not None else {}
    found = [(key, keys[key].label, value) for key, values in held.items() if key in keys for value in values]
    return found[:MOST_TAGS]


def find_tag_values(desk: Desk, effect: effects_rights.FindTagValues) -> Ran | Refused:
    """Find what a tag of hers may be instead; keys that are written freely have no list."""
    rule = desk.runtime.content.vocabulary.keys.get(effect.key.partition("=")[0])
    if rule is None:
        return Refused("unknown")
    held = effect.key.partition("=")[2]
    return Ran({"label": rule.label, "values": [{"key": each, "label": each} for each in rule.values if each != held]})


def correct_tag(desk: Desk, effect: effects_rights.CorrectTag) -> Ran | Refused:
    """Put her own word in the place of what was noted; what she takes away is gone (D14)."""
    key, _, held = effect.key.partition("=")
    rule, owner_id = desk.runtime.content.vocabulary.keys.get(key), desk.person.owner_id
    if rule is None or owner_id is None:
        return Refused("unknown")
    origin = TagOrigin("chat", OWN_WORD, desk.key)
    if remove_tag(desk.runtime, desk.tx, owner_id, key, held or None, origin).outcome is Outcome.REFUSED:
        return Refused("unknown")
    if effect.value:
        written = write_tag(desk.runtime, desk.tx, owner_id, key, effect.value, origin)
        if written.outcome is Outcome.REFUSED:
            return Refused("not_kept", {"label": rule.label})
    return Ran({"label": rule.label})

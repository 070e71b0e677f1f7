"""Tags of owners, changed by staff in the chat or by command: permitted, scoped, validated, audited."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, or_, select
from sqlalchemy.orm import Session

from dialogs import effects
from dialogs.inputs import Ran, Refused
from handlers.binding import read_room_numbers
from handlers.desk import Desk
from handlers.errors import InvalidInputError, NotFoundError
from handlers.runtime import Runtime
from models.audits import add_audit
from models.database import Transaction, insert_for
from models.followers import Follower
from models.owners import Owner, Residence, find_home
from models.places import Room
from models.staff import Role, Staff, StaffBuilding
from models.tags import OwnerTag, Tag, get_or_create_tag, list_tags
from models.vocabulary import TagKind, Vocabulary

MAY_TAG = tuple(role.value for role in Role if role not in (Role.SUPPLIER, Role.FINANCE))
DAYS_A_MONTH = 30.44
_CHANGE = re.compile(r"([+\-＋－])\s*([^+\-＋－\s,，、;；]+(?:-[^+\-＋－\s,，、;；]+)*)")


class UnknownTagError(InvalidInputError):
    """A tag that the vocabulary does not have or that may not be written; `word` names it."""

    def __init__(self, word: str, message: str) -> None:
        super().__init__(message)
        self.word = word


@dataclass(frozen=True, slots=True)
class TagChange:
    """Add or remove one value of one key."""

    is_added: bool
    key: str
    value: str


def read_changes(vocabulary: Vocabulary, words: Iterable[tuple[bool, str]]) -> list[TagChange]:
    """Return the changes that (is_added, `key=value` or a word of the vocabulary) stand for; UnknownTagError else."""
    return [change for is_added, word in words for change in _read_change(vocabulary, is_added, word)]


def split_changes(text: str) -> list[tuple[bool, str]]:
    """Return (is_added, word) of a text like `+养犬 -有车`."""
    return [(sign in "+＋", word) for sign, word in _CHANGE.findall(text)]


def _read_change(vocabulary: Vocabulary, is_added: bool, word: str) -> list[TagChange]:
    """Return the changes of one word. A word for several values (有车) adds the first of them and removes them all."""
    if vocabulary.is_forbidden(word):
        raise UnknownTagError(word, f"{word}: this is never kept about owners")
    found = _read_pair(vocabulary, word) if "=" in word or "＝" in word else _read_word(vocabulary, word)
    key = vocabulary.keys[found[0][0]]
    if is_added and (key.level > 1 or key.is_computed):
        raise UnknownTagError(word, f"{word}: needs the owner's own consent" if key.level > 1 else f"{word}: is computed")
    return [TagChange(is_added, *pair) for pair in (found[:1] if is_added else found)]


def _read_pair(vocabulary: Vocabulary, word: str) -> list[tuple[str, str]]:
    name, _, text = word.replace("＝", "=").partition("=")
    key = vocabulary.find_key(name.strip())
    value = key.read_value(text) if key else None
    if key is None or value is None:
        allowed = f"; values: {', '.join(key.values)}" if key and key.values else ""
        raise UnknownTagError(word, f"{word}: content/tags.yaml has no such tag{allowed}")
    return [(key.key, value)]


def _read_word(vocabulary: Vocabulary, word: str) -> list[tuple[str, str]]:
    alias = vocabulary.aliases.get(word)
    if alias is not None:
        values = alias.values or ((f"{alias.minimum:g}",) if alias.minimum is not None else ())
        return [(alias.key, value) for value in values]
    meanings = vocabulary.find_tags(word)
    if len(meanings) != 1:
        hint = ": write it as key=value" if meanings else ": content/tags.yaml has no such tag"
        raise UnknownTagError(word, f"{word}{hint}")
    return list(meanings)


def apply_changes(
    runtime: Runtime, tx: Transaction, owner_id: int, changes: Sequence[TagChange], *, by: str, source: str
) -> tuple[list[str], list[str]]:
    """Write tag changes of an owner and audit them; returns (added, removed) as labels. Doing it twice changes nothing.

    A key of kind `choice` has one value: a new one takes the place of the old.
    """
    now, vocabulary = runtime.now(), runtime.content.vocabulary
    added, removed = [], []
    for change in changes:
        key = vocabulary.keys[change.key]
        if change.is_added:
            if key.kind is not TagKind.MULTI:
                _remove(tx, owner_id, change.key, besides=change.value)
            _add(tx, owner_id, change, key.expires_months, {"source": source, "by": by, "at": now})
            added.append(f"{key.label}：{change.value}")
        elif _remove(tx, owner_id, change.key, only=change.value):
            removed.append(f"{key.label}：{change.value}")
    add_audit(tx.session, now, by, "tag", f"owner:{owner_id}", added=added, removed=removed, source=source)
    return added, removed


def _add(tx: Transaction, owner_id: int, change: TagChange, months: int | None, fresh: dict[str, Any]) -> None:
    tag_id = get_or_create_tag(tx.connection, change.key, change.value)
    fresh["expires_at"] = fresh["at"] + timedelta(days=months * DAYS_A_MONTH) if months else None
    statement = insert_for(tx.connection, OwnerTag).values(owner_id=owner_id, tag_id=tag_id, **fresh)
    tx.connection.execute(statement.on_conflict_do_update(index_elements=["owner_id", "tag_id"], set_=fresh))


def _remove(tx: Transaction, owner_id: int, key: str, *, only: str | None = None, besides: str | None = None) -> bool:
    tags = select(Tag.id).where(Tag.key == key)
    tags = tags.where(Tag.value == only) if only is not None else tags.where(Tag.value != besides)
    statement = delete(OwnerTag).where(OwnerTag.owner_id == owner_id, OwnerTag.tag_id.in_(tags))
    return bool(tx.connection.execute(statement).rowcount)


def tag_owner(desk: Desk, effect: effects.TagOwner) -> Ran | Refused:
    """Change tags of an owner in the staff member's scope, found by name, room or phone tail (R58)."""
    if desk.person.staff_role not in MAY_TAG:
        return Refused("forbidden")
    found = _find_in_scope(desk.session, effect.who, desk.person.staff_id)
    if len(found) != 1:
        text = "\n".join(f"{owner.name} {_room_of(desk.session, owner.id)}" for owner in found[:9])
        return Refused("ambiguous" if found else "unknown", {"who": effect.who, "text": text})
    words = split_changes(effect.changes)
    if not words:
        return Refused("no_changes", {"who": effect.who})
    try:
        changes = read_changes(desk.runtime.content.vocabulary, words)
    except UnknownTagError as error:
        return Refused("unknown_tag", {"text": error.word})
    by = f"staff:{desk.person.staff_id}"
    added, removed = apply_changes(desk.runtime, desk.tx, found[0].id, changes, by=by, source="chat")
    values = {"owner": found[0].name, "added": "、".join(added), "removed": "、".join(removed)}
    return Ran({"owner": found[0].name, "text": desk.say("tag.changed", **values)})


def _find_in_scope(session: Session, who: str, staff_id: int | None) -> Sequence[Owner]:
    who = who.strip()
    if not who:
        return []
    living = select(Residence.owner_id).join(Room).where(Residence.ended_on.is_(None), _in_scope(session, staff_id))
    base = select(Owner).where(Owner.id.in_(living)).order_by(Owner.id).limit(10)
    by_name = session.scalars(base.where(Owner.name == who)).all()
    if by_name:
        return by_name
    if re.fullmatch(r"\d{4}|\d{11}", who) and (by_phone := session.scalars(base.where(Owner.phone.endswith(who))).all()):
        return by_phone
    if numbers := read_room_numbers(who):
        rooms = select(Room.id, Room.label).where(Room.name.contains(numbers[-1], autoescape=True))
        ids = [room_id for room_id, label in session.execute(rooms) if _is_room(read_room_numbers(label), numbers)]
        return (
            session.scalars(base.join(Residence).where(Residence.room_id.in_(ids), Residence.ended_on.is_(None))).unique().all()
        )
    return session.scalars(base.where(Owner.name.contains(who, autoescape=True))).all()


def _is_room(label: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    return label[-len(wanted) :] == wanted


def _in_scope(session: Session, staff_id: int | None) -> ColumnElement[bool]:
    mine = select(StaffBuilding.building_id).where(StaffBuilding.staff_id == staff_id)
    is_everywhere = ~exists().where(StaffBuilding.staff_id == staff_id)
    return or_(Room.building_id.in_(mine), is_everywhere)


def _room_of(session: Session, owner_id: int) -> str:
    home = find_home(session, owner_id)
    return home.room.label if home else ""


def change(runtime: Runtime, who: str, words: Sequence[str], by: str) -> dict[str, Any]:
    """Change tags of the owner with this openid or id, as a staff member or the command line; returns hers after."""
    pairs = [(word[0] in "+＋", word[1:]) for word in words if word and word[0] in "+-＋－" and len(word) > 1]
    if not pairs or len(pairs) != len(words):
        raise InvalidInputError("changes look like +key=value or -key=value")
    changes = read_changes(runtime.content.vocabulary, pairs)
    with runtime.transaction() as tx:
        owner_id = _get_owner_id(tx.session, who)
        actor = _name_actor(tx.session, by)
        apply_changes(runtime, tx, owner_id, changes, by=actor, source="command")
        tx.flush()
        return {"owner_id": owner_id, "tags": list_tags(tx.session, owner_id, runtime.now())}


def _get_owner_id(session: Session, who: str) -> int:
    owner_id = session.scalar(select(Follower.owner_id).where(Follower.openid == who))
    if owner_id is None and who.isdigit():
        owner_id = session.scalar(select(Owner.id).where(Owner.id == int(who)))
    if owner_id is None:
        raise NotFoundError(f"no owner has the openid or id {who}")
    return owner_id


def _name_actor(session: Session, by: str) -> str:
    if not by or by.startswith("cli"):
        return by or "cli"
    matches = [Staff.openid == by, Staff.name == by, Staff.phone == by] + ([Staff.id == int(by)] if by.isdigit() else [])
    staff = session.scalar(select(Staff).where(or_(*matches), Staff.is_active.is_(True)).limit(1))
    if staff is None:
        raise NotFoundError(f"no staff member is {by}: give his openid, phone, name or id")
    return f"staff:{staff.id}"

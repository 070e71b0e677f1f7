"""Consent: asked for a purpose, written down with its text and evidence, taken back by one word (D01, D03, D04, D06)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, or_, select, update

from dialogs import effects_rights
from dialogs.inputs import Ran, Refused
from dialogs.script import Ask
from handlers.consent_state import GRANTED, MINORS, STALE, UNKNOWN, find_guardianship, is_granted, may_ask, read_facts
from handlers.desk import Desk
from handlers.errors import InvalidInputError
from handlers.export_rows import BATCH, Rows
from handlers.mirror_plan import note_tags
from handlers.rights_book import PURPOSES, ConsentBook
from handlers.runtime import Runtime
from models.answers import SurveyAnswer
from models.audits import add_audit
from models.consents import (
    Consent,
    ConsentChannel,
    PersonIds,
    find_newest,
    find_versions,
    page_consents,
    store_text,
)
from models.database import Transaction, insert_for
from models.followers import Follower, PushStop
from models.personal import HOLDINGS, Person
from models.tag_changes import TagChange, TagConflict
from models.tags import OwnerTag, Tag

__all__ = ["end_at_leaving", "is_granted", "may_agree", "may_ask", "person_of", "read_facts", "record", "store_texts"]
EVERYTHING = "all"
MARKETING = "marketing"


def store_texts(runtime: Runtime) -> None:
    """Put the texts of today's content in force: a grant of an earlier version is stale from now (D01)."""
    book = runtime.content.consents
    with runtime.database.reading() as tx:
        known = find_versions(tx.session)
    if any(known.get(code) != each.version for code, each in book.purposes.items()):
        with runtime.transaction() as tx:
            for code in book.purposes:
                _put_in_force(tx, book, code, runtime.now())


def _put_in_force(tx: Transaction, book: ConsentBook, code: str, now: datetime) -> None:
    purpose = book.purposes[code]
    store_text(tx, code, purpose.version, purpose.title, purpose.text, now)


def record(  # noqa: PLR0917 - the order is agreed on with those who call it
    runtime: Runtime,
    tx: Transaction,
    person: PersonIds,
    purpose: str,
    granted: bool,
    channel: str,
    evidence: str,
    by: str,
) -> int:
    """Write down a yes or a no with the text in force, audited, and return its id.

    A no takes away what rested on the yes (D12): tags and answers of the purpose, and pushes where it is `marketing`.
    A yes for `minors` keeps the registered relation with its evidence; raises InvalidInputError without one (D07).
    """
    now, book = runtime.now(), runtime.content.consents
    if granted and purpose == MINORS:
        evidence = _prove_guardian(tx, person, evidence)
    _put_in_force(tx, book, purpose, now)
    row = Consent(
        owner_id=person.owner_id,
        openid=person.openid,
        purpose=purpose,
        granted=granted,
        text_version=book.purposes[purpose].version,
        channel=ConsentChannel(channel).value,
        evidence=evidence[:200],
        by=by,
        at=now,
    )
    tx.session.add(row)
    tx.session.flush()
    if not granted and person.owner_id is not None:
        _drop_tags(runtime, tx, person.owner_id, purpose)
    if not granted:
        _drop_answers(runtime, tx, person, purpose)
    if purpose == MARKETING:
        _set_pushes(tx, person, granted, now)
    subject = f"owner:{person.owner_id}" if person.owner_id is not None else f"consent:{row.id}"
    add_audit(tx.session, now, by, "consent" if granted else "consent_withdrawn", subject, purpose=purpose, channel=channel)
    return row.id


def may_agree(tx: Transaction, person: PersonIds, purpose: str) -> bool:
    """Tell whether a yes of hers can count: for children only that of an owner or her family, as registered (D07)."""
    return purpose != MINORS or bool(find_guardianship(tx.session, person.owner_id))


def _prove_guardian(tx: Transaction, person: PersonIds, evidence: str) -> str:
    relation = find_guardianship(tx.session, person.owner_id)
    if not relation:
        raise InvalidInputError("only an owner of the home or her family, as registered, may agree for a child")
    return f"{evidence[:180]} {relation}"


def _drop_tags(runtime: Runtime, tx: Transaction, owner_id: int, purpose: str) -> None:
    """Remove what rests on a consent, and blot it out of the history: that it was there stays, what it said does not."""
    level_two = {key.key for key in runtime.content.vocabulary.keys.values() if key.purpose == purpose}
    rows = select(OwnerTag.tag_id, Tag.key).join(Tag, Tag.id == OwnerTag.tag_id).where(OwnerTag.owner_id == owner_id)
    resting = tx.connection.execute(rows.where((OwnerTag.purpose == purpose) | Tag.key.in_(level_two))).all()
    tag_ids, keys = [row.tag_id for row in resting], level_two | {row.key for row in resting}
    tx.connection.execute(delete(OwnerTag).where(OwnerTag.owner_id == owner_id, OwnerTag.tag_id.in_(tag_ids)))
    note_tags(runtime, tx, [owner_id], sorted(keys))
    hers = update(TagChange).where(TagChange.owner_id == owner_id, TagChange.key.in_(keys))
    tx.connection.execute(hers.values(value="", before=[], evidence=None))
    tx.connection.execute(delete(TagConflict).where(TagConflict.owner_id == owner_id, TagConflict.key.in_(keys)))


def _drop_answers(runtime: Runtime, tx: Transaction, person: PersonIds, purpose: str) -> None:
    """Remove what she answered under a consent: whole surveys of the purpose, and single questions that asked for it."""
    resting: list[ColumnElement[bool]] = []
    for script in runtime.content.scripts.values():
        if script.survey is not None and script.survey.purpose == purpose:
            resting.append(SurveyAnswer.survey == script.id)
        asked = [step.id for step in script.steps if isinstance(step, Ask) and step.inquiry.consent == purpose]
        if asked:
            resting.append((SurveyAnswer.survey == script.id) & SurveyAnswer.question.in_(asked))
    if resting:
        hers = HOLDINGS["answer"].find(Person((person.openid,) if person.openid else (), person.owner_id))
        tx.connection.execute(delete(SurveyAnswer).where(hers, or_(*resting)))


def _set_pushes(tx: Transaction, person: PersonIds, granted: bool, now: datetime) -> None:
    """Let pushes follow the word about them: a no is the same as 退订, on every account of hers."""
    hers = select(Follower.openid).where(Follower.owner_id == person.owner_id, Follower.owner_id.is_not(None))
    openids = {*tx.connection.scalars(hers), *([person.openid] if person.openid else [])}
    if granted:
        tx.connection.execute(delete(PushStop).where(PushStop.openid.in_(openids), PushStop.topic == ""))
    for openid in sorted(openids) if not granted else ():
        statement = insert_for(tx.connection, PushStop).values(openid=openid, topic="", at=now)
        tx.connection.execute(statement.on_conflict_do_nothing())


def person_of(desk: Desk) -> PersonIds:
    """Return who sits at the desk."""
    return PersonIds(desk.person.owner_id, desk.openid)


def look_up_consents(desk: Desk, effect: effects_rights.LookUpConsents) -> Ran | Refused:
    """Tell what she agreed to: a state and may_ask by purpose, the text of one, and those she may take back."""
    book = desk.runtime.content.consents
    facts = read_facts(desk.session, person_of(desk), desk.now)
    states = facts["consents"]
    given = [{"key": code, "label": book.purposes[code].title} for code in PURPOSES if states[code] in (GRANTED, STALE)]
    if len(given) > 1:
        given.append({"key": EVERYTHING, "label": desk.say("consent.all")})
    asked = book.purposes.get(effect.purpose)
    told = {"title": asked.title, "text": asked.text, "kinds": asked.kinds, "keeps": asked.keeps} if asked else {}
    state = {"state": states.get(effect.purpose, UNKNOWN), "is_askable": facts["may_ask"].get(effect.purpose, False)}
    only = given[0]["key"] if len(given) == 1 else ""
    return Ran({**states, "may_ask": facts["may_ask"], "given": given, "count": len(given), "only": only, **told, **state})


def record_consent(desk: Desk, effect: effects_rights.RecordConsent) -> Ran | Refused:
    """Write down her yes or no; `all` takes everything back that she has given."""
    book, person = desk.runtime.content.consents, person_of(desk)
    newest = find_newest(desk.session, person)
    wanted = [code for code, row in newest.items() if row.granted] if effect.purpose == EVERYTHING else [effect.purpose]
    if any(code not in book.purposes for code in wanted) or (effect.purpose == EVERYTHING and effect.granted):
        return Refused("unknown")
    if effect.granted and not may_agree(desk.tx, person, effect.purpose):
        return Refused("not_guardian")
    for code in wanted:
        evidence, channel = desk.key, ConsentChannel.CHAT.value
        record(desk.runtime, desk.tx, person, code, effect.granted, channel, evidence, "owner")
    return Ran({"purpose": effect.purpose, "title": "、".join(book.purposes[code].title for code in wanted)})


def end_at_leaving(desk: Desk) -> None:
    """End what only consent carried when a follower leaves the account: offers. Her place in the register stays (D12)."""
    person = person_of(desk)
    newest = find_newest(desk.session, person).get(MARKETING)
    if newest is not None and newest.granted:
        record(desk.runtime, desk.tx, person, MARKETING, False, ConsentChannel.CHAT.value, desk.key, "owner")


def read_consents(tx: Transaction, _runtime: Runtime, after: int) -> Rows:
    """Return what people agreed to and took back, for an export."""
    return [(each.id, _describe(each)) for each in page_consents(tx.session, after, BATCH)]


def _describe(row: Consent) -> dict[str, Any]:
    names = ("id", "owner_id", "openid", "purpose", "granted", "text_version", "channel", "evidence", "by", "at")
    return {name: getattr(row, name) for name in names}

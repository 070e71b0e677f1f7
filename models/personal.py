"""Which table knows a person, how her rows are found, and what becomes of them when she is to be forgotten (D13, D15).

Every table stands here or in NO_RESIDENT; a test demands it, so that nobody adds one and forgets her in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, ColumnExpressionArgument, Select, Table, false, or_, select
from sqlalchemy.orm import Session

from models.base import Base
from models.cases import CaseStatus, Complaint, Order
from models.database import table_of
from models.followers import Follower


@dataclass(frozen=True, slots=True)
class Person:
    """Whom to look for: every openid of hers, and her id in the register."""

    openids: tuple[str, ...]
    owner_id: int | None = None


class Fate(StrEnum):
    """What becomes of a row of hers: gone, kept without her, or kept."""

    ERASE = "erase"
    ANONYMISE = "anonymise"
    KEEP = "keep"


Find = Callable[[Person], ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Holding:
    """One table. `blank` are the columns that say who, emptied; `waits`: left alone while something of hers is open.

    `hidden` columns are ours and no business of a copy.
    """

    table: str
    fate: Fate
    reason: str
    find: Find
    blank: Mapping[str, Any] = field(default_factory=dict)
    waits: bool = False
    hidden: tuple[str, ...] = ()

    @property
    def source(self) -> Table:
        """Return the table itself."""
        return Base.metadata.tables[self.table]


def _table(name: str) -> Table:
    return Base.metadata.tables[name]


def by_openid(name: str) -> Find:
    """Return how a table is searched by openid."""
    return lambda person: _table(name).c.openid.in_(person.openids)


def by_owner(name: str) -> Find:
    """Return how a table is searched by the register's id."""
    return lambda person: _table(name).c.owner_id == person.owner_id if person.owner_id is not None else false()


def by_either(name: str) -> Find:
    """Return how a table is searched by openid and by the register's id."""
    return lambda person: or_(by_openid(name)(person), by_owner(name)(person))


def _ids(name: str, person: Person) -> Select[Any]:
    return select(_table(name).c.id).where(HOLDINGS[name].find(person))


def by_case(name: str, *parents: str, also: Find | None = None) -> Find:
    """Return how a table is searched by the orders, complaints or tasks it belongs to."""

    def find(person: Person) -> ColumnElement[bool]:
        own: list[ColumnExpressionArgument[bool]] = [also(person)] if also else []
        return or_(*own, *(_table(name).c[f"{each}_id"].in_(_ids(each, person)) for each in parents))

    return find


def _owner(person: Person) -> ColumnElement[bool]:
    return _table("owner").c.id == person.owner_id if person.owner_id is not None else false()


def _distinct(person: Person) -> ColumnElement[bool]:
    columns = _table("owner_distinct").c
    hers = or_(columns.first_id == person.owner_id, columns.second_id == person.owner_id)
    return hers if person.owner_id is not None else false()


def _audit(person: Person) -> ColumnElement[bool]:
    return _table("audit").c.subject == f"owner:{person.owner_id}" if person.owner_id is not None else false()


def _report(person: Person) -> ColumnElement[bool]:
    sent = [select(_table(name).c.message_id).where(HOLDINGS[name].find(person)) for name in ("outbox", "delivery")]
    return or_(*(_table("early_report").c.message_id.in_(each) for each in sent))


def list_holdings() -> list[Holding]:
    """Return the tables that there are, in the order of an erasure."""
    return [each for name, each in HOLDINGS.items() if name in Base.metadata.tables]


NOBODY: Mapping[str, Any] = {"owner_id": None, "openid": None}
_MIRRORING = ("fence", "lease_until", "attempts", "due_at", "stale_at", "listed_at", "is_read", "status", "reason")
SENDING = ("fence", "lease_until", "attempts", "message_id")
_CASE = {**NOBODY, "room_label": "", "slots": {}}
# in the order of an erasure: what points to a row comes before it
_ALL = (
    Holding("early_report", Fate.ERASE, "a report on a message of hers", _report),
    Holding("delivery", Fate.ERASE, "what was pushed to her", by_either("delivery"), hidden=SENDING),
    Holding("outbox", Fate.ERASE, "what was sent to her", by_openid("outbox"), hidden=(*SENDING, "dedupe")),
    Holding("inbound_message", Fate.ERASE, "what she wrote", by_openid("inbound_message"), hidden=("key",)),
    Holding("conversation", Fate.ERASE, "where her dialog stands", by_openid("conversation")),
    Holding(
        "script_run",
        Fate.ANONYMISE,
        "counts the answers of a survey",
        by_either("script_run"),
        {"owner_id": None, "openid": ""},
    ),
    Holding("answer", Fate.ERASE, "what she answered", by_either("answer")),
    Holding("survey_invitation", Fate.ERASE, "surveys she was asked to", by_either("survey_invitation")),
    Holding(
        "visit",
        Fate.ANONYMISE,
        "that staff were there",
        by_owner("visit"),
        {"owner_id": None, "room_id": None, "note": ""},
    ),
    Holding("tag_change", Fate.ERASE, "history of her tags", by_owner("tag_change")),
    Holding("tag_conflict", Fate.ERASE, "history of her tags", by_owner("tag_conflict")),
    Holding("owner_tag", Fate.ERASE, "what she told us", by_owner("owner_tag")),
    Holding("point_entry", Fate.ERASE, "her points", by_owner("point_entry"), hidden=("key",)),
    Holding("account_mark", Fate.ERASE, "her tags on the account are to be looked at", by_openid("account_mark"), waits=True),
    Holding("account_change", Fate.ERASE, "what was changed on the account", by_openid("account_change"), waits=True),
    Holding(
        "account_follower",
        Fate.ERASE,
        "which tags and remark she has on the account",
        by_openid("account_follower"),
        hidden=("wanted", "known", "trying", "trying_remark", "others", *_MIRRORING),
        waits=True,
    ),
    Holding("push_stop", Fate.ERASE, "nothing is pushed to nobody", by_openid("push_stop")),
    Holding("bind_attempt", Fate.ERASE, "wrong tries to bind", by_openid("bind_attempt")),
    Holding("personal_export", Fate.ERASE, "copies she had made", by_either("personal_export"), hidden=("name",)),
    Holding(
        "consent",
        Fate.ANONYMISE,
        "that a consent was given and ended is shown for three years (D11)",
        by_either("consent"),
        {**NOBODY, "evidence": ""},
    ),
    Holding("order_secret", Fate.ERASE, "told in confidence", by_case("order_secret", "order"), waits=True),
    Holding(
        "booking",
        Fate.ANONYMISE,
        "seats and stock are counted from it",
        by_case("booking", "order", also=by_either("booking")),
        NOBODY,
        waits=True,
    ),
    Holding(
        "attachment",
        Fate.ERASE,
        "pictures of her home",
        by_case("attachment", "order", "complaint", also=by_openid("attachment")),
        hidden=("path", "attempts"),
        waits=True,
    ),
    Holding(
        "case_event",
        Fate.ANONYMISE,
        "when staff did what",
        by_case("case_event", "order", "complaint", "task"),
        {"note": ""},
        waits=True,
    ),
    Holding(
        "task",
        Fate.ANONYMISE,
        "what staff did",
        by_case("task", "order", "complaint", also=by_either("task")),
        {**NOBODY, "summary": ""},
        waits=True,
    ),
    Holding(
        "order",
        Fate.ANONYMISE,
        "accounts and guarantees of what was done",
        by_either("order"),
        {**_CASE, "note": ""},
        waits=True,
    ),
    Holding("complaint", Fate.ANONYMISE, "complaints are counted", by_either("complaint"), {**_CASE, "text": ""}, waits=True),
    Holding("feedback", Fate.ERASE, "what she thought", by_either("feedback"), waits=True),
    Holding(
        "owner_distinct",
        Fate.ERASE,
        "that she is not somebody else",
        _distinct,
        hidden=("first_id", "second_id", "by"),
    ),
    Holding("owner_merge", Fate.ERASE, "rows that were found to be one person", by_owner("owner_merge"), waits=True),
    Holding("phone_event", Fate.ERASE, "numbers she had", by_owner("phone_event"), waits=True),
    Holding("residence", Fate.ERASE, "where she lives", by_owner("residence"), waits=True),
    Holding("follower", Fate.ERASE, "who follows us", by_either("follower"), waits=True),
    Holding("owner", Fate.ERASE, "name, phone, birthday", _owner, waits=True),
    Holding(
        "audit",
        Fate.KEEP,
        "append only; names her by a number that then leads nowhere",
        _audit,
        hidden=("prev_hash", "hash", "place"),
    ),
    Holding(
        "erasure",
        Fate.KEEP,
        "that it was done is shown; her openid is taken out at its end",
        by_openid("erasure"),
    ),
)
HOLDINGS: Mapping[str, Holding] = {each.table: each for each in _ALL}
# tables that hold no resident, and why
NO_RESIDENT: Mapping[str, str] = {
    "account_pause": "a quota of the platform",
    "account_run": "a listing of followers as such",
    "account_tag": "a tag of the account, nobody's",
    "audit_chain": "the end of a chain of digests",
    "bill": "what a room owes, by room and not by name; kept by the law of accounts",
    "building": "a place",
    "campaign": "a push as such; who got it stands in its deliveries",
    "community": "a place",
    "estate_service": "what an estate offers",
    "console_account": "a login of staff",
    "console_recovery_code": "a login of staff",
    "console_session": "a login of staff",
    "consent_text": "texts as read out to everybody",
    "job": "who of the staff asked for what; the files beside it live a day",
    "number_series": "a counter",
    "offer": "what can be booked",
    "room": "a place",
    "schedule": "a rule of the clock",
    "schedule_run": "an instant of the clock",
    "script_revision": "a text of ours",
    "segment": "an audience under a name; who is in it is worked out when it is asked",
    "sign_in_attempt": "a login of staff",
    "staff": "somebody who works here, under her own contract",
    "staff_building": "a place of work",
    "staff_code": "an invitation for staff",
    "tag": "a word of the vocabulary, nobody's",
    "sealing_mark": "by which key the rows are sealed",
    "tag_roll": "which tags have a roll",
    "tag_roll_mark": "which pages of the rolls are written anew",
    "tag_roll_page": "bits by number; that of somebody erased goes with the next writing, and her number is never given again",
    "unheard": "sentences without their speaker; names in them are blotted out",
    "unit": "a place",
}
OPEN_CASES = tuple(each.value for each in CaseStatus if each not in (CaseStatus.CONFIRMED, CaseStatus.CANCELLED))


def find_person(session: Session, openid: str) -> Person:
    """Return who is behind an openid, with every other account that is bound to the same owner."""
    owner_id = session.scalar(select(Follower.owner_id).where(Follower.openid == openid))
    if owner_id is None:
        return Person((openid,))
    others = session.scalars(select(Follower.openid).where(Follower.owner_id == owner_id).order_by(Follower.openid))
    return Person(tuple(dict.fromkeys((openid, *others))), owner_id)


def list_open_cases(session: Session, person: Person) -> list[str]:
    """Return the numbers of her orders and complaints that are not over: the contract and the law want them finished."""
    found: list[str] = []
    for model in (Order, Complaint):
        name = table_of(model).name
        statement = select(model.no).where(HOLDINGS[name].find(person), model.status.in_(OPEN_CASES))
        found += session.scalars(statement.order_by(model.id))
    return found

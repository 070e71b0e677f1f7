"""What happened with one owner, newest first and page by page: what was said both ways, orders, surveys, pushes, tags.

Every kind is read by one statement with an index of its owner or follower, at most a page of it. Nothing here writes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from models.answers import SurveyAnswer
from models.campaigns import Campaign, Delivery
from models.cases import Complaint, Order
from models.consents import Consent, PersonIds, is_about
from models.conversations import InboundMessage
from models.merges import Merge
from models.outbox import OutboxMessage
from models.tag_changes import TagChange

MOST_EVENTS = 30


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of the timeline begins: behind this event. `rank` is the kind's, for what happened at one instant."""

    at: datetime
    rank: int
    id: int

    def render(self) -> str:
        """Return the place as a link carries it."""
        return f"{self.at.isoformat()}_{self.rank}_{self.id}"


def read_place(text: str) -> Place | None:
    """Return the place of a link, None for anything else."""
    at, _, rest = text.partition("_")
    rank, _, number = rest.partition("_")
    try:
        found = Place(datetime.fromisoformat(at), int(rank), int(number))
    except ValueError:
        return None
    return found if found.at.tzinfo is not None and 0 <= found.rank < len(KINDS) and 0 < found.id < 2**63 else None


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    """Something that happened: `kind` is one of KINDS; `ref` leads to its page. Of a message `answer` is what went back.

    `scripts` are those a message or notice belongs to: which ran before it and which after.
    """

    at: datetime
    kind: str
    title: str
    text: str = ""
    status: str = ""
    ref: str = ""
    answer: str = ""
    scripts: frozenset[str] = frozenset()
    id: int = 0

    @property
    def place(self) -> Place:
        """Return where this event stands."""
        return Place(self.at, KINDS.index(self.kind), self.id)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of a timeline: one kind or all (empty), what is behind a place, and how many at most.

    `traces_scripts`: of notices too it is told in which conversation they came; costs one more look for each.
    """

    kind: str = ""
    behind: Place | None = None
    most: int = MOST_EVENTS
    traces_scripts: bool = False


@dataclass(frozen=True, slots=True)
class Whose:
    """The owner, and every follower who is she."""

    owner_id: int
    openids: Sequence[str] = ()


EVERYTHING = Wanted()


def list_events(session: Session, whose: Whose, wanted: Wanted = EVERYTHING) -> list[TimelineEvent]:
    """Return events newest first; one more than a page when there are more."""
    kinds = [wanted.kind] if wanted.kind in KINDS else KINDS
    found = [event for kind in kinds for event in _READ[kind](session, whose, wanted)]
    return sorted(found, key=_order)[: wanted.most + 1]


def _order(event: TimelineEvent) -> tuple[float, int, int]:
    return -event.at.timestamp(), KINDS.index(event.kind), -event.id


def _cut(
    statement: Select[*tuple[Any, ...]],
    kind: str,
    at: ColumnElement[datetime] | InstrumentedAttribute[datetime],
    key: InstrumentedAttribute[int],
    wanted: Wanted,
) -> Select[*tuple[Any, ...]]:
    """Return the statement of one page of a kind and one row more."""
    return statement.where(_is_behind(kind, at, key, wanted.behind)).order_by(at.desc(), key.desc()).limit(wanted.most + 1)


def _is_behind(kind: str, at: Any, key: Any, place: Place | None) -> ColumnElement[bool]:
    if place is None:
        return true()
    rank = KINDS.index(kind)
    if rank == place.rank:
        return or_(at < place.at, and_(at == place.at, key < place.id))
    behind: ColumnElement[bool] = at <= place.at if rank > place.rank else at < place.at
    return behind


def _read_messages(session: Session, whose: Whose, wanted: Wanted) -> list[TimelineEvent]:
    """Read what she said and what went back at once; the script before it is that of the row below."""
    row = InboundMessage
    statement = select(row.id, row.at, row.kind, row.text, row.reply, row.script, row.openid).where(
        row.openid.in_(whose.openids)
    )
    rows = session.execute(_cut(statement, "message", row.at, row.id, wanted)).all() if whose.openids else []
    found: list[TimelineEvent] = []
    before: dict[str, str | None] = {}
    for number, at, kind, text, reply, script, openid in reversed(rows):
        scripts = frozenset(each for each in (before.get(openid), script) if each)
        before[openid] = script
        values = {"text": text or "", "answer": reply or "", "scripts": scripts, "id": number}
        found.append(TimelineEvent(at, "message", kind, ref=script or "", **values))
    return found


def _read_notices(session: Session, whose: Whose, wanted: Wanted) -> list[TimelineEvent]:
    """Read what left by the outbox."""
    row, said = OutboxMessage, InboundMessage
    before = (
        select(said.script)
        .where(said.openid == row.openid, said.at <= row.created_at)
        .order_by(said.at.desc(), said.id.desc())
        .limit(1)
        .correlate(row)
        .scalar_subquery()
    )
    at = func.coalesce(row.sent_at, row.created_at, type_=row.created_at.type)
    script = before if wanted.traces_scripts else literal("")
    statement = select(row.id, at, row.kind, row.body, row.status, row.reason, script).where(row.openid.in_(whose.openids))
    rows = session.execute(_cut(statement, "notice", at, row.id, wanted)) if whose.openids else ()
    return [
        TimelineEvent(
            *(when, "notice", kind, str(body.get("text", "")), status),
            ref=reason or "",
            scripts=frozenset({ran} if ran else ()),
            id=number,
        )
        for number, when, kind, body, status, reason, ran in rows
    ]


def _read_orders(session: Session, whose: Whose, wanted: Wanted) -> list[TimelineEvent]:
    columns = (Order.id, Order.created_at, Order.service, Order.note, Order.status, Order.no)
    statement = select(*columns).where(Order.owner_id == whose.owner_id)
    return _build("order", session.execute(_cut(statement, "order", Order.created_at, Order.id, wanted)))


def _read_complaints(session: Session, whose: Whose, wanted: Wanted) -> list[TimelineEvent]:
    row = Complaint
    statement = select(row.id, row.created_at, row.category, row.text, row.status, row.no).where(row.owner_id == whose.owner_id)
    return _build("complaint", session.execute(_cut(statement, "complaint", row.created_at, row.id, wanted)))


def _read_pushes(session: Session, whose: Whose, wanted: Wanted) -> list[TimelineEvent]:
    at = func.coalesce(Delivery.sent_at, Delivery.due_at, type_=Delivery.due_at.type)
    columns = (Delivery.id, at, Campaign.name, Delivery.reason, Delivery.status, Campaign.id)
    statement = select(*columns).join(Campaign, Campaign.id == Delivery.campaign_id)
    statement = statement.where(Delivery.owner_id == whose.owner_id)
    return _build("push", session.execute(_cut(statement, "push", at, Delivery.id, wanted)))


def _read_answers(session: Session, whose: Whose, wanted: Wanted) -> list[TimelineEvent]:
    row = SurveyAnswer
    columns = (row.id, row.at, row.question, row.label, row.source, row.survey)
    statement = select(*columns).where(row.owner_id == whose.owner_id, row.undone_at.is_(None))
    return _build("answer", session.execute(_cut(statement, "answer", row.at, row.id, wanted)))


def _read_consents(session: Session, whose: Whose, wanted: Wanted) -> list[TimelineEvent]:
    row = Consent
    columns = (row.id, row.at, row.purpose, row.channel, row.granted, row.text_version)
    statement = _cut(select(*columns).where(is_about(PersonIds(whose.owner_id))), "consent", row.at, row.id, wanted)
    rows = [(*each[:4], "granted" if each[4] else "refused", each[5]) for each in session.execute(statement)]
    return _build("consent", rows)


def _read_tag_changes(session: Session, whose: Whose, wanted: Wanted) -> list[TimelineEvent]:
    """Read that tags changed; which value stands on the card itself, where it is guarded."""
    row = TagChange
    columns = (row.id, row.at, row.key, row.by, row.action, row.source)
    statement = select(*columns).where(row.owner_id == whose.owner_id)
    return _build("tag", session.execute(_cut(statement, "tag", row.at, row.id, wanted)))


def _read_merges(session: Session, whose: Whose, wanted: Wanted) -> list[TimelineEvent]:
    row = Merge
    columns = (row.id, row.at, row.dropped_name, row.by, literal(""), row.dropped_id)
    statement = select(*columns).where(row.owner_id == whose.owner_id)
    return _build("merge", session.execute(_cut(statement, "merge", row.at, row.id, wanted)))


def _build(kind: str, rows: Any) -> list[TimelineEvent]:
    """Return events of rows (id, at, title, text, status, ref)."""
    return [
        TimelineEvent(at, kind, title, text or "", status or "", str(ref or ""), id=number)
        for number, at, title, text, status, ref in rows
    ]


_Reading = Callable[[Session, Whose, Wanted], list[TimelineEvent]]
_READ: Mapping[str, _Reading] = {  # of one instant the first is shown first: what came of a message stands above it
    "merge": _read_merges,
    "notice": _read_notices,
    "push": _read_pushes,
    "order": _read_orders,
    "complaint": _read_complaints,
    "tag": _read_tag_changes,
    "answer": _read_answers,
    "consent": _read_consents,
    "message": _read_messages,
}
KINDS = tuple(_READ)

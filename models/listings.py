"""Lists and single rows for the staff pages: always within a scope, newest first, page by page. Nothing here writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, exists, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from models.audits import AuditEntry
from models.campaigns import Campaign, Delivery
from models.cases import Attachment, CaseEvent, Complaint, Order
from models.owners import Owner, Residence
from models.places import Building, Community, Room
from models.staff import Staff
from models.tasks import Task
from models.veils import Veil

PAGE_SIZE = 30
MOST_DELIVERIES = 50
RowT = TypeVar("RowT")
CaseT = TypeVar("CaseT", Order, Complaint)


@dataclass(frozen=True, slots=True)
class Scope:
    """The buildings whose rows a person may see; None is every estate. `veil` hides private work that others hold."""

    building_ids: frozenset[int] | None = None
    veil: Veil | None = None

    def holds(self, column: InstrumentedAttribute[int | None] | InstrumentedAttribute[int]) -> ColumnElement[bool]:
        """Return the condition that a row's building is in the scope; a row without one is for those who see all."""
        return column.in_(self.building_ids) if self.building_ids is not None else true()

    def shows(self, model: type[Order] | type[Complaint] | type[Task]) -> ColumnElement[bool]:
        """Return the condition that a case or task is not private to somebody else (R17, R31)."""
        return self.veil.lifts(model) if self.veil is not None else true()


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page begins: below the id `before`, or above the id `after`; neither is the newest page."""

    before: int | None = None
    after: int | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[RowT]):
    """Rows, newest first; `older` and `newer` are the ids the neighbouring pages begin at, None at an end."""

    rows: Sequence[RowT]
    older: int | None = None
    newer: int | None = None


@dataclass(frozen=True, slots=True)
class CaseRow(Generic[CaseT]):
    """An order or complaint with the names that belong to it."""

    case: CaseT
    owner: Owner | None
    assignee: str
    community: str


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """What a list of cases is narrowed to; empty is everything. `kind` is a service code or a complaint's category."""

    status: str = ""
    kind: str = ""
    community_id: int | None = None


@dataclass(frozen=True, slots=True)
class CaseFile(Generic[CaseT]):
    """Everything about one case."""

    row: CaseRow[CaseT]
    tasks: Sequence[Task]
    events: Sequence[CaseEvent]
    attachments: Sequence[Attachment]


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """What a list of tasks is narrowed to; empty is everything."""

    statuses: tuple[str, ...] = ()
    kind: str = ""


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """A delivery and the name of its owner."""

    delivery: Delivery
    name: str


def list_cases(
    session: Session, model: type[CaseT], scope: Scope, wanted: CaseFilter, cursor: Cursor, size: int = PAGE_SIZE
) -> Page[CaseRow[CaseT]]:
    """Return a page of orders or complaints."""
    statement = _select_cases(model, scope)
    if wanted.status:
        statement = statement.where(model.status == wanted.status)
    if wanted.kind:
        statement = statement.where(_kind_of(model) == wanted.kind)
    if wanted.community_id is not None:
        statement = statement.where(model.community_id == wanted.community_id)
    page = turn_page(session, statement, model.id, cursor, size)
    return Page([CaseRow(*row) for row in page.rows], page.older, page.newer)


def find_case(session: Session, model: type[CaseT], scope: Scope, no: str) -> CaseFile[CaseT] | None:
    """Return an order or complaint by its NO with its tasks, events and pictures; None outside the scope."""
    found = session.execute(_select_cases(model, scope).where(model.no == no)).one_or_none()
    if found is None:
        return None
    row: CaseRow[CaseT] = CaseRow(*found)
    task_key, event_key, media_key = _keys_of(model)
    tasks = session.scalars(select(Task).where(task_key == row.case.id).order_by(Task.id)).all()
    of_tasks = CaseEvent.task_id.in_([task.id for task in tasks])
    events = session.scalars(
        select(CaseEvent).where(or_(event_key == row.case.id, of_tasks)).order_by(CaseEvent.at, CaseEvent.id)
    ).all()
    media = session.scalars(select(Attachment).where(media_key == row.case.id).order_by(Attachment.id)).all()
    for task in tasks:
        _ = task.assignee  # read now: the page is made after the transaction
    return CaseFile(row, tasks, events, media)


def find_attachment(session: Session, scope: Scope, attachment_id: int) -> Attachment | None:
    """Return a picture, voice or video of a case in the scope."""
    in_scope = or_(
        exists().where(Order.id == Attachment.order_id, scope.holds(Order.building_id), scope.shows(Order)),
        exists().where(Complaint.id == Attachment.complaint_id, scope.holds(Complaint.building_id), scope.shows(Complaint)),
    )
    return session.scalar(select(Attachment).where(Attachment.id == attachment_id, in_scope))


def list_tasks(
    session: Session, scope: Scope, wanted: TaskFilter, cursor: Cursor, size: int = PAGE_SIZE
) -> Page[tuple[Task, str]]:
    """Return a page of tasks, each with the name of who holds it, empty when nobody does."""
    statement = select(Task, func.coalesce(Staff.name, "")).outerjoin(Staff, Staff.id == Task.assignee_id)
    statement = statement.where(scope.holds(Task.building_id), scope.shows(Task))
    if wanted.statuses:
        statement = statement.where(Task.status.in_(wanted.statuses))
    if wanted.kind:
        statement = statement.where(Task.kind == wanted.kind)
    page = turn_page(session, statement, Task.id, cursor, size)
    return Page([(row[0], row[1]) for row in page.rows], page.older, page.newer)


def list_campaigns(session: Session, scope: Scope, cursor: Cursor, size: int = PAGE_SIZE) -> Page[Campaign]:
    """Return a page of campaigns that reach somebody in the scope."""
    page = turn_page(session, select_campaigns(scope), Campaign.id, cursor, size)
    return Page([row[0] for row in page.rows], page.older, page.newer)


def find_campaign(session: Session, scope: Scope, campaign_id: int) -> Campaign | None:
    """Return a campaign that reaches somebody in the scope."""
    found = session.execute(select_campaigns(scope).where(Campaign.id == campaign_id)).one_or_none()
    return found[0] if found else None


def count_deliveries(session: Session, scope: Scope, campaign_id: int) -> dict[tuple[str, str], int]:
    """Return how many deliveries of a campaign have a status and a reason (empty without one)."""
    reason = func.coalesce(Delivery.reason, "")
    statement = (
        select(Delivery.status, reason, func.count())
        .where(Delivery.campaign_id == campaign_id, _lives_in(scope, Delivery.owner_id))
        .group_by(Delivery.status, reason)
    )
    return {(status, why): number for status, why, number in session.execute(statement)}


def list_deliveries(
    session: Session, scope: Scope, campaign_id: int, status: str = "", most: int = MOST_DELIVERIES
) -> list[DeliveryRow]:
    """Return the first deliveries of a campaign, of one status where it is given."""
    statement = (
        select(Delivery, Owner.name)
        .join(Owner, Owner.id == Delivery.owner_id)
        .where(Delivery.campaign_id == campaign_id, _lives_in(scope, Delivery.owner_id))
        .order_by(Delivery.owner_id)
        .limit(most)
    )
    if status:
        statement = statement.where(Delivery.status == status)
    return [DeliveryRow(*row) for row in session.execute(statement)]


def list_audit(session: Session, scope: Scope, cursor: Cursor, size: int = PAGE_SIZE) -> Page[AuditEntry]:
    """Return a page of audit entries; they name no building, so only who sees every estate sees them."""
    if scope.building_ids is not None:
        return Page([])
    page = turn_page(session, select(AuditEntry), AuditEntry.id, cursor, size)
    return Page([row[0] for row in page.rows], page.older, page.newer)


def list_communities(session: Session, scope: Scope) -> Sequence[Community]:
    """Return the estates that have a building in the scope."""
    here = exists().where(Building.community_id == Community.id, scope.holds(Building.id))
    return session.scalars(select(Community).where(here).order_by(Community.id)).all()


def turn_page(
    session: Session, statement: Select[*tuple[Any, ...]], key: InstrumentedAttribute[int], cursor: Cursor, size: int
) -> Page[Any]:
    """Return one page by the key of its first or last row, so that page 1,000 costs what page 1 costs.

    The first thing selected must be the entity the key belongs to.
    """
    if cursor.after is not None:
        found = session.execute(statement.where(key > cursor.after).order_by(key).limit(size + 1)).all()
        rows = list(reversed(found[:size]))
        return Page(rows, rows[-1][0].id if rows else None, rows[0][0].id if len(found) > size else None)
    if cursor.before is not None:
        statement = statement.where(key < cursor.before)
    found = session.execute(statement.order_by(key.desc()).limit(size + 1)).all()
    rows = list(found[:size])
    newer = rows[0][0].id if rows and cursor.before is not None else None
    return Page(rows, rows[-1][0].id if len(found) > size else None, newer)


def _select_cases(model: type[CaseT], scope: Scope) -> Select[*tuple[Any, ...]]:
    return (
        select(model, Owner, func.coalesce(Staff.name, ""), func.coalesce(Community.name, ""))
        .outerjoin(Owner, Owner.id == model.owner_id)
        .outerjoin(Staff, Staff.id == model.assignee_id)
        .outerjoin(Community, Community.id == model.community_id)
        .where(scope.holds(model.building_id), scope.shows(model))
    )


def _kind_of(model: type[Order] | type[Complaint]) -> InstrumentedAttribute[str]:
    return Order.service if model is Order else Complaint.category


def _keys_of(model: type[Order] | type[Complaint]) -> tuple[InstrumentedAttribute[int | None], ...]:
    if model is Order:
        return Task.order_id, CaseEvent.order_id, Attachment.order_id
    return Task.complaint_id, CaseEvent.complaint_id, Attachment.complaint_id


def _lives_in(scope: Scope, owner_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    if scope.building_ids is None:
        return true()
    home = exists().where(Residence.owner_id == owner_id, Residence.ended_on.is_(None), Residence.room_id == Room.id)
    return home.where(scope.holds(Room.building_id))


def select_campaigns(scope: Scope) -> Select[*tuple[Any, ...]]:
    """Return the statement of the campaigns that reach somebody in the scope."""
    if scope.building_ids is None:
        return select(Campaign)
    return select(Campaign).where(exists().where(Delivery.campaign_id == Campaign.id, _lives_in(scope, Delivery.owner_id)))

"""The numbers of the staff's first page, each by one grouped query over what is open or recent. Nothing here writes.

What is counted is what the reader would see in the list behind the number: private work of others is in neither.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from models.campaigns import Campaign, CampaignStatus, Delivery
from models.cases import CaseStatus, Complaint, Order
from models.listings import Scope, select_campaigns
from models.outbox import OutboxMessage, SendStatus
from models.staff import Staff
from models.tasks import LIVING, Task, TaskStatus

UNSETTLED = (
    CaseStatus.BOOKED.value,
    CaseStatus.ACCEPTED.value,
    CaseStatus.DONE.value,
    CaseStatus.REOPENED.value,
)
UNDER_WAY = (CampaignStatus.SCHEDULED.value, CampaignStatus.RUNNING.value)
WAITING = (SendStatus.PLANNED.value, SendStatus.LEASED.value)
TODAY, RECENT, OLD = "today", "recent", "old"
RECENT_DAYS = 3
MOST_SHOWN = 8


@dataclass(frozen=True, slots=True)
class CaseCounts:
    """Orders or complaints: booked today, booked this week, and those that nobody has settled yet."""

    today: int
    week: int
    unsettled: int


@dataclass(frozen=True, slots=True)
class OutboxCounts:
    """Messages whose time has come and that have not left; `oldest_at` is None when there are none."""

    waiting: int
    oldest_at: datetime | None


def count_open_tasks(session: Session, scope: Scope, day: datetime) -> dict[str, Counter[str]]:
    """Return kind -> age -> number of open tasks. Ages: today, recent (up to three days back), old; `day` began then."""
    age = case(
        (Task.created_at >= day, TODAY),
        (Task.created_at >= day - timedelta(days=RECENT_DAYS), RECENT),
        else_=OLD,
    )
    statement = (
        select(Task.kind, age, func.count())
        .where(Task.status.in_(LIVING), scope.holds(Task.building_id), scope.shows(Task))
        .group_by(Task.kind, age)
    )
    found: dict[str, Counter[str]] = {}
    for kind, when, number in session.execute(statement):
        found.setdefault(kind, Counter())[when] = number
    return found


def list_late_tasks(session: Session, scope: Scope, now: datetime, most: int = MOST_SHOWN) -> Sequence[tuple[Task, str]]:
    """Return the longest waiting late tasks with their holder's name: past their time, or reminded of and not taken."""
    late = or_(Task.due_at < now, (Task.status == TaskStatus.OPEN.value) & (Task.reminders > 0))
    statement = (
        select(Task, func.coalesce(Staff.name, ""))
        .outerjoin(Staff, Staff.id == Task.assignee_id)
        .where(Task.status.in_(LIVING), late, scope.holds(Task.building_id), scope.shows(Task))
        .order_by(Task.id)
        .limit(most)
    )
    return [(task, name) for task, name in session.execute(statement)]


def count_cases(
    session: Session, model: type[Order] | type[Complaint], scope: Scope, day: datetime, week: datetime
) -> CaseCounts:
    """Return the counts of orders or complaints; `day` and `week` are when today and this week began."""
    mine = (scope.holds(model.building_id), scope.shows(model))
    recent = select(func.count(), func.count(case((model.created_at >= day, 1)))).where(model.created_at >= week, *mine)
    in_week, in_day = session.execute(recent).one()
    unsettled = select(func.count()).where(model.status.in_(UNSETTLED), *mine)
    return CaseCounts(in_day, in_week, session.scalar(unsettled) or 0)


def list_campaigns_under_way(session: Session, scope: Scope, most: int = MOST_SHOWN) -> Sequence[Campaign]:
    """Return the campaigns of a scope that wait for their time or are being sent, the next one first."""
    statement = select_campaigns(scope).where(Campaign.status.in_(UNDER_WAY)).order_by(Campaign.due_at, Campaign.id)
    return [row[0] for row in session.execute(statement.limit(most))]


def count_outbox(session: Session, now: datetime) -> OutboxCounts:
    """Return what waits in the outbox although its time has come; no person's data, so there is no scope."""
    statement = select(func.count(), func.min(OutboxMessage.due_at)).where(
        OutboxMessage.status.in_(WAITING), OutboxMessage.due_at <= now
    )
    waiting, oldest_at = session.execute(statement).one()
    return OutboxCounts(waiting, oldest_at)


def count_recent_deliveries(session: Session, since: datetime) -> dict[str, int]:
    """Return status -> number of the deliveries that were due after `since`; no person's data, so there is no scope."""
    statement = (
        select(Delivery.status, func.count())
        .where(Delivery.status.in_([status.value for status in SendStatus]), Delivery.due_at > since)
        .group_by(Delivery.status)
    )
    return dict(session.execute(statement).all())

"""Finds the right person for a task, by role, building and load, and puts a new task into his hands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session

from handlers.content import Duty
from handlers.runtime import Runtime
from models.database import Transaction
from models.staff import Staff, StaffBuilding
from models.tasks import LIVING, Task, TaskStatus


def find_assignee(
    session: Session, roles: Sequence[str], building_id: int | None, *, besides: int | None = None
) -> Staff | None:
    """Return the least busy person of the first role that covers the building; None when nobody does.

    People bound to the building come before people without any building (whose scope is every estate).
    `besides` leaves one person out.
    """
    for role in roles:
        for candidates in (_bound_to(building_id), _everywhere()):
            statement = (
                select(Staff)
                .outerjoin(Task, (Task.assignee_id == Staff.id) & Task.status.in_(LIVING))
                .where(Staff.role == role, Staff.is_active.is_(True), candidates)
                .where(Staff.id != besides if besides is not None else Staff.id.is_not(None))
                .group_by(Staff.id)
                .order_by(func.count(Task.id), Staff.id)
                .limit(1)
            )
            found = session.scalar(statement)
            if found is not None:
                return found
    return None


def assign(runtime: Runtime, tx: Transaction, task: Task, duty: Duty) -> Staff | None:
    """Save a new task in the hands of the person on duty, with the duty's clocks; None when nobody fits."""
    now, staff = runtime.now(), find_assignee(tx.session, duty.roles, task.building_id)
    task.assignee_id = staff.id if staff else None
    task.status, task.reminders, task.created_at = TaskStatus.OPEN.value, 0, now
    task.remind_at = now + timedelta(minutes=duty.remind_minutes)
    task.due_at = now + timedelta(minutes=duty.due_minutes) if duty.due_minutes else None
    tx.session.add(task)
    tx.session.flush()
    return staff


def find_colleagues(session: Session, name: str, building_id: int | None) -> Sequence[Staff]:
    """Return working staff of that name (a part will do when nobody has exactly it) whose scope holds the building."""
    in_scope = or_(_bound_to(building_id), _everywhere())
    base = select(Staff).where(Staff.is_active.is_(True), in_scope).order_by(Staff.id)
    exact = session.scalars(base.where(Staff.name == name)).unique().all()
    return exact or session.scalars(base.where(Staff.name.contains(name, autoescape=True)).limit(9)).unique().all()


def _bound_to(building_id: int | None) -> ColumnElement[bool]:
    return exists().where(StaffBuilding.staff_id == Staff.id, StaffBuilding.building_id == building_id)


def _everywhere() -> ColumnElement[bool]:
    return ~exists().where(StaffBuilding.staff_id == Staff.id)

"""Finds the right person for a task: by role, building and load. Decides, writes nothing."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session

from models.staff import Staff, StaffBuilding
from models.tasks import LIVING, Task


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

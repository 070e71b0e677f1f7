"""Owners whose number is dead, refused or doubted (R95), page by page, with what was last found and who looks into it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, func, select, text
from sqlalchemy.orm import Session

from models.listings import Cursor, Page, Scope, turn_page
from models.owners import DEAD_PHONES, DOUBTED, Owner, PhoneEvent, PhoneState, Residence
from models.places import Community, Room
from models.staff import Staff
from models.tasks import LIVING, Task, TaskKind

CLEANED = (*DEAD_PHONES, PhoneState.REFUSED.value)  # what the list is about
PAGE = 30


@dataclass(frozen=True, slots=True)
class PhoneLine:
    """One owner: her main home, the last thing that was found, the task to find a new number with who holds it."""

    owner: Owner
    home: str
    last: PhoneEvent | None
    task_no: str
    holder: str


def list_phones(session: Session, scope: Scope, states: Sequence[str], cursor: Cursor, size: int = PAGE) -> Page[PhoneLine]:
    """Return a page of the owners in the scope with a number in one of these states, newest first.

    DOUBTED is written as the index of the few has it, so that they are found without looking at everybody.
    """
    page = turn_page(session, select(Owner).where(text(DOUBTED), *_hold(scope, states)), Owner.id, cursor, size)
    owners = [row[0] for row in page.rows]
    return Page(_complete(session, scope, owners), page.older, page.newer)


def count_phones(session: Session, scope: Scope) -> dict[str, int]:
    """Return state -> number of owners in the scope, of the states the list is about."""
    statement = select(Owner.phone_state, func.count()).where(text(DOUBTED), *_hold(scope, CLEANED)).group_by(Owner.phone_state)
    return dict(session.execute(statement).all())


def _hold(scope: Scope, states: Sequence[str]) -> tuple[ColumnElement[bool], ...]:
    found = (Owner.phone_state.in_(states), Owner.phone.is_not(None))
    if scope.building_ids is None:
        return found
    home = exists().where(Residence.owner_id == Owner.id, Residence.ended_on.is_(None), Room.id == Residence.room_id)
    return (*found, home.where(scope.holds(Room.building_id)))


def _complete(session: Session, scope: Scope, owners: Sequence[Owner]) -> list[PhoneLine]:
    ids = [owner.id for owner in owners]
    if not ids:
        return []
    newest = select(func.max(PhoneEvent.id)).where(PhoneEvent.owner_id.in_(ids)).group_by(PhoneEvent.owner_id)
    events = {each.owner_id: each for each in session.scalars(select(PhoneEvent).where(PhoneEvent.id.in_(newest)))}
    homes = _find_homes(session, scope, ids)
    tasks = {
        owner_id: (no, name)
        for owner_id, no, name in session.execute(
            select(Task.owner_id, Task.no, func.coalesce(Staff.name, ""))
            .outerjoin(Staff, Staff.id == Task.assignee_id)
            .where(Task.owner_id.in_(ids), Task.kind == TaskKind.VERIFY.value, Task.status.in_(LIVING))
        )
    }
    return [PhoneLine(owner, homes.get(owner.id, ""), events.get(owner.id), *tasks.get(owner.id, ("", ""))) for owner in owners]


def _find_homes(session: Session, scope: Scope, ids: Sequence[int]) -> dict[int, str]:
    """Return by owner the first of her homes that the reader may see."""
    statement = (
        select(Residence.owner_id, Community.name, Room.label)
        .select_from(Residence)
        .join(Room, Room.id == Residence.room_id)
        .join(Community, Community.id == Room.community_id)
        .where(Residence.owner_id.in_(ids), Residence.ended_on.is_(None), scope.holds(Room.building_id))
        .order_by(Residence.id.desc())
    )
    return {owner_id: f"{community} {label}" for owner_id, community, label in session.execute(statement)}

"""The household register as staff look into it: a person by name, room or phone tail, inside the asker's buildings."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from handlers.binding import read_room_numbers
from models.owners import Owner, Residence, find_home
from models.places import Room
from models.staff import StaffBuilding

MOST_FOUND = 10


def find_people(session: Session, who: str, staff_id: int | None) -> Sequence[Owner]:
    """Return the living residents a staff member may mean: exact name, phone or its tail, room, part of a name.

    Only in buildings of his; at most MOST_FOUND, in the order of ids.
    """
    who = who.strip()
    if not who:
        return []
    living = select(Residence.owner_id).join(Room).where(Residence.ended_on.is_(None), in_scope(session, staff_id))
    base = select(Owner).where(Owner.id.in_(living)).order_by(Owner.id).limit(MOST_FOUND)
    if found := session.scalars(base.where(Owner.name == who)).all():
        return found
    if re.fullmatch(r"\d{4}|\d{11}", who) and (found := session.scalars(base.where(Owner.phone.endswith(who))).all()):
        return found
    if numbers := read_room_numbers(who):
        homes = select(Residence.owner_id).where(
            Residence.room_id.in_(_find_rooms(session, numbers)), Residence.ended_on.is_(None)
        )
        return session.scalars(base.where(Owner.id.in_(homes))).all()
    return session.scalars(base.where(Owner.name.contains(who, autoescape=True))).all()


def in_scope(session: Session, staff_id: int | None) -> ColumnElement[bool]:
    """Return the condition on Room that it lies in a staff member's buildings; without any, everywhere."""
    mine = select(StaffBuilding.building_id).where(StaffBuilding.staff_id == staff_id)
    return or_(Room.building_id.in_(mine), ~exists().where(StaffBuilding.staff_id == staff_id))


def render_person(session: Session, owner: Owner) -> str:
    """Return a person with her main home, as one line of a list."""
    home = find_home(session, owner.id)
    return f"{owner.name} {home.room.label if home else ''}".strip()


def _find_rooms(session: Session, numbers: tuple[str, ...]) -> list[int]:
    rooms = select(Room.id, Room.label).where(Room.name.contains(numbers[-1], autoescape=True))
    return [room_id for room_id, label in session.execute(rooms) if read_room_numbers(label)[-len(numbers) :] == numbers]

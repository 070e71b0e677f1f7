"""Who is meant when staff speak of an owner: by name, room, phone tail or openid, always within their scope. Reads only."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, exists, or_, select
from sqlalchemy.orm import Session

from handlers.binding import read_room_numbers
from handlers.errors import NotFoundError
from models.followers import Follower
from models.owners import Owner, Residence, find_home
from models.places import Room
from models.staff import Staff, StaffBuilding

MOST = 10
WHOLE_PHONE = 11


def find_in_scope(session: Session, who: str, staff_id: int | None) -> Sequence[Owner]:
    """Return the owners in a staff member's scope that a name, room, or phone tail may mean; ten at most."""
    who = who.strip()
    if not who:
        return []
    base = _select_living(session, staff_id)
    by_name = session.scalars(base.where(Owner.name == who)).all()
    if by_name:
        return by_name
    if re.fullmatch(r"\d{4}|\d{11}", who) and (by_phone := session.scalars(base.where(_has_phone(who))).all()):
        return by_phone
    if numbers := read_room_numbers(who):
        rooms = select(Room.id, Room.label).where(Room.name.contains(numbers[-1], autoescape=True))
        ids = [room_id for room_id, label in session.execute(rooms) if read_room_numbers(label)[-len(numbers) :] == numbers]
        living = base.join(Residence).where(Residence.room_id.in_(ids), Residence.ended_on.is_(None))
        return session.scalars(living).unique().all()
    return session.scalars(base.where(Owner.name.contains(who, autoescape=True))).all()


def find_one_in_scope(session: Session, owner_key: str, staff_id: int | None) -> Owner | None:
    """Return the owner of a key that a list has shown, None outside the scope."""
    if not owner_key.isdecimal() or len(owner_key) > 18:
        return None
    return session.scalar(_select_living(session, staff_id).where(Owner.id == int(owner_key)))


def name_room(session: Session, owner_id: int) -> str:
    """Return the label of an owner's main home, empty without one."""
    home = find_home(session, owner_id)
    return home.room.label if home else ""


def get_owner_id(session: Session, who: str) -> int:
    """Return the id of the owner with this openid or id; raises NotFoundError."""
    owner_id = session.scalar(select(Follower.owner_id).where(Follower.openid == who))
    if owner_id is None and who.isdecimal() and len(who) < 19:
        owner_id = session.scalar(select(Owner.id).where(Owner.id == int(who)))
    if owner_id is None:
        raise NotFoundError(f"no owner has the openid or id {who}")
    return owner_id


def name_actor(session: Session, by: str) -> str:
    """Return how the audit names a staff member given by openid, name, phone or id; raises NotFoundError."""
    if not by or by.startswith("cli"):
        return by or "cli"
    matches = [Staff.openid == by, Staff.name == by, Staff.phone == by]
    if by.isdecimal() and len(by) < 19:
        matches.append(Staff.id == int(by))
    staff = session.scalar(select(Staff).where(or_(*matches), Staff.is_active.is_(True)).limit(1))
    if staff is None:
        raise NotFoundError(f"no staff member is {by}: give his openid, phone, name or id")
    return f"staff:{staff.id}"


def _select_living(session: Session, staff_id: int | None) -> Select[Owner]:
    living = select(Residence.id).join(Room).where(Residence.owner_id == Owner.id, Residence.ended_on.is_(None))
    return select(Owner).where(living.where(_in_scope(staff_id)).correlate(Owner).exists()).order_by(Owner.id).limit(MOST)


def _has_phone(digits: str) -> ColumnElement[bool]:
    return Owner.phone == digits if len(digits) == WHOLE_PHONE else Owner.phone.endswith(digits)


def _in_scope(staff_id: int | None) -> ColumnElement[bool]:
    mine = select(StaffBuilding.building_id).where(StaffBuilding.staff_id == staff_id)
    is_everywhere = ~exists().where(StaffBuilding.staff_id == staff_id)
    return or_(Room.building_id.in_(mine), is_everywhere)

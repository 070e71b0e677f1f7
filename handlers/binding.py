"""Binds a follower to a person of the register: phone and room must both match; five wrong tries an hour, then a person.

Family members and tenants bind like owners. Where a family shares one number, the name tells who it is; no name of the
register is shown to somebody who is not bound yet.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select

from dialogs import effects
from dialogs.inputs import Ran, Refused
from handlers.desk import Desk, ensure_follower, reload_person
from models.audits import add_audit
from models.followers import BindAttempt
from models.mirror import mark_openids
from models.owners import Owner, Residence
from models.places import Community, Room

TRIES_PER_HOUR = 5
ROOM_SCENE = "room-"


def bind_room(desk: Desk, effect: effects.BindRoom) -> Ran | Refused:
    """Bind the follower when one person of the register has this phone and room; where several do, the name decides."""
    if desk.person.owner_id is not None:
        return Refused("already_bound", {"name": desk.person.name, "room": desk.person.room})
    left = count_tries_left(desk)
    if left <= 0:
        return Refused("locked")
    found = _find_residents(desk, effect)
    if len({residence.owner_id for residence in found}) > 1:
        if not effect.name.strip():
            return Refused("which", {"tries_left": left})
        found = [each for each in found if each.owner.name == effect.name.strip()]
    if len({residence.owner_id for residence in found}) != 1:
        note_wrong_try(desk)
        return Refused("mismatch" if left > 1 else "locked", {"tries_left": left - 1})
    residence = found[0]
    ensure_follower(desk).owner_id = residence.owner_id
    mark_openids(desk.tx, [desk.openid])
    add_audit(desk.session, desk.now, "owner", "bind", f"owner:{residence.owner_id}")
    reload_person(desk)
    return Ran({"name": desk.person.name, "room": residence.room.label})


def count_tries_left(desk: Desk) -> int:
    """Return how many wrong tries this follower may still make within the hour."""
    since = desk.now - timedelta(hours=1)
    statement = select(func.count()).where(BindAttempt.openid == desk.openid, BindAttempt.at > since)
    return TRIES_PER_HOUR - (desk.session.scalar(statement) or 0)


def note_wrong_try(desk: Desk) -> None:
    """Count a wrong try."""
    desk.session.add(BindAttempt(openid=desk.openid, at=desk.now))


def _find_residents(desk: Desk, effect: effects.BindRoom) -> Sequence[Residence]:
    digits = re.sub(r"\D", "", effect.phone)
    statement = (
        select(Residence)
        .join(Owner)
        .join(Room, Room.id == Residence.room_id)
        .join(Community, Community.id == Room.community_id)
        .where(Owner.phone == digits, Residence.ended_on.is_(None))
        .order_by(Residence.id)
    )
    if effect.community:
        statement = statement.where(Community.name.contains(effect.community, autoescape=True))
    wanted = read_room_numbers(effect.room)
    rows = desk.session.scalars(statement).unique().all() if digits and wanted else []
    return [each for each in rows if read_room_numbers(each.room.label) == wanted]


def read_room_numbers(label: str) -> tuple[str, ...]:
    """Return the numbers and letters of a room label in order, so that 3-1-502 and 3栋1单元502室 are the same."""
    return tuple(part.lstrip("0").upper() for part in re.findall(r"[0-9]+|[A-Za-z]+", label))


def find_scene_room(desk: Desk, scene: str) -> str | None:
    """Return the label of the room a QR scene stands for (`room-<id>`), None for any other scene."""
    number = scene.removeprefix(ROOM_SCENE)
    if not scene.startswith(ROOM_SCENE) or not number.isdigit():
        return None
    return desk.session.scalar(select(Room.label).where(Room.id == int(number)))

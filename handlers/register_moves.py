"""Somebody moves out: her home ends on a day and with it what comes from living there. Her history stays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from handlers.binding import read_room_numbers
from handlers.errors import ConflictError, InvalidInputError, NotFoundError
from handlers.runtime import Runtime
from models.audits import add_audit
from models.mirror import mark_owners
from models.owners import Owner, Residence


def end_home(runtime: Runtime, owner_id: int, room: str, on: date | None, by: str) -> Residence:
    """End a person's living in a room, `on` today or earlier; from then on nothing is booked, sent or counted for it.

    `room` is its label, or empty when she has one home only. Raises NotFoundError, ConflictError for a room that is not the
    only one meant, InvalidInputError for a day in the future: an announced move is written down on its day.
    """
    today = runtime.today()
    on = on or today
    if on > today:
        raise InvalidInputError(f"{on.isoformat()} lies in the future: end a home on the day of the move or after")
    with runtime.transaction() as tx:
        if tx.session.get(Owner, owner_id) is None:
            raise NotFoundError(f"no owner has the id {owner_id}")
        living = select(Residence).where(Residence.owner_id == owner_id, Residence.ended_on.is_(None)).order_by(Residence.id)
        home = _pick(tx.session.scalars(living).unique().all(), owner_id, room)
        if home.moved_in_on is not None and on < home.moved_in_on:
            raise InvalidInputError(f"she moved in on {home.moved_in_on.isoformat()}, after {on.isoformat()}")
        home.ended_on = on
        mark_owners(tx, [owner_id])
        add_audit(tx.session, runtime.now(), by, "move_out", f"owner:{owner_id}", residence=home.id, on=on.isoformat())
    return home


def _pick(homes: Sequence[Residence], owner_id: int, room: str) -> Residence:
    wanted = read_room_numbers(room)
    found = [home for home in homes if not wanted or read_room_numbers(home.room.label) == wanted]
    if not found:
        raise NotFoundError(f"the owner with id {owner_id} does not live {f'in {room}' if room else 'anywhere'}")
    if len(found) > 1:
        raise ConflictError(f"she lives in {', '.join(home.room.label for home in found)}: name one")
    return found[0]

"""Counts of the register for those who keep it clean: phone numbers by state and building (R95). Names nobody."""

from __future__ import annotations

from typing import Any

from sqlalchemy import case, func, select

from handlers.phone_states import STATES
from handlers.runtime import Runtime
from models.owners import Owner, Residence
from models.places import Building, Community, Room

NO_PHONE = "无号码"


def count_phones(runtime: Runtime) -> list[dict[str, Any]]:
    """Return a row a building and one for everybody: how many people, and how many in each state or without a number.

    A person counts in the building of her main home; who has no living home stands under an empty building.
    """
    state = case((Owner.phone.is_(None), NO_PHONE), else_=Owner.phone_state)
    main = select(Residence.owner_id, func.min(Residence.id).label("id")).where(Residence.ended_on.is_(None))
    homes = main.group_by(Residence.owner_id).subquery("homes")
    statement = (
        select(Community.name, Building.name, state, func.count())
        .select_from(Owner)
        .outerjoin(homes, homes.c.owner_id == Owner.id)
        .outerjoin(Residence, Residence.id == homes.c.id)
        .outerjoin(Room, Room.id == Residence.room_id)
        .outerjoin(Building, Building.id == Room.building_id)
        .outerjoin(Community, Community.id == Building.community_id)
        .group_by(Community.name, Building.name, state)
        .order_by(Community.name, Building.name)
    )
    counts: dict[tuple[str, str], dict[str, int]] = {}
    total: dict[str, int] = {}
    with runtime.database.reading() as tx:
        for community, building, found, number in tx.connection.execute(statement):
            counts.setdefault((community or "", building or ""), {})[found] = number
            total[found] = total.get(found, 0) + number
    rows = [_render(*place, counts[place]) for place in sorted(counts)]
    return [*rows, _render("", "*", total)]


def _render(community: str, building: str, counts: dict[str, int]) -> dict[str, Any]:
    states = {state: counts.get(state, 0) for state in (*STATES, NO_PHONE)}
    return {"community": community, "building": building, "people": sum(counts.values()), **states}

"""Homes of a test's estates, made when they are first named. Plain statements: nearly every test begins with some."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, Table, and_, insert, select

from models.database import table_of
from models.places import BUILDING, ROOM, UNIT, Building, Community, Room, Unit, plain_name, render_room_label

COMMUNITIES, BUILDINGS, UNITS, ROOMS = (table_of(each) for each in (Community, Building, Unit, Room))


class Place(NamedTuple):
    """Where a home is: ids from the estate down to the room; the lower ones are None where only a building is meant."""

    community_id: int
    building_id: int
    unit_id: int | None = None
    room_id: int | None = None


def give_building(connection: Connection, community: str, building: str) -> int:
    """Return the id of a building, made with its estate where it is new."""
    return _give(connection, community, building).building_id


def give_room(connection: Connection, community: str, building: str, unit: str, room: str) -> int:
    """Return the id of a room, made with everything above it where it is new."""
    found = _give(connection, community, building, unit, room)
    assert found.room_id is not None
    return found.room_id


def _give(connection: Connection, community: str, building: str, unit: str = "", room: str = "") -> Place:
    own = (plain_name(BUILDING, building), plain_name(UNIT, unit), plain_name(ROOM, room))
    known = connection.execute(
        select(COMMUNITIES.c.id, BUILDINGS.c.id, UNITS.c.id, ROOMS.c.id)
        .select_from(COMMUNITIES)
        .outerjoin(BUILDINGS, and_(BUILDINGS.c.community_id == COMMUNITIES.c.id, BUILDINGS.c.plain == own[0]))
        .outerjoin(UNITS, and_(UNITS.c.building_id == BUILDINGS.c.id, UNITS.c.plain == own[1]))
        .outerjoin(ROOMS, and_(ROOMS.c.unit_id == UNITS.c.id, ROOMS.c.plain == own[2]))
        .where(COMMUNITIES.c.name == community)
    ).first()
    estate, house, entrance, home = known or (None, None, None, None)
    estate = estate or _add(connection, COMMUNITIES, name=community)
    house = house or _add(connection, BUILDINGS, name=building, community_id=estate)
    if not room:
        return Place(estate, house)
    entrance = entrance or _add(connection, UNITS, name=unit, building_id=house)
    if home is None:
        written = select(BUILDINGS.c.name, UNITS.c.name).join(UNITS, UNITS.c.building_id == BUILDINGS.c.id)
        names = connection.execute(written.where(UNITS.c.id == entrance)).one()
        above = {"community_id": estate, "building_id": house, "unit_id": entrance}
        home = _add(connection, ROOMS, name=room, label=render_room_label(*names, room), **above)
    return Place(estate, house, entrance, home)


def _add(connection: Connection, table: Table, **values: object) -> int:
    made: int = connection.execute(insert(table).values(**values).returning(table.c.id)).scalar_one()
    return made

"""Homes of a test's estates, made when they are first named. Plain statements: nearly every test begins with some."""

from __future__ import annotations

from sqlalchemy import Connection, Table, and_, insert, select

from models.database import table_of
from models.places import BUILDING, ROOM, UNIT, Building, Community, Room, Unit, plain_name, render_room_label

COMMUNITIES, BUILDINGS, UNITS, ROOMS = (table_of(each) for each in (Community, Building, Unit, Room))


def give_building(connection: Connection, community: str, building: str) -> int:
    """Return the id of a building, made with its estate where it is new."""
    return _give(connection, community, building)[0]


def give_room(connection: Connection, community: str, building: str, unit: str, room: str) -> int:
    """Return the id of a room, made with everything above it where it is new."""
    return _give(connection, community, building, unit, room)[1]


def _give(connection: Connection, community: str, building: str, unit: str = "", room: str = "") -> tuple[int, int]:
    """Return building and room, 0 where only a building is meant; one question tells what is there already."""
    own = (plain_name(BUILDING, building), plain_name(UNIT, unit), plain_name(ROOM, room))
    known = connection.execute(
        select(COMMUNITIES.c.id, BUILDINGS.c.id, BUILDINGS.c.name, UNITS.c.id, UNITS.c.name, ROOMS.c.id)
        .select_from(COMMUNITIES)
        .outerjoin(BUILDINGS, and_(BUILDINGS.c.community_id == COMMUNITIES.c.id, BUILDINGS.c.plain == own[0]))
        .outerjoin(UNITS, and_(UNITS.c.building_id == BUILDINGS.c.id, UNITS.c.plain == own[1]))
        .outerjoin(ROOMS, and_(ROOMS.c.unit_id == UNITS.c.id, ROOMS.c.plain == own[2]))
        .where(COMMUNITIES.c.name == community)
    ).first()
    estate, house, house_name, entrance, entrance_name, home = known or (None,) * 6
    estate = estate or _add(connection, COMMUNITIES, name=community)
    house = house or _add(connection, BUILDINGS, name=building, community_id=estate)
    if not room:
        return house, 0
    entrance = entrance or _add(connection, UNITS, name=unit, building_id=house)
    label = render_room_label(house_name or building, entrance_name or unit, room)
    above = {"community_id": estate, "building_id": house, "unit_id": entrance}
    return house, home or _add(connection, ROOMS, name=room, label=label, **above)


def _add(connection: Connection, table: Table, **values: object) -> int:
    made: int = connection.execute(insert(table).values(**values).returning(table.c.id)).scalar_one()
    return made

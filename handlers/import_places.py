"""Rooms by name for imports: many at once, the places above them remembered. No person is known here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import insert, select

from models.bulk import insert_many
from models.database import Transaction, table_of
from models.places import BUILDING, ROOM, UNIT, Building, Community, Room, Unit, plain_name, render_room_label

RoomKey = tuple[str, str, str, str]  # community, building, unit, room: the plain names of the last three
RoomNames = tuple[str, str, str, str]  # the same as somebody wrote them


def read_place(names: RoomNames) -> RoomKey:
    """Return what a room is known by, however its parts are written."""
    community, building, unit, room = names
    return community, plain_name(BUILDING, building), plain_name(UNIT, unit), plain_name(ROOM, room)


def find_rooms(tx: Transaction, places: Iterable[RoomKey]) -> dict[RoomKey, int]:
    """Return the ids of those rooms that exist.

    Entrances first, then rooms by entrance and name: a plan that stays right while a long file fills the tables, of which
    the database has no statistics yet.
    """
    wanted = set(places)
    units = _find_units(tx, wanted)
    doors = {place[3] for place in wanted}
    statement = select(Room.unit_id, Room.plain, Room.id).where(Room.unit_id.in_(units), Room.plain.in_(doors))
    rows = tx.connection.execute(statement) if units else ()
    found = {(*units[unit_id], door): room_id for unit_id, door, room_id in rows}
    return {place: room_id for place, room_id in found.items() if place in wanted}


def _find_units(tx: Transaction, wanted: Collection[RoomKey]) -> dict[int, tuple[str, str, str]]:
    above = {place[:3] for place in wanted}
    communities, buildings, entrances = ({place[at] for place in above} for at in range(3))
    statement = (
        select(Unit.id, Community.name, Building.plain, Unit.plain)
        .select_from(Unit)
        .join(Building, Building.id == Unit.building_id)
        .join(Community, Community.id == Building.community_id)
        .where(Community.name.in_(communities), Building.plain.in_(buildings), Unit.plain.in_(entrances))
    )
    rows = tx.connection.execute(statement)
    return {row[0]: row[1:] for row in rows if row[1:] in above}


class PlaceBook:
    """Makes the places that are missing; communities, buildings and units are looked up once. The name first seen stays."""

    def __init__(self) -> None:
        self._communities: dict[str, int] = {}
        self._buildings: dict[tuple[str, str], tuple[int, str]] = {}
        self._units: dict[tuple[str, str, str], tuple[int, str]] = {}

    def add_rooms(self, tx: Transaction, named: Sequence[RoomNames], known: Mapping[RoomKey, int]) -> dict[RoomKey, int]:
        """Make every room that is not among the known ones, with what is above it; returns the ids of all."""
        missing: dict[RoomKey, RoomNames] = {}
        for names in named:
            if (place := read_place(names)) not in known:
                missing.setdefault(place, names)
        if not missing:
            return dict(known)
        insert_many(tx, table_of(Room), [self._describe(tx, *pair) for pair in missing.items()])
        return {**known, **find_rooms(tx, missing)}

    def get_building(self, tx: Transaction, community: str, building: str) -> int:
        """Return the id of a building, made where it is new."""
        return self._find_building(tx, community, building)[0]

    def _find_building(self, tx: Transaction, community: str, name: str) -> tuple[int, str]:
        key = (community, plain_name(BUILDING, name))
        if key not in self._buildings:
            if community not in self._communities:
                self._communities[community] = _get_or_create(tx, Community, {"name": community}, community)[0]
            known = {"community_id": self._communities[community], "plain": key[1]}
            self._buildings[key] = _get_or_create(tx, Building, known, name)
        return self._buildings[key]

    def _describe(self, tx: Transaction, place: RoomKey, names: RoomNames) -> dict[str, Any]:
        community, building, unit, room = names
        building_id, building = self._find_building(tx, community, building)
        if place[:3] not in self._units:
            self._units[place[:3]] = _get_or_create(tx, Unit, {"building_id": building_id, "plain": place[2]}, unit)
        unit_id, unit = self._units[place[:3]]
        return {
            "community_id": self._communities[community],
            "building_id": building_id,
            "unit_id": unit_id,
            "name": room,
            "plain": place[3],
            "label": render_room_label(building, unit, room),
        }


def _get_or_create(tx: Transaction, model: type[Any], known: Mapping[str, Any], name: str) -> tuple[int, str]:
    """Return the id and the name of the place that is known by these values, made under this name where it is new."""
    table = table_of(model)
    found = tx.connection.execute(
        select(table.c.id, table.c.name).where(*(table.c[each] == known[each] for each in known))
    ).first()
    if found is None:
        row = insert(table).values({**known, "name": name}).returning(table.c.id, table.c.name)
        found = tx.connection.execute(row).one()
    return found[0], found[1]

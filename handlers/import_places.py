"""Rooms by name for imports: many at once, the places above them remembered. No person is known here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import insert, select

from models.database import Transaction, table_of
from models.places import Building, Community, Room, Unit, render_room_label

RoomKey = tuple[str, str, str, str]  # community, building, unit, room


def find_rooms(tx: Transaction, places: Iterable[RoomKey]) -> dict[RoomKey, int]:
    """Return the ids of those rooms that exist."""
    wanted = set(places)
    labels = {render_room_label(*place[1:]) for place in wanted}
    statement = (
        select(Community.name, Building.name, Unit.name, Room.name, Room.id)
        .select_from(Room)
        .join(Unit, Unit.id == Room.unit_id)
        .join(Building, Building.id == Room.building_id)
        .join(Community, Community.id == Room.community_id)
        .where(Room.label.in_(labels), Community.name.in_({place[0] for place in wanted}))
    )
    rows = tx.connection.execute(statement)
    return {row[:4]: row[4] for row in rows if row[:4] in wanted}


class PlaceBook:
    """Makes the places that are missing; communities, buildings and units are looked up once."""

    def __init__(self) -> None:
        self._communities: dict[str, int] = {}
        self._buildings: dict[tuple[str, str], int] = {}
        self._units: dict[tuple[str, str, str], int] = {}

    def add_rooms(self, tx: Transaction, places: Sequence[RoomKey]) -> None:
        """Make every room that does not exist, with what is above it."""
        known = find_rooms(tx, places)
        rows = [self._describe(tx, place) for place in dict.fromkeys(places) if place not in known]
        if rows:
            tx.connection.execute(insert(Room), rows)

    def get_building(self, tx: Transaction, community: str, building: str) -> int:
        """Return the id of a building, made where it is new."""
        key = (community, building)
        if key not in self._buildings:
            if community not in self._communities:
                self._communities[community] = _get_or_create(tx, Community, name=community)
            community_id = self._communities[community]
            self._buildings[key] = _get_or_create(tx, Building, community_id=community_id, name=building)
        return self._buildings[key]

    def _describe(self, tx: Transaction, place: RoomKey) -> dict[str, Any]:
        community, building, unit, room = place
        building_id = self.get_building(tx, community, building)
        if place[:3] not in self._units:
            self._units[place[:3]] = _get_or_create(tx, Unit, building_id=building_id, name=unit)
        return {
            "community_id": self._communities[community],
            "building_id": building_id,
            "unit_id": self._units[place[:3]],
            "name": room,
            "label": render_room_label(building, unit, room),
        }


def _get_or_create(tx: Transaction, model: type[Any], **values: Any) -> int:
    table = table_of(model)
    conditions = [table.c[name] == value for name, value in values.items()]
    found: int | None = tx.connection.scalar(select(table.c.id).where(*conditions))
    if found is None:
        found = tx.connection.execute(insert(table).values(**values).returning(table.c.id)).scalar_one()
    return found

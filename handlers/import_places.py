"""Rooms by name for imports: many at once, the places above them remembered. No person is known here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import insert, select

from models.bulk import insert_many
from models.database import Transaction, table_of
from models.places import Building, Community, Room, Unit, render_room_label

RoomKey = tuple[str, str, str, str]  # community, building, unit, room


def find_rooms(tx: Transaction, places: Iterable[RoomKey]) -> dict[RoomKey, int]:
    """Return the ids of those rooms that exist.

    Entrances first, then rooms by entrance and name: a plan that stays right while a long file fills the tables, of which
    the database has no statistics yet.
    """
    wanted = set(places)
    units = _find_units(tx, wanted)
    names = {place[3] for place in wanted}
    statement = select(Room.unit_id, Room.name, Room.id).where(Room.unit_id.in_(units), Room.name.in_(names))
    rows = tx.connection.execute(statement) if units else ()
    found = {(*units[unit_id], name): room_id for unit_id, name, room_id in rows}
    return {place: room_id for place, room_id in found.items() if place in wanted}


def _find_units(tx: Transaction, wanted: Collection[RoomKey]) -> dict[int, tuple[str, str, str]]:
    above = {place[:3] for place in wanted}
    communities, buildings, names = ({place[at] for place in above} for at in range(3))
    statement = (
        select(Unit.id, Community.name, Building.name, Unit.name)
        .select_from(Unit)
        .join(Building, Building.id == Unit.building_id)
        .join(Community, Community.id == Building.community_id)
        .where(Community.name.in_(communities), Building.name.in_(buildings), Unit.name.in_(names))
    )
    rows = tx.connection.execute(statement)
    return {row[0]: row[1:] for row in rows if row[1:] in above}


class PlaceBook:
    """Makes the places that are missing; communities, buildings and units are looked up once."""

    def __init__(self) -> None:
        self._communities: dict[str, int] = {}
        self._buildings: dict[tuple[str, str], int] = {}
        self._units: dict[tuple[str, str, str], int] = {}

    def add_rooms(self, tx: Transaction, places: Sequence[RoomKey], known: Mapping[RoomKey, int]) -> dict[RoomKey, int]:
        """Make every room that is not among the known ones, with what is above it; returns the ids of all."""
        missing = [place for place in dict.fromkeys(places) if place not in known]
        if not missing:
            return dict(known)
        insert_many(tx, table_of(Room), [self._describe(tx, place) for place in missing])
        return {**known, **find_rooms(tx, missing)}

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

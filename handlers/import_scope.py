"""Whose rows somebody with buildings may bring in: homes of hers, and people who live there. Knows no files."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select

from handlers.import_people import Known, OwnerRow
from handlers.import_words import Said
from models.database import Transaction
from models.owners import Residence
from models.places import Building, Community, Room


def find_outside(
    tx: Transaction, building_ids: frozenset[int], items: Sequence[OwnerRow], known: Known
) -> dict[int, list[str]]:
    """Return the rows of other buildings, and those of people who are known only elsewhere: line -> problems."""
    mine = _list_names(tx, building_ids)
    people = {row.line: person.id for row in items if (person := known.find(row)) is not None and person.id}
    inside = find_inside(tx, building_ids, set(people.values()))
    problems: dict[int, list[str]] = {}
    for row in items:
        if row.place[:2] not in mine:
            problems[row.line] = [Said("the building is none of yours, leave it to whose it is", "outside")]
        elif row.line in people and people[row.line] not in inside:
            words = "the person is registered outside your buildings, leave it to a colleague of every estate"
            problems[row.line] = [Said(words, "elsewhere")]
    return problems


def find_inside(tx: Transaction, building_ids: frozenset[int], owner_ids: Collection[int]) -> set[int]:
    """Return those of some owners who have or had a home in buildings."""
    if not owner_ids:
        return set()
    homes = select(Residence.owner_id).join(Room, Room.id == Residence.room_id)
    return set(tx.connection.scalars(homes.where(Residence.owner_id.in_(owner_ids), Room.building_id.in_(building_ids))))


def _list_names(tx: Transaction, building_ids: frozenset[int]) -> set[tuple[str, str]]:
    statement = select(Community.name, Building.plain).join(Building, Building.community_id == Community.id)
    return {(row[0], row[1]) for row in tx.connection.execute(statement.where(Building.id.in_(building_ids)))}

"""How much is known of whom: of the people of buildings, some buildings at a time, and of everybody. Writes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Row, distinct, exists, func, or_, select
from sqlalchemy.orm import Session

from models.listings import Scope
from models.owners import Owner, Residence
from models.places import Building, Community, Room
from models.roll_reading import find_holders
from models.tags import OwnerTag, Tag

MOST_BUILDINGS = 40


@dataclass(frozen=True, slots=True)
class BuildingCoverage:
    """A building: its people, and of how many of them a living value of a key is known. One estate alone goes without name."""

    building_id: int
    estate: str
    building: str
    people: int
    known: dict[str, int]

    @property
    def name(self) -> str:
        """Return the building as people tell it from others: 翠湖名邸 3栋."""
        return f"{self.estate} {self.building}".strip()


@dataclass(frozen=True, slots=True)
class WholeCoverage:
    """All people, and of how many of them a living value of a key is known."""

    people: int
    known: dict[str, int]


@dataclass(frozen=True, slots=True)
class CoveragePage:
    """Some of `count` buildings, by estate and name; `start` is the place of the first, from 0."""

    buildings: Sequence[BuildingCoverage]
    start: int = 0
    count: int = 0

    @property
    def next_start(self) -> int | None:
        """Return where the following page begins, None at the end."""
        end = self.start + len(self.buildings)
        return end if self.buildings and end < self.count else None


def measure_buildings(session: Session, scope: Scope, now: datetime, start: int = 0) -> CoveragePage:
    """Return a page of the buildings of a scope where people live, with how much is known of them (R80)."""
    rows = _list_places(session, scope)
    is_one = len({row[1] for row in rows}) == 1
    shown = rows[start : start + MOST_BUILDINGS]
    ids = [row[0] for row in shown]
    people, known = _count_people(session, ids), _count_known(session, ids, now)
    buildings = [
        BuildingCoverage(number, "" if is_one else estate, name, people[number], known.get(number, {}))
        for number, estate, name in shown
    ]
    return CoveragePage(buildings, start, len(rows))


def measure_whole(session: Session, scope: Scope, now: datetime) -> WholeCoverage:
    """Return how much is known of all people of a scope; who lives in two of its buildings counts in both."""
    if scope.building_ids is None:
        return measure_everybody(session, now)
    people, known, start = 0, Counter[str](), 0 if scope.building_ids else None
    while start is not None:
        page = measure_buildings(session, scope, now, start)
        people += sum(each.people for each in page.buildings)
        for each in page.buildings:
            known.update(each.known)
        start = page.next_start
    return WholeCoverage(people, dict(known))


def measure_everybody(session: Session, now: datetime) -> WholeCoverage:
    """Return of how many owners each key is known, wherever they live: from the rolls of its tags, where there are any."""
    ids: dict[str, list[int]] = {}
    for key, tag_id in session.execute(select(Tag.key, Tag.id)):
        ids.setdefault(key, []).append(tag_id)
    people = session.scalar(select(func.count()).select_from(Owner)) or 0
    return WholeCoverage(people, {key: _count_holders(session, ids[key], now) for key in sorted(ids)})


def _count_holders(session: Session, tag_ids: Collection[int], now: datetime) -> int:
    bits = find_holders(session.connection(), tag_ids, now)
    if bits is not None:
        return bits.bit_count()
    one = select(Tag.key).where(Tag.id.in_(list(tag_ids)[:1])).scalar_subquery()
    held = OwnerTag.tag_id.in_(select(Tag.id).where(Tag.key == one))
    return session.scalar(select(func.count(distinct(OwnerTag.owner_id))).where(held, _is_alive(now))) or 0


def _list_places(session: Session, scope: Scope) -> Sequence[Row[int, str, str]]:
    lived = exists().where(Room.building_id == Building.id, Residence.room_id == Room.id, Residence.ended_on.is_(None))
    statement = (
        select(Building.id, Community.name, Building.name)
        .join(Community, Community.id == Building.community_id)
        .where(scope.holds(Building.id), lived)
        .order_by(Community.id, func.length(Building.name), Building.name)
    )
    return session.execute(statement).all()


def _count_people(session: Session, building_ids: Collection[int]) -> dict[int, int]:
    statement = (
        select(Room.building_id, func.count(distinct(Residence.owner_id)))
        .join(Residence, Residence.room_id == Room.id)
        .where(Room.building_id.in_(building_ids), Residence.ended_on.is_(None))
        .group_by(Room.building_id)
    )
    return dict(session.execute(statement).all())


def _count_known(session: Session, building_ids: Collection[int], now: datetime) -> dict[int, dict[str, int]]:
    statement = (
        select(Room.building_id, Tag.key, func.count(distinct(OwnerTag.owner_id)))
        .select_from(Room)
        .join(Residence, Residence.room_id == Room.id)
        .join(OwnerTag, OwnerTag.owner_id == Residence.owner_id)
        .join(Tag, Tag.id == OwnerTag.tag_id)
        .where(Room.building_id.in_(building_ids), Residence.ended_on.is_(None), _is_alive(now))
        .group_by(Room.building_id, Tag.key)
    )
    known: dict[int, dict[str, int]] = {}
    for building_id, key, number in session.execute(statement):
        known.setdefault(building_id, {})[key] = number
    return known


def _is_alive(now: datetime) -> ColumnElement[bool]:
    return or_(OwnerTag.expires_at.is_(None), OwnerTag.expires_at > now)

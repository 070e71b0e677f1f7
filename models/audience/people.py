"""One person as plain data: all an expression may ask about her, and nothing of her name or phone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    Integer,
    Select,
    String,
    bindparam,
    cast,
    literal,
    null,
    select,
    type_coerce,
    union_all,
)

from models.base import UtcDateTime
from models.database import Transaction
from models.followers import Follower
from models.hot import HotStatement
from models.owners import Owner, Residence
from models.places import Building, Community, Room, Unit
from models.sealing import Sealed
from models.tags import OwnerTag, Tag


@dataclass(frozen=True, slots=True)
class Home:
    """A home that has not ended."""

    community: str
    building: str
    unit: str
    room: str
    label: str
    relation: str
    moved_in_on: date | None = None


@dataclass(frozen=True, slots=True)
class HeldTag:
    """A tag as it is kept, expired or not."""

    key: str
    value: str
    expires_at: datetime | None = None

    def is_alive(self, now: datetime) -> bool:
        """Tell whether it has not expired."""
        return self.expires_at is None or self.expires_at > now


@dataclass(frozen=True, slots=True)
class Contact:
    """A follower who is this person."""

    is_following: bool = True
    message_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """What can be asked about one owner."""

    id: int
    created_at: datetime
    birthday: date | None = None
    homes: tuple[Home, ...] = ()
    tags: tuple[HeldTag, ...] = ()
    followers: tuple[Contact, ...] = ()


class Part(IntEnum):
    """What of a person can be loaded; the owner herself always is."""

    HOMES = 0
    TAGS = 1
    FOLLOWERS = 2
    OWNER = 3


EVERYTHING = frozenset(Part)
_TEXTS = tuple(f"t{number}" for number in range(1, 7))
_COLUMNS = {
    **dict.fromkeys(_TEXTS, String),
    "on": Date,
    "at": UtcDateTime,
    "yes": Boolean,
    "held": Sealed,
}
_HOME_COLUMNS = (*_TEXTS, "on")
_OWNER_ID, _NOW = bindparam("owner_id", type_=BigInteger), bindparam("now", type_=UtcDateTime)


def load_person(tx: Transaction, owner_id: int, now: datetime, parts: frozenset[Part] = EVERYTHING) -> Person | None:
    """Return a person with living homes and tags, None when there is none of that id. One statement.

    With `parts` the others stay empty, for who asks for no more.
    """
    found: dict[int, list[Any]] = {part: [] for part in Part}
    tx.flush()
    for row in _select_person(parts).fetch_all(tx.connection, {"owner_id": owner_id, "now": now}):
        found[row["kind"]].append(row)
    if not found[Part.OWNER]:
        return None
    (owner,) = found[Part.OWNER]
    return Person(
        id=owner_id,
        created_at=owner["at"],
        birthday=owner["on"],
        homes=tuple(Home(*(row[name] for name in _HOME_COLUMNS)) for row in found[Part.HOMES]),
        tags=tuple(HeldTag(row["t1"], row["held"], row["at"]) for row in found[Part.TAGS]),
        followers=tuple(Contact(row["yes"], row["at"]) for row in found[Part.FOLLOWERS]),
    )


@cache
def _select_person(parts: frozenset[Part]) -> HotStatement:
    """Return the statement, made once: making it took three times as long as running it."""
    others = {Part.HOMES: _select_homes, Part.TAGS: _select_tags, Part.FOLLOWERS: _select_followers}
    selected = [_select_owner(), *(select_part() for part, select_part in others.items() if part in parts)]
    return HotStatement(union_all(*selected).order_by("kind", "rank", "t1", "t2"))


def _shape(part: Part, rank: ColumnElement[int] | None = None, **given: Any) -> Select[Any]:
    """Return one part of the union: every part has the same columns, those it does not give are null."""
    columns = [(given[name] if name in given else cast(null(), kept)).label(name) for name, kept in _COLUMNS.items()]
    return select(literal(int(part)).label("kind"), (literal(0) if rank is None else rank).label("rank"), *columns)


def _select_owner() -> Select[Any]:
    return _shape(Part.OWNER, at=Owner.created_at, on=Owner.birthday).where(Owner.id == _OWNER_ID)


def _select_homes() -> Select[Any]:
    texts = (Community.name, Building.name, Unit.name, Room.name, Room.label, Residence.relation)
    columns = dict(zip(_TEXTS, texts, strict=True))
    return (
        _shape(Part.HOMES, type_coerce(Residence.id, Integer), on=Residence.moved_in_on, **columns)
        .select_from(Residence)
        .join(Room, Room.id == Residence.room_id)
        .join(Community, Community.id == Room.community_id)
        .join(Building, Building.id == Room.building_id)
        .join(Unit, Unit.id == Room.unit_id)
        .where(Residence.owner_id == _OWNER_ID, Residence.ended_on.is_(None))
    )


def _select_tags() -> Select[Any]:
    return (
        _shape(Part.TAGS, t1=Tag.key, held=Tag.value, at=OwnerTag.expires_at)
        .select_from(OwnerTag)
        .join(Tag, Tag.id == OwnerTag.tag_id)
        .where(OwnerTag.owner_id == _OWNER_ID, (OwnerTag.expires_at.is_(None)) | (OwnerTag.expires_at > _NOW))
    )


def _select_followers() -> Select[Any]:
    return _shape(Part.FOLLOWERS, t1=Follower.openid, yes=Follower.is_following, at=Follower.message_at).where(
        Follower.owner_id == _OWNER_ID
    )

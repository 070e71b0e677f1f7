"""One person as plain data: all an expression may ask about her, and nothing of her name or phone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.followers import Follower
from models.owners import Owner, Residence
from models.places import Building, Community, Room, Unit
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


def load_person(session: Session, owner_id: int, now: datetime) -> Person | None:
    """Return a person with living homes and tags, None when there is none of that id."""
    owner = session.execute(select(Owner.id, Owner.created_at, Owner.birthday).where(Owner.id == owner_id)).one_or_none()
    if owner is None:
        return None
    return Person(
        id=owner.id,
        created_at=owner.created_at,
        birthday=owner.birthday,
        homes=_load_homes(session, owner_id),
        tags=_load_tags(session, owner_id, now),
        followers=_load_followers(session, owner_id),
    )


def _load_homes(session: Session, owner_id: int) -> tuple[Home, ...]:
    columns = (Community.name, Building.name, Unit.name, Room.name, Room.label, Residence.relation, Residence.moved_in_on)
    statement = (
        select(*columns)
        .select_from(Residence)
        .join(Room, Room.id == Residence.room_id)
        .join(Community, Community.id == Room.community_id)
        .join(Building, Building.id == Room.building_id)
        .join(Unit, Unit.id == Room.unit_id)
        .where(Residence.owner_id == owner_id, Residence.ended_on.is_(None))
        .order_by(Residence.id)
    )
    return tuple(Home(*row) for row in session.execute(statement))


def _load_tags(session: Session, owner_id: int, now: datetime) -> tuple[HeldTag, ...]:
    statement = (
        select(Tag.key, Tag.value, OwnerTag.expires_at)
        .join(OwnerTag)
        .where(OwnerTag.owner_id == owner_id, (OwnerTag.expires_at.is_(None)) | (OwnerTag.expires_at > now))
        .order_by(Tag.key, Tag.value)
    )
    return tuple(HeldTag(*row) for row in session.execute(statement))


def _load_followers(session: Session, owner_id: int) -> tuple[Contact, ...]:
    statement = select(Follower.is_following, Follower.message_at).where(Follower.owner_id == owner_id)
    return tuple(Contact(*row) for row in session.execute(statement.order_by(Follower.openid)))

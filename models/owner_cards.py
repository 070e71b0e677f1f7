"""One owner on one card: home and people, tags with evidence and expiry, contradictions, and a timeline. Nothing here writes.

Every part is read by an index of its owner, at most `most` rows of a kind, so a card costs the same among a million owners.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from models.followers import Follower
from models.listings import Scope
from models.owners import Owner, Residence, compute_stage
from models.places import Community, Room
from models.tag_changes import TagConflict, list_conflicts
from models.tags import OwnerTag, Tag
from models.timelines import EVERYTHING, TimelineEvent, Wanted, Whose, list_events


@dataclass(frozen=True, slots=True)
class HeldTag:
    """A tag as it is kept, living or expired, with where it comes from."""

    key: str
    value: str
    source: str
    by: str | None
    evidence: str | None
    purpose: str | None
    answer_id: int | None
    at: datetime
    expires_at: datetime | None

    def is_alive(self, now: datetime) -> bool:
        """Tell whether it has not expired."""
        return self.expires_at is None or self.expires_at > now


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Somebody who lives in one of the owner's homes."""

    owner_id: int
    name: str
    relation: str
    room_id: int


@dataclass(frozen=True, slots=True)
class CardHome:
    """A home that has not ended."""

    room_id: int
    community: str
    room: str
    relation: str
    moved_in_on: date | None
    stage: str


@dataclass(frozen=True, slots=True)
class Contact:
    """A follower who is this owner."""

    openid: str
    is_following: bool
    message_at: datetime | None


@dataclass(frozen=True, slots=True)
class OwnerCard:
    """Everything on the card; `computed` are the keys that are worked out and never stored (house.stage, rel.silent)."""

    id: int
    name: str
    phone: str | None
    birthday: date | None
    homes: Sequence[CardHome]
    people: Sequence[Neighbour]
    contacts: Sequence[Contact]
    tags: Sequence[HeldTag]
    conflicts: Sequence[TagConflict]
    computed: dict[str, list[str]]
    timeline: Sequence[TimelineEvent]


def find_card(
    session: Session, owner_id: int, scope: Scope, now: datetime, today: date, wanted: Wanted = EVERYTHING
) -> OwnerCard | None:
    """Return the card of an owner, None where there is none in the scope."""
    owner = session.get(Owner, owner_id)
    if owner is None or not is_inside(session, owner_id, scope):
        return None
    homes = _read_homes(session, owner_id, today)
    contacts = _read_contacts(session, owner_id)
    return OwnerCard(
        id=owner.id,
        name=owner.name,
        phone=owner.phone,
        birthday=owner.birthday,
        homes=homes,
        people=_read_neighbours(session, owner_id, [home.room_id for home in homes]),
        contacts=contacts,
        tags=list_held_tags(session, owner_id),
        conflicts=list_conflicts(session, owner_id),
        computed=compute_tags(homes, contacts, now),
        timeline=list_events(session, Whose(owner_id, [each.openid for each in contacts]), wanted),
    )


def compute_tags(homes: Sequence[CardHome], contacts: Sequence[Contact], now: datetime) -> dict[str, list[str]]:
    """Return the computed keys: stage of the homes (R163), days since the last message (R173; none without any)."""
    computed = {"house.stage": list(dict.fromkeys(home.stage for home in homes))} if homes else {}
    spoken = [each.message_at for each in contacts if each.message_at is not None]
    return computed | ({"rel.silent": [str((now - max(spoken)).days)]} if spoken else {})


def list_held_tags(session: Session, owner_id: int) -> list[HeldTag]:
    """Return an owner's tags, expired ones too, by key."""
    columns = (OwnerTag.source, OwnerTag.by, OwnerTag.evidence, OwnerTag.purpose, OwnerTag.answer_id, OwnerTag.at)
    statement = (
        select(Tag.key, Tag.value, *columns, OwnerTag.expires_at)
        .join(OwnerTag, OwnerTag.tag_id == Tag.id)
        .where(OwnerTag.owner_id == owner_id)
        .order_by(Tag.key, Tag.value)
    )
    return [HeldTag(*row) for row in session.execute(statement)]


def is_inside(session: Session, owner_id: int, scope: Scope) -> bool:
    """Tell whether an owner has a living home in a scope."""
    if scope.building_ids is None:
        return True
    homes = exists().where(Residence.owner_id == owner_id, Residence.ended_on.is_(None), Room.id == Residence.room_id)
    return bool(session.scalar(select(homes.where(Room.building_id.in_(scope.building_ids)))))


def _read_homes(session: Session, owner_id: int, today: date) -> list[CardHome]:
    statement = (
        select(Room.id, Community.name, Room.label, Residence.relation, Residence.moved_in_on)
        .select_from(Residence)
        .join(Room, Room.id == Residence.room_id)
        .join(Community, Community.id == Room.community_id)
        .where(Residence.owner_id == owner_id, Residence.ended_on.is_(None))
        .order_by(Residence.id)
    )
    return [CardHome(*row, compute_stage(row.moved_in_on, today).value) for row in session.execute(statement)]


def _read_neighbours(session: Session, owner_id: int, room_ids: Sequence[int]) -> list[Neighbour]:
    statement = (
        select(Owner.id, Owner.name, Residence.relation, Residence.room_id)
        .join(Residence, Residence.owner_id == Owner.id)
        .where(Residence.room_id.in_(room_ids), Residence.ended_on.is_(None), Owner.id != owner_id)
        .order_by(Residence.room_id, Residence.id)
    )
    return [Neighbour(*row) for row in session.execute(statement)] if room_ids else []


def _read_contacts(session: Session, owner_id: int) -> list[Contact]:
    columns = (Follower.openid, Follower.is_following, Follower.message_at)
    statement = select(*columns).where(Follower.owner_id == owner_id).order_by(Follower.openid)
    return [Contact(*row) for row in session.execute(statement)]

"""Finds owners by what staff know of them: part of the name, end of the phone, room. Within a scope; writes nothing."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from models.listings import Scope
from models.owner_lists import OwnerLine
from models.owners import Owner, Residence
from models.places import Community, Room

MOST = 50
SHORTEST_PHONE, WHOLE_PHONE = 4, 11


def search_owners(session: Session, scope: Scope, words: str, most: int = MOST) -> list[OwnerLine]:
    """Return owners with a living home in the scope, one line a home, at most `most`; digits match phones at their end only.

    Names, rooms and phones are each looked through alone: among a million one condition over all three costs many times more.
    """
    living = and_(Residence.ended_on.is_(None), scope.holds(Room.building_id))
    chosen = _find_ids(session, scope, words, most)
    statement = (
        select(Owner.id, Owner.name, Owner.phone, Community.name, Room.label, Residence.relation)
        .join(Residence, Residence.owner_id == Owner.id)
        .join(Room, Room.id == Residence.room_id)
        .join(Community, Community.id == Room.community_id)
        .where(Owner.id.in_(chosen), living, or_(*_list_tests(words)))
        .order_by(Owner.id, Residence.id)
        .limit(most)
    )
    return [
        OwnerLine(owner_id, name, (phone or "")[-4:], community, room, relation, is_following=False)
        for owner_id, name, phone, community, room, relation in (session.execute(statement) if chosen else ())
    ]


def _list_tests(words: str) -> list[ColumnElement[bool]]:
    same = [Room.label.contains(words, autoescape=True), Owner.name.contains(words, autoescape=True)]
    if words.isascii() and words.isdigit() and len(words) >= SHORTEST_PHONE:
        same.append(Owner.phone == words if len(words) == WHOLE_PHONE else Owner.phone.endswith(words))
    return same


def _find_ids(session: Session, scope: Scope, words: str, most: int) -> list[int]:
    """Return the lowest ids that match by room, name or phone, at most `most` of each."""
    homes = select(Residence.owner_id).join(Room, Room.id == Residence.room_id).where(Residence.ended_on.is_(None))
    by_room, *others = _list_tests(words)
    inside = homes.where(scope.holds(Room.building_id))
    found = set(session.scalars(inside.where(by_room).distinct().order_by(Residence.owner_id).limit(most)))
    is_home = inside.where(Residence.owner_id == Owner.id).correlate(Owner).exists()
    for same in others:
        is_inside = is_home if scope.building_ids is None else Owner.id.in_(inside)
        found |= set(session.scalars(select(Owner.id).where(same, is_inside).order_by(Owner.id).limit(most)))
    return sorted(found)

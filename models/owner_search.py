"""Finds owners by what staff know of them: part of the name, end of the phone, room. Within a scope; writes nothing."""

from __future__ import annotations

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from models.listings import Scope
from models.owner_lists import OwnerLine
from models.owners import Owner, Residence
from models.places import Community, Room

MOST = 50
SHORTEST_PHONE = 4


def search_owners(session: Session, scope: Scope, words: str, most: int = MOST) -> list[OwnerLine]:
    """Return owners with a living home in the scope, one line a home, at most `most`; digits match phones at their end only."""
    same = [Owner.name.contains(words, autoescape=True), Room.label.contains(words, autoescape=True)]
    if words.isascii() and words.isdigit() and len(words) >= SHORTEST_PHONE:
        same.append(Owner.phone.endswith(words))
    statement = (
        select(Owner.id, Owner.name, Owner.phone, Community.name, Room.label, Residence.relation)
        .join(Residence, and_(Residence.owner_id == Owner.id, Residence.ended_on.is_(None)))
        .join(Room, Room.id == Residence.room_id)
        .join(Community, Community.id == Room.community_id)
        .where(or_(*same), scope.holds(Room.building_id))
        .order_by(Owner.id, Residence.id)
        .limit(most)
    )
    return [
        OwnerLine(owner_id, name, (phone or "")[-4:], community, room, relation, is_following=False)
        for owner_id, name, phone, community, room, relation in session.execute(statement)
    ]

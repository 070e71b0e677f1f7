"""Lists of owners for the staff pages: an audience within a scope, page by page in the order of ids. Nothing here writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from models.audience.nodes import Audience, Everyone
from models.audience.queries import count_audience, find_members
from models.audience.sql import compile_probe, compile_sql
from models.followers import Follower
from models.listings import Scope
from models.owners import Owner, Residence
from models.places import Community, Room
from models.tags import OwnerTag, Tag

PAGE_SIZE = 50
WINDOWS = (2_000, 8_000, 30_000)  # so many people are asked one by one before the whole audience is worked out


@dataclass(frozen=True, slots=True)
class OwnerLine:
    """One line of a list. `tags` are living ones, `key` and `value`; of the phone only the last four digits are here."""

    id: int
    name: str
    phone_tail: str
    community: str
    room: str
    relation: str
    is_following: bool
    tags: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class OwnerPage:
    """A page of owners; `next_after` is the id the following page begins behind, None at the end."""

    rows: Sequence[OwnerLine]
    next_after: int | None = None


@dataclass(frozen=True, slots=True)
class OwnerQuery:
    """Who is wanted: an audience (None is everybody) within a scope, at an instant; `today` is the day in the owners' zone."""

    audience: Audience | None
    scope: Scope
    now: datetime
    today: date


def select_owners(query: OwnerQuery) -> Select[int]:
    """Return the SELECT of the ids, in no order, each once."""
    chosen = select(Owner.id)
    if query.audience is not None:
        chosen = compile_sql(query.audience, query.now, query.today)
    inside = _is_inside(query.scope)
    return chosen if inside is None else chosen.where(inside)


def count_owners(session: Session, query: OwnerQuery) -> int:
    """Return how many owners a query picks."""
    if query.scope.building_ids is None and query.audience is not None:
        return count_audience(session.connection(), query.audience, query.now, query.today)
    return session.scalar(select(func.count()).select_from(select_owners(query).subquery())) or 0


def list_owners(session: Session, query: OwnerQuery, *, after_id: int = 0, size: int = PAGE_SIZE) -> OwnerPage:
    """Return the page of owners behind an id, in ascending order of ids."""
    ids = find_page(session, query, after_id, size + 1)
    rows = _read_lines(session, ids[:size], query.now)
    return OwnerPage(rows, ids[size - 1] if len(ids) > size else None)


def find_page(session: Session, query: OwnerQuery, after_id: int, most: int) -> list[int]:
    """Return the first ids behind one.

    Rolls of tags answer most audiences at once. Others find a page among the next few thousand people, each asked by herself;
    only for rare ones the whole audience is worked out. A scope is small, so it is entered by its homes.
    """
    if query.scope.building_ids is not None or query.audience is None or isinstance(query.audience.node, Everyone):
        return list(session.scalars(_page(_narrow(query), after_id, most)))
    members = find_members(session.connection(), query.audience, query.now, query.today, after_id=after_id, most=most)
    if members is not None:
        return members
    probe = compile_probe(query.audience, query.now, query.today)
    found: list[int] = []
    for window in WINDOWS:
        upto = session.scalar(select(Owner.id).where(Owner.id > after_id).order_by(Owner.id).offset(window - 1).limit(1))
        part = select(Owner.id).where(probe) if upto is None else select(Owner.id).where(probe, Owner.id <= upto)
        found += session.scalars(_page(part, after_id, most - len(found)))
        if upto is None or len(found) >= most:
            return found
        after_id = upto
    return found + list(session.scalars(_page(select_owners(query), after_id, most - len(found))))


def _narrow(query: OwnerQuery) -> Select[int]:
    chosen = select(Owner.id)
    inside = _is_inside(query.scope)
    if inside is not None:
        chosen = chosen.where(inside)
    return chosen if query.audience is None else chosen.where(compile_probe(query.audience, query.now, query.today))


def _page(chosen: Select[int], after_id: int, most: int) -> Select[int]:
    return chosen.where(Owner.id > after_id).order_by(Owner.id).limit(most)


def _is_inside(scope: Scope) -> ColumnElement[bool] | None:
    """Return the condition that an owner has a living home in the scope; None where everything is inside."""
    if scope.building_ids is None:
        return None
    homes = select(Residence.owner_id).join(Room, Room.id == Residence.room_id)
    return Owner.id.in_(homes.where(Residence.ended_on.is_(None), Room.building_id.in_(scope.building_ids)))


def _read_lines(session: Session, ids: Sequence[int], now: datetime) -> list[OwnerLine]:
    """Return the lines of a page: three statements, whatever its size."""
    first = (
        select(func.min(Residence.id))
        .where(Residence.owner_id == Owner.id, Residence.ended_on.is_(None))
        .correlate(Owner)
        .scalar_subquery()
    )
    statement = (
        select(Owner.id, Owner.name, Owner.phone, Community.name, Room.label, Residence.relation)
        .outerjoin(Residence, and_(Residence.owner_id == Owner.id, Residence.id == first))
        .outerjoin(Room, Room.id == Residence.room_id)
        .outerjoin(Community, Community.id == Room.community_id)
        .where(Owner.id.in_(ids))
        .order_by(Owner.id)
    )
    people = session.execute(statement).all() if ids else []
    following = select(Follower.owner_id).where(Follower.owner_id.in_(ids), Follower.is_following.is_(True))
    here = set(session.scalars(following)) if ids else set()
    tags = _read_tags(session, ids, now)
    return [
        OwnerLine(
            id=owner_id,
            name=name,
            phone_tail=(phone or "")[-4:],
            community=community or "",
            room=room or "",
            relation=relation or "",
            is_following=owner_id in here,
            tags=tuple(tags.get(owner_id, ())),
        )
        for owner_id, name, phone, community, room, relation in people
    ]


def _read_tags(session: Session, ids: Sequence[int], now: datetime) -> dict[int, list[tuple[str, str]]]:
    if not ids:
        return {}
    statement = (
        select(OwnerTag.owner_id, Tag.key, Tag.value)
        .join(Tag, Tag.id == OwnerTag.tag_id)
        .where(OwnerTag.owner_id.in_(ids), or_(OwnerTag.expires_at.is_(None), OwnerTag.expires_at > now))
        .order_by(OwnerTag.owner_id, Tag.key, Tag.value)
    )
    found: dict[int, list[tuple[str, str]]] = {}
    for owner_id, key, value in session.execute(statement):
        found.setdefault(owner_id, []).append((key, value))
    return found

"""What is not known, or no longer: the next thing to ask one person, and how much is known of many."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, distinct, func, or_, select
from sqlalchemy.orm import Session

from models.owners import Owner
from models.tag_changes import TagAction, TagChange
from models.tags import OwnerTag, Tag

SOON = timedelta(days=30)


def find_stalest(session: Session, owner_id: int, now: datetime, keys: Sequence[str] | None = None) -> list[str]:
    """Return the keys worth asking her next, the stalest first; what is known and fresh is not there.

    Those that expired, longest ago first; those of `keys` that were never known, in their order; those that expire within
    a month. With `keys` no others are named.
    """
    statement = (
        select(Tag.key, func.max(func.coalesce(OwnerTag.expires_at, now + 2 * SOON)))
        .join(OwnerTag, OwnerTag.tag_id == Tag.id)
        .where(OwnerTag.owner_id == owner_id)
        .group_by(Tag.key)
    )
    dies: dict[str, datetime] = {key: _read_time(at, now) for key, at in session.execute(statement)}
    for key, at in _find_forgotten(session, owner_id).items():
        dies.setdefault(key, at)
    by_age = sorted((key for key in dies if keys is None or key in keys), key=lambda key: (dies[key], key))
    expired = [key for key in by_age if dies[key] <= now]
    soon = [key for key in by_age if now < dies[key] <= now + SOON]
    return [*expired, *(key for key in keys or () if key not in dies), *soon]


def measure_coverage(session: Session, scope: Select[int], now: datetime) -> dict[str, float]:
    """Return key -> share (0 to 1) of the owners of `scope` of whom a living value is known (R80).

    `scope` is a SELECT of owner ids: an audience, the homes of a butler, everybody. Keys nobody has are not there.
    """
    people = scope.subquery()
    total = session.scalar(select(func.count()).select_from(people)) or 0
    if not total:
        return {}
    inside = OwnerTag.owner_id.in_(select(people.c[0]))
    statement = (
        select(Tag.key, func.count(distinct(OwnerTag.owner_id)))
        .join(OwnerTag, OwnerTag.tag_id == Tag.id)
        .where(inside, or_(OwnerTag.expires_at.is_(None), OwnerTag.expires_at > now))
        .group_by(Tag.key)
        .order_by(Tag.key)
    )
    return {key: number / total for key, number in session.execute(statement)}


def everybody() -> Select[int]:
    """Return the scope that leaves nobody out."""
    return select(Owner.id)


def _find_forgotten(session: Session, owner_id: int) -> dict[str, datetime]:
    """Return the keys whose expired values have been cleared away, and when."""
    expired = (TagChange.owner_id == owner_id, TagChange.action == TagAction.EXPIRE.value)
    statement = select(TagChange.key, func.max(TagChange.at)).where(*expired).group_by(TagChange.key)
    return {key: at for key, at in session.execute(statement) if at is not None}


def _read_time(at: datetime | None, now: datetime) -> datetime:
    return at if at is not None else now + 2 * SOON

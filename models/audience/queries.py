"""Run an audience against the database: how many, and who, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Connection, func, select

from models.audience.gather import Gatherer
from models.audience.nodes import And, Audience, Node, join
from models.audience.sql import compile_probe, compile_sql
from models.crowds import list_ids
from models.owners import Owner

FEW = 2_000  # so many are asked one by one
MOST_IDS = 500  # in one statement
BATCHES = (200, 500, 1_000, 2_000, 4_000)  # people asked one by one for a page, before the whole audience is worked out


def count_audience(connection: Connection, audience: Audience, now: datetime, today: date) -> int:
    """Return how many owners belong to an audience."""
    known = Gatherer(connection, now, today).split(audience.node)
    if not known.rest:
        named = known.crowd.named
        return _count_everybody(connection) - named if known.crowd.is_others else named
    if not known.crowd.is_others and known.crowd.named <= FEW:
        return len(filter_ids(connection, list_ids(known.crowd.bits, 0, FEW), known.rest, now, today))
    ids = compile_sql(audience, now, today).subquery()
    return connection.execute(select(func.count()).select_from(ids)).scalar_one()


def find_members(
    connection: Connection, audience: Audience, now: datetime, today: date, *, after_id: int, most: int
) -> list[int] | None:
    """Return the first members above `after_id`, ascending, at most `most`; None where that is not quickly known."""
    known = Gatherer(connection, now, today).split(audience.node)
    bits, found = known.crowd.bits, list[int]()
    if known.crowd.is_others:
        return None
    if not known.rest:
        return list_ids(bits, after_id, most)
    for size in BATCHES:
        ids = list_ids(bits, after_id, size)
        found += filter_ids(connection, ids, known.rest, now, today)
        if len(found) >= most or len(ids) < size:
            return found[:most]
        after_id = ids[-1]
    return None


def filter_ids(connection: Connection, ids: Sequence[int], rest: Sequence[Node], now: datetime, today: date) -> list[int]:
    """Return those of a few people of whom all of these conditions are true, ascending."""
    asked = compile_probe(Audience("", join(And, list(rest))), now, today)
    found: list[int] = []
    for at in range(0, len(ids), MOST_IDS):
        part = select(Owner.id).where(Owner.id.in_(ids[at : at + MOST_IDS]), asked).order_by(Owner.id)
        found += connection.execute(part).scalars()
    return found


def _count_everybody(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(Owner)).scalar_one()


def list_audience(
    connection: Connection, audience: Audience, now: datetime, today: date, *, after_id: int = 0, limit: int | None = None
) -> Sequence[int]:
    """Return owner ids above `after_id` in ascending order, at most `limit` of them."""
    statement = compile_sql(audience, now, today).where(Owner.id > after_id).order_by(Owner.id).limit(limit)
    return connection.execute(statement).scalars().all()

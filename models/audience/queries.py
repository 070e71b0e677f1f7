"""Run an audience against the database: how many, and who, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Connection, func, select

from models.audience.nodes import Audience
from models.audience.sql import compile_sql
from models.owners import Owner


def count_audience(connection: Connection, audience: Audience, now: datetime, today: date) -> int:
    """Return how many owners belong to an audience."""
    ids = compile_sql(audience, now, today).subquery()
    return connection.execute(select(func.count()).select_from(ids)).scalar_one()


def list_audience(
    connection: Connection, audience: Audience, now: datetime, today: date, *, after_id: int = 0, limit: int | None = None
) -> Sequence[int]:
    """Return owner ids above `after_id` in ascending order, at most `limit` of them."""
    statement = compile_sql(audience, now, today).where(Owner.id > after_id).order_by(Owner.id).limit(limit)
    return connection.execute(statement).scalars().all()

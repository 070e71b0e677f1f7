"""Pages of rows by id, and the lookups that every kind of export needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import select

from handlers.runtime import Runtime
from models.database import Transaction
from models.staff import Staff

BATCH = 500
Rows = list[tuple[int, dict[str, Any]]]  # (id, fields), ids ascending
Reader = Callable[[Transaction, Runtime, int], Rows]


def page(tx: Transaction, model: Any, after: int, *conditions: Any) -> Sequence[Any]:
    """Return the next rows of a table after an id, in the order of ids."""
    statement = select(model).where(model.id > after, *conditions).order_by(model.id).limit(BATCH)
    return tx.session.scalars(statement).unique().all()


def find_staff_openids(tx: Transaction, ids: Iterable[int | None]) -> dict[int, str | None]:
    """Return the openids of staff members by id."""
    wanted = {each for each in ids if each is not None}
    rows = tx.connection.execute(select(Staff.id, Staff.openid).where(Staff.id.in_(wanted))) if wanted else ()
    return {row[0]: row[1] for row in rows}

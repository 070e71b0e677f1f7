"""What Alembic runs for every command: our tables, and how their types are written in a revision.

A revision must stand alone for ever, so no type of ours is named in one: only SQLAlchemy's own.
"""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection

from models.base import Json, UtcDateTime
from models.sealing import Sealed, SealedJson
from models.tables import METADATA


def _render_type(kind: str, thing: Any, _context: Any) -> str | Literal[False]:
    if kind != "type":
        return False
    if isinstance(thing, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if isinstance(thing, Sealed):
        return "sa.Text()"
    if thing is Json or isinstance(thing, SealedJson):
        return "JSON"
    if type(thing).__name__ == "BigInteger":
        return "BIG_ID"
    return False


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        render_item=_render_type,
        render_as_batch=context.config.attributes["is_batch"],  # SQLite changes a column by building the table anew
        compare_type=True,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()


_run(context.config.attributes["connection"])

"""Thousands of rows into a table at once. For imports; everybody else inserts as usual."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Dialect, Table, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import JSON

from models.database import Transaction

FEW = 20


def insert_many(tx: Transaction, table: Table, rows: Sequence[Mapping[str, Any]], *, skips_known: bool = False) -> None:
    """Insert rows that name the same columns; with `skips_known` one that is there already stays as it is.

    SQLite takes them one after another fast enough. PostgreSQL gets them as arrays in one statement: a row each would cost
    a message each. Column defaults of the models are not filled in.
    """
    if not rows:
        return
    if tx.is_sqlite or len(rows) < FEW:
        statement = sqlite.insert(table) if tx.is_sqlite else postgresql.insert(table)
        tx.connection.execute(statement.on_conflict_do_nothing() if skips_known else statement, list(rows))
        return
    dialect = tx.connection.dialect
    columns = [table.c[name] for name in rows[0]]
    names = ", ".join(dialect.identifier_preparer.format_column(each) for each in columns)
    arrays = ", ".join(f"CAST(:p{at} AS {_array_of(each, dialect)})" for at, each in enumerate(columns))
    values = ", ".join(f"CAST(u.c{at} AS JSONB)" if _is_json(each) else f"u.c{at}" for at, each in enumerate(columns))
    given = ", ".join(f"c{at}" for at in range(len(columns)))
    target = dialect.identifier_preparer.format_table(table)
    end = " ON CONFLICT DO NOTHING" if skips_known else ""
    written = f"INSERT INTO {target} ({names}) SELECT {values} FROM unnest({arrays}) AS u({given}){end}"  # noqa: S608 - names of ours
    tx.connection.execute(text(written), {f"p{at}": _list(rows, each, dialect) for at, each in enumerate(columns)})


def _is_json(column: Column[Any]) -> bool:
    return isinstance(column.type, JSON)


def _array_of(column: Column[Any], dialect: Dialect) -> str:
    return "TEXT[]" if _is_json(column) else f"{column.type.dialect_impl(dialect).compile(dialect)}[]"


def _list(rows: Sequence[Mapping[str, Any]], column: Column[Any], dialect: Dialect) -> list[Any]:
    """Return one column's values as the driver takes them."""
    if _is_json(column):
        return [None if row[column.name] is None else json.dumps(row[column.name]) for row in rows]
    write = column.type.dialect_impl(dialect).bind_processor(dialect)
    return [write(row[column.name]) if write else row[column.name] for row in rows]

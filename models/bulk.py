"""Thousands of rows into a table at once. For imports; everybody else inserts as usual."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Dialect, Table, TypeDecorator, text
from sqlalchemy.types import JSON

from models.base import write_json
from models.database import Transaction

PLAIN = frozenset((str, date, datetime))
_ESCAPED = str.maketrans({"\\": "\\\\", '"': '\\"'})


def insert_many(tx: Transaction, table: Table, rows: Sequence[Mapping[str, Any]], *, skips_known: bool = False) -> None:
    """Insert rows that name the same columns; with `skips_known` one that is there already stays as it is.

    SQLite takes them one after another fast enough, from the driver's own loop. PostgreSQL gets them as arrays in one
    statement: a row each would cost a message each. Column defaults of the models are not filled in.
    """
    if not rows:
        return
    dialect = tx.connection.dialect
    columns = [table.c[name] for name in rows[0]]
    names = ", ".join(dialect.identifier_preparer.format_column(each) for each in columns)
    target = f"INSERT INTO {dialect.identifier_preparer.format_table(table)} ({names})"
    end = " ON CONFLICT DO NOTHING" if skips_known else ""
    values = [_list(rows, each, dialect) for each in columns]
    if tx.is_sqlite:
        holes = ", ".join("?" * len(columns))
        tx.connection.exec_driver_sql(f"{target} VALUES ({holes}){end}", list(zip(*values, strict=True)))
        return
    arrays = ", ".join(f"CAST(:p{at} AS {_array_of(each, dialect)})" for at, each in enumerate(columns))
    shown = ", ".join(f"CAST(u.c{at} AS JSONB)" if _is_json(each) else f"u.c{at}" for at, each in enumerate(columns))
    given = ", ".join(f"c{at}" for at in range(len(columns)))
    statement = f"{target} SELECT {shown} FROM unnest({arrays}) AS u({given}){end}"  # noqa: S608 - names of ours
    tx.connection.execute(text(statement), {f"p{at}": _write_array(each) for at, each in enumerate(values)})


def _is_json(column: Column[Any]) -> bool:
    kind = column.type
    return isinstance(kind.impl_instance if isinstance(kind, TypeDecorator) else kind, JSON)


def _array_of(column: Column[Any], dialect: Dialect) -> str:
    return "TEXT[]" if _is_json(column) else f"{column.type.dialect_impl(dialect).compile(dialect)}[]"


def _list(rows: Sequence[Mapping[str, Any]], column: Column[Any], dialect: Dialect) -> Sequence[Any]:
    """Return one column's values as the driver takes them."""
    values, kind = [row[column.name] for row in rows], column.type
    if _is_json(column):
        if isinstance(kind, TypeDecorator):
            values = [kind.process_bind_param(value, dialect) for value in values]
        return ["[]" if value == [] else None if value is None else write_json(value) for value in values]
    write = kind.dialect_impl(dialect).bind_processor(dialect)
    return _turn(values, write) if write else values


def _turn(values: Sequence[Any], write: Callable[[Any], Any]) -> Sequence[Any]:
    """Turn what stands in many rows once; a text of a kind of its own may be another thing than its equal."""
    known = {value: write(value) for value in {value for value in values if type(value) in PLAIN}}
    return [known[value] if type(value) in PLAIN else write(value) for value in values]


def _write_array(values: Sequence[Any]) -> str:
    """Return an array as PostgreSQL reads it: the driver's own way costs several times as much."""
    if isinstance(next((value for value in values if value is not None), ""), int):
        return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"
    known = {value: _write_item(value) for value in set(values)}
    return "{" + ",".join([known[value] for value in values]) + "}"


def _write_item(value: Any) -> str:
    if value is None:
        return "NULL"
    return '"' + (value if isinstance(value, str) else str(value)).translate(_ESCAPED) + '"'

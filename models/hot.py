"""Statements of the hot path: written in SQLAlchemy Core, compiled once a dialect, run on the driver itself.

A turn runs four of them. Through the library's execution each costs several times what the database takes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CompoundSelect, Connection, Dialect, Select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.dml import UpdateBase

from models.sealing import CIPHER

Place = tuple[str, object]
Process = Callable[[Any], Any] | None


@dataclass(frozen=True, slots=True)
class Columns:
    """What comes back: the names, and what reads those whose type does something."""

    names: tuple[str, ...]
    readers: tuple[tuple[str, Callable[[Any], Any]], ...]


@dataclass(frozen=True, slots=True)
class _Compiled:
    """One statement in one dialect: its text, its parameters (in the driver's order, or by name), what each type does."""

    sql: str
    is_positional: bool
    defaults: Mapping[str, Any]
    writers: tuple[tuple[str, Process], ...]
    columns: Columns


class HotStatement:
    """A statement whose bound parameters are given by name at each run."""

    def __init__(self, statement: Select[Any] | CompoundSelect[Any] | UpdateBase) -> None:
        self._statement = statement
        self._compiled: dict[Place, _Compiled] = {}

    def run(self, connection: Connection, values: Mapping[str, Any]) -> None:
        """Run it in the connection's transaction. Raises DBAPIError like any other statement."""
        self._execute(connection, values).close()

    def fetch(self, connection: Connection, values: Mapping[str, Any]) -> dict[str, Any] | None:
        """Run it and return its first row by column name, None without one."""
        cursor = self._execute(connection, values)
        row = cursor.fetchone()
        cursor.close()
        return None if row is None else _read(self._find_columns(connection), row)

    def fetch_all(self, connection: Connection, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Run it and return all its rows by column name."""
        cursor = self._execute(connection, values)
        rows = cursor.fetchall()
        cursor.close()
        columns = self._find_columns(connection)
        return [_read(columns, row) for row in rows]

    def _find_columns(self, connection: Connection) -> Columns:
        return self._compiled[_place(connection.dialect)].columns

    def _execute(self, connection: Connection, values: Mapping[str, Any]) -> Any:
        dialect = connection.dialect
        compiled = self._compiled.get(_place(dialect)) or self._compile(dialect)
        given = {**compiled.defaults, **values} if compiled.defaults else values
        parameters: Any = [write(given[name]) if write else given[name] for name, write in compiled.writers]
        if not compiled.is_positional:
            parameters = {name: value for (name, _), value in zip(compiled.writers, parameters, strict=True)}
        driver: Any = connection.connection.dbapi_connection
        try:
            return driver.execute(compiled.sql, parameters)
        except dialect.dbapi.Error as error:  # type: ignore[union-attr]
            base = dialect.dbapi.Error  # type: ignore[union-attr]
            raise DBAPIError.instance(compiled.sql, None, error, base, hide_parameters=True, dialect=dialect) from error

    def _compile(self, dialect: Dialect) -> _Compiled:
        compiled: Any = self._statement.compile(dialect=dialect)
        columns = () if isinstance(self._statement, UpdateBase) else self._statement.selected_columns
        writers = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in compiled.binds.items()}
        made = _Compiled(
            sql=str(compiled),
            is_positional=compiled.positional,
            defaults={name: bind.value for name, bind in compiled.binds.items() if not bind.required},
            writers=tuple((name, writers[name]) for name in (compiled.positiontup if compiled.positional else writers)),
            columns=Columns(
                names=tuple(str(each.key) for each in columns),
                readers=tuple((str(each.key), read) for each in columns if (read := _find_reader(each, dialect)) is not None),
            ),
        )
        self._compiled[_place(dialect)] = made
        return made


def _find_reader(column: Any, dialect: Dialect) -> Process:
    return column.type.dialect_impl(dialect).result_processor(dialect, None)  # type: ignore[no-any-return]


def _read(columns: Columns, row: Sequence[Any]) -> dict[str, Any]:
    found = dict(zip(columns.names, row, strict=True))
    for name, read in columns.readers:
        if found[name] is not None:
            found[name] = read(found[name])
    return found


def _place(dialect: Dialect) -> Place:
    """Return under what a compiled statement is kept: its types read and write with the cipher of one database."""
    return dialect.name, getattr(dialect, CIPHER, None)

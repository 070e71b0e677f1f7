"""Seals what stands in rows: all of it anew after the key was changed, and what an earlier version left in the clear (D06).

Works on the columns as they are stored; a row that needs nothing is not touched, so a second run does nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Row, String, Table, and_, cast, select, type_coerce, update
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, Json, write_json
from models.database import Database, Transaction, table_of
from models.sealing import MARK, Cipher, Sealed, SealedJson, get_cipher
from models.tags import OwnerTag, Tag, read_number

BATCH = 500
TAG = table_of(Tag)


class SealingMark(Base):
    """By which key, and what, the rows were sealed last: while that stays so, nobody looks through millions of them again."""

    __tablename__ = "sealing_mark"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Plain:
    """Columns of a table that must not stand in the clear in the rows of a condition; `topic` gives a row's topic."""

    table: Table
    columns: tuple[str, ...]
    where: ColumnElement[bool]
    topic: Callable[[Row[Any]], str]


def is_marked(database: Database, digest: str) -> bool:
    """Tell whether this is what the rows were sealed by last."""
    with database.reading() as tx:
        return tx.session.scalar(select(SealingMark.digest).order_by(SealingMark.id.desc()).limit(1)) == digest


def mark(database: Database, digest: str, at: datetime) -> None:
    """Write down by what the rows are sealed now."""
    with database.transaction() as tx:
        tx.session.add(SealingMark(digest=digest, at=at))


def find_prefix(database: Database) -> str:
    """Return how everything begins that the current key has sealed; it names the key and does not tell it."""
    return get_cipher(database.engine.dialect).seal("", "").rpartition(".")[0]


def open_tags(database: Database, keys: Iterable[str]) -> int:
    """Write the values in the clear that are sealed of other keys than these: they are of level 2 no more (D25)."""
    with database.transaction() as tx:
        cipher = get_cipher(tx.connection.dialect)
        stored = _stored(TAG.c.value)
        rows = tx.connection.execute(
            select(TAG.c.id, TAG.c.key, stored.label("stored")).where(stored.startswith(MARK), TAG.c.key.not_in(list(keys)))
        ).all()
        for row in rows:
            text, topic = cipher.open(row.stored)
            if topic:  # what was only written like something sealed stays
                _replace_tag(tx, row.id, row.key, {"value": text, "number": read_number(text)})
    return sum(bool(cipher.open(row.stored)[1]) for row in rows)


def seal_rows(database: Database, plain: Iterable[Plain]) -> int:
    """Bring all rows under the current key and return how many were written.

    Raises ValueError when something was sealed with a key that is not given: nothing is lost, the key is wanted back.
    """
    done = 0
    for column in _list_columns():
        while batch := _renew(database, column):
            done += batch
    for each in plain:
        while batch := _close(database, each):
            done += batch
    return done


def _list_columns() -> Iterator[Column[Any]]:
    for table in Base.metadata.sorted_tables:
        yield from (column for column in table.c if isinstance(column.type, Sealed | SealedJson))


def _stored(column: Column[Any]) -> ColumnElement[Any]:
    """Return a column as it is stored."""
    return type_coerce(column, Json if isinstance(column.type, SealedJson) else String())


def _renew(database: Database, column: Column[Any]) -> int:
    """Seal a batch of rows anew that the key before has sealed."""
    table, stored = column.table, _stored(column)
    with database.transaction() as tx:
        cipher = get_cipher(tx.connection.dialect)
        current = find_prefix(database)
        text = cast(column, String) if isinstance(column.type, SealedJson) else stored
        if isinstance(column.type, SealedJson):
            old = and_(text.contains(f'"{MARK}'), ~text.contains(f'"{current}.'))
        else:
            old = and_(text.startswith(MARK), ~text.startswith(f"{current}."))
        keys = list(table.primary_key.columns)
        rows = tx.connection.execute(select(*keys, stored.label("stored")).where(old).limit(BATCH)).all()
        for row in rows:
            sealed = row.stored[MARK] if isinstance(row.stored, dict) else row.stored
            again = cipher.seal(*cipher.open(sealed))
            mine = and_(*(key == row[at] for at, key in enumerate(keys)))
            value = {MARK: again} if isinstance(row.stored, dict) else again
            _put(tx, table, mine, {column.name: value})
    return len(rows)


def _close(database: Database, plain: Plain) -> int:
    """Seal a batch of rows that stand in the clear."""
    columns = [plain.table.c[name] for name in plain.columns]
    with database.transaction() as tx:
        cipher = get_cipher(tx.connection.dialect)
        is_plain = _is_plain(columns)
        stored = [_stored(column).label(f"stored_{column.name}") for column in columns]
        rows = tx.connection.execute(select(plain.table, *stored).where(plain.where, is_plain).limit(BATCH)).all()
        for row in rows:
            found = {column.name: getattr(row, f"stored_{column.name}") for column in columns}
            values = {name: _seal(cipher, value, plain.topic(row)) for name, value in found.items()}
            if plain.table is TAG:
                _replace_tag(tx, row.id, row.key, values | {"number": None})
                continue
            mine = and_(*(key == getattr(row, key.name) for key in plain.table.primary_key.columns))
            _put(tx, plain.table, mine, values)
    return len(rows)


def _is_plain(columns: list[Column[Any]]) -> ColumnElement[bool]:
    conditions = []
    for column in columns:
        text = cast(column, String)
        is_json = isinstance(column.type, SealedJson)
        is_sealed = text.contains(f'"{MARK}"') if is_json else text.startswith(MARK)
        conditions.append(and_(column.is_not(None), text.not_in(("", "[]", "null")), ~is_sealed))
    found = conditions[0]
    for each in conditions[1:]:
        found = found | each
    return found


def _seal(cipher: Cipher, value: Any, topic: str) -> Any:
    if value in (None, "", []) or (isinstance(value, str) and value.startswith(MARK)):
        return value
    if isinstance(value, str):
        return cipher.seal(value, topic)
    return value if MARK in value else {MARK: cipher.seal(write_json(value), "json")}


def _replace_tag(tx: Transaction, tag_id: int, key: str, values: dict[str, Any]) -> None:
    """Write a value of a key in another form; where it is there in that form, its owners are brought over to that row."""
    known = select(TAG.c.id).where(TAG.c.key == key, _stored(TAG.c.value) == values["value"])
    other = tx.connection.scalar(known)
    if other is None:
        _put(tx, TAG, TAG.c.id == tag_id, values)
        return
    held = table_of(OwnerTag)
    twice = held.alias("twice")
    has_both = held.c.owner_id.in_(select(twice.c.owner_id).where(twice.c.tag_id == other))
    tx.connection.execute(held.delete().where(held.c.tag_id == tag_id, has_both))
    tx.connection.execute(update(held).where(held.c.tag_id == tag_id).values(tag_id=other))
    tx.connection.execute(TAG.delete().where(TAG.c.id == tag_id))


def _put(tx: Transaction, table: Table, mine: ColumnElement[bool], values: dict[str, Any]) -> None:
    """Write values as they are: they are sealed already."""
    raw = {table.c[name]: type_coerce(value, _raw_type(table.c[name])) for name, value in values.items()}
    tx.connection.execute(update(table).where(mine).values(raw))


def _raw_type(column: Column[Any]) -> Any:
    if isinstance(column.type, SealedJson):
        return Json
    return String() if isinstance(column.type, Sealed) else column.type

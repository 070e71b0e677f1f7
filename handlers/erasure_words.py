"""A forgotten person's name and number in what others wrote: blotted out where they stand for her (D15)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Row,
    String,
    Table,
    Text,
    and_,
    case,
    cast,
    delete,
    func,
    or_,
    select,
    true,
    type_coerce,
    update,
)
from sqlalchemy.orm import Session

from handlers.runtime import Runtime
from models.base import Base
from models.cases import Complaint, Order
from models.database import Transaction
from models.owners import Owner, PhoneEvent, Residence
from models.personal import HOLDINGS, Fate, Person, list_holdings
from models.sealing import MARK, Sealed, SealedJson, Secret, SecretMap, SecretRows
from models.staff import Staff

BLOT = "＊＊"
BATCH = 200
SHORTEST_NAME = 2
# append only, already empty, and the names of others; and columns with a meaning of their own
UNTOUCHED = ("audit", "erasure", "owner")
SPOKEN = ("unheard",)  # nobody's rows, in which somebody may be spoken of: they go, a sentence without its name is none
CODES = ("key", "dedupe", "no", "status", "kind", "content_type", "media_id", "message_id", "path")


@dataclass(frozen=True, slots=True)
class Words:
    """`sure` stand for nobody else. `name` is shared with somebody, and hers only beside one of `signs`."""

    sure: tuple[str, ...]
    name: str = ""
    signs: tuple[str, ...] = ()

    def blot(self, value: Any) -> Any:
        """Return a value without the words, the inside of lists and mappings too."""
        if isinstance(value, str):
            text = str.__str__(value)
            for word in (*self.sure, *([self.name] if self.name else [])):
                text = text.replace(word, BLOT)
            return Secret(text, value.topic) if isinstance(value, Secret) else text
        if isinstance(value, Mapping):
            whole = {name: self.blot(each) for name, each in value.items()}
            return SecretMap(whole) if isinstance(value, SecretMap) else whole
        if isinstance(value, list):
            rows = [self.blot(each) for each in value]
            return SecretRows(rows) if isinstance(value, SecretRows) else rows
        return value

    def are_in(self, value: Any) -> bool:
        """Tell whether a value names her; what the database keeps sealed is looked through here."""
        text = str.__str__(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
        return any(word in text for word in self.sure) or (self.name in text and any(sign in text for sign in self.signs))


def find_words(session: Session, person: Person) -> Words:
    """Return what a person is called: openids, phone, her name when no one else in the register or the staff has it."""
    owner = session.get(Owner, person.owner_id) if person.owner_id is not None else None
    phones = [owner.phone, *session.scalars(select(PhoneEvent.phone).where(PhoneEvent.owner_id == owner.id))] if owner else []
    sure = list(dict.fromkeys([*person.openids, *(phone for phone in phones if phone)]))
    if owner is None or len(owner.name) < SHORTEST_NAME:
        return Words(tuple(sure))
    namesakes = session.scalar(select(func.count()).where(Owner.name == owner.name, Owner.id != owner.id)) or 0
    namesakes += session.scalar(select(func.count()).where(Staff.name == owner.name)) or 0
    if not namesakes:
        return Words((*sure, owner.name))
    numbers = [no for model in (Order, Complaint) for no in session.scalars(select(model.no).where(model.owner_id == owner.id))]
    homes = session.scalars(select(Residence).where(Residence.owner_id == owner.id)).unique()
    return Words(tuple(sure), owner.name, (*numbers, *(home.room.label for home in homes)))


def scrub(runtime: Runtime, person: Person, words: Words) -> int:
    """Blot the words out of every row that stays, a batch at a time; returns how many rows were changed."""
    return sum(_scrub_table(runtime, table, person, words) for table in _list_tables())


def _list_tables() -> Iterator[Table]:
    names = [name for name in (*(each.table for each in list_holdings()), *SPOKEN) if name not in UNTOUCHED]
    yield from (table for table in (Base.metadata.tables[name] for name in names) if _list_columns(table))


def _list_columns(table: Table) -> list[Column[Any]]:
    """Return the columns in which a person may be spoken of."""
    return [
        column
        for column in table.columns
        if isinstance(column.type, (String, Text, JSON, Sealed, SealedJson)) and not column.primary_key
        if column.name not in CODES
        if column.name != "openid" and (not column.unique or table.name in SPOKEN)
    ]


def _scrub_table(runtime: Runtime, table: Table, person: Person, words: Words) -> int:
    keys, columns = list(table.primary_key.columns), _list_columns(table)
    with runtime.database.reading() as tx:
        stays = _stays(table, person)
        found = list(tx.connection.execute(select(*keys).where(or_(*(_holds(each, words) for each in columns)), stays)).all())
        found += _find_sealed(tx, table, words, stays)
    for start in range(0, len(found), BATCH):
        with runtime.transaction() as tx:
            for each in found[start : start + BATCH]:
                mine = and_(*(key == value for key, value in zip(keys, each, strict=False)))
                if table.name in SPOKEN:
                    tx.connection.execute(delete(table).where(mine))
                    continue
                row = tx.connection.execute(select(*columns).where(mine)).mappings().first()
                new = {name: words.blot(value) for name, value in row.items()} if row else {}
                if new:
                    tx.connection.execute(update(table).where(mine).values(**new))
    return len(found)


def _find_sealed(tx: Transaction, table: Table, words: Words, stays: ColumnElement[bool]) -> list[Row[Any]]:
    """Return the keys of rows that name her in what is sealed: no search reaches into that, so they are opened (D06)."""
    sealed = [column for column in _list_columns(table) if isinstance(column.type, Sealed | SealedJson)]
    if not sealed:
        return []
    keys = list(table.primary_key.columns)
    marked = or_(*(_text(column).contains(MARK, autoescape=True) for column in sealed))
    rows = tx.connection.execute(select(*keys, *sealed).where(marked, stays))
    return [row for row in rows if any(words.are_in(value) for value in row[len(keys) :])]


def _stays(table: Table, person: Person) -> ColumnElement[bool]:
    """Return the condition that a row outlives her: all but those that go with her anyway."""
    holding = HOLDINGS.get(table.name)
    is_going = holding is not None and holding.fate is Fate.ERASE
    return case((holding.find(person), 1), else_=0) == 0 if holding is not None and is_going else true()


def _holds(column: Column[Any], words: Words) -> ColumnElement[bool]:
    text = _text(column)
    sure = [_like(text, word) for word in words.sure]
    if words.name and words.signs:
        sure.append(and_(_like(text, words.name), or_(*(_like(text, sign) for sign in words.signs))))
    return or_(*sure)


def _text(column: Column[Any]) -> ColumnElement[Any]:
    """Return a column as the text that the database itself holds."""
    return cast(column, Text) if isinstance(column.type, JSON | SealedJson) else type_coerce(column, Text)


def _like(text: Any, word: str) -> ColumnElement[bool]:
    """Return the condition that a text holds a word; JSON may keep it with its characters written as numbers."""
    written = json.dumps(word)[1:-1]
    found: ColumnElement[bool] = text.contains(word, autoescape=True)
    return found if written == word else or_(found, text.contains(written, autoescape=True))

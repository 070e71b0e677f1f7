"""Two rows of the register that were one person: what was merged into whom, and how every table that names her is moved.

Every column that points to an owner stands in REFERENCES; a test demands it, so that nobody adds one and a merge forgets it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, ForeignKey, String, Table, UniqueConstraint, select, tuple_, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, BigId
from models.database import Transaction

MOST_NAMED = 200  # pairs that a statement names; of more the whole table is read, which only people fill


class Merge(Base):
    """One merge into `owner_id`. `dropped_id` was an owner's and is nobody's any more; `moved` counts rows by table."""

    __tablename__ = "owner_merge"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    dropped_id: Mapped[int] = mapped_column(BigId, unique=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("owner.id"), index=True)
    dropped_name: Mapped[str] = mapped_column(String(60))
    by: Mapped[str] = mapped_column(String(80))
    moved: Mapped[dict[str, Any]] = mapped_column(default=dict)
    at: Mapped[datetime]


class Distinct(Base):
    """Two rows that look like one person and are not: somebody has said so. `first_id` is the lower number.

    They are numbers and no references: what becomes of either of them, nobody is in the way of it.
    """

    __tablename__ = "owner_distinct"
    __table_args__ = (UniqueConstraint("first_id", "second_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    first_id: Mapped[int] = mapped_column(BigId)
    second_id: Mapped[int] = mapped_column(BigId, index=True)
    by: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]


class Way(StrEnum):
    """What a merge does with the rows of a table that name the person who goes."""

    MOVE = "move"  # they name the person who stays, as they are
    JOIN = "join"  # both may have the same one: handlers/merging.py decides between the two
    STAY = "stay"  # the person who goes has none


REFERENCES: Mapping[tuple[str, str], Way] = {
    ("answer", "owner_id"): Way.MOVE,
    ("booking", "owner_id"): Way.MOVE,
    ("complaint", "owner_id"): Way.MOVE,
    ("consent", "owner_id"): Way.MOVE,
    ("delivery", "owner_id"): Way.JOIN,
    ("erasure", "owner_id"): Way.MOVE,
    ("feedback", "owner_id"): Way.MOVE,
    ("follower", "owner_id"): Way.MOVE,
    ("order", "owner_id"): Way.MOVE,
    ("owner_merge", "owner_id"): Way.STAY,
    ("owner_tag", "owner_id"): Way.JOIN,
    ("personal_export", "owner_id"): Way.MOVE,
    ("phone_event", "owner_id"): Way.MOVE,
    ("point_entry", "owner_id"): Way.MOVE,
    ("residence", "owner_id"): Way.JOIN,
    ("script_run", "owner_id"): Way.MOVE,
    ("survey_invitation", "owner_id"): Way.MOVE,
    ("tag_change", "owner_id"): Way.MOVE,
    ("tag_conflict", "owner_id"): Way.MOVE,
    ("task", "owner_id"): Way.MOVE,
    ("visit", "owner_id"): Way.MOVE,
}


def list_references() -> list[Column[Any]]:
    """Return every column that names an owner: by a foreign key, or by its name."""
    return [column for table in Base.metadata.sorted_tables for column in table.columns if _names_owner(column)]


def _names_owner(column: Column[Any]) -> bool:
    return column.name == "owner_id" or any(key.target_fullname == "owner.id" for key in column.foreign_keys)


def move_plain(tx: Transaction, keep: int, drop: int) -> dict[str, int]:
    """Let the rows of every table whose way is MOVE name the person who stays; returns how many, by table."""
    moved: dict[str, int] = {}
    for column in list_references():
        table: Table = column.table
        if REFERENCES[table.name, column.name] is Way.MOVE:
            moved[table.name] = tx.connection.execute(update(table).where(column == drop).values({column: keep})).rowcount
    return {name: count for name, count in moved.items() if count}


def find_distinct(session: Session, pairs: Collection[tuple[int, int]]) -> set[tuple[int, int]]:
    """Return those of some pairs (lower number first) of whom somebody has said that they are two."""
    wanted = select(Distinct.first_id, Distinct.second_id)
    if len(pairs) <= MOST_NAMED:
        wanted = wanted.where(tuple_(Distinct.first_id, Distinct.second_id).in_(list(pairs)))
    return {(first, second) for first, second in session.execute(wanted)} & set(pairs) if pairs else set()


def find_merge(session: Session, dropped_id: int) -> Merge | None:
    """Return the merge in which this number went, None when it never did."""
    return session.scalar(select(Merge).where(Merge.dropped_id == dropped_id))


def holds_merged(session: Session, owner_id: int) -> bool:
    """Tell whether somebody was merged into this person."""
    return session.scalar(select(Merge.id).where(Merge.owner_id == owner_id).limit(1)) is not None

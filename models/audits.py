"""Who changed or saw what: append only, and chained, so that a row that is changed or taken away can be told (D18).

A row is written without its place in the chain, so nobody waits for anybody; a tick seals what is new.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Index, Row, String, bindparam, func, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.audit_triggers import TRIGGERS, attach
from models.base import Base, BigId
from models.database import Transaction, insert_for, table_of

FIRST_HASH = "0" * 64
HEAD_ID = 1
NOBODY = ("system", "owner", "demo")  # by whom no member of staff is meant


class AuditEntry(Base):
    """One staff or system action on personal data, without the data itself. `place` counts the sealed rows from one."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_action_at_by", "action", "at", "by"),
        Index("ix_audit_unsealed", "id", sqlite_where=text("hash IS NULL"), postgresql_where=text("hash IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    by: Mapped[str] = mapped_column(String(80))
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(120))
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    place: Mapped[int | None] = mapped_column(BigId, unique=True)
    prev_hash: Mapped[str | None] = mapped_column(String(64))
    hash: Mapped[str | None] = mapped_column(String(64))


class AuditChain(Base):
    """The end of the chain, one row: tells of rows that were cut off there, and is the lock of whoever seals."""

    __tablename__ = "audit_chain"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    place: Mapped[int] = mapped_column(BigId)
    hash: Mapped[str] = mapped_column(String(64))


attach(table_of(AuditEntry), TRIGGERS["audit"])
attach(table_of(AuditChain), TRIGGERS["audit_chain"])
ENTRY = table_of(AuditEntry)
SEALING = (
    update(ENTRY)
    .where(ENTRY.c.id == bindparam("entry_id"), ENTRY.c.hash.is_(None))
    .values(place=bindparam("new_place"), prev_hash=bindparam("new_prev"), hash=bindparam("new_hash"))
)


def add_audit(session: Session, at: datetime, by: str, action: str, subject: str, **detail: Any) -> None:
    """Append an entry in the caller's transaction (D18)."""
    session.add(AuditEntry(at=at, by=by, action=action, subject=subject, detail=detail))


def digest(prev_hash: str, place: int, row: Row[*tuple[Any, ...]]) -> str:
    """Return the hash of a row at its place behind another: SHA-256 in hex over everything the row says."""
    at = row.at.astimezone(UTC).isoformat(timespec="microseconds")
    told = json.dumps([prev_hash, place, row.id, at, row.by, row.action, row.subject, row.detail], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def lock_chain(tx: Transaction) -> AuditChain:
    """Return the end of the chain, held until the transaction ends: one at a time on both databases."""
    start = insert_for(tx.connection, AuditChain).values(id=HEAD_ID, place=0, hash=FIRST_HASH)
    tx.connection.execute(start.on_conflict_do_nothing())
    statement = select(AuditChain).where(AuditChain.id == HEAD_ID)
    return tx.session.scalars(statement if tx.is_sqlite else statement.with_for_update()).one()


def find_head(tx: Transaction) -> tuple[int, str]:
    """Return the place and hash at which the chain ends; before the first row (0, zeros)."""
    head = tx.session.get(AuditChain, HEAD_ID)
    return (head.place, head.hash) if head else (0, FIRST_HASH)


def has_unsealed(tx: Transaction) -> bool:
    """Tell whether a row waits to be sealed; one look into a small index."""
    return tx.connection.scalar(select(ENTRY.c.id).where(ENTRY.c.hash.is_(None)).limit(1)) is not None


def list_unsealed(tx: Transaction, most: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return rows that are not sealed yet, oldest first."""
    return tx.connection.execute(select(ENTRY).where(ENTRY.c.hash.is_(None)).order_by(ENTRY.c.id).limit(most)).all()


def list_sealed(tx: Transaction, after: int, most: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return sealed rows behind a place, in the order of the chain."""
    return tx.connection.execute(select(ENTRY).where(ENTRY.c.place > after).order_by(ENTRY.c.place).limit(most)).all()


def find_half_sealed(tx: Transaction) -> int | None:
    """Return the id of a row that has a hash and no place, or the other way round: nobody of ours writes one."""
    return tx.connection.scalar(select(ENTRY.c.id).where(ENTRY.c.place.is_(None) != ENTRY.c.hash.is_(None)).limit(1))


def count_actions(session: Session, since: datetime, until: datetime) -> dict[str, dict[str, int]]:
    """Return person -> action -> how often, from `since` up to but without `until`."""
    statement = (
        select(AuditEntry.by, AuditEntry.action, func.count())
        .where(AuditEntry.at >= since, AuditEntry.at < until)
        .group_by(AuditEntry.by, AuditEntry.action)
        .order_by(AuditEntry.by, AuditEntry.action)
    )
    found: dict[str, dict[str, int]] = {}
    for by, action, number in session.execute(statement):
        found.setdefault(by, {})[action] = number
    return found


def count_openings(session: Session, since: datetime, more_than: int) -> dict[str, int]:
    """Return the people who opened more than so many people's pages after `since`, and how many."""
    number = func.count()
    statement = (
        select(AuditEntry.by, number)
        .where(AuditEntry.action == "read", AuditEntry.at > since, AuditEntry.by.not_in(NOBODY))
        .group_by(AuditEntry.by)
        .having(number > more_than)
    )
    return dict(session.execute(statement).all())


def count_exported(session: Session, since: datetime, more_than: int) -> dict[str, int]:
    """Return the people who exported more than so many rows after `since`, and how many."""
    rows = func.sum(func.coalesce(AuditEntry.detail["count"].as_integer(), 0))
    statement = (
        select(AuditEntry.by, rows)
        .where(AuditEntry.action == "export", AuditEntry.at > since, AuditEntry.by.not_in(NOBODY))
        .group_by(AuditEntry.by)
        .having(rows > more_than)
    )
    return {by: int(number) for by, number in session.execute(statement)}


def list_alarms(session: Session, since: datetime) -> Sequence[AuditEntry]:
    """Return the alarms after `since`."""
    return session.scalars(select(AuditEntry).where(AuditEntry.action == "alarm", AuditEntry.at > since)).all()

"""The history of tags: what was written, taken away or let die, so that it can be undone; and where two sources disagree."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, or_, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, BigId
from models.sealing import Sealed, SealedJson


class TagAction(StrEnum):
    """What happened to a tag."""

    ADD = "add"
    CONFIRM = "confirm"  # said again: it lives longer
    REMOVE = "remove"
    EXPIRE = "expire"
    CONFLICT = "conflict"  # said otherwise by another source: nothing was overwritten


def _index_some(column: str, condition: str, table: str = "tag_change") -> Index:
    """Return an index over the few rows that a condition holds for: an import writes millions of others."""
    where = text(condition)
    return Index(f"ix_{table}_{column}", column, sqlite_where=where, postgresql_where=where)


class TagChange(Base):
    """One change of one tag. `before` holds the rows of owner_tag that it took away or renewed, whole.

    `batch` names what was done in one act. A value that rested on a consent is blotted out when the consent ends.
    """

    __tablename__ = "tag_change"
    __table_args__ = (
        Index("ix_tag_change_owner_id_id", "owner_id", "id"),
        _index_some("batch", "batch IS NOT NULL"),
        _index_some("answer_id", "answer_id IS NOT NULL"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("owner.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(60))
    value: Mapped[str] = mapped_column(Sealed())
    action: Mapped[str] = mapped_column(String(10))
    before: Mapped[list[Any]] = mapped_column(SealedJson(), default=list)
    source: Mapped[str] = mapped_column(String(40))
    by: Mapped[str] = mapped_column(String(80))
    evidence: Mapped[str | None] = mapped_column(Sealed())
    answer_id: Mapped[int | None] = mapped_column(BigId)
    batch: Mapped[str | None] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(index=True)
    undone_at: Mapped[datetime | None]


class TagConflict(Base):
    """Two sources that say different things (D23): `kept` stands, `other` was said, a member of staff decides."""

    __tablename__ = "tag_conflict"
    __table_args__ = (
        Index("ix_tag_conflict_owner_id_key", "owner_id", "key"),
        _index_some("id", "decided_at IS NULL", "tag_conflict"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("owner.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(60))
    kept: Mapped[str] = mapped_column(Sealed())
    other: Mapped[str] = mapped_column(Sealed())
    source: Mapped[str] = mapped_column(String(40))
    by: Mapped[str] = mapped_column(String(80))
    evidence: Mapped[str | None] = mapped_column(Sealed())
    at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(String(80))


def list_changes(session: Session, owner_id: int, most: int = 50) -> Sequence[TagChange]:
    """Return an owner's changes, newest first."""
    statement = select(TagChange).where(TagChange.owner_id == owner_id).order_by(TagChange.id.desc()).limit(most)
    return session.scalars(statement).all()


def list_batch(session: Session, batch: str) -> Sequence[TagChange]:
    """Return what one act changed, newest first."""
    return session.scalars(select(TagChange).where(TagChange.batch == batch).order_by(TagChange.id.desc())).all()


def list_of_answer(session: Session, answer_id: int) -> Sequence[TagChange]:
    """Return what an answer of a survey changed, newest first."""
    return session.scalars(select(TagChange).where(TagChange.answer_id == answer_id).order_by(TagChange.id.desc())).all()


def list_changes_after(session: Session, change: TagChange) -> Sequence[TagChange]:
    """Return the later changes of the same key of the same owner that still hold."""
    statement = select(TagChange).where(
        TagChange.owner_id == change.owner_id,
        TagChange.id > change.id,
        TagChange.key == change.key,
        TagChange.undone_at.is_(None),
        TagChange.action != TagAction.CONFLICT.value,
    )
    return session.scalars(statement).all()


def is_known_conflict(session: Session, owner_id: int, key: str, other: str, source: str) -> bool:
    """Tell whether a contradiction is open, or was decided when the same source said the same: nobody is asked twice."""
    said = (TagConflict.owner_id == owner_id, TagConflict.key == key, TagConflict.other == other)
    statement = select(TagConflict.id).where(*said, or_(TagConflict.decided_at.is_(None), TagConflict.source == source))
    return session.scalar(statement.limit(1)) is not None


def list_conflicts(session: Session, owner_id: int, key: str | None = None) -> Sequence[TagConflict]:
    """Return an owner's conflicts that nobody has decided, oldest first."""
    statement = select(TagConflict).where(TagConflict.owner_id == owner_id, TagConflict.decided_at.is_(None))
    if key is not None:
        statement = statement.where(TagConflict.key == key)
    return session.scalars(statement.order_by(TagConflict.id)).all()

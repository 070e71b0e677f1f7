"""Audiences that staff keep under a name. The text is kept as written; nothing here reads it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, BigId

MOST = 200


class Segment(Base):
    """One saved audience; `by` is how the audit names who saved it."""

    __tablename__ = "segment"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    expression: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]


def list_segments(session: Session) -> Sequence[Segment]:
    """Return all segments by name."""
    return session.scalars(select(Segment).order_by(Segment.name).limit(MOST)).all()


def find_named(session: Session, name: str) -> Segment | None:
    """Return the segment of a name."""
    return session.scalar(select(Segment).where(Segment.name == name))

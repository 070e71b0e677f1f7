"""What people asked of us about their own data: a copy, or to be forgotten. Rows first; ticks do the work (D13, D15)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, BigId


class ExportStatus(StrEnum):
    """Planned until the files are written; gone when they were taken away again."""

    PLANNED = "planned"
    READY = "ready"
    GONE = "gone"


class ErasureStatus(StrEnum):
    """Waiting: she may still take it back. Telling: the result is on its way. Partly: something of hers is still open."""

    WAITING = "waiting"
    STOPPED = "stopped"
    TELLING = "telling"
    PARTLY = "partly"
    DONE = "done"


class PersonalExport(Base):
    """A copy somebody asked for. `name` is random and names the files; nobody can guess it."""

    __tablename__ = "personal_export"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    openid: Mapped[str] = mapped_column(String(64), index=True)
    owner_id: Mapped[int | None] = mapped_column(BigId, index=True)
    name: Mapped[str | None] = mapped_column(String(64), unique=True)
    status: Mapped[str] = mapped_column(String(12), default=ExportStatus.PLANNED.value, index=True)
    requested_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]


class Erasure(Base):
    """A wish to be forgotten. When it is done only `subject` is left, a digest that leads to nobody who is not asked for."""

    __tablename__ = "erasure"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    openid: Mapped[str | None] = mapped_column(String(64), index=True)
    owner_id: Mapped[int | None] = mapped_column(BigId)
    subject: Mapped[str] = mapped_column(String(32))
    status: Mapped[str] = mapped_column(String(12), default=ErasureStatus.WAITING.value, index=True)
    requested_at: Mapped[datetime]
    due_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    swept_at: Mapped[datetime | None]  # when what deleted rows leave behind in the file was overwritten too
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)


def digest_openid(openid: str) -> str:
    """Return what stands for an openid where it must not stand itself."""
    return hashlib.sha256(openid.encode()).hexdigest()[:32]


LIVING = (ErasureStatus.WAITING.value, ErasureStatus.TELLING.value, ErasureStatus.PARTLY.value)


def find_erasure(session: Session, openid: str) -> Erasure | None:
    """Return the wish of a follower that is not done yet."""
    statement = select(Erasure).where(Erasure.openid == openid, Erasure.status.in_(LIVING))
    return session.scalar(statement.order_by(Erasure.id.desc()).limit(1))


def find_last_export(session: Session, openid: str, since: datetime) -> PersonalExport | None:
    """Return the newest copy a follower asked for after `since`."""
    statement = select(PersonalExport).where(PersonalExport.openid == openid, PersonalExport.requested_at > since)
    return session.scalar(statement.order_by(PersonalExport.id.desc()).limit(1))


def list_planned_exports(session: Session, most: int) -> Sequence[PersonalExport]:
    """Return copies that nobody has made yet, oldest first."""
    statement = select(PersonalExport).where(PersonalExport.status == ExportStatus.PLANNED.value)
    return session.scalars(statement.order_by(PersonalExport.id).limit(most)).all()

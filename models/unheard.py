"""Sentences that were not understood, masked, counted, and what staff made of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, BigId
from models.database import Transaction, insert_for

MOST_CHARACTERS = 200


class UnheardStatus(StrEnum):
    """open: nobody has looked; answered: the owner herself chose; taught: staff named the wish; ignored: means nothing."""

    OPEN = "open"
    ANSWERED = "answered"
    TAUGHT = "taught"
    IGNORED = "ignored"


class Unheard(Base):
    """One masked sentence; the same one again only counts. It names no person: nothing here leads back to one."""

    __tablename__ = "unheard"
    __table_args__ = (Index("ix_unheard_status_times", "status", "times"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    text: Mapped[str] = mapped_column(String(MOST_CHARACTERS), unique=True)
    times: Mapped[int] = mapped_column(default=1)
    candidates: Mapped[dict[str, Any]]  # code: confidence, as understood then
    script: Mapped[str | None] = mapped_column(String(80))  # what was being asked, if anything
    status: Mapped[str] = mapped_column(String(12), default=UnheardStatus.OPEN.value)
    code: Mapped[str | None] = mapped_column(String(80))
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]


def count_unheard(tx: Transaction, text: str, candidates: dict[str, float], script: str | None, now: datetime) -> None:
    """Add a masked sentence, or count it once more; one statement."""
    statement = insert_for(tx.connection, Unheard).values(
        text=text[:MOST_CHARACTERS], times=1, candidates=candidates, script=script, first_at=now, last_at=now,
        status=UnheardStatus.OPEN.value,
    )  # fmt: skip
    changed = {"times": Unheard.__table__.c.times + 1, "last_at": now}
    tx.connection.execute(statement.on_conflict_do_update(index_elements=["text"], set_=changed))


def list_unheard(session: Session, status: UnheardStatus, most: int = 200) -> Sequence[Unheard]:
    """Return sentences of a status, the most frequent first."""
    statement = select(Unheard).where(Unheard.status == status.value)
    return session.scalars(statement.order_by(Unheard.times.desc(), Unheard.id.desc()).limit(most)).all()

"""One-time codes by which a new colleague says who he is in the chat. Only a digest of a code is kept."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import ForeignKey, String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, BigId


class StaffCode(Base):
    """A code for one colleague: lives until `expires_at`, or until it was used or a newer one took its place (`ended_at`)."""

    __tablename__ = "staff_code"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    digest: Mapped[str] = mapped_column(String(64), index=True)
    by: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


def digest_code(code: str) -> str:
    """Return what is kept of a code."""
    return hashlib.sha256(f"staff-code:{code}".encode()).hexdigest()


def find_living(session: Session, code: str, now: datetime) -> StaffCode | None:
    """Return the code that may still be used, None when there is none such."""
    statement = select(StaffCode).where(
        StaffCode.digest == digest_code(code), StaffCode.ended_at.is_(None), StaffCode.expires_at > now
    )
    return session.scalar(statement.limit(1))


def end_codes(session: Session, staff_id: int, now: datetime) -> None:
    """End every code of a colleague that lives."""
    statement = update(StaffCode).where(StaffCode.staff_id == staff_id, StaffCode.ended_at.is_(None)).values(ended_at=now)
    session.execute(statement)

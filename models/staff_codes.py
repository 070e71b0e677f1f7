"""One-time codes by which a new colleague says who he is in the chat. Only a digest of a code is kept."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, Select, String, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.accounts import within
from models.base import Base, BigId
from models.listings import PAGE_SIZE, Cursor, Page, Scope, turn_page
from models.staff import Staff


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


@dataclass(frozen=True, slots=True)
class Colleague:
    """A working colleague and when her code ends; None when none lives."""

    staff: Staff
    expires_at: datetime | None


def list_colleagues(session: Session, scope: Scope, words: str, now: datetime, cursor: Cursor) -> Page[Colleague]:
    """Return a page of the colleagues whose buildings all lie in the scope, suppliers too, newest first."""
    statement = _select_colleagues(scope, now)
    if words:
        statement = statement.where(
            or_(Staff.name.contains(words, autoescape=True), Staff.phone.endswith(words, autoescape=True))
        )
    page = turn_page(session, statement, Staff.id, cursor, PAGE_SIZE)
    return Page([Colleague(*row) for row in page.rows], page.older, page.newer)


def find_colleague(session: Session, scope: Scope, staff_id: int, now: datetime) -> Colleague | None:
    """Return a working colleague all of whose buildings lie in the scope."""
    found = session.execute(_select_colleagues(scope, now).where(Staff.id == staff_id)).one_or_none()
    return Colleague(found[0], found[1]) if found else None


def _select_colleagues(scope: Scope, now: datetime) -> Select[Staff, datetime | None]:
    living = (StaffCode.staff_id == Staff.id, StaffCode.ended_at.is_(None), StaffCode.expires_at > now)
    ends = select(func.max(StaffCode.expires_at)).where(*living).correlate(Staff).scalar_subquery()
    return select(Staff, ends).where(Staff.is_active.is_(True), within(scope))


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

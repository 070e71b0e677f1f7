"""Who changed or saw what: append only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, BigId


class AuditEntry(Base):
    """One staff or system action on personal data, without the data itself."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    by: Mapped[str] = mapped_column(String(80))
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(120))
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)


def add_audit(session: Session, at: datetime, by: str, action: str, subject: str, **detail: Any) -> None:
    """Append an entry in the caller's transaction (D18)."""
    session.add(AuditEntry(at=at, by=by, action=action, subject=subject, detail=detail))

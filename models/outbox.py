"""Messages that must leave: rows first, wake-ups second. Claimed by lease, so a crash loses none."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId


class SendStatus(StrEnum):
    """States of outbox rows and deliveries: a crash between call and record ends in `unknown`, never in silence."""

    PLANNED = "planned"
    LEASED = "leased"
    SENT = "sent"
    UNKNOWN = "unknown"
    DELIVERED = "delivered"
    FAILED = "failed"
    SKIPPED = "skipped"


class OutboxMessage(Base):
    """One message to one openid outside a passive reply. `dedupe` is unique for whatever may be asked for twice."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_status_due_at", "status", "due_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    openid: Mapped[str] = mapped_column(String(64), index=True)
    kind: Mapped[str] = mapped_column(String(20), default="text")  # text | image
    body: Mapped[dict[str, Any]]
    template: Mapped[str | None] = mapped_column(String(20))  # name of the template to use outside the window
    dedupe: Mapped[str | None] = mapped_column(String(120), unique=True)
    status: Mapped[str] = mapped_column(String(12), default=SendStatus.PLANNED.value)
    reason: Mapped[str | None] = mapped_column(String(60))
    channel: Mapped[str | None] = mapped_column(String(12))
    attempts: Mapped[int] = mapped_column(default=0)
    fence: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(index=True)
    sent_at: Mapped[datetime | None]
    message_id: Mapped[str | None] = mapped_column(String(64), index=True)


class EarlyReport(Base):
    """A report on a template message whose row was not settled yet when it came."""

    __tablename__ = "early_report"

    message_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    outcome: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime]

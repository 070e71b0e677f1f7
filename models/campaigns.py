"""Pushes: a campaign freezes its audience into one delivery row per owner."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId
from models.outbox import SendStatus


class CampaignStatus(StrEnum):
    """Scheduled until its time, running until every delivery has an end."""

    SCHEDULED = "scheduled"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"


class Campaign(Base):
    """One push. `audience` is the expression as written; counters follow the deliveries batch by batch."""

    __tablename__ = "campaign"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    audience: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    topic: Mapped[str] = mapped_column(String(40), default="")
    kind: Mapped[str] = mapped_column(String(12), default="marketing")  # the class: marketing | notice | service
    is_targeted: Mapped[bool] = mapped_column(default=False)  # by what is known of people, not only by where they live (D09)
    status: Mapped[str] = mapped_column(String(12), default=CampaignStatus.RUNNING.value, index=True)
    rule: Mapped[str | None] = mapped_column(String(80))
    run_id: Mapped[int | None] = mapped_column(ForeignKey("schedule_run.id"), unique=True)
    due_at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(80))
    matched: Mapped[int] = mapped_column(default=0)
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime]


class Delivery(Base):
    """One owner of one campaign; unique, so nobody hears the same push twice."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("campaign_id", "owner_id"),
        Index("ix_delivery_status_due_at", "status", "due_at"),
        Index("ix_delivery_due_at", "due_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    owner_id: Mapped[int] = mapped_column(ForeignKey("owner.id"), index=True)
    openid: Mapped[str | None] = mapped_column(String(64))
    channel: Mapped[str | None] = mapped_column(String(12))
    status: Mapped[str] = mapped_column(String(12), default=SendStatus.PLANNED.value)
    reason: Mapped[str | None] = mapped_column(String(60))
    attempts: Mapped[int] = mapped_column(default=0)
    fence: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    message_id: Mapped[str | None] = mapped_column(String(64), index=True)

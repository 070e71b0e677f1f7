"""The truth of the clock: a schedule's rule and the instants it has fired for."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId


class Schedule(Base):
    """One rule: `cron` in `timezone`; `misfire` is what a late instant is worth: run_once, run_all, skip:<minutes>."""

    __tablename__ = "schedule"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str] = mapped_column(String(80), unique=True)
    cron: Mapped[str] = mapped_column(String(80))
    timezone: Mapped[str] = mapped_column(String(40))
    misfire: Mapped[str] = mapped_column(String(20), default="run_once")
    is_enabled: Mapped[bool] = mapped_column(default=True)
    last_due_at: Mapped[datetime]


class ScheduleRun(Base):
    """One instant of one schedule; unique, so any number of processes fire it once."""

    __tablename__ = "schedule_run"
    __table_args__ = (UniqueConstraint("schedule_id", "due_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    schedule_id: Mapped[int] = mapped_column(ForeignKey("schedule.id"))
    due_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(String(12), default="planned", index=True)
    at: Mapped[datetime]

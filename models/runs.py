"""Runs of scripts that somebody counts: surveys, and whatever may be done once or so many times."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId


class ScriptRun(Base):
    """One run. `result` null: it holds a place of the script's quota and has not ended; else how it ended."""

    __tablename__ = "script_run"
    __table_args__ = (
        Index("ix_script_run_script_openid", "script", "openid"),
        Index("ix_script_run_script_building_id", "script", "building_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    openid: Mapped[str] = mapped_column(String(64))
    owner_id: Mapped[int | None] = mapped_column(index=True)
    building_id: Mapped[int | None]
    script: Mapped[str] = mapped_column(String(80))
    revision: Mapped[str] = mapped_column(String(64))
    result: Mapped[str | None] = mapped_column(String(40))
    started_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]

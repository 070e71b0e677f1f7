"""What owners ask for: orders, complaints, feedback, with every change as an event row and the pictures that belong."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId
from models.database import insert_for


class CaseStatus(StrEnum):
    """Where an order or complaint stands. Only the owner makes `done` into `confirmed` (R133)."""

    BOOKED = "booked"
    ACCEPTED = "accepted"
    DONE = "done"
    CONFIRMED = "confirmed"
    REOPENED = "reopened"
    CANCELLED = "cancelled"


class _Case:
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    no: Mapped[str] = mapped_column(String(20), unique=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("owner.id"), index=True)
    openid: Mapped[str | None] = mapped_column(String(64), index=True)
    community_id: Mapped[int | None] = mapped_column(ForeignKey("community.id"), index=True)
    building_id: Mapped[int | None] = mapped_column(ForeignKey("building.id"), index=True)
    room_label: Mapped[str] = mapped_column(String(120), default="")
    status: Mapped[str] = mapped_column(String(12), default=CaseStatus.BOOKED.value, index=True)
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    slots: Mapped[dict[str, Any]] = mapped_column(default=dict)  # step id -> {value, label}
    rating: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(index=True)
    updated_at: Mapped[datetime]


class Order(_Case, Base):
    """A booked service; `service` is a catalogue code, money is fen."""

    __tablename__ = "order"

    service: Mapped[str] = mapped_column(String(60), index=True)
    is_urgent: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(Text, default="")
    amount_fen: Mapped[int | None]


class Complaint(_Case, Base):
    """A complaint; anonymous ones keep neither owner nor openid (R178)."""

    __tablename__ = "complaint"

    category: Mapped[str] = mapped_column(String(40), index=True)
    text: Mapped[str] = mapped_column(Text)


class Feedback(_Case, Base):
    """A suggestion or praise."""

    __tablename__ = "feedback"

    kind: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text)


class CaseEvent(Base):
    """One change of an order, complaint or task: what, when, by whom."""

    __tablename__ = "case_event"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("order.id"), index=True)
    complaint_id: Mapped[int | None] = mapped_column(ForeignKey("complaint.id"), index=True)
    task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id"), index=True)
    event: Mapped[str] = mapped_column(String(40))
    by: Mapped[str] = mapped_column(String(80))
    note: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime]


class Attachment(Base):
    """A picture, voice or video of a case. The platform drops media after three days, so `path` is fetched soon."""

    __tablename__ = "attachment"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("order.id"), index=True)
    complaint_id: Mapped[int | None] = mapped_column(ForeignKey("complaint.id"), index=True)
    openid: Mapped[str] = mapped_column(String(64), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    media_id: Mapped[str] = mapped_column(String(200))
    url: Mapped[str] = mapped_column(String(1024), default="")
    path: Mapped[str | None] = mapped_column(String(200))
    content_type: Mapped[str | None] = mapped_column(String(80))
    status: Mapped[str] = mapped_column(String(12), default="planned", index=True)  # planned | kept | lost
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    created_at: Mapped[datetime]


class NumberSeries(Base):
    """The last number given out per letter and day."""

    __tablename__ = "number_series"

    letter: Mapped[str] = mapped_column(String(4), primary_key=True)
    day: Mapped[str] = mapped_column(String(6), primary_key=True)
    last: Mapped[int]


def take_number(connection: Connection, letter: str, day: str) -> str:
    """Return the next NO of a letter and day (yymmdd), like D2611210001; never the same twice, in any process."""
    statement = insert_for(connection, NumberSeries).values(letter=letter, day=day, last=1)
    statement = statement.on_conflict_do_update(
        index_elements=["letter", "day"], set_={"last": NumberSeries.__table__.c.last + 1}
    ).returning(NumberSeries.__table__.c.last)
    return f"{letter}{day}{connection.execute(statement).scalar_one():04d}"

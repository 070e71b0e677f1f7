"""Tasks of staff: what must be done, by whom, until when."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, BigId
from models.cases import Complaint, Order
from models.staff import Staff


class TaskKind(StrEnum):
    """Where a task comes from."""

    ORDER = "order"
    COMPLAINT = "complaint"
    FEEDBACK = "feedback"
    HANDOVER = "handover"
    CALL = "call"
    VERIFY = "verify"
    VISIT = "visit"  # come to the door
    CODING = "coding"  # put a visit's records in order
    AUDIT = "audit"  # what the law wants looked at once a year (D08)


class TaskStatus(StrEnum):
    """Open until somebody takes it; cancelled when its case was."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DONE = "done"
    CANCELLED = "cancelled"


LIVING = (TaskStatus.OPEN.value, TaskStatus.ACCEPTED.value)


class Task(Base):
    """One piece of work. `assignee_id` is null while nobody is in scope; supervisors then see it."""

    __tablename__ = "task"
    __table_args__ = (
        Index("ix_task_assignee_id_status", "assignee_id", "status"),
        Index("ix_task_status_kind", "status", "kind"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    no: Mapped[str] = mapped_column(String(20), unique=True)
    kind: Mapped[str] = mapped_column(String(12))
    status: Mapped[str] = mapped_column(String(12), default=TaskStatus.OPEN.value)
    service: Mapped[str | None] = mapped_column(String(60))
    summary: Mapped[str] = mapped_column(Text, default="")
    is_urgent: Mapped[bool] = mapped_column(default=False)
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("order.id"), index=True)
    complaint_id: Mapped[int | None] = mapped_column(ForeignKey("complaint.id"), index=True)
    campaign_id: Mapped[int | None]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("owner.id"))
    openid: Mapped[str | None] = mapped_column(String(64))
    building_id: Mapped[int | None] = mapped_column(ForeignKey("building.id"))
    due_at: Mapped[datetime | None]
    remind_at: Mapped[datetime | None] = mapped_column(index=True)
    reminders: Mapped[int] = mapped_column(default=0)
    accepted_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    assignee: Mapped[Staff | None] = relationship()
    order: Mapped[Order | None] = relationship()
    complaint: Mapped[Complaint | None] = relationship()

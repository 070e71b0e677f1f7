"""Talks that a staff member leads: at the door, on the phone, at the desk, in a group. Who asked, recorded and coded (R83)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, Text, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, BigId


class VisitStatus(StrEnum):
    """Open until its records are put in order; closed when there was nothing to record."""

    OPEN = "open"
    CODED = "coded"
    CLOSED = "closed"


class Visit(Base):
    """One talk. `kind` is a source of answers (R87), `outcome` what became of it: done, postponed, or why nobody was reached.

    `ended_at` is when the last question was answered. `overdue_at` is set once its coding was asked for after the day
    (R85).
    """

    __tablename__ = "visit"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    no: Mapped[str] = mapped_column(String(20), unique=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("owner.id"), index=True)
    room_id: Mapped[int | None] = mapped_column(ForeignKey("room.id"))
    building_id: Mapped[int | None] = mapped_column(ForeignKey("building.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    survey: Mapped[str] = mapped_column(String(80))
    host_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    recorder_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    coder_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    status: Mapped[str] = mapped_column(String(12), default=VisitStatus.OPEN.value, index=True)
    outcome: Mapped[str] = mapped_column(String(20), default="")
    opened_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    coded_at: Mapped[datetime | None]
    overdue_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(Text, default="")

    @property
    def is_one_person(self) -> bool:
        """Tell whether one person asked, recorded and coded, which is flagged (R83)."""
        return self.coder_id is not None and self.host_id == self.recorder_id == self.coder_id


def find_visit(session: Session, no: str) -> Visit | None:
    """Return the visit of a NO or of its last digits; None when there is none or several."""
    wanted = "".join(no.split()).upper()
    if not wanted:
        return None
    fitting = or_(Visit.no == wanted, Visit.no.endswith(wanted, autoescape=True))
    found = session.scalars(select(Visit).where(fitting).order_by(Visit.id.desc()).limit(2)).all()
    exact = [visit for visit in found if visit.no == wanted]
    return exact[0] if exact else found[0] if len(found) == 1 else None


def list_uncoded(session: Session, before: datetime, most: int) -> Sequence[Visit]:
    """Return visits begun before an instant whose records nobody has coded and nobody was asked for yet, oldest first."""
    waiting = (Visit.status == VisitStatus.OPEN.value, Visit.opened_at < before, Visit.overdue_at.is_(None))
    return session.scalars(select(Visit).where(*waiting).order_by(Visit.id).limit(most)).all()

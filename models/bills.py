"""What a home owes the office and has paid, as the books say it. Nothing here takes money."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from models.base import Base, BigId
from models.places import Room


class Bill(Base):
    """One item of one period for one room; `paid_on` null is open. Zero surcharge: an amount is what the books say (R14)."""

    __tablename__ = "bill"
    __table_args__ = (UniqueConstraint("room_id", "item", "period"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("room.id"))
    item: Mapped[str] = mapped_column(String(40))
    period: Mapped[str] = mapped_column(String(20))
    amount_fen: Mapped[int]
    due_on: Mapped[date | None]
    paid_on: Mapped[date | None]

    room: Mapped[Room] = relationship(lazy="joined")


def list_bills(session: Session, room_ids: Sequence[int]) -> Sequence[Bill]:
    """Return all bills of these rooms, the longest due first."""
    statement = select(Bill).where(Bill.room_id.in_(room_ids)).order_by(Bill.due_on, Bill.period, Bill.id)
    return session.scalars(statement).unique().all()

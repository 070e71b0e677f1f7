"""What can be booked (courses, activities, goods, group-buys, loans), and who booked how many. Counted, never a counter."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, func, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, BigId
from models.cases import Order
from models.database import Transaction


class OfferKind(StrEnum):
    """What an offer is; decides what happens at its deadline and who hears of a booking."""

    COURSE = "course"
    ACTIVITY = "activity"
    GOODS = "goods"
    GROUP_BUY = "group_buy"
    LOAN = "loan"


class OfferStatus(StrEnum):
    """Open until staff close it; a group-buy is confirmed or cancelled at its deadline (R21)."""

    OPEN = "open"
    CLOSED = "closed"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"


class BookingStatus(StrEnum):
    """A waiting one holds no seat; a returned one held a loan (R20, R158)."""

    BOOKED = "booked"
    WAITING = "waiting"
    CANCELLED = "cancelled"
    RETURNED = "returned"


LIVING = (BookingStatus.BOOKED.value, BookingStatus.WAITING.value)


class Offer(Base):
    """One thing that can be booked. `community_id` null is every estate, `stock` null is without limit.

    `service` ties it to one catalogue code where several share a kind, `ages` to one age band (R30).
    """

    __tablename__ = "offer"
    __table_args__ = (Index("ix_offer_kind_status", "kind", "status"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    community_id: Mapped[int | None] = mapped_column(ForeignKey("community.id"))
    kind: Mapped[str] = mapped_column(String(12))
    service: Mapped[str] = mapped_column(String(60), default="")
    ages: Mapped[str] = mapped_column(String(12), default="")
    title: Mapped[str] = mapped_column(String(60))
    note: Mapped[str] = mapped_column(Text, default="")
    price_fen: Mapped[int | None]
    unit: Mapped[str] = mapped_column(String(12), default="")
    stock: Mapped[int | None]
    min_count: Mapped[int | None]
    starts_at: Mapped[datetime | None]
    deadline_at: Mapped[datetime | None]
    loan_days: Mapped[int | None]
    status: Mapped[str] = mapped_column(String(12), default=OfferStatus.OPEN.value)
    reminded_at: Mapped[datetime | None]  # when its participants were told that it starts tomorrow
    task_no: Mapped[str | None] = mapped_column(String(20), unique=True)  # the one task of a group-buy that came about


class Booking(Base):
    """One person's part of an offer. `reminders` counts what a borrower was told: eve, day, overdue."""

    __tablename__ = "booking"
    __table_args__ = (Index("ix_booking_offer_id_status", "offer_id", "status"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id"))
    openid: Mapped[str | None] = mapped_column(String(64), index=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("owner.id"))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("order.id"), index=True)
    quantity: Mapped[int] = mapped_column(default=1)
    status: Mapped[str] = mapped_column(String(12), default=BookingStatus.BOOKED.value)
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    reminders: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]

    offer: Mapped[Offer] = relationship()
    order: Mapped[Order | None] = relationship()


class OrderSecret(Base):
    """What only the one who does an order may read, such as a parcel code (R23); gone when the order is over."""

    __tablename__ = "order_secret"

    order_id: Mapped[int] = mapped_column(ForeignKey("order.id"), primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


def lock_offers(tx: Transaction, codes: list[str]) -> dict[str, Offer]:
    """Lock offers for counting, in one order everywhere, and return them by code.

    SQLite's write transaction is the lock itself; PostgreSQL locks the rows, so that of two who want the last seat the
    second counts after the first has committed.
    """
    statement = select(Offer).where(Offer.code.in_(codes)).order_by(Offer.id).execution_options(populate_existing=True)
    found = tx.session.scalars(statement if tx.is_sqlite else statement.with_for_update()).all()
    return {offer.code: offer for offer in found}


def count_taken(tx: Transaction, offer_ids: list[int]) -> dict[int, int]:
    """Return how many seats or pieces are taken, by offer id; ids without any are missing."""
    statement = (
        select(Booking.offer_id, func.sum(Booking.quantity))
        .where(Booking.offer_id.in_(offer_ids), Booking.status == BookingStatus.BOOKED.value)
        .group_by(Booking.offer_id)
    )
    return {offer_id: int(taken) for offer_id, taken in tx.session.execute(statement)}


def find_left(offer: Offer, taken: int) -> int | None:
    """Return how many are left, None without a limit; never below zero."""
    return None if offer.stock is None else max(0, offer.stock - taken)

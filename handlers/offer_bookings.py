"""Seats and pieces: taken, waited for, given back. Every count is made under the offer's lock, so none is given twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from sqlalchemy import func, or_, select

from dialogs import effects
from dialogs.inputs import Refused
from handlers import cases, notices, order_tasks
from handlers.desk import Desk
from models.cases import Order
from models.offers import LIVING, Booking, BookingStatus, Offer, OfferKind, OfferStatus, count_taken, find_left, lock_offers
from models.owners import Owner

MOST_PIECES = 99
ONE_EACH = (OfferKind.COURSE, OfferKind.ACTIVITY, OfferKind.GROUP_BUY, OfferKind.LOAN)
LATEST_START_DAYS = 7  # a loan may be asked for so many days ahead
BACK_BY, EVENING, MORNING = time(20), time(18), time(9)
EVE, DAY, OVERDUE = 1, 2, 3  # what a borrower has been told


@dataclass(frozen=True, slots=True)
class Line:
    """One offer, how many of it, and whether that is a seat or a place on the waiting list (`place` from 1)."""

    offer: Offer
    quantity: int
    place: int = 0


def reserve(desk: Desk, effect: effects.BookOrder) -> list[Line] | Refused:
    """Lock the offers an order asks for and say what it gets; nothing is written yet."""
    wanted = _read_wanted(effect)
    if not wanted:
        return []
    offers = lock_offers(desk.tx, sorted(wanted))
    taken = count_taken(desk.tx, [offer.id for offer in offers.values()])
    lines = []
    for code, quantity in wanted.items():
        line = _take(desk, offers.get(code), quantity, taken, may_wait=effect.waiting)
        if isinstance(line, Refused):
            return line
        lines.append(line)
    return lines


def _read_wanted(effect: effects.BookOrder) -> dict[str, int]:
    pairs = [(str(item.get("offer", "")), item.get("quantity")) for item in effect.items]
    pairs += [(effect.offer, effect.quantity)] if effect.offer else []
    wanted: dict[str, int] = {}
    for code, quantity in pairs:
        number = int(quantity) if isinstance(quantity, int | float) else 1
        wanted[code] = min(max(number, 1) + wanted.get(code, 0), MOST_PIECES)
    return wanted


def _take(desk: Desk, offer: Offer | None, quantity: int, taken: dict[int, int], *, may_wait: bool) -> Line | Refused:
    if offer is None or offer.community_id not in (None, desk.person.community_id):
        return Refused("unknown")
    values: dict[str, Any] = {"title": offer.title, "offer": offer.code}
    if is_closed(offer, desk.now):
        return Refused("closed", values)
    if offer.kind in ONE_EACH and (no := _find_own(desk, offer)) is not None:
        return Refused("already", values | {"no": no})
    left = find_left(offer, taken.get(offer.id, 0))
    if left is None or quantity <= left:
        return Line(offer, quantity)
    if not may_wait:
        return Refused("full", values | {"left": left, "unit": offer.unit})
    return Line(offer, quantity, _count_waiting(desk, offer) + 1)


def is_closed(offer: Offer, now: datetime) -> bool:
    """Tell whether an offer takes nobody any more: closed by staff, past its deadline or, without one, begun."""
    until = offer.deadline_at or offer.starts_at
    return offer.status != OfferStatus.OPEN.value or (until is not None and until <= now)


def _find_own(desk: Desk, offer: Offer) -> str | None:
    mine = or_(Booking.openid == desk.openid, Booking.owner_id == (desk.person.owner_id or -1))
    statement = select(Order.no).join(Booking, Booking.order_id == Order.id)
    return desk.session.scalar(statement.where(Booking.offer_id == offer.id, mine, Booking.status.in_(LIVING)).limit(1))


def _count_waiting(desk: Desk, offer: Offer) -> int:
    statement = select(func.count()).where(Booking.offer_id == offer.id, Booking.status == BookingStatus.WAITING.value)
    return desk.session.scalar(statement) or 0


def add_bookings(desk: Desk, order: Order, lines: Sequence[Line], due_on: str) -> datetime | None:
    """Write an order's bookings and its sum; returns when a loan is due."""
    due_at = None
    for line in lines:
        due_at = _find_due(desk, line.offer, due_on)
        status = BookingStatus.WAITING if line.place else BookingStatus.BOOKED
        desk.session.add(
            Booking(
                offer_id=line.offer.id,
                openid=desk.openid,
                owner_id=order.owner_id,
                order_id=order.id,
                quantity=line.quantity,
                status=status.value,
                due_at=due_at,
                reminders=min(find_stage(due_at, desk.now, desk.runtime.options.zone), DAY) if due_at else 0,
                created_at=desk.now,
            )
        )
    prices = [line.offer.price_fen for line in lines]
    if prices and None not in prices:
        order.amount_fen = sum((line.offer.price_fen or 0) * line.quantity for line in lines)
    return due_at


def _find_due(desk: Desk, offer: Offer, due_on: str) -> datetime | None:
    """Return the evening a loan comes back: the day she named where the rules allow it, else today and its days."""
    if offer.kind != OfferKind.LOAN:
        return None
    today, days = desk.runtime.local(desk.now).date(), offer.loan_days or 1
    latest = today + timedelta(days=days + LATEST_START_DAYS)
    try:
        named = date.fromisoformat(due_on)
    except ValueError:
        named = today + timedelta(days=days)
    day = named if today <= named <= latest else today + timedelta(days=days)
    return datetime.combine(day, BACK_BY, desk.runtime.options.zone).astimezone(desk.now.tzinfo)


def find_stage(due_at: datetime, now: datetime, zone: tzinfo) -> int:
    """Return how far a loan has come: 0, EVE (from 18:00 the day before), DAY (from 9:00), OVERDUE (R158)."""
    day = due_at.astimezone(zone).date()
    if now > due_at:
        return OVERDUE
    if now >= datetime.combine(day, MORNING, zone):
        return DAY
    return EVE if now >= datetime.combine(day - timedelta(days=1), EVENING, zone) else 0


def has_task(lines: Sequence[Line]) -> bool:
    """Tell whether an order is work now: not while it waits, and a group-buy becomes one task at its deadline (R21)."""
    return not any(line.place or line.offer.kind == OfferKind.GROUP_BUY for line in lines)


def release(desk: Desk, order: Order) -> None:
    """Give back what a cancelled order held; the first who waits and fits moves up, all in one transaction."""
    statement = select(Booking).where(Booking.order_id == order.id, Booking.status.in_(LIVING)).order_by(Booking.offer_id)
    bookings = desk.session.scalars(statement).all()
    if not bookings:
        return
    offers = lock_offers(desk.tx, sorted(booking.offer.code for booking in bookings))
    for booking in bookings:
        booking.status = BookingStatus.CANCELLED.value
    desk.session.flush()
    for offer in offers.values():
        promote(desk, offer)


def promote(desk: Desk, offer: Offer) -> None:
    """Give free seats of an offer to those who wait, oldest first, and tell them (R20)."""
    lock_offers(desk.tx, [offer.code])
    if is_closed(offer, desk.now) and offer.kind != OfferKind.LOAN:
        return
    desk.session.flush()
    left = find_left(offer, count_taken(desk.tx, [offer.id]).get(offer.id, 0))
    waiting = select(Booking).where(Booking.offer_id == offer.id, Booking.status == BookingStatus.WAITING.value)
    for booking in desk.session.scalars(waiting.order_by(Booking.id)).all():
        if left is not None and booking.quantity > left:
            continue
        left = None if left is None else left - booking.quantity
        booking.status = BookingStatus.BOOKED.value
        if offer.kind == OfferKind.LOAN:
            booking.due_at = _find_due(desk, offer, "")  # its days begin now
        _tell_moved_up(desk, booking, offer)


def _tell_moved_up(desk: Desk, booking: Booking, offer: Offer) -> None:
    order = booking.order
    no = order.no if order else ""
    text = desk.say("offer.moved_up", title=offer.title, no=no)
    fields = {"no": no, "summary": offer.title, "status": text}
    notices.notify(desk.runtime, desk.tx, booking.openid, text, template="notice", fields=fields)
    if order is None:
        return
    cases.record(desk, "moved_up", order=order, by="system")
    if offer.kind == OfferKind.GROUP_BUY:
        return
    owner = desk.session.get(Owner, order.owner_id) if order.owner_id else None
    who = {"owner": owner.name if owner else "", "phone_tail": (owner.phone or "")[-4:] if owner else ""}
    summary = desk.say("offer.part", title=offer.title, quantity=booking.quantity, unit=offer.unit, note=order.note)
    order_tasks.give(desk, order, summary, who)

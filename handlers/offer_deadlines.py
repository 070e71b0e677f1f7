"""What the clock does with offers: a group-buy's deadline, a course that starts tomorrow, a loan that is due. Each once.

Rows are locked and marked in the transaction that writes the messages, so any number of clocks tell everybody once.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import TypeVar

from sqlalchemy import Select, select

from handlers import cases, notices, tasks
from handlers.assignment import find_assignee
from handlers.desk import Desk, Person
from handlers.offer_bookings import EVE, OVERDUE, find_stage
from handlers.offers import render_time
from handlers.runtime import Runtime
from models.cases import CaseStatus, take_number
from models.offers import LIVING, Booking, BookingStatus, Offer, OfferKind, OfferStatus
from models.owners import Owner
from models.staff import Staff
from models.tasks import Task, TaskKind

RowT = TypeVar("RowT", Offer, Booking)
BATCH = 50
ROUND_SERVICE, LOAN_DUTY = "delivery.group_buying", "base.spare_parts"
REMINDED_AT = time(10)
LINES_A_MESSAGE = 25  # of a round's list of doors


def settle_due(runtime: Runtime) -> int:
    """Do everything about offers whose time has come and return how many things were done."""
    with runtime.transaction() as tx:
        desk = Desk(runtime=runtime, tx=tx, openid="", now=runtime.now(), person=Person())
        return _settle_rounds(desk) + _remind_participants(desk) + _remind_borrowers(desk)


def _settle_rounds(desk: Desk) -> int:
    statement = (
        select(Offer)
        .where(
            Offer.kind == OfferKind.GROUP_BUY.value,
            Offer.status == OfferStatus.OPEN.value,
            Offer.deadline_at <= desk.now,
        )
        .order_by(Offer.id)
        .limit(BATCH)
    )
    rounds = desk.session.scalars(_lock(desk, statement)).all()
    for offer in rounds:
        bookings = _list_bookings(desk, offer)
        count = sum(booking.quantity for booking in bookings if booking.status == BookingStatus.BOOKED.value)
        if count >= max(offer.min_count or 0, 1):
            _confirm(desk, offer, bookings)
        else:
            _cancel(desk, offer, bookings)
    return len(rounds)


def _lock(desk: Desk, statement: Select[RowT]) -> Select[RowT]:
    return statement if desk.tx.is_sqlite else statement.with_for_update(skip_locked=True)


def _list_bookings(desk: Desk, offer: Offer) -> Sequence[Booking]:
    statement = select(Booking).where(Booking.offer_id == offer.id, Booking.status.in_(LIVING)).order_by(Booking.id)
    return desk.session.scalars(statement).all()


def _confirm(desk: Desk, offer: Offer, bookings: Sequence[Booking]) -> None:
    """The round comes about: one task with the list for whoever delivers, and a word to everybody (R21)."""
    offer.status = OfferStatus.CONFIRMED.value
    sure = [booking for booking in bookings if booking.status == BookingStatus.BOOKED.value]
    lost = [booking for booking in bookings if booking.status == BookingStatus.WAITING.value]
    assignee_id = _give_round(desk, offer, sure)
    for booking in sure:
        if booking.order is not None:
            booking.order.status, booking.order.updated_at = CaseStatus.ACCEPTED.value, desk.now
            booking.order.assignee_id = assignee_id
            cases.record(desk, "round_confirmed", order=booking.order, note=offer.code, by="system")
        _tell(desk, booking, "offer.round_confirmed", offer)
    for booking in lost:
        _drop(desk, booking, "offer.round_full", offer)


def _cancel(desk: Desk, offer: Offer, bookings: Sequence[Booking]) -> None:
    offer.status = OfferStatus.CANCELLED.value
    for booking in bookings:
        _drop(desk, booking, "offer.round_cancelled", offer)


def _drop(desk: Desk, booking: Booking, phrase: str, offer: Offer) -> None:
    booking.status = BookingStatus.CANCELLED.value
    if booking.order is not None:
        booking.order.status, booking.order.updated_at = CaseStatus.CANCELLED.value, desk.now
        cases.record(desk, "round_cancelled", order=booking.order, note=offer.code, by="system")
    _tell(desk, booking, phrase, offer)


def _tell(desk: Desk, booking: Booking, phrase: str, offer: Offer) -> None:
    no = booking.order.no if booking.order else ""
    starts = render_time(desk.runtime, offer.starts_at)
    due = render_time(desk.runtime, booking.due_at)
    values = {"title": offer.title, "no": no, "starts": starts, "due": due, "quantity": booking.quantity, "unit": offer.unit}
    text = desk.say(phrase, **values, min_count=offer.min_count, note=offer.note)
    fields = {"no": no, "summary": offer.title, "status": text}
    notices.notify(
        desk.runtime, desk.tx, booking.openid, text, template="notice", fields=fields, dedupe=f"{phrase}:{booking.id}"
    )


def _give_round(desk: Desk, offer: Offer, bookings: Sequence[Booking]) -> int | None:
    """Give the round to the delivery's person on duty: one task, one line a door, in the order of buildings.

    A long list follows in messages of its own, because one message and a reminder of the task must stay short.
    """
    bookings = sorted(bookings, key=_find_door)
    lines = [_render_door(desk, offer, booking) for booking in bookings]
    buildings = Counter(booking.order.building_id for booking in bookings if booking.order and booking.order.building_id)
    offer.task_no = take_number(desk.tx.connection, "D", desk.runtime.day(desk.now))
    values = {"title": offer.title, "doors": len(bookings), "total": sum(booking.quantity for booking in bookings)}
    head = desk.say("offer.round", unit=offer.unit, **values)
    is_long = len(lines) > LINES_A_MESSAGE
    task = Task(
        no=offer.task_no,
        kind=TaskKind.ORDER.value,
        service=offer.service or ROUND_SERVICE,
        summary=head if is_long else "\n".join((head, *lines)),
        building_id=buildings.most_common(1)[0][0] if buildings else None,
    )
    staff = tasks.give_task(
        desk, task, offer.service or ROUND_SERVICE, desk.say("task.round", no=task.no, summary=task.summary)
    )
    for at in range(0, len(lines), LINES_A_MESSAGE) if is_long and staff else ():
        text = "\n".join((f"{task.no} {offer.title}", *lines[at : at + LINES_A_MESSAGE]))
        notices.notify(desk.runtime, desk.tx, staff.openid if staff else None, text, dedupe=f"round:{offer.id}:{at}")
    return task.assignee_id


def _find_door(booking: Booking) -> str:
    """Return what doors are sorted by: digits padded, so that 2栋 comes before 10栋."""
    return re.sub(r"\d+", lambda found: found.group().zfill(6), booking.order.room_label if booking.order else "")


def _render_door(desk: Desk, offer: Offer, booking: Booking) -> str:
    order = booking.order
    owner = desk.session.get(Owner, booking.owner_id) if booking.owner_id else None
    how = (order.slots or {}).get("how") if order else None
    return desk.say(
        "offer.door",
        room=order.room_label if order else "",
        owner=owner.name if owner else "",
        quantity=booking.quantity,
        unit=offer.unit,
        how=how.get("label", "") if isinstance(how, dict) else "",
    )


def _remind_participants(desk: Desk) -> int:
    """Remind once, the day before, of a course or activity (R20, R43)."""
    today = desk.runtime.local(desk.now).date()
    statement = (
        select(Offer)
        .where(
            Offer.kind.in_((OfferKind.COURSE.value, OfferKind.ACTIVITY.value)),
            Offer.status != OfferStatus.CANCELLED.value,
            Offer.reminded_at.is_(None),
            Offer.starts_at > desk.now,
            Offer.starts_at < desk.now + timedelta(days=2),
        )
        .order_by(Offer.id)
        .limit(BATCH)
    )
    told = 0
    for offer in desk.session.scalars(_lock(desk, statement)).all():
        starts_at = offer.starts_at
        if starts_at is None or desk.now < _at(desk, desk.runtime.local(starts_at).date() - timedelta(days=1), REMINDED_AT):
            continue
        offer.reminded_at = desk.now
        phrase = "offer.today" if desk.runtime.local(starts_at).date() == today else "offer.tomorrow"
        for booking in _list_bookings(desk, offer):
            if booking.status == BookingStatus.BOOKED.value:
                _tell(desk, booking, phrase, offer)
                told += 1
    return told


def _at(desk: Desk, day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, desk.runtime.options.zone)


def _remind_borrowers(desk: Desk) -> int:
    """Remind of loans the evening before and on the day; once overdue, the butler hears of it, once (R158)."""
    statement = (
        select(Booking)
        .where(
            Booking.status == BookingStatus.BOOKED.value,
            Booking.due_at < desk.now + timedelta(days=2),
            Booking.reminders < OVERDUE,
        )
        .order_by(Booking.id)
        .limit(BATCH)
    )
    told, zone = 0, desk.runtime.options.zone
    for booking in desk.session.scalars(_lock(desk, statement)).all():
        stage = find_stage(booking.due_at, desk.now, zone) if booking.due_at else 0
        if stage <= booking.reminders:
            continue
        booking.reminders = stage
        told += 1
        if stage == OVERDUE:
            _tell_overdue(desk, booking)
        else:
            _tell(desk, booking, "loan.eve" if stage == EVE else "loan.day", booking.offer)
    return told


def _tell_overdue(desk: Desk, booking: Booking) -> None:
    order = booking.order
    duty = desk.runtime.content.duty(order.service if order else LOAN_DUTY)
    staff = desk.session.get(Staff, order.assignee_id) if order and order.assignee_id else None
    staff = staff or find_assignee(desk.session, duty.roles, order.building_id if order else None)
    owner = desk.session.get(Owner, booking.owner_id) if booking.owner_id else None
    no, room = (order.no, order.room_label) if order else ("", "")
    due = render_time(desk.runtime, booking.due_at)
    text = desk.say("loan.overdue", no=no, room=room, owner=owner.name if owner else "", title=booking.offer.title, due=due)
    if order is not None:
        cases.record(desk, "overdue", order=order, note=staff.name if staff else "", by="system")
    if staff is not None:
        fields = {"no": no, "summary": text}
        key = f"loan.overdue:{booking.id}"
        notices.notify(desk.runtime, desk.tx, staff.openid, text, template="task", fields=fields, dedupe=key)

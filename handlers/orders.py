"""Orders: booked by a conversation, with their part of an offer where they have one; cancelled by the owner."""

from __future__ import annotations

from sqlalchemy import select

from dialogs import effects
from dialogs.inputs import Ran, Refused
from dialogs.state import Answer
from handlers import cases, estate_services, offer_bookings, offer_ends, offers, order_tasks, tasks
from handlers.desk import Desk
from models.cases import CaseStatus, Order
from models.offers import OrderSecret
from models.tasks import LIVING, Task, TaskStatus

ACTIVITY = "activity"  # no service of the catalogue; only what is on offer can be booked
CANCELLABLE = (CaseStatus.BOOKED.value, CaseStatus.ACCEPTED.value, CaseStatus.REOPENED.value)


def book_order(desk: Desk, effect: effects.BookOrder) -> Ran | Refused:
    """Book an order with its part of an offer, give it to the person on duty and keep its pictures (R20, R21, R26).

    All in the caller's transaction. Refused reasons: not_offered, and those of an offer: full, closed, already, unknown.
    """
    if not _is_bookable(desk, effect):
        return Refused("not_offered")
    lines = offer_bookings.reserve(desk, effect)
    if isinstance(lines, Refused):
        return lines
    order = _add_order(desk, effect)
    due_at = offer_bookings.add_bookings(desk, order, lines, effect.due_on)
    cases.record(desk, "booked", order=order)
    cases.keep_answers(desk, effect.answers, order_id=order.id)
    assignee = _give_task(desk, order, effect) if offer_bookings.has_task(lines) else ""
    return Ran(
        {
            "no": order.no,
            "service": desk.runtime.content.label(effect.service),
            "assignee": assignee,
            "title": "、".join(line.offer.title for line in lines),
            "place": max((line.place for line in lines), default=0),
            "total": offers.render_yuan(order.amount_fen),
            "due": offers.render_time(desk.runtime, due_at),
        }
    )


def _is_bookable(desk: Desk, effect: effects.BookOrder) -> bool:
    service = desk.runtime.content.services.get(effect.service)
    return estate_services.is_bookable(desk, service) if service else effect.service == ACTIVITY and bool(effect.offer)


def _give_task(desk: Desk, order: Order, effect: effects.BookOrder) -> str:
    summary = "；".join(filter(None, (cases.summarise(desk, effect.answers), effect.note)))
    who = {"owner": desk.person.name, "phone_tail": desk.person.phone[-4:]}
    return order_tasks.give(desk, order, summary, who, _find_when(effect))


def _add_order(desk: Desk, effect: effects.BookOrder) -> Order:
    answers = {step: _veil(answer, effect.secret) for step, answer in effect.answers.items()}
    columns = cases.open_case(desk, "D", answers)
    order = Order(service=effect.service, is_urgent=effect.urgent, note=effect.note, **columns)
    desk.session.add(order)
    desk.session.flush()
    if effect.secret:
        desk.session.add(OrderSecret(order_id=order.id, text=effect.secret, created_at=desk.now))
    return order


def _veil(answer: Answer, secret: str) -> Answer:
    """Keep the secret of an order out of its file; the one who does the order gets it when he takes it (R23)."""
    return Answer(answer.label, answer.label) if secret and answer.value == secret else answer


def _find_when(effect: effects.BookOrder) -> str:
    moments = (answer for answer in effect.answers.values() if isinstance(answer.value, dict) and "on" in answer.value)
    return next((answer.label for answer in moments), "")


def list_cancellable(desk: Desk, effect: effects.ListCancellable) -> Ran | Refused:
    """List the person's orders that can still be cancelled, newest first."""
    found = desk.session.scalars(
        select(Order).where(Order.openid == desk.openid, Order.status.in_(CANCELLABLE)).order_by(Order.id.desc()).limit(9)
    ).all()
    label = desk.runtime.content.label
    lines = [desk.say("cancel.item", no=order.no, service=label(order.service), title=label(order.service)) for order in found]
    return Ran({"count": len(found), "nos": [order.no for order in found], "text": "\n".join(lines)})


def cancel_order(desk: Desk, effect: effects.CancelOrder) -> Ran | Refused:
    """Cancel an order that nobody has finished: its task goes away, its holder is told, its seat is free for who waits."""
    no = "".join(effect.no.split()).upper()
    order = desk.session.scalar(select(Order).where(Order.no == no))
    if order is None:
        return Refused("unknown", {"no": no})
    if order.openid != desk.openid:
        return Refused("not_yours", {"no": no})
    if order.status not in CANCELLABLE:
        return Refused("too_late", {"no": no})
    if offer_ends.is_bought(desk.tx, order):
        return Refused("bought", {"no": no})
    order.status, order.updated_at = CaseStatus.CANCELLED.value, desk.now
    cases.record(desk, "cancelled", order=order)
    offer_bookings.release(desk, order)
    offer_ends.forget_secret(desk.tx, order.id)
    for task in desk.session.scalars(select(Task).where(Task.order_id == order.id, Task.status.in_(LIVING))):
        task.status, task.remind_at = TaskStatus.CANCELLED.value, None
        if task.assignee is not None:
            text = desk.say("order.cancelled_staff", no=no, owner=desk.person.name)
            tasks.tell_staff(desk, task.assignee, task, text)
    return Ran({"no": no, "service": desk.runtime.content.label(order.service)})

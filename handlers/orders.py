"""Orders: booked by a conversation, confirmed or cancelled by the owner. Money and prices come with later work."""

from __future__ import annotations

from sqlalchemy import select

from dialogs import effects
from dialogs.inputs import Ran, Refused
from handlers import cases, tasks
from handlers.desk import Desk
from models.cases import CaseStatus, Order
from models.tasks import LIVING, Task, TaskKind, TaskStatus

URGENT = "urgent"  # the duty of orders that cannot wait
CANCELLABLE = (CaseStatus.BOOKED.value, CaseStatus.ACCEPTED.value, CaseStatus.REOPENED.value)


def book_order(desk: Desk, effect: effects.BookOrder) -> Ran | Refused:
    """Book an order, give it to the person on duty and keep its pictures, all in the caller's transaction (R26)."""
    service = desk.runtime.content.services.get(effect.service)
    if service is None or not service.is_enabled:
        return Refused("not_offered")
    order = _add_order(desk, effect)
    cases.record(desk, "booked", order=order)
    cases.keep_answers(desk, effect.answers, order_id=order.id)
    summary = "；".join(filter(None, (service.label, cases.summarise(desk, effect.answers), effect.note)))
    task = Task(
        no=order.no,
        kind=TaskKind.ORDER.value,
        service=service.code,
        summary=summary,
        is_urgent=effect.urgent,
        order_id=order.id,
        owner_id=order.owner_id,
        openid=order.openid,
        building_id=order.building_id,
    )
    person = desk.person
    text = desk.say(
        "task.new",
        no=order.no,
        service=service.label,
        owner=person.name,
        room=person.room,
        phone_tail=person.phone[-4:],
        summary=summary,
        when=_find_when(effect),
        urgent=effect.urgent,
    )
    assignee = tasks.give_task(desk, task, f"{URGENT}.{service.code}" if effect.urgent else service.code, text)
    order.assignee_id = task.assignee_id
    return Ran({"no": order.no, "service": service.label, "assignee": assignee.name if assignee else ""})


def _add_order(desk: Desk, effect: effects.BookOrder) -> Order:
    columns = cases.open_case(desk, "D", effect.answers)
    order = Order(service=effect.service, is_urgent=effect.urgent, note=effect.note, **columns)
    desk.session.add(order)
    desk.session.flush()
    return order


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
    """Cancel an order that nobody has finished; its task goes away and its holder is told."""
    no = "".join(effect.no.split()).upper()
    order = desk.session.scalar(select(Order).where(Order.no == no))
    if order is None:
        return Refused("unknown", {"no": no})
    if order.openid != desk.openid:
        return Refused("not_yours", {"no": no})
    if order.status not in CANCELLABLE:
        return Refused("too_late", {"no": no})
    order.status, order.updated_at = CaseStatus.CANCELLED.value, desk.now
    cases.record(desk, "cancelled", order=order)
    for task in desk.session.scalars(select(Task).where(Task.order_id == order.id, Task.status.in_(LIVING))):
        task.status, task.remind_at = TaskStatus.CANCELLED.value, None
        if task.assignee is not None:
            text = desk.say("order.cancelled_staff", no=no, owner=desk.person.name)
            tasks.tell_staff(desk, task.assignee, task, text)
    return Ran({"no": no, "service": desk.runtime.content.label(order.service)})

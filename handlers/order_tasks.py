"""An order becomes work: its task in the hands of the person on duty, who is told. Books nothing."""

from __future__ import annotations

from collections.abc import Mapping

from handlers import tasks
from handlers.desk import Desk
from models.cases import Order
from models.tasks import Task, TaskKind

URGENT = "urgent"  # the duty of orders that cannot wait


def give(desk: Desk, order: Order, summary: str, who: Mapping[str, str], when: str = "") -> str:
    """Give an order to the person on duty and return his name, empty when nobody fits.

    `who` is the owner's name and phone tail as he is told them, `when` the appointment.
    """
    service = desk.runtime.content.label(order.service)
    task = Task(
        no=order.no,
        kind=TaskKind.ORDER.value,
        service=order.service,
        summary="；".join(filter(None, (service, summary))),
        is_urgent=order.is_urgent,
        order_id=order.id,
        owner_id=order.owner_id,
        openid=order.openid,
        building_id=order.building_id,
    )
    values = {"no": order.no, "service": service, "room": order.room_label, "summary": task.summary, "when": when, **who}
    text = desk.say("task.new", urgent=order.is_urgent, **values)
    assignee = tasks.give_task(desk, task, f"{URGENT}.{order.service}" if order.is_urgent else order.service, text)
    order.assignee_id = task.assignee_id
    return assignee.name if assignee else ""

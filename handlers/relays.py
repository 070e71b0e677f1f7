"""Carries words between an owner and the colleague who answers her, and ends that from his side."""

from __future__ import annotations

from sqlalchemy import update

from handlers import notices
from handlers.desk import Desk
from handlers.ports import Inbound
from models.conversations import Conversation
from models.staff import Staff
from models.tasks import Task


def close_handover(desk: Desk, task: Task) -> None:
    """End a hand-over from the colleague's side: the owner's bot answers again and she is told."""
    statement = update(Conversation).where(Conversation.handover_task_id == task.id).values(handover_task_id=None)
    if desk.session.execute(statement).rowcount:  # type: ignore[attr-defined]
        notices.notify(desk.runtime, desk.tx, task.openid, desk.say("handover.ended", staff=desk.person.staff_name))


def relay(desk: Desk, inbound: Inbound) -> str:
    """Pass the owner's message on to the colleague and return a short word for her."""
    task = desk.session.get(Task, desk.handover_task_id)
    staff = desk.session.get(Staff, task.assignee_id) if task and task.assignee_id else None
    if task is None or staff is None:
        return desk.say("handover.relayed", staff="")
    text = inbound.text or desk.say("handover.other_kind")
    values = {"no": task.no, "owner": desk.person.name, "room": desk.person.room, "text": text}
    told = desk.say("task.owner_message", **values)
    notices.notify(desk.runtime, desk.tx, staff.openid, told, template="task", fields={"no": task.no, "summary": text})
    if inbound.kind == "image" and inbound.media_id:
        notices.show_picture(desk.runtime, desk.tx, staff.openid, inbound.media_id, f"relay:{inbound.key}"[:120])
    return desk.say("handover.relayed", staff=staff.name)

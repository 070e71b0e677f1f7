"""From the bot to a person and back: the owner's words reach a colleague's chat and his answers reach hers."""

from __future__ import annotations

from sqlalchemy import select, update

from dialogs import effects
from dialogs.inputs import Ran, Refused
from handlers import notices, tasks
from handlers.desk import Desk
from handlers.ports import Inbound
from models.cases import take_number
from models.conversations import Conversation
from models.staff import Staff
from models.tasks import LIVING, Task, TaskKind, TaskStatus


def hand_over(desk: Desk, effect: effects.HandOver) -> Ran | Refused:
    """Give the conversation to a person on duty; asking twice finds the same one."""
    running = _find_running(desk)
    if running is not None:
        return Ran({"no": running.no, "assignee": running.assignee.name if running.assignee else ""})
    person = desk.person
    task = Task(
        no=take_number(desk.tx.connection, "H", desk.runtime.day(desk.now)),
        kind=TaskKind.HANDOVER.value,
        summary=effect.reason,
        owner_id=person.owner_id,
        openid=desk.openid,
        building_id=person.building_id,
    )
    text = desk.say("task.new_handover", no=task.no, owner=person.name, room=person.room, reason=effect.reason)
    assignee = tasks.give_task(desk, task, "handover", text)
    desk.handover_task_id = task.id
    return Ran({"no": task.no, "assignee": assignee.name if assignee else ""})


def take_back(desk: Desk, effect: effects.TakeBack) -> Ran | Refused:
    """Let the bot answer again; the colleague's task is finished."""
    task = _find_running(desk)
    desk.handover_task_id = None
    if task is not None:
        task.status, task.done_at, task.remind_at = TaskStatus.DONE.value, desk.now, None
    return Ran()


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


def _find_running(desk: Desk) -> Task | None:
    if desk.handover_task_id is None:
        return None
    return desk.session.scalar(select(Task).where(Task.id == desk.handover_task_id, Task.status.in_(LIVING)))

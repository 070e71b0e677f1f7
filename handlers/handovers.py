"""From the bot to a person and back: the owner's words reach a colleague's chat and his answers reach hers."""

from __future__ import annotations

from sqlalchemy import select

from dialogs import effects
from dialogs.inputs import Ran, Refused
from handlers import tasks
from handlers.desk import Desk
from models.cases import take_number
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


def _find_running(desk: Desk) -> Task | None:
    if desk.handover_task_id is None:
        return None
    return desk.session.scalar(select(Task).where(Task.id == desk.handover_task_id, Task.status.in_(LIVING)))

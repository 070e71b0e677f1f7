"""Tasks that nobody took: the holder is reminded once, then the supervisor hears of it. Nothing waits unseen."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from handlers import notices
from handlers.assignment import find_assignee
from handlers.runtime import Runtime
from models.cases import CaseEvent
from models.database import Transaction
from models.staff import Role
from models.tasks import Task, TaskStatus

BATCH = 200
HOLDER_REMINDED, ESCALATED = 1, 2


def send_due(runtime: Runtime) -> int:
    """Remind of open tasks whose time has come; returns how many."""
    now = runtime.now()
    with runtime.transaction() as tx:
        statement = (
            select(Task)
            .where(Task.status == TaskStatus.OPEN.value, Task.remind_at <= now, Task.reminders < ESCALATED)
            .order_by(Task.id)
            .limit(BATCH)
        )
        tasks = tx.session.scalars(statement if tx.is_sqlite else statement.with_for_update(skip_locked=True)).all()
        for task in tasks:
            _remind(runtime, tx, task)
    return len(tasks)


def _remind(runtime: Runtime, tx: Transaction, task: Task) -> None:
    now = runtime.now()
    duty = runtime.content.duty(task.service or task.kind)
    minutes = int((now - task.created_at).total_seconds() // 60)
    task.reminders += 1
    name, staff = "task.reminder", task.assignee
    if task.reminders == HOLDER_REMINDED:
        task.remind_at = now + timedelta(minutes=max(duty.escalate_minutes - duty.remind_minutes, 1))
    if task.reminders >= ESCALATED or staff is None:
        name, task.reminders, task.remind_at = "task.escalated", ESCALATED, None
        staff = find_assignee(tx.session, (Role.SUPERVISOR.value, Role.OPERATIONS.value), task.building_id)
    if staff is None:
        return
    holder = task.assignee.name if task.assignee else ""
    text = runtime.say(name, no=task.no, summary=task.summary, minutes=minutes, assignee=holder)
    fields = {"no": task.no, "summary": task.summary, "at": f"{runtime.local(now):%Y-%m-%d %H:%M}"}
    key = f"remind:{task.id}:{task.reminders}:{int(task.created_at.timestamp())}"
    notices.notify(runtime, tx, staff.openid, text, template="task", fields=fields, dedupe=key)
    tx.session.add(CaseEvent(task_id=task.id, event=name.removeprefix("task."), by="system", note=staff.name, at=now))

"""Tasks that stay with the staff member whose visit they are about, not with whoever is on duty."""

from __future__ import annotations

from datetime import timedelta

from handlers.runtime import Runtime
from models.database import Transaction
from models.tasks import Task, TaskStatus


def give_to(runtime: Runtime, tx: Transaction, task: Task, staff_id: int) -> None:
    """Save a new task in the hands of one person, with the clocks of its kind."""
    now, duty = runtime.now(), runtime.content.duty(task.kind)
    task.assignee_id, task.status, task.reminders, task.created_at = staff_id, TaskStatus.OPEN.value, 0, now
    task.remind_at = now + timedelta(minutes=duty.remind_minutes)
    task.due_at = now + timedelta(minutes=duty.due_minutes) if duty.due_minutes else None
    tx.session.add(task)
    tx.session.flush()

"""The owner's last word on an order or complaint, and the progress of hers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TypeVar

from sqlalchemy import or_, select

from dialogs import effects
from dialogs.inputs import Ran, Refused
from handlers import cases, notices, points, tasks
from handlers.desk import Desk
from models.cases import CaseStatus, Complaint, Order
from models.staff import Staff
from models.tasks import Task, TaskStatus

Case = TypeVar("Case", Order, Complaint)
ENDED = (CaseStatus.CONFIRMED.value, CaseStatus.CANCELLED.value)
SHOWN_AFTER_END = timedelta(days=7)


def confirm_solved(desk: Desk, effect: effects.ConfirmSolved) -> Ran | Refused:
    """Take the owner's word: solved closes the case with her rating, unsolved opens its task again (R133)."""
    task = desk.session.scalar(select(Task).where(Task.no == effect.no))
    case = (task.order or task.complaint) if task else None
    if task is None or case is None or case.openid != desk.openid:
        return Refused("not_yours", {"no": effect.no})
    if case.status != CaseStatus.DONE.value:
        return Refused("not_waiting", {"no": effect.no, "status": case.status})
    if effect.solved:
        case.status, case.rating, case.updated_at = CaseStatus.CONFIRMED.value, effect.rating, desk.now
        cases.record(desk, "confirmed", task=task, note=effect.note)
        if effect.rating is not None:
            points.grant(desk, "rating", desk.person.owner_id, f"rating:{task.no}")
        if task.assignee is not None:
            values = {"no": task.no, "owner": desk.person.name, "rating": effect.rating}
            notices.notify(desk.runtime, desk.tx, task.assignee.openid, desk.say("task.confirmed", **values))
    else:
        case.status, case.updated_at = CaseStatus.REOPENED.value, desk.now
        _reopen(desk, task, effect.note)
    return Ran({"no": task.no, "status": case.status})


def _reopen(desk: Desk, task: Task, note: str) -> None:
    minutes = desk.runtime.content.duty(task.service or task.kind).remind_minutes
    task.status, task.done_at, task.accepted_at = TaskStatus.OPEN.value, None, None
    task.reminders, task.remind_at = 0, desk.now + timedelta(minutes=minutes)
    cases.record(desk, "reopened", task=task, note=note)
    staff = desk.session.get(Staff, task.assignee_id) if task.assignee_id else None
    if staff is not None:
        text = desk.say("task.reopened", no=task.no, owner=desk.person.name, note=note)
        tasks.tell_staff(desk, staff, task, text)


def list_progress(desk: Desk, effect: effects.ListProgress) -> Ran | Refused:
    """List the person's orders and complaints that are under way or ended within a week, newest first."""
    found = [
        (order.created_at, _render(desk, order, "order", desk.runtime.content.label(order.service)))
        for order in _find_recent(desk, Order)
    ]
    found += [
        (each.created_at, _render(desk, each, "complaint", desk.say(f"complaint.category.{each.category}")))
        for each in _find_recent(desk, Complaint)
    ]
    lines = [line for _, line in sorted(found, key=lambda pair: pair[0], reverse=True)]
    return Ran({"count": len(lines), "text": "\n".join(lines)})


def _find_recent(desk: Desk, kind: type[Case]) -> Sequence[Case]:
    since = desk.now - SHOWN_AFTER_END
    mine = or_(kind.openid == desk.openid, kind.owner_id == (desk.person.owner_id or -1))
    recent = or_(kind.status.not_in(ENDED), kind.updated_at > since)
    return desk.session.scalars(select(kind).where(mine, recent).order_by(kind.id.desc()).limit(5)).all()


def _render(desk: Desk, case: Order | Complaint, prefix: str, title: str) -> str:
    staff = desk.session.get(Staff, case.assignee_id) if case.assignee_id else None
    return desk.say(
        "progress.item",
        no=case.no,
        title=title,
        status=desk.say(f"status.{prefix}.{case.status}"),
        staff=staff.name if staff else "",
        at=f"{desk.runtime.local(case.created_at):%m-%d %H:%M}",
    )

"""Tasks of staff: given to the right person, taken, finished, handed on, all in the chat. Every change is an event."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import or_, select, update

from dialogs import effects
from dialogs.inputs import Ran, Refused
from handlers import cases, notices, offer_ends
from handlers.assignment import assign, find_colleagues
from handlers.desk import Desk
from handlers.relays import close_handover
from models.cases import CaseStatus
from models.staff import Role, Staff
from models.tasks import LIVING, Task, TaskKind, TaskStatus

LEADERS = (Role.SUPERVISOR.value, Role.SERVICE_DESK.value, Role.OPERATIONS.value)


def give_task(desk: Desk, task: Task, duty_code: str, text: str) -> Staff | None:
    """Assign a new task by its duty, save it and tell the assignee with `text`; returns him, None when nobody fits."""
    assignee = assign(desk.runtime, desk.tx, task, desk.runtime.content.duty(duty_code))
    cases.record(desk, "task_created", task=task, note=assignee.name if assignee else "", by="system")
    if assignee is not None:
        tell_staff(desk, assignee, task, text)
    return assignee


def tell_staff(desk: Desk, staff: Staff, task: Task, text: str) -> None:
    """Tell a staff member about a task, by template where his window is closed."""
    fields = {"no": task.no, "summary": task.summary, "at": f"{desk.runtime.local(desk.now):%Y-%m-%d %H:%M}"}
    notices.notify(desk.runtime, desk.tx, staff.openid, text, template="task", fields=fields)


def list_tasks(desk: Desk, effect: effects.ListTasks) -> Ran | Refused:
    """List what waits for this person: his own tasks, and for supervisors those that nobody holds."""
    tasks = _find_own(desk)
    return Ran({"count": len(tasks), "text": "\n".join(_render_item(desk, task) for task in tasks)})


def accept_task(desk: Desk, effect: effects.AcceptTask) -> Ran | Refused:
    """Take a task. Of two who take it at once one wins; the other is told who did."""
    task, refusal = _pick(desk, effect.no, (TaskStatus.OPEN.value,))
    if task is None:
        return refusal or Refused("unknown")
    statement = (
        update(Task)
        .where(Task.id == task.id, Task.status == TaskStatus.OPEN.value)
        .values(status=TaskStatus.ACCEPTED.value, assignee_id=desk.person.staff_id, accepted_at=desk.now)
    )
    former = task.assignee
    if desk.session.execute(statement).rowcount == 0:  # type: ignore[attr-defined]
        return _refuse_taken(desk, task)
    desk.session.refresh(task)
    cases.record(desk, "accepted", task=task)
    if former is not None and former.id != desk.person.staff_id:
        text = desk.say("task.taken_over", no=task.no, by=desk.person.staff_name)
        notices.notify(desk.runtime, desk.tx, former.openid, text)
    cases.move(desk, task, CaseStatus.ACCEPTED)
    cases.tell_owner(desk, task, "accepted", staff=desk.person.staff_name)
    case = task.order or task.complaint
    return Ran(
        {
            "no": task.no,
            "owner": cases.owner_name(desk, task),
            "room": case.room_label if case else "",
            "summary": task.summary,
            "secret": offer_ends.find_secret(desk.tx, task.order_id),
        }
    )


def complete_task(desk: Desk, effect: effects.CompleteTask) -> Ran | Refused:
    """Finish a task; the owner is told and asked whether it is solved (no close without her, R133)."""
    task, refusal = _pick(desk, effect.no, LIVING)
    if task is None:
        return refusal or Refused("unknown")
    if task.status not in LIVING:
        return Refused("closed", {"no": task.no})
    if task.assignee_id != desk.person.staff_id and desk.person.staff_role not in LEADERS:
        return Refused("not_yours", {"no": task.no, "by": task.assignee.name if task.assignee else ""})
    task.status, task.done_at, task.remind_at = TaskStatus.DONE.value, desk.now, None
    task.accepted_at = task.accepted_at or desk.now
    cases.record(desk, "done", task=task, note=effect.note)
    cases.move(desk, task, CaseStatus.DONE)
    if task.kind == TaskKind.HANDOVER.value:
        close_handover(desk, task)
    cases.ask_owner(desk, task, effect.note)
    return Ran({"no": task.no, "owner": cases.owner_name(desk, task)})


def transfer_task(desk: Desk, effect: effects.TransferTask) -> Ran | Refused:
    """Give a task to a colleague whose scope holds the building; he and the owner are told."""
    task, refusal = _pick(desk, effect.no, LIVING)
    if task is None:
        return refusal or Refused("unknown")
    if task.status not in LIVING:
        return Refused("closed", {"no": task.no})
    if task.assignee_id != desk.person.staff_id and desk.person.staff_role not in (*LEADERS, Role.BUTLER.value):
        return Refused("not_yours", {"no": task.no, "by": task.assignee.name if task.assignee else ""})
    colleagues = [each for each in find_colleagues(desk.session, effect.name, task.building_id) if effect.name]
    if len(colleagues) != 1:
        reason = "ambiguous_colleague" if colleagues else "no_such_colleague"
        return Refused(reason, {"no": task.no, "text": "、".join(each.name for each in colleagues)})
    colleague = colleagues[0]
    if colleague.id == task.assignee_id:
        return Refused("already_his", {"no": task.no, "to": colleague.name})
    task.assignee_id, task.status, task.accepted_at = colleague.id, TaskStatus.OPEN.value, None
    task.remind_at = desk.now + timedelta(minutes=desk.runtime.content.duty(task.service or task.kind).remind_minutes)
    cases.record(desk, "transferred", task=task, note=colleague.name)
    cases.hand_on(desk, task, colleague)
    by = desk.person.staff_name
    tell_staff(desk, colleague, task, desk.say("task.given", no=task.no, by=by, summary=task.summary))
    cases.tell_owner(desk, task, "transferred", staff=colleague.name)
    return Ran({"no": task.no, "to": colleague.name})


def attach_photo(desk: Desk, effect: effects.AttachPhoto) -> Ran | Refused:
    """Add a picture of the work to its case and show it to the owner."""
    task = desk.session.scalar(select(Task).where(Task.no == effect.no))
    if task is None:
        return Refused("unknown", {"no": effect.no})
    cases.keep_media(desk, "image", effect.media_id, effect.url, order_id=task.order_id, complaint_id=task.complaint_id)
    cases.record(desk, "photo", task=task)
    if task.openid:
        notices.show_picture(desk.runtime, desk.tx, task.openid, effect.media_id, f"photo:{effect.media_id}:{task.openid}")
        text = desk.say("order.photo", no=task.no, staff=desk.person.staff_name)
        notices.notify(desk.runtime, desk.tx, task.openid, text, dedupe=f"photo:{effect.media_id}:text")
    return Ran({"no": task.no})


def reply_to_owner(desk: Desk, effect: effects.ReplyToOwner) -> Ran | Refused:
    """Say something to the owner of a task in the account's name."""
    task, refusal = _pick(desk, effect.no, LIVING)
    if task is None:
        return refusal or Refused("unknown")
    if desk.runtime.content.forbidden.find(effect.text):
        return Refused("forbidden", {"no": task.no})
    if not task.openid:
        return Refused("unreachable", {"no": task.no})
    text = desk.say("handover.reply", staff=desk.person.staff_name, text=effect.text)
    notices.notify(desk.runtime, desk.tx, task.openid, text, template="notice", fields={"summary": effect.text})
    cases.record(desk, "replied", task=task, note=effect.text)
    return Ran({"no": task.no, "owner": cases.owner_name(desk, task)})


def _find_own(desk: Desk) -> Sequence[Task]:
    mine = Task.assignee_id == desk.person.staff_id
    held = or_(mine, Task.assignee_id.is_(None)) if desk.person.staff_role in LEADERS else mine
    order = (Task.is_urgent.desc(), Task.status, Task.created_at)
    found = desk.session.scalars(select(Task).where(held, Task.status.in_(LIVING)).order_by(*order).limit(50)).all()
    return [task for task in found if task.assignee_id is not None or not _is_closed_to(desk, task)]


def _pick(desk: Desk, no: str, statuses: Sequence[str]) -> tuple[Task | None, Refused | None]:
    """Find the task a staff member means: by NO or its last digits; without one, his only fitting task."""
    wanted = "".join(no.split()).upper()
    if not wanted:
        own = [task for task in _find_own(desk) if task.status in statuses]
        if len(own) == 1:
            return own[0], None
        lines = "\n".join(_render_item(desk, task) for task in own[:10])
        return None, Refused("ambiguous" if own else "none", {"text": lines})
    found = desk.session.scalars(
        select(Task).where(or_(Task.no == wanted, Task.no.endswith(wanted, autoescape=True))).order_by(Task.id.desc())
    ).all()
    exact = [task for task in found if task.no == wanted] or [task for task in found if task.status in LIVING] or found
    in_scope = [task for task in exact if _may_touch(desk, task)]
    if len(in_scope) > 1:
        return None, Refused("ambiguous", {"text": "\n".join(_render_item(desk, task) for task in in_scope[:10])})
    return (in_scope[0], None) if in_scope else (None, Refused("unknown", {"no": wanted}))


def _may_touch(desk: Desk, task: Task) -> bool:
    if task.assignee_id == desk.person.staff_id:
        return True
    if _is_closed_to(desk, task):
        return False
    staff = desk.session.get(Staff, desk.person.staff_id)
    return staff is not None and staff.role != Role.SUPPLIER.value and staff.covers(task.building_id)


def _is_closed_to(desk: Desk, task: Task) -> bool:
    """Tell whether a task is private to roles that this person has not (R17, R31)."""
    duty = desk.runtime.content.duty(task.service or task.kind)
    return duty.is_private and desk.person.staff_role not in duty.roles


def _refuse_taken(desk: Desk, task: Task) -> Refused:
    desk.session.refresh(task)
    if task.status not in LIVING:
        return Refused("closed", {"no": task.no})
    if task.assignee_id == desk.person.staff_id:
        return Refused("already_yours", {"no": task.no, "secret": offer_ends.find_secret(desk.tx, task.order_id)})
    return Refused("taken", {"no": task.no, "by": task.assignee.name if task.assignee else ""})


def _render_item(desk: Desk, task: Task) -> str:
    case = task.order or task.complaint
    return desk.say(
        "staff.task_item",
        no=task.no,
        kind=task.kind,
        status=desk.say(f"status.task.{task.status}"),
        summary=task.summary,
        owner=cases.owner_name(desk, task),
        room=case.room_label if case else "",
        when=f"{desk.runtime.local(task.created_at):%m-%d %H:%M}",
    )

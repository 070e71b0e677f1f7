"""What orders and complaints share: their events, their status, what their owner is told and asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dialogs.state import Answer
from handlers import invitations, notices, offer_ends
from handlers.desk import Desk
from models.cases import Attachment, CaseEvent, CaseStatus, Complaint, Order, take_number
from models.owners import Owner
from models.staff import Staff
from models.tasks import Task, TaskKind

ASKED_ABOUT = {TaskKind.ORDER.value: "order.confirm", TaskKind.COMPLAINT.value: "complaint.confirm"}


def open_case(desk: Desk, letter: str, answers: Mapping[str, Answer], *, is_named: bool = True) -> dict[str, Any]:
    """Return the columns that every new case has: its NO, who asks (nobody, when she wants no name), her answers."""
    person = desk.person
    return {
        "no": take_number(desk.tx.connection, letter, desk.runtime.day(desk.now)),
        "owner_id": person.owner_id if is_named else None,
        "openid": desk.openid if is_named else None,
        "room_label": person.room if is_named else "",
        "community_id": person.community_id,
        "building_id": person.building_id,
        "status": CaseStatus.BOOKED.value,
        "slots": render_slots(answers),
        "created_at": desk.now,
        "updated_at": desk.now,
    }


def record(
    desk: Desk,
    event: str,
    *,
    task: Task | None = None,
    order: Order | None = None,
    complaint: Complaint | None = None,
    note: str = "",
    by: str | None = None,
) -> None:
    """Append an event row: what, when, by whom (the person at the desk unless `by` says otherwise)."""
    desk.session.add(
        CaseEvent(
            event=event,
            by=by or desk.person.staff_name or desk.person.name or "owner",
            note=note,
            at=desk.now,
            task_id=task.id if task else None,
            order_id=order.id if order else (task.order_id if task else None),
            complaint_id=complaint.id if complaint else (task.complaint_id if task else None),
        )
    )


def move(desk: Desk, task: Task, status: CaseStatus) -> None:
    """Bring the case of a task to a status, in the hands of the task's assignee."""
    case = task.order or task.complaint
    if case is not None:
        case.status, case.updated_at, case.assignee_id = status.value, desk.now, task.assignee_id
    if status is CaseStatus.DONE:
        offer_ends.finish(desk, task)


def hand_on(desk: Desk, task: Task, colleague: Staff) -> None:
    """Put the case of a task into a colleague's hands."""
    case = task.order or task.complaint
    if case is not None:
        case.assignee_id, case.updated_at = colleague.id, desk.now
        case.status = CaseStatus.BOOKED.value if case.status == CaseStatus.ACCEPTED.value else case.status


def title(desk: Desk, task: Task) -> str:
    """Return what a person calls the thing: the service, or the kind of complaint."""
    if task.complaint is not None:
        return desk.say(f"complaint.category.{task.complaint.category}")
    return desk.runtime.content.label(task.service or "")


def owner_name(desk: Desk, task: Task) -> str:
    """Return the name of the person a task is for, empty when she is unknown or anonymous."""
    owner = desk.session.get(Owner, task.owner_id) if task.owner_id else None
    return owner.name if owner else ""


def tell_owner(desk: Desk, task: Task, step: str, *, staff: str) -> None:
    """Tell the owner that her order or complaint moved on."""
    if task.kind not in ASKED_ABOUT or not task.openid:
        return
    name = "complaint.accepted" if task.complaint_id and step == "accepted" else f"order.{step}"
    text = desk.say(name, no=task.no, service=title(desk, task), staff=staff)
    fields = {"no": task.no, "summary": title(desk, task), "status": text, "staff": staff}
    fields["at"] = f"{desk.runtime.local(desk.now):%Y-%m-%d %H:%M}"
    notices.notify(desk.runtime, desk.tx, task.openid, text, template="notice", fields=fields)


def ask_owner(desk: Desk, task: Task, note: str) -> None:
    """Ask the owner of a finished task whether it is solved."""
    script = ASKED_ABOUT.get(task.kind)
    if script and task.openid:
        values = {"no": task.no, "service": title(desk, task), "staff": desk.person.staff_name, "note": note}
        invitations.invite(desk.runtime, desk.tx, task.openid, script, values)


def keep_media(
    desk: Desk,
    kind: str,
    media_id: str,
    url: str,
    *,
    order_id: int | None = None,
    complaint_id: int | None = None,
    is_named: bool = True,
) -> None:
    """Remember a picture or voice of a case; a worker fetches it before the platform drops it."""
    desk.session.add(
        Attachment(
            openid=desk.openid if is_named else "",
            kind=kind,
            media_id=media_id,
            url=url,
            order_id=order_id,
            complaint_id=complaint_id,
            status="planned",
            attempts=0,
            due_at=desk.now,
            created_at=desk.now,
        )
    )
    desk.tx.wake("keep_media")


def keep_answers(
    desk: Desk,
    answers: Mapping[str, Answer],
    *,
    order_id: int | None = None,
    complaint_id: int | None = None,
    is_named: bool = True,
) -> None:
    """Remember the pictures among the answers of a case."""
    for answer in answers.values():
        if isinstance(answer.value, dict) and answer.value.get("media_id"):
            url = str(answer.value.get("url", ""))
            media_id = answer.value["media_id"]
            keep_media(desk, "image", media_id, url, order_id=order_id, complaint_id=complaint_id, is_named=is_named)


def render_slots(answers: Mapping[str, Answer]) -> dict[str, Any]:
    """Return answers as a case stores them: step id -> value and label."""
    return {step: {"value": answer.value, "label": answer.label} for step, answer in answers.items()}


def summarise(desk: Desk, answers: Mapping[str, Answer]) -> str:
    """Return the named answers of the running script as one line: 问题：漏水；上门时间：11月22日(周日) 15:00."""
    script = desk.runtime.content.scripts.get(desk.state.script) if desk.state else None
    names = {step.id: getattr(step, "name", "") for step in script.steps} if script else {}
    parts = [f"{names[step]}：{answer.label}" for step, answer in answers.items() if names.get(step) and answer.label]
    return "；".join(parts)

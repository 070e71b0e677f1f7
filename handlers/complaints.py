"""Complaints, suggestions and praise: filed with a receipt and routed to the person who answers for them."""

from __future__ import annotations

from dialogs import effects
from dialogs.inputs import Ran, Refused
from handlers import cases, namelessness, tasks
from handlers.desk import Desk
from models.cases import Complaint, Feedback
from models.tasks import Task, TaskKind

ANONYMOUS = "anonymous"


def file_complaint(desk: Desk, effect: effects.FileComplaint) -> Ran | Refused:
    """File a complaint: receipt NO, task for the person on duty (R132, R133). Anonymous ones keep no name (R178)."""
    person = desk.person
    is_named = not effect.anonymous
    if effect.anonymous:
        namelessness.cut_traces(desk)
    columns = cases.open_case(desk, "T", effect.answers, is_named=is_named)
    complaint = Complaint(category=effect.category, text=effect.text, **columns)
    desk.session.add(complaint)
    desk.session.flush()
    cases.record(desk, "booked", complaint=complaint, by=None if is_named else ANONYMOUS)
    cases.keep_answers(desk, effect.answers, complaint_id=complaint.id, is_named=is_named)
    category = desk.say(f"complaint.category.{effect.category}")
    task = Task(
        no=complaint.no,
        kind=TaskKind.COMPLAINT.value,
        summary=f"{category}：{effect.text}",
        complaint_id=complaint.id,
        owner_id=complaint.owner_id,
        openid=complaint.openid,
        building_id=person.building_id,
    )
    who = {"owner": person.name, "room": person.room} if is_named else {"owner": "", "room": ""}
    text = desk.say("task.new_complaint", no=complaint.no, category=category, text=effect.text, **who)
    assignee = tasks.give_task(desk, task, f"complaint.{effect.category}", text)
    complaint.assignee_id = task.assignee_id
    return Ran({"no": complaint.no, "assignee": assignee.name if assignee else "", "category": category})


def leave_feedback(desk: Desk, effect: effects.LeaveFeedback) -> Ran | Refused:
    """Keep a suggestion or praise and tell the butler."""
    person = desk.person
    feedback = Feedback(kind=effect.kind, text=effect.text, **cases.open_case(desk, "F", effect.answers))
    desk.session.add(feedback)
    desk.session.flush()
    task = Task(
        no=feedback.no,
        kind=TaskKind.FEEDBACK.value,
        service=effect.kind,
        summary=f"{desk.runtime.content.label(effect.kind)}：{effect.text}",
        owner_id=person.owner_id,
        openid=desk.openid,
        building_id=person.building_id,
    )
    values = {"kind": desk.runtime.content.label(effect.kind), "text": effect.text}
    text = desk.say("task.new_feedback", no=feedback.no, owner=person.name, room=person.room, **values)
    assignee = tasks.give_task(desk, task, effect.kind, text)
    return Ran({"no": feedback.no, "assignee": assignee.name if assignee else ""})

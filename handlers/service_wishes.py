"""Wishes for services that an estate does not offer: a task for the butler, and counted as demand (R129)."""

from __future__ import annotations

from dialogs import effects_menu
from dialogs.inputs import Ran, Refused
from handlers import cases, tasks
from handlers.desk import Desk
from models.cases import Feedback
from models.estate_services import find_wish
from models.tasks import Task, TaskKind

WISH = "wish"


def leave_wish(desk: Desk, effect: effects_menu.LeaveWish) -> Ran | Refused:
    """Keep that somebody misses a service: a task for the butler, counted as demand; once a person and service."""
    if (no := find_wish(desk.session, desk.openid, effect.service)) is not None:
        return Refused("already", {"no": no})
    label = desk.runtime.content.label(effect.service)
    feedback = Feedback(kind=WISH, text=label, **cases.open_case(desk, "F", {}))
    desk.session.add(feedback)
    desk.session.flush()
    task = Task(
        no=feedback.no,
        kind=TaskKind.FEEDBACK.value,
        service=effect.service,
        summary=desk.say("menu.wish_summary", service=label),
        owner_id=desk.person.owner_id,
        openid=desk.openid,
        building_id=desk.person.building_id,
    )
    person = desk.person
    text = desk.say("task.new_wish", no=feedback.no, owner=person.name, room=person.room, service=label)
    assignee = tasks.give_task(desk, task, WISH, text)
    return Ran({"no": feedback.no, "assignee": assignee.name if assignee else ""})

"""Tasks that the system gives to butlers about owners whom no channel reaches. Nobody is sent to ring a dead number."""

from __future__ import annotations

from handlers import notices
from handlers.assignment import assign
from handlers.runtime import Runtime
from models.campaigns import Campaign, Delivery
from models.cases import CaseEvent, take_number
from models.database import Transaction
from models.owners import DEAD_PHONES, Owner, find_home
from models.tasks import Task, TaskKind

SERVICE = "service"
WINDOW_CLOSED, DEAD_PHONE = "window_closed", "dead_phone"


def ask_to_call(runtime: Runtime, tx: Transaction, delivery: Delivery, campaign: Campaign) -> str:
    """Give the owner's butler a call task for a service notice that no channel takes; marketing never rings (R39).

    Returns the reason why the push itself did not go out: the window was closed, or her number is known to be dead as
    well (R95), then there is no task.
    """
    if campaign.kind != SERVICE:
        return WINDOW_CLOSED
    now, session = runtime.now(), tx.session
    owner, home = session.get_one(Owner, delivery.owner_id), find_home(session, delivery.owner_id)
    if owner.phone and owner.phone_state in DEAD_PHONES:
        return DEAD_PHONE
    building_id = home.room.building_id if home else None
    task = Task(
        no=take_number(tx.connection, "C", runtime.day(now)),
        kind=TaskKind.CALL.value,
        summary=campaign.text,
        campaign_id=campaign.id,
        owner_id=owner.id,
        openid=delivery.openid,
        building_id=building_id,
    )
    butler = assign(runtime, tx, task, runtime.content.duty(TaskKind.CALL.value))
    session.add(CaseEvent(task_id=task.id, event="task_created", by="system", note="", at=now))
    room = home.room.label if home else ""
    values = {"no": task.no, "owner": owner.name, "room": room, "text": campaign.text}
    text = runtime.say("task.new_call", **values)
    fields = {"no": task.no, "summary": campaign.name, "at": f"{runtime.local(now):%Y-%m-%d %H:%M}"}
    notices.notify(runtime, tx, butler.openid if butler else None, text, template="task", fields=fields)
    return WINDOW_CLOSED

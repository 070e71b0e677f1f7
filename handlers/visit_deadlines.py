"""No record stays overnight (R85): visits that nobody coded by midnight become a task for their host, and his leader hears."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from itertools import groupby

from sqlalchemy import select

from handlers import notices
from handlers.runtime import Runtime
from handlers.visit_tasks import give_to
from models.cases import CaseEvent, take_number
from models.database import Transaction
from models.owners import Owner
from models.staff import Role, Staff
from models.tasks import Task, TaskKind
from models.visits import Visit, list_uncoded

BATCH = 100


def ask_for_coding(runtime: Runtime) -> int:
    """Ask for every visit of an earlier day whose records are not in order; once each. Returns how many."""
    midnight = _find_midnight(runtime)
    asked = 0
    while True:
        with runtime.transaction() as tx:
            visits = list_uncoded(tx.session, midnight, BATCH)
            for visit in visits:
                visit.overdue_at = runtime.now()
                _give_task(runtime, tx, visit)
            _tell_leaders(runtime, tx, visits)
        asked += len(visits)
        if len(visits) < BATCH:
            return asked


def is_due(runtime: Runtime, tx: Transaction) -> bool:
    """Tell whether a visit of an earlier day waits to be coded and nobody was asked for it."""
    return bool(list_uncoded(tx.session, _find_midnight(runtime), 1))


def _find_midnight(runtime: Runtime) -> datetime:
    return datetime.combine(runtime.today(), time(), tzinfo=runtime.options.zone)


def _give_task(runtime: Runtime, tx: Transaction, visit: Visit) -> None:
    owner = tx.session.get(Owner, visit.owner_id) if visit.owner_id is not None else None
    name = owner.name if owner is not None else runtime.say(f"visit.way.{visit.kind}")
    task = Task(
        no=take_number(tx.connection, "C", runtime.day(runtime.now())),
        kind=TaskKind.CODING.value,
        summary=runtime.say("visit.coding_task", no=visit.no, name=name),
        owner_id=visit.owner_id,
        building_id=visit.building_id,
    )
    give_to(runtime, tx, task, visit.host_id)
    tx.session.add(CaseEvent(task_id=task.id, event="task_created", by="system", note=visit.no, at=runtime.now()))
    host = tx.session.get(Staff, visit.host_id)
    text = runtime.say("visit.uncoded", no=visit.no, name=name)
    fields = {"no": visit.no, "summary": task.summary, "at": f"{runtime.local(runtime.now()):%Y-%m-%d %H:%M}"}
    notices.notify(
        runtime, tx, host.openid if host else None, text, template="task", fields=fields, dedupe=f"uncoded:{visit.no}"
    )


def _tell_leaders(runtime: Runtime, tx: Transaction, visits: Sequence[Visit]) -> None:
    """Tell the supervisors of a building how many of whose records are still lying about."""
    rows = sorted(visits, key=lambda visit: (visit.building_id or 0, visit.host_id))
    leaders = select(Staff).where(Staff.role == Role.SUPERVISOR.value, Staff.is_active.is_(True)).order_by(Staff.id)
    supervisors = tx.session.scalars(leaders).unique().all() if rows else ()
    for (building_id, host_id), group in groupby(rows, key=lambda visit: (visit.building_id, visit.host_id)):
        mine = list(group)
        host = tx.session.get(Staff, host_id)
        text = runtime.say("visit.uncoded_leader", name=host.name if host else "", count=len(mine))
        for leader in supervisors:
            if building_id is None or leader.covers(building_id):
                dedupe = f"uncoded:{mine[0].no}:{leader.id}"
                notices.notify(runtime, tx, leader.openid, text, template="notice", fields={"summary": text}, dedupe=dedupe)

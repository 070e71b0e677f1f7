"""Loads the demo community of the sandbox into an empty database: its registers, what is going on, and a past."""

from __future__ import annotations

import json
import re
import tempfile
import threading
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.content import ROOT
from handlers import imports, menus
from handlers.assignment import find_assignee
from handlers.errors import GatewayError, InvalidInputError
from handlers.runtime import Runtime
from models.cases import CaseEvent, CaseStatus, Complaint, Order, take_number
from models.database import Transaction
from models.followers import Follower
from models.owners import Owner, find_home
from models.staff import Staff
from models.tasks import Task, TaskKind, TaskStatus

DEMO = ROOT / "sandbox" / "demo"
REGISTERS: tuple[tuple[Callable[..., imports.ImportReport], str], ...] = (
    (imports.import_owners, "owners.csv"),
    (imports.import_staff, "staff.csv"),
    (imports.import_offers, "offers.csv"),
    (imports.import_bills, "bills.csv"),
    (imports.import_points, "points.csv"),
)
_DAY = re.compile(r"@(?P<number>[+-]\d+)(?P<month>m?)")
STATUSES = {"done": CaseStatus.CONFIRMED, "closed": CaseStatus.CONFIRMED, "open": CaseStatus.ACCEPTED}


def load_demo(runtime: Runtime, folder: Path = DEMO) -> bool:
    """Load the demo community unless there are owners already; tells whether it did."""
    with runtime.database.reading() as tx:
        if tx.session.scalar(select(Owner.id).limit(1)) is not None:
            return False
    with tempfile.TemporaryDirectory() as made:
        for read, file in REGISTERS:
            path = Path(made) / file
            path.write_text(put_days_in((folder / file).read_text(encoding="utf-8"), runtime.today()), encoding="utf-8")
            report = read(runtime, path, by="demo")
            if report.is_refused:
                raise InvalidInputError(f"the demo community is wrong: {file}", tuple(report.problems))
    events: list[dict[str, Any]] = json.loads((folder / "history.json").read_text(encoding="utf-8"))
    with runtime.transaction() as tx:
        for event in events:
            _add_case(runtime, tx, event)
    return True


def put_days_in(text: str, today: date) -> str:
    """Put real days where a file says @+3 (in three days) and months where it says @-1m (the month before this one)."""

    def name(found: re.Match[str]) -> str:
        number = int(found["number"])
        if not found["month"]:
            return (today + timedelta(days=number)).isoformat()
        months = today.year * 12 + today.month - 1 + number
        return f"{months // 12}-{months % 12 + 1:02d}"

    return _DAY.sub(name, text)


def publish_menu(runtime: Runtime, should_stop: threading.Event, tries: int = 30) -> bool:
    """Give the sandbox's account its menu once the sandbox answers, unless it has one; tells whether it has one now."""
    for _ in range(tries):
        try:
            if menus.show(runtime) is None:
                menus.publish(runtime, runtime.account_tags)
        except GatewayError:
            if should_stop.wait(1.0):
                return False
        else:
            return True
    return False


def _add_case(runtime: Runtime, tx: Transaction, event: dict[str, Any]) -> None:
    session = tx.session
    follower = session.get(Follower, event["openid"])
    home = find_home(session, follower.owner_id) if follower and follower.owner_id else None
    if follower is None or home is None:
        return
    at = runtime.now() - timedelta(days=event["days_ago"], hours=len(event["text"]) % 9)
    duty = runtime.content.duty(event["service"] or f"complaint.{event['category']}")
    staff = find_assignee(session, duty.roles, home.room.building_id)
    shared = {
        "owner_id": follower.owner_id,
        "openid": follower.openid,
        "community_id": home.room.community_id,
        "building_id": home.room.building_id,
        "room_label": home.room.label,
        "status": STATUSES[event["status"]].value,
        "assignee_id": staff.id if staff else None,
        "slots": {},
        "rating": event.get("rating"),
        "created_at": at,
        "updated_at": min(at + timedelta(hours=20), runtime.now()),
    }
    no = take_number(tx.connection, "D" if event["service"] else "T", runtime.day(at))
    if event["service"]:
        case: Order | Complaint = Order(no=no, service=event["service"], note=event["text"], **shared)
    else:
        case = Complaint(no=no, category=event["category"], text=event["text"], **shared)
    session.add(case)
    session.flush()
    _add_work(session, case, staff, _summarise(runtime, event))


def _summarise(runtime: Runtime, event: dict[str, Any]) -> str:
    """Return what a task says of a case in the file of the past."""
    if event["service"]:
        return f"{runtime.content.label(event['service'])}；{event['text']}"
    return f"{runtime.say('complaint.category.' + event['category'])}：{event['text']}"


def _add_work(session: Session, case: Order | Complaint, staff: Staff | None, summary: str) -> None:
    """Add the task that came of a case and what happened: taken up within the hour, and done unless it is still open."""
    key = {"order_id": case.id} if isinstance(case, Order) else {"complaint_id": case.id}
    is_done, taken_at = case.status == CaseStatus.CONFIRMED.value, case.created_at + timedelta(minutes=40)
    task = Task(
        no=case.no,
        kind=(TaskKind.ORDER if isinstance(case, Order) else TaskKind.COMPLAINT).value,
        status=(TaskStatus.DONE if is_done else TaskStatus.ACCEPTED).value,
        service=case.service if isinstance(case, Order) else None,
        summary=summary,
        assignee_id=case.assignee_id,
        owner_id=case.owner_id,
        openid=case.openid,
        building_id=case.building_id,
        created_at=case.created_at,
        accepted_at=taken_at,
        done_at=case.updated_at if is_done else None,
        **key,
    )
    session.add(task)
    session.flush()
    worker = staff.name if staff else "demo"
    steps = [("booked", case.created_at, "owner"), ("task_created", case.created_at, "system"), ("accepted", taken_at, worker)]
    if is_done:
        steps += [("done", case.updated_at, worker), ("confirmed", case.updated_at, "owner")]
    for event, at, by in steps:
        note = worker if event == "task_created" else ""
        session.add(CaseEvent(event=event, by=by, at=at, note=note, task_id=task.id, **key))

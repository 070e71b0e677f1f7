"""The first page: what is open, what is late, what is on its way."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from functools import partial

from flask import Blueprint, render_template

from console.permissions import Permission, needs
from console.room import reader, runtime, scope
from models import overview
from models.cases import Complaint, Order
from models.database import Transaction

DELIVERY_DAYS = 7
blueprint = Blueprint("today", __name__)


@blueprint.get("/")
@needs(Permission.SEE_TODAY)
def show() -> str:
    """Show the overview: of what the reader may open, and nothing else."""
    now, (day, week) = runtime().now(), find_starts()
    with runtime().database.reading() as tx:
        may, count = reader().may, partial(_count_cases, tx, day, week)
        sees_tasks = may(Permission.SEE_TASKS)
        tasks = overview.count_open_tasks(tx.session, scope(), day) if sees_tasks else {}
        return render_template(
            "console/today.html",
            now=now,
            tasks=tasks,
            open_count=sum(sum(ages.values()) for ages in tasks.values()),
            late=overview.list_late_tasks(tx.session, scope(), now) if sees_tasks else [],
            orders=count(Order) if may(Permission.SEE_ORDERS) else None,
            complaints=overview.count_cases(tx.session, Complaint, scope(), day, week)
            if may(Permission.SEE_COMPLAINTS)
            else None,
            campaigns=overview.list_campaigns_under_way(tx.session, scope()) if may(Permission.SEE_CAMPAIGNS) else [],
            outbox=overview.count_outbox(tx.session, now),
            deliveries=overview.count_recent_deliveries(tx.session, now - timedelta(days=DELIVERY_DAYS)),
        )


def _count_cases(tx: Transaction, day: datetime, week: datetime, model: type[Order] | type[Complaint]) -> overview.CaseCounts:
    return overview.count_cases(tx.session, model, scope(), day, week)


def find_starts() -> tuple[datetime, datetime]:
    """Return when today and this week (Monday) began at the estate, in UTC."""
    today = runtime().today()
    monday = today - timedelta(days=today.weekday())
    zone = runtime().options.zone
    day, week = (datetime.combine(date, time(), zone).astimezone(UTC) for date in (today, monday))
    return day, week

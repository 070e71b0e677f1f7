"""The first page: what is open, what is late, what is on its way."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from flask import Blueprint, render_template

from console.permissions import Permission, needs
from console.room import runtime, scope
from models import overview
from models.cases import Complaint, Order

DELIVERY_DAYS = 7
blueprint = Blueprint("today", __name__)


@blueprint.get("/")
@needs(Permission.SEE_TODAY)
def show() -> str:
    """Show the overview."""
    now, (day, week) = runtime().now(), find_starts()
    with runtime().database.reading() as tx:
        tasks = overview.count_open_tasks(tx.session, scope(), day)
        return render_template(
            "console/today.html",
            now=now,
            tasks=tasks,
            open_count=sum(sum(ages.values()) for ages in tasks.values()),
            late=overview.list_late_tasks(tx.session, scope(), now),
            orders=overview.count_cases(tx.session, Order, scope(), day, week),
            complaints=overview.count_cases(tx.session, Complaint, scope(), day, week),
            campaigns=overview.list_campaigns_under_way(tx.session, scope()),
            outbox=overview.count_outbox(tx.session, now),
            deliveries=overview.count_recent_deliveries(tx.session, now - timedelta(days=DELIVERY_DAYS)),
        )


def find_starts() -> tuple[datetime, datetime]:
    """Return when today and this week (Monday) began at the estate, in UTC."""
    today = runtime().today()
    monday = today - timedelta(days=today.weekday())
    zone = runtime().options.zone
    day, week = (datetime.combine(date, time(), zone).astimezone(UTC) for date in (today, monday))
    return day, week

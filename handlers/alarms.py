"""Notices people who open or take away unusually many people's data, and tells the supervisors. Stops nobody (D26)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from handlers import notices
from handlers.runtime import Runtime
from models.audits import add_audit, count_exported, count_openings, list_alarms, lock_chain
from models.database import Transaction
from models.staff import Role, Staff

WINDOW = timedelta(hours=24)
OPENED, EXPORTED = "opened", "exported"
THRESHOLDS = {OPENED: (200,), EXPORTED: (25, 250, 2_500)}  # half of what the law counts (D26)


@dataclass(frozen=True, slots=True)
class Finding:
    """A person, what she did much of, the threshold she passed, and how many there were."""

    by: str
    kind: str
    threshold: int
    count: int


def raise_due(runtime: Runtime) -> int:
    """Write an alarm for everyone who passed a threshold within a day and was not told of yet; returns how many.

    A jump over several thresholds is one alarm, that of the highest.
    """
    with runtime.database.reading() as tx:
        if not _list_new(runtime, tx):
            return 0
    with runtime.transaction() as tx:
        lock_chain(tx)  # two clocks must not tell of the same
        found = _list_new(runtime, tx)
        for finding in found:
            _tell(runtime, tx, finding)
    return len(found)


def _list_new(runtime: Runtime, tx: Transaction) -> list[Finding]:
    since = runtime.now() - WINDOW
    found = list(_find(tx, since))
    if not found:
        return []
    told = {(each.subject, each.detail["kind"], each.detail["threshold"]) for each in list_alarms(tx.session, since)}
    return [each for each in found if not _is_told(each, told)]


def _find(tx: Transaction, since: datetime) -> Iterator[Finding]:
    for kind, count in ((OPENED, count_openings), (EXPORTED, count_exported)):
        limits = THRESHOLDS[kind]
        for by, number in sorted(count(tx.session, since, limits[0]).items()):
            yield Finding(by, kind, max(limit for limit in limits if number > limit), number)


def _is_told(finding: Finding, told: set[tuple[str, str, int]]) -> bool:
    subject = _render_subject(finding)
    return any((subject, finding.kind, limit) in told for limit in THRESHOLDS[finding.kind] if limit >= finding.threshold)


def _tell(runtime: Runtime, tx: Transaction, finding: Finding) -> None:
    now, by = runtime.now(), finding.by
    detail = {"kind": finding.kind, "threshold": finding.threshold, "count": finding.count}
    add_audit(tx.session, now, "system", "alarm", _render_subject(finding), **detail)
    name = by.partition(":")[2] or by
    if finding.kind == OPENED:
        text = runtime.say("alarm.opened", who=name, count=finding.count)
    else:
        text = runtime.say("alarm.exported", who=name, count=finding.count)
    supervisors = select(Staff).where(Staff.role == Role.SUPERVISOR.value, Staff.is_active.is_(True)).order_by(Staff.id)
    for staff in tx.session.scalars(supervisors):
        key = f"alarm:{by[:60]}:{finding.kind}:{finding.threshold}:{int(now.timestamp())}:{staff.id}"
        notices.notify(runtime, tx, staff.openid, text, template="notice", dedupe=key)


def _render_subject(finding: Finding) -> str:
    return f"person:{finding.by}"

"""One tick: everything that is due at an instant happens, then what that produced is drained. Twice is once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from handlers import (
    after_sale,
    alarms,
    audit_chain,
    deliveries,
    erasure,
    jobs,
    media,
    mirror,
    mirror_followers,
    offer_deadlines,
    outbox,
    personal_export,
    reminders,
    retention,
    rolls,
    schedules,
    timers,
    visit_deadlines,
)
from handlers.job_steps import WAKE
from handlers.runtime import Runtime
from handlers.schedules import NextTime
from handlers.sending import Table, is_due
from models.campaigns import Delivery
from models.outbox import OutboxMessage

MOST_ROUNDS = 10_000
JOBS: tuple[tuple[str, Table], ...] = (("send_outbox", OutboxMessage), ("send_deliveries", Delivery))


class _Stopped:
    """A clock that stands at the tick's instant."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        """Return the tick's instant."""
        return self._at


def tick(runtime: Runtime, at: datetime, next_time: NextTime) -> dict[str, int]:
    """Run everything due at `at` as if it were now, drain it, and return counts per kind."""
    stopped = replace(runtime, clock=_Stopped(at))
    counts = {"schedules": schedules.fire_due(stopped, next_time), "reminders": reminders.send_due(stopped)}
    counts["deadlines"] = _drain(lambda: offer_deadlines.settle_due(stopped))
    counts["visits"] = visit_deadlines.ask_for_coding(stopped)
    counts["returns"] = after_sale.invite_due(stopped)
    counts["timers"] = timers.fire_due(stopped)
    counts["alarms"] = alarms.raise_due(stopped)
    counts["copies"] = _drain(lambda: personal_export.build_due(stopped))
    counts["erasures"] = erasure.tell_due(stopped)
    counts["outbox"] = _drain(lambda: outbox.send_due(stopped))
    counts["deliveries"] = _drain(lambda: deliveries.send_due(stopped))
    counts["mirror"] = mirror_followers.begin_due(stopped) + _drain(lambda: mirror.work(stopped))
    counts["jobs"] = _drain(lambda: jobs.carry_due(stopped))
    counts["media"] = _drain(lambda: media.keep_due(stopped))
    counts["erasures"] += erasure.forget_due(stopped)
    counts["retention"] = retention.purge_due(stopped)
    counts["sealed"] = _drain(lambda: audit_chain.seal(stopped))
    return counts


def _drain(work: Callable[[], int]) -> int:
    total = 0
    for _ in range(MOST_ROUNDS):
        done = work()
        total += done
        if not done:
            break
    return total


def follow(runtime: Runtime) -> int:
    """Let what is derived follow what was written: the chain of the audit, the rolls of tags."""
    return audit_chain.seal(runtime) + rolls.keep_due(runtime)


def sweep(runtime: Runtime) -> None:
    """Wake the workers for rows that wait: a lost wake-up costs seconds, never a message."""
    with runtime.database.reading() as tx:
        due = [job for job, table in JOBS if is_due(runtime, tx, table)]
        if media.is_due(runtime, tx):
            due.append("keep_media")
        if mirror.is_due(runtime, tx):
            due.append(mirror.JOB)
        if jobs.is_due(runtime, tx):
            due.append(WAKE)
    for job in due:
        runtime.queue.wake(job)

"""Schedules and their instants: the table is the truth, the clock only looks. Any number of processes fire once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from sqlalchemy import select

from handlers import minors_audit
from handlers.content import PushRule
from handlers.pushes import add_campaign, check_text, read_audience
from handlers.runtime import Runtime
from models.database import Transaction, insert_for
from models.schedules import Schedule, ScheduleRun

RULE, MINORS_AUDIT = "rule:", "duty:minors_audit"
MOST_RUNS = 366
NextTime = Callable[[str, str, datetime], datetime | None]


def store_rules(runtime: Runtime) -> None:
    """Bring the schedule table in line with the push rules of content; a rule that is gone stops, its history stays.

    A new rule counts from now: it does not fire for instants before it was known.
    """
    now, rules = runtime.now(), runtime.content.rules
    with runtime.transaction() as tx:
        known = {each.key: each for each in tx.session.scalars(select(Schedule).where(Schedule.key.startswith(RULE)))}
        for rule in rules.values():
            schedule = known.pop(RULE + rule.id, None)
            if schedule is None:
                schedule = Schedule(key=RULE + rule.id, last_due_at=now, cron="", timezone="")
                tx.session.add(schedule)
            elif not schedule.is_enabled or schedule.cron != rule.cron:
                schedule.last_due_at = now
            schedule.cron, schedule.timezone, schedule.misfire = rule.cron, rule.timezone, rule.misfire
            schedule.is_enabled = True
        for schedule in known.values():
            schedule.is_enabled = False
        _store_duty(runtime, tx)


def _store_duty(runtime: Runtime, tx: Transaction) -> None:
    """Write down what the law wants once a year; it counts from now like a rule."""
    values = {"cron": minors_audit.CRON, "timezone": runtime.options.zone.key, "misfire": "run_once", "is_enabled": True}
    statement = insert_for(tx.connection, Schedule).values(key=MINORS_AUDIT, last_due_at=runtime.now(), **values)
    tx.connection.execute(statement.on_conflict_do_nothing(index_elements=["key"]))


def fire_due(runtime: Runtime, next_time: NextTime) -> int:
    """Insert a run for every instant that has come, move on, and start what those runs stand for; returns how many.

    `next_time(cron, timezone, after)` gives the first instant after `after`. Lateness is judged by the schedule's
    misfire policy: run_once folds a backlog into its last instant, run_all runs each, skip:<minutes> drops older ones.
    """
    with runtime.transaction() as tx:
        statement = select(Schedule).where(Schedule.is_enabled.is_(True)).order_by(Schedule.id)
        for schedule in tx.session.scalars(statement if tx.is_sqlite else statement.with_for_update(skip_locked=True)):
            _plan(runtime, tx, schedule, next_time)
    return _start_planned(runtime)


def _plan(runtime: Runtime, tx: Transaction, schedule: Schedule, next_time: NextTime) -> None:
    now = runtime.now()
    instants = list(_list_instants(schedule, now, next_time))
    if not instants:
        return
    schedule.last_due_at = instants[-1]
    for due_at in _apply_misfire(schedule.misfire, instants, now):
        statement = insert_for(tx.connection, ScheduleRun).values(
            schedule_id=schedule.id, due_at=due_at, status="planned", at=now
        )
        tx.connection.execute(statement.on_conflict_do_nothing())


def _list_instants(schedule: Schedule, now: datetime, next_time: NextTime) -> Iterator[datetime]:
    after = schedule.last_due_at
    for _ in range(MOST_RUNS):
        due_at = next_time(schedule.cron, schedule.timezone, after)
        if due_at is None or due_at > now:
            return
        yield due_at
        after = due_at


def _apply_misfire(policy: str, instants: list[datetime], now: datetime) -> list[datetime]:
    if policy == "run_all":
        return instants
    if policy.startswith("skip:"):
        oldest = now - timedelta(minutes=int(policy.removeprefix("skip:")))
        return [due_at for due_at in instants[-1:] if due_at >= oldest]
    return instants[-1:]


def _start_planned(runtime: Runtime) -> int:
    started = 0
    with runtime.database.reading() as tx:
        run_ids = list(
            tx.session.scalars(select(ScheduleRun.id).where(ScheduleRun.status == "planned").order_by(ScheduleRun.id))
        )
    for run_id in run_ids:
        with runtime.transaction() as tx:
            statement = select(ScheduleRun).where(ScheduleRun.id == run_id, ScheduleRun.status == "planned")
            run = tx.session.scalar(statement if tx.is_sqlite else statement.with_for_update(skip_locked=True))
            if run is not None:
                _start(runtime, tx, run)
                started += 1
    return started


def _start(runtime: Runtime, tx: Transaction, run: ScheduleRun) -> None:
    schedule = tx.session.get_one(Schedule, run.schedule_id)
    if schedule.key == MINORS_AUDIT:
        run.status = "done" if minors_audit.ask_for_audit(runtime, tx) else "dropped"
        return
    rule = runtime.content.rules.get(schedule.key.removeprefix(RULE))
    run.status = "done" if rule else "dropped"
    if rule is not None:
        _push(runtime, tx, rule, run)


def _push(runtime: Runtime, tx: Transaction, rule: PushRule, run: ScheduleRun) -> None:
    check_text(runtime, rule.text)
    add_campaign(
        runtime,
        tx,
        read_audience(runtime, rule.audience),
        rule.text,
        name=rule.title,
        topic=rule.topic,
        kind=rule.kind,
        by="schedule",
        rule=rule.id if rule.is_quiet else None,
        run_id=run.id,
    )

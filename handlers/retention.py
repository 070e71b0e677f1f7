"""Lets go of what has been kept long enough, kind by kind, in batches (D12). What an open case needs is frozen and stays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    and_,
    bindparam,
    case,
    delete,
    exists,
    false,
    func,
    or_,
    select,
    tuple_,
    update,
)

from handlers.personal_export import remove_files
from handlers.runtime import Runtime
from models.answers import SurveyAnswer
from models.base import Base
from models.campaigns import Delivery
from models.cases import Attachment, Complaint, Order
from models.conversations import Conversation
from models.database import Transaction, table_of
from models.outbox import OutboxMessage, SendStatus
from models.personal import HOLDINGS, OPEN_CASES
from models.rights import ExportStatus, PersonalExport
from models.runs import ScriptRun
from models.tasks import LIVING, Task
from models.visits import Visit, VisitStatus

BATCH = 500
MOST_ROUNDS = 1000
NIGHT = (time(2), time(5))
UNDER_WAY = (SendStatus.PLANNED.value, SendStatus.LEASED.value)
VOICE = "voice"
NOW = "now"
Limits = Mapping[str, datetime]  # kind -> instant before which it is no longer kept; and the instant itself
# what hangs on an order or complaint goes with it, children first
OF_A_CASE = ("order_secret", "booking", "attachment", "case_event", "task")


@dataclass(frozen=True, slots=True)
class Rule:
    """Rows of a kind: by which column their age counts, and which of them stay whatever their age (`frozen`)."""

    table: str
    column: str
    frozen: Callable[[], ColumnElement[bool]] | None = None


def purge_at_night(runtime: Runtime) -> int:
    """Purge while people sleep; at any other hour do nothing."""
    clock = runtime.local(runtime.now()).time()
    return purge_due(runtime) if NIGHT[0] <= clock < NIGHT[1] else 0


def purge_due(runtime: Runtime) -> int:
    """Remove everything whose time is over at this instant; returns how many rows. Again at once does nothing."""
    limits = _find_limits(runtime)
    kinds = frozenset(limits)
    with runtime.database.reading() as tx:
        if not tx.connection.scalar(_ask_for_any(kinds), limits):
            return 0
    return sum(_drain(lambda each=each: each.purge(runtime, each, limits)) for each in _list_old(kinds))  # type: ignore[misc]


def _find_limits(runtime: Runtime) -> Limits:
    """Return the instant before which a kind is no longer kept, for every kind that does not stay."""
    now = runtime.now()
    limits = ((kind, kept.find_limit(now)) for kind, kept in runtime.content.retention.kinds.items())
    return {NOW: now} | {kind: limit for kind, limit in limits if limit is not None}


@lru_cache(4)
def _ask_for_any(kinds: frozenset[str]) -> Select[bool]:
    return select(or_(*(exists().where(each.old).select_from(each.source) for each in _list_old(kinds))))


def _drain(purge: Callable[[], int]) -> int:
    total = 0
    for _ in range(MOST_ROUNDS):
        done = purge()
        total += done
        if not done:
            break
    return total


@dataclass(frozen=True, slots=True)
class Old:
    """Rows of one table whose time is over, and what takes a batch of them away; the condition asks for its kind's limit."""

    source: Table
    old: ColumnElement[bool]
    purge: Callable[[Runtime, Old, Limits], int]


@lru_cache(4)
def _list_old(kinds: frozenset[str]) -> Sequence[Old]:
    """Return what may be over: copies whose address has ended, recordings, plain rows, cases, and tasks without one."""
    copies = table_of(PersonalExport)
    found = [
        Old(copies, (copies.c.status == ExportStatus.READY.value) & (copies.c.expires_at <= bindparam(NOW)), _close_copies)
    ]
    for rule in RULES:
        if rule.table in Base.metadata.tables and rule.table in kinds:
            table = Base.metadata.tables[rule.table]
            is_old = table.c[rule.column] < bindparam(rule.table)
            frozen = rule.frozen() if rule.frozen is not None else None
            found.append(Old(table, is_old if frozen is None else is_old & (case((frozen, 1), else_=0) == 0), _purge_plain))
    if VOICE in kinds:
        found.append(Old(table_of(Attachment), _is_old_voice(), _purge_voice))
    for table in (table_of(Order), table_of(Complaint)):
        if table.name in kinds:
            is_old = table.c.status.not_in(OPEN_CASES) & (table.c.updated_at < bindparam(table.name))
            found.append(Old(table, is_old, _purge_cases))
    if "task" in kinds:
        tasks = table_of(Task).c
        apart = and_(tasks.order_id.is_(None), tasks.complaint_id.is_(None), tasks.status.not_in(LIVING))
        found.append(Old(table_of(Task), apart & (tasks.created_at < bindparam("task")), _purge_tasks))
    return found


def _of_open_cases(table: str) -> Callable[[], ColumnElement[bool]]:
    """Return the condition that a row is of somebody whose complaint or order is open: it may be needed as proof."""

    def is_frozen() -> ColumnElement[bool]:
        column = Base.metadata.tables[table].c.openid
        return or_(*(column.in_(_open_openids(model)) for model in (Complaint, Order)))

    return is_frozen


def _open_openids(model: type[Complaint] | type[Order]) -> Select[Any]:
    return select(model.openid).where(model.status.in_(OPEN_CASES), model.openid.is_not(None))


def _of_answers() -> ColumnElement[bool]:
    """Return the condition that a run still has answers: they go first."""
    answers = Base.metadata.tables.get("answer")
    return table_of(ScriptRun).c.id.in_(select(answers.c.run_id)) if answers is not None else false()


def _of_visits() -> ColumnElement[bool]:
    """Return the condition that a visit still has answers, or is still to be put in order."""
    visits = table_of(Visit)
    answered = select(SurveyAnswer.visit_id).where(SurveyAnswer.visit_id.is_not(None))
    return visits.c.id.in_(answered) | (visits.c.status == VisitStatus.OPEN.value)


RULES: Sequence[Rule] = (
    Rule("inbound_message", "at", _of_open_cases("inbound_message")),
    Rule("outbox", "created_at", lambda: OutboxMessage.status.in_(UNDER_WAY) | _of_open_cases("outbox")()),
    Rule("conversation", "updated_at", lambda: Conversation.handover_task_id.is_not(None)),
    Rule("account_change", "decided_at"),
    Rule("bind_attempt", "at"),
    Rule("early_report", "at"),
    Rule("unheard", "last_at"),
    Rule("delivery", "due_at", lambda: Delivery.status.in_(UNDER_WAY)),
    Rule("owner_tag", "expires_at"),
    Rule("tag_change", "at"),
    Rule("tag_conflict", "at"),
    Rule("answer", "at"),
    Rule("survey_invitation", "at"),
    Rule("script_run", "started_at", _of_answers),
    Rule("visit", "opened_at", _of_visits),
    Rule("feedback", "created_at"),
    Rule("erasure", "done_at"),
    Rule("personal_export", "requested_at"),
)


def _purge_plain(runtime: Runtime, old: Old, limits: Limits) -> int:
    keys = list(old.source.primary_key.columns)
    with runtime.transaction() as tx:
        rows = tx.connection.execute(select(*keys).where(old.old).limit(BATCH), limits).all()
        if rows:
            ids = [row[0] for row in rows]
            gone = keys[0].in_(ids) if len(keys) == 1 else tuple_(*keys).in_([tuple(row) for row in rows])
            tx.connection.execute(delete(old.source).where(gone))
    return len(rows)


def _take(tx: Transaction, old: Old, limits: Limits) -> list[int]:
    statement = select(old.source.c.id).where(old.old).order_by(old.source.c.id).limit(BATCH)
    return list(tx.connection.scalars(statement, limits))


def _close_copies(runtime: Runtime, old: Old, limits: Limits) -> int:
    """Take away the files of copies whose address has ended."""
    with runtime.transaction() as tx:
        rows = tx.session.scalars(select(PersonalExport).where(old.old).limit(BATCH), limits).all()
        remove_files(runtime, [row.name for row in rows if row.name])
        for row in rows:
            row.status, row.name = ExportStatus.GONE.value, None
    return len(rows)


def _is_old_voice() -> ColumnElement[bool]:
    """Return the condition of recordings, which live much shorter than the case they belong to (D24), open ones excepted."""
    open_cases = [
        column.in_(select(model.id).where(model.status.in_(OPEN_CASES)))
        for column, model in ((Attachment.complaint_id, Complaint), (Attachment.order_id, Order))
    ]
    return and_(Attachment.kind == VOICE, Attachment.created_at < bindparam(VOICE), case((or_(*open_cases), 1), else_=0) == 0)


def _purge_voice(runtime: Runtime, old: Old, limits: Limits) -> int:
    with runtime.transaction() as tx:
        ids = _take(tx, old, limits)
        _remove_attachments(runtime, tx, Attachment.id.in_(ids))
    return len(ids)


def _remove_attachments(runtime: Runtime, tx: Transaction, gone: ColumnElement[bool]) -> None:
    """Remove rows and their files, unless the same file belongs to a row that stays."""
    paths = set(tx.session.scalars(select(Attachment.path).where(gone, Attachment.path.is_not(None))))
    tx.session.execute(delete(Attachment).where(gone))
    for path in sorted(path for path in paths if path):
        if not tx.session.scalar(select(func.count()).where(Attachment.path == path)):
            (runtime.options.data_dir / path).unlink(missing_ok=True)


def _purge_cases(runtime: Runtime, old: Old, limits: Limits) -> int:
    with runtime.transaction() as tx:
        ids = _take(tx, old, limits)
        if ids:
            _remove_children(runtime, tx, old.source.name, ids)
            tx.connection.execute(delete(old.source).where(old.source.c.id.in_(ids)))
    return len(ids)


def _remove_children(runtime: Runtime, tx: Transaction, name: str, ids: Sequence[int]) -> None:
    tasks = select(Task.id).where(table_of(Task).c[f"{name}_id"].in_(ids))
    tx.session.execute(delete(HOLDINGS["case_event"].source).where(HOLDINGS["case_event"].source.c.task_id.in_(tasks)))
    for child in OF_A_CASE:
        table = HOLDINGS[child].source
        if f"{name}_id" not in table.c:
            continue
        gone = table.c[f"{name}_id"].in_(ids)
        if child == "attachment":
            _remove_attachments(runtime, tx, gone)
        else:
            tx.session.execute(delete(table).where(gone))


def _purge_tasks(runtime: Runtime, old: Old, limits: Limits) -> int:
    """Remove what staff had to do apart from any case: calls, hand-overs, suggestions."""
    events = HOLDINGS["case_event"].source
    with runtime.transaction() as tx:
        ids = _take(tx, old, limits)
        if ids:
            tx.session.execute(delete(events).where(events.c.task_id.in_(ids)))
            tx.session.execute(update(Conversation).where(Conversation.handover_task_id.in_(ids)).values(handover_task_id=None))
            tx.session.execute(delete(Task).where(Task.id.in_(ids)))
    return len(ids)

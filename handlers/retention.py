"""Lets go of what has been kept long enough, kind by kind, in batches (D12). What an open case needs is frozen and stays."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, and_, case, delete, exists, false, func, or_, select, tuple_, update

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
    with runtime.database.reading() as tx:
        old = [exists().where(each.old).select_from(each.source) for each in _list_old(runtime)]
        if not tx.connection.scalar(select(or_(*old))):
            return 0
    return sum(_drain(lambda each=each: each.purge(runtime, each)) for each in _list_old(runtime))  # type: ignore[misc]


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
    """Rows of one table whose time is over, and what takes a batch of them away."""

    source: Table
    old: ColumnElement[bool]
    purge: Callable[[Runtime, Old], int]


def _list_old(runtime: Runtime) -> Iterator[Old]:
    """Give what is over now: copies whose address has ended, recordings, plain rows, cases, and tasks without one."""
    copies = table_of(PersonalExport)
    ended = (copies.c.status == ExportStatus.READY.value) & (copies.c.expires_at <= runtime.now())
    yield Old(copies, ended, _close_copies)
    for rule in RULES:
        if rule.table in Base.metadata.tables and (limit := _limit(runtime, rule.table)) is not None:
            table = Base.metadata.tables[rule.table]
            is_old = table.c[rule.column] < limit
            frozen = rule.frozen() if rule.frozen is not None else None
            yield Old(table, is_old if frozen is None else is_old & (case((frozen, 1), else_=0) == 0), _purge_plain)
    if (limit := _limit(runtime, VOICE)) is not None:
        yield Old(table_of(Attachment), _is_old_voice(limit), _purge_voice)
    for model in (Order, Complaint):
        table = table_of(model)
        if (limit := _limit(runtime, table.name)) is not None:
            yield Old(table, table.c.status.not_in(OPEN_CASES) & (table.c.updated_at < limit), _purge_cases)
    if (limit := _limit(runtime, "task")) is not None:
        tasks = table_of(Task).c
        apart = and_(tasks.order_id.is_(None), tasks.complaint_id.is_(None), tasks.status.not_in(LIVING))
        yield Old(table_of(Task), apart & (tasks.created_at < limit), _purge_tasks)


def _limit(runtime: Runtime, kind: str) -> datetime | None:
    found = runtime.content.retention.kinds.get(kind)
    return found.find_limit(runtime.now()) if found else None


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


def _purge_plain(runtime: Runtime, old: Old) -> int:
    keys = list(old.source.primary_key.columns)
    with runtime.transaction() as tx:
        rows = tx.connection.execute(select(*keys).where(old.old).limit(BATCH)).all()
        if rows:
            ids = [row[0] for row in rows]
            gone = keys[0].in_(ids) if len(keys) == 1 else tuple_(*keys).in_([tuple(row) for row in rows])
            tx.connection.execute(delete(old.source).where(gone))
    return len(rows)


def _take(tx: Transaction, old: Old) -> list[int]:
    return list(tx.connection.scalars(select(old.source.c.id).where(old.old).order_by(old.source.c.id).limit(BATCH)))


def _close_copies(runtime: Runtime, old: Old) -> int:
    """Take away the files of copies whose address has ended."""
    with runtime.transaction() as tx:
        rows = tx.session.scalars(select(PersonalExport).where(old.old).limit(BATCH)).all()
        remove_files(runtime, [row.name for row in rows if row.name])
        for row in rows:
            row.status, row.name = ExportStatus.GONE.value, None
    return len(rows)


def _is_old_voice(limit: datetime) -> ColumnElement[bool]:
    """Return the condition of recordings, which live much shorter than the case they belong to (D24), open ones excepted."""
    open_cases = [
        column.in_(select(model.id).where(model.status.in_(OPEN_CASES)))
        for column, model in ((Attachment.complaint_id, Complaint), (Attachment.order_id, Order))
    ]
    return and_(Attachment.kind == VOICE, Attachment.created_at < limit, case((or_(*open_cases), 1), else_=0) == 0)


def _purge_voice(runtime: Runtime, old: Old) -> int:
    with runtime.transaction() as tx:
        ids = _take(tx, old)
        _remove_attachments(runtime, tx, Attachment.id.in_(ids))
    return len(ids)


def _remove_attachments(runtime: Runtime, tx: Transaction, gone: ColumnElement[bool]) -> None:
    """Remove rows and their files, unless the same file belongs to a row that stays."""
    paths = set(tx.session.scalars(select(Attachment.path).where(gone, Attachment.path.is_not(None))))
    tx.session.execute(delete(Attachment).where(gone))
    for path in sorted(path for path in paths if path):
        if not tx.session.scalar(select(func.count()).where(Attachment.path == path)):
            (runtime.options.data_dir / path).unlink(missing_ok=True)


def _purge_cases(runtime: Runtime, old: Old) -> int:
    with runtime.transaction() as tx:
        ids = _take(tx, old)
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


def _purge_tasks(runtime: Runtime, old: Old) -> int:
    """Remove what staff had to do apart from any case: calls, hand-overs, suggestions."""
    events = HOLDINGS["case_event"].source
    with runtime.transaction() as tx:
        ids = _take(tx, old)
        if ids:
            tx.session.execute(delete(events).where(events.c.task_id.in_(ids)))
            tx.session.execute(update(Conversation).where(Conversation.handover_task_id.in_(ids)).values(handover_task_id=None))
            tx.session.execute(delete(Task).where(Task.id.in_(ids)))
    return len(ids)

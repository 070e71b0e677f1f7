"""Forgets people who asked for it: tells them first, then works through the register of tables, files and traces (D15).

What is still open (an order, a complaint) is finished first: the rest goes at once, and the last of it when that is over.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from handlers import mirror_farewell, notices
from handlers.desk import open_desk
from handlers.erasure_words import find_words, scrub
from handlers.personal_export import remove_files
from handlers.runtime import Runtime
from models.audits import add_audit
from models.cases import Attachment
from models.database import Transaction
from models.outbox import OutboxMessage, SendStatus
from models.personal import HOLDINGS, Fate, Holding, Person, find_person, list_holdings, list_open_cases
from models.rights import Erasure, ErasureStatus, PersonalExport
from models.tasks import LIVING, Task, TaskStatus

LOG = logging.getLogger(__name__)
BATCH = 20
PATIENCE = timedelta(minutes=10)  # for the last message to leave
UNDER_WAY = (SendStatus.PLANNED.value, SendStatus.LEASED.value)


def erase_due(runtime: Runtime) -> int:
    """Tell those whose day has come and forget those who were told; returns how many steps were done."""
    return tell_due(runtime) + forget_due(runtime)


def tell_due(runtime: Runtime) -> int:
    """Send the last word to those whose day has come; returns to how many."""
    return _each(runtime, _list_due(runtime), _tell)


def forget_due(runtime: Runtime) -> int:
    """Forget those whom the last word has left for, and sweep after them; returns how many."""
    done = _each(runtime, _list_told(runtime), _forget)
    _sweep(runtime)
    return done


def _each(runtime: Runtime, ids: list[int], work: Callable[[Runtime, int], bool]) -> int:
    done = 0
    for erasure_id in ids:
        try:
            done += work(runtime, erasure_id)
        except SQLAlchemyError:
            LOG.exception("an erasure waits for the next tick erasure=%s", erasure_id)
    return done


def _list_due(runtime: Runtime) -> list[int]:
    """Return wishes whose day has come, and those whose last open thing may be over."""
    waiting = (Erasure.status == ErasureStatus.WAITING.value) & (Erasure.due_at <= runtime.now())
    statement = select(Erasure.id).where(or_(waiting, Erasure.status == ErasureStatus.PARTLY.value))
    with runtime.database.reading() as tx:
        return list(tx.session.scalars(statement.order_by(Erasure.id).limit(BATCH)))


def _list_told(runtime: Runtime) -> list[int]:
    statement = select(Erasure.id, Erasure.told_at).where(Erasure.status == ErasureStatus.TELLING.value)
    with runtime.database.reading() as tx:
        rows = tx.session.execute(statement.order_by(Erasure.id).limit(BATCH)).all()
        on_its_way = select(OutboxMessage.dedupe).where(OutboxMessage.status.in_(UNDER_WAY))
        keys = [_key(row.id) + end for row in rows for end in ("", ":last")]
        waiting = set(tx.session.scalars(on_its_way.where(OutboxMessage.dedupe.in_(keys)))) if keys else set()
    late = runtime.now() - PATIENCE
    return [row.id for row in rows if row.told_at <= late or not {_key(row.id), f"{_key(row.id)}:last"} & waiting]


def _key(erasure_id: int) -> str:
    return f"erasure:{erasure_id}"


def _lock(runtime: Runtime, tx: Transaction, erasure_id: int, *states: ErasureStatus) -> Erasure | None:
    """Return the wish, held, when it still stands where it was seen; she cannot write in the middle of it."""
    statement = select(Erasure).where(Erasure.id == erasure_id)
    row = tx.session.scalar(statement if tx.is_sqlite else statement.with_for_update())
    if row is None or row.openid is None or row.status not in {each.value for each in states}:
        return None
    open_desk(runtime, tx, row.openid)
    return row


def _tell(runtime: Runtime, erasure_id: int) -> bool:
    """Say what is being done; the message leaves before its address is forgotten."""
    with runtime.transaction() as tx:
        row = _lock(runtime, tx, erasure_id, ErasureStatus.WAITING, ErasureStatus.PARTLY)
        if row is None or row.openid is None:
            return False
        is_again = row.status == ErasureStatus.PARTLY.value
        still_open = list_open_cases(tx.session, find_person(tx.session, row.openid))
        if is_again and still_open:
            return False
        text = runtime.say("erase.partly", open="、".join(still_open)) if still_open else runtime.say("erase.done")
        notices.notify(runtime, tx, row.openid, text, dedupe=_key(row.id) + (":last" if is_again else ""))
        row.status, row.told_at = ErasureStatus.TELLING.value, runtime.now()
    return True


def _forget(runtime: Runtime, erasure_id: int) -> bool:
    """Forget a person: first her name where others wrote it, then everything in one transaction with its files."""
    with runtime.database.reading() as tx:
        seen = tx.session.get_one(Erasure, erasure_id)
        person = find_person(tx.session, seen.openid or "")
        is_last = not list_open_cases(tx.session, person)
        words = find_words(tx.session, person) if is_last else None
    if is_last and not mirror_farewell.take_down(runtime, person.openids, seen.told_at):
        return False
    if words is not None:
        scrub(runtime, person, words)
    with runtime.transaction() as tx:
        row = _lock(runtime, tx, erasure_id, ErasureStatus.TELLING)
        if row is None:
            return False
        counts = _erase_rows(runtime, tx, person, is_last=is_last)
        if runtime.traces is not None:
            counts["traces"] = runtime.traces.forget(person.openids)
        row.counts, row.done_at = counts, runtime.now() if is_last else None
        row.status = (ErasureStatus.DONE if is_last else ErasureStatus.PARTLY).value
        if is_last:
            hers = update(Erasure).where(Erasure.openid.in_(person.openids))
            tx.session.flush()
            tx.session.execute(hers.values(openid=None, owner_id=None))
        add_audit(tx.session, runtime.now(), "system", "erased", f"erasure:{erasure_id}", is_last=is_last, **counts)
    return True


def _erase_rows(runtime: Runtime, tx: Transaction, person: Person, *, is_last: bool) -> dict[str, int]:
    _stop_work(tx, person, is_last=is_last)
    _remove_files(runtime, tx, person, is_last=is_last)
    counts = {}
    for holding in list_holdings():
        if holding.fate is Fate.KEEP or (holding.waits and not is_last):
            continue
        if number := _end(tx, holding, person):
            counts[holding.table] = number
    return counts


def _end(tx: Transaction, holding: Holding, person: Person) -> int:
    table, hers = holding.source, holding.find(person)
    statement = delete(table).where(hers) if holding.fate is Fate.ERASE else update(table).where(hers).values(**holding.blank)
    number: int = tx.connection.execute(statement).rowcount
    return number


def _stop_work(tx: Transaction, person: Person, *, is_last: bool) -> None:
    """Cancel what staff would still do for somebody who is forgotten: calls, hand-overs, answers to suggestions."""
    if is_last:
        table = HOLDINGS["task"].source
        living = update(table).where(HOLDINGS["task"].find(person), Task.status.in_(LIVING))
        tx.connection.execute(living.values(status=TaskStatus.CANCELLED.value))


def _remove_files(runtime: Runtime, tx: Transaction, person: Person, *, is_last: bool) -> None:
    """Take her copies away, and her pictures unless the same picture belongs to somebody else too."""
    copies = tx.session.scalars(select(PersonalExport.name).where(HOLDINGS["personal_export"].find(person)))
    remove_files(runtime, [name for name in copies if name])
    if is_last:
        hers = HOLDINGS["attachment"].find(person)
        paths = set(tx.session.scalars(select(Attachment.path).where(hers, Attachment.path.is_not(None))))
        for path in sorted(path for path in paths if path):
            users = select(func.count()).where(Attachment.path == path)
            if tx.session.scalar(users) == tx.session.scalar(users.where(hers)):
                (runtime.options.data_dir / path).unlink(missing_ok=True)


def _sweep(runtime: Runtime) -> int:
    """Overwrite what deleted rows leave in the database's file (SQLite); PostgreSQL's own vacuum does it there."""
    unswept = (Erasure.status == ErasureStatus.DONE.value, Erasure.swept_at.is_(None))
    with runtime.database.reading() as tx:
        ids = list(tx.session.scalars(select(Erasure.id).where(*unswept)))
    if not ids or not runtime.database.compact():
        return 0
    with runtime.transaction() as tx:
        tx.session.execute(update(Erasure).where(Erasure.id.in_(ids)).values(swept_at=runtime.now()))
    return len(ids)

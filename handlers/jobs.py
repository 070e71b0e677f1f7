"""Jobs from the yes of a person to their end: made once however often she clicks, carried by any worker, cleared away."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, BinaryIO

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from handlers import job_files
from handlers.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from handlers.job_exports import carry_export
from handlers.job_files import find_folder, keep_upload, read_json, remove_folder
from handlers.job_imports import REGISTERS, carry_import
from handlers.job_steps import LEASE, WAKE, TakenError, close
from handlers.runtime import Runtime
from models.audits import add_audit
from models.database import Transaction
from models.jobs import Job, JobKind, JobState, claim, find_by_token, find_job, hold, is_over, list_jobs, list_to_approve, waits

LOG = logging.getLogger(__name__)
MOST_TRIES = 5
MOST_LIVING = 5  # of one person
ROWS_STAY = timedelta(days=180)
WAITS_FOR_YES = timedelta(hours=24)
ALONE = 200  # owners that somebody may take away alone; more leave only when a second person agrees (D17)
IN_CHARGE = 2_500  # the same for a supervisor: half of what the law counts at most (D26)
TICKET = re.compile(r"[A-Za-z0-9_-]{16,64}")
CARRY: Mapping[str, Callable[[Runtime, Job], None]] = {
    **dict.fromkeys(REGISTERS, carry_import),
    JobKind.EXPORT_OWNERS.value: carry_export,
}


@dataclass(frozen=True, slots=True)
class JobHand:
    """Who asks for a job: the audit's name for her, the buildings she may see (None is every estate), what she may agree to."""

    by: str
    building_ids: frozenset[int] | None = None
    may_approve: bool = False
    is_in_charge: bool = False  # a supervisor, of whatever buildings

    @property
    def alone(self) -> int:
        """Return how many owners she may take away without a second person (D17)."""
        return IN_CHARGE if self.is_in_charge or self.may_approve else ALONE


@dataclass(frozen=True, slots=True)
class JobView:
    """A job for its page: what the look at its file found stands in `preview`."""

    job: Job
    preview: Mapping[str, Any]


def bring_file(runtime: Runtime, hand: JobHand, kind: JobKind, ticket: str, name: str, source: BinaryIO) -> int:
    """Keep a file and have it looked at; returns the job. The same ticket is the same job, so a second click makes nothing.

    Raises InvalidInputError (`too_large`, `ticket`), ConflictError for somebody who has too many under way.
    """
    token = _make_token(hand, ticket)
    if (found := _find(runtime, token)) is not None:
        return found
    rows = keep_upload(runtime, token, source)
    return _make(runtime, hand, kind, token, {"name": name[:120], "rows_total": rows, "state": JobState.CHECKING.value})


def ask_export(runtime: Runtime, hand: JobHand, ticket: str, audience: str, count: int) -> int:
    """Have a list of `count` owners written; returns the job. More than she may take alone wait for a second person (D17)."""
    token = _make_token(hand, ticket)
    if (found := _find(runtime, token)) is not None:
        return found
    state = JobState.READY if count > hand.alone else JobState.RUNNING
    return _make(
        runtime, hand, JobKind.EXPORT_OWNERS, token, {"audience": audience, "rows_total": max(count, 1), "state": state.value}
    )


def _make_token(hand: JobHand, ticket: str) -> str:
    if not TICKET.fullmatch(ticket):
        raise InvalidInputError("ticket")
    return hashlib.sha256(f"{hand.by}:{ticket}".encode()).hexdigest()[:40]


def _find(runtime: Runtime, token: str) -> int | None:
    with runtime.database.reading() as tx:
        found = find_by_token(tx.session, token)
        return found.id if found else None


def _make(runtime: Runtime, hand: JobHand, kind: JobKind, token: str, values: Mapping[str, Any]) -> int:
    now = runtime.now()
    mine = None if hand.building_ids is None else sorted(hand.building_ids)
    job = Job(kind=kind.value, token=token, by=hand.by, building_ids=mine, created_at=now, **values)
    job.expires_at = now + WAITS_FOR_YES
    try:
        with runtime.transaction() as tx:
            _refuse_too_many(tx, hand)
            tx.session.add(job)
            tx.flush()
            add_audit(tx.session, now, hand.by, "job", f"job:{job.id}", kind=kind.value)
            tx.wake(WAKE, job.id)
    except IntegrityError:  # the other click of two was quicker
        found = _find(runtime, token)
        if found is None:
            raise
        return found
    except ConflictError:
        remove_folder(runtime, token)
        raise
    return job.id


def _refuse_too_many(tx: Transaction, hand: JobHand) -> None:
    if sum(each.is_living for each in list_jobs(tx.session, hand.by, list(CARRY))) >= MOST_LIVING:
        raise ConflictError("too many jobs are under way: wait for one or stop it")


def confirm(runtime: Runtime, hand: JobHand, job_id: int, *, skips_bad: bool) -> None:
    """Say yes to what the look at a file found; a second yes does nothing.

    Raises NotFoundError, InvalidInputError when there are bad rows and nobody said to leave them out.
    """
    with runtime.transaction() as tx:
        job = _hold_mine(tx, hand, job_id)
        if job.state != JobState.READY.value or job.kind not in REGISTERS:
            return
        if job.counts.get("rejected") and not skips_bad:
            raise InvalidInputError("some rows are bad: mend the file or leave them out")
        job.state, job.skips_bad, job.building_ids = JobState.RUNNING.value, skips_bad, _narrow(job, hand)
        job.place = job.rows_done = job.tries = 0
        job.error = ""
        add_audit(tx.session, runtime.now(), hand.by, "job_start", f"job:{job.id}", kind=job.kind)
        tx.wake(WAKE, job.id)


def _narrow(job: Job, hand: JobHand) -> list[int] | None:
    """Return the buildings that were hers when she brought the file and still are."""
    if hand.building_ids is None:
        return job.building_ids
    return sorted(hand.building_ids if job.building_ids is None else hand.building_ids & set(job.building_ids))


def approve(runtime: Runtime, hand: JobHand, job_id: int) -> None:
    """Agree to a large list of somebody else's (D17). Raises NotFoundError, ForbiddenError to one's own."""
    with runtime.transaction() as tx:
        job = hold(tx, job_id)
        if job is None or job.kind != JobKind.EXPORT_OWNERS.value:
            raise NotFoundError(f"there is no job {job_id}")
        if job.by == hand.by or not hand.may_approve:
            raise ForbiddenError("somebody else who is in charge of every estate has to agree")
        if job.state != JobState.READY.value:
            return
        job.state = JobState.RUNNING.value
        add_audit(tx.session, runtime.now(), hand.by, "job_approve", f"job:{job.id}", count=job.rows_total)
        tx.wake(WAKE, job.id)


def stop(runtime: Runtime, hand: JobHand, job_id: int) -> None:
    """Stop a job: what is written stays, the rest does not come, its files go. Over already is over. Raises NotFoundError."""
    with runtime.transaction() as tx:
        job = _hold_mine(tx, hand, job_id)
        if not job.is_living:
            return
        close(runtime, job, JobState.STOPPED)
        job.has_result = job.has_files = False
        job.fence += 1
        add_audit(tx.session, runtime.now(), hand.by, "job_stop", f"job:{job.id}", rows=job.rows_done)
    remove_folder(runtime, job.token)


def _hold_mine(tx: Transaction, hand: JobHand, job_id: int) -> Job:
    job = hold(tx, job_id)
    if job is None or job.by != hand.by:
        raise NotFoundError(f"there is no job {job_id}")
    return job


def view(runtime: Runtime, hand: JobHand, job_id: int) -> JobView:
    """Return a job of hers. Raises NotFoundError."""
    with runtime.database.reading() as tx:
        job = find_job(tx.session, job_id, hand.by)
    if job is None:
        raise NotFoundError(f"there is no job {job_id}")
    return JobView(job, read_json(find_folder(runtime, job.token) / job_files.PREVIEW) or {})


def list_mine(runtime: Runtime, hand: JobHand, kinds: list[str]) -> list[Job]:
    """Return her newest jobs."""
    with runtime.database.reading() as tx:
        return list(list_jobs(tx.session, hand.by, kinds))


def list_waiting(runtime: Runtime, hand: JobHand) -> list[Job]:
    """Return the large lists of others that wait for her to agree."""
    if not hand.may_approve:
        return []
    with runtime.database.reading() as tx:
        return list(list_to_approve(tx.session, hand.by, JobKind.EXPORT_OWNERS))


def take_result(runtime: Runtime, hand: JobHand, job_id: int) -> Any:
    """Return the path of what came out of her job, and write down that she took it. Raises NotFoundError."""
    with runtime.transaction() as tx:
        job = _hold_mine(tx, hand, job_id)
        path = find_folder(runtime, job.token) / job_files.RESULT
        if not job.has_result or job.state != JobState.DONE.value or not path.exists():
            raise NotFoundError(f"job {job_id} has no file any more")
        add_audit(tx.session, runtime.now(), hand.by, "job_file", f"job:{job.id}")
    return path.resolve()


def is_due(runtime: Runtime, tx: Transaction) -> bool:
    """Tell whether a job waits for a worker, or files of one are to go."""
    now = runtime.now()
    return tx.connection.scalar(select(Job.id).where(waits(now) | is_over(now, ROWS_STAY)).limit(1)) is not None


def carry_due(runtime: Runtime) -> int:
    """Clear away what is over, then carry the oldest job that waits to its end; returns how many of both there were."""
    with runtime.database.reading() as tx:
        if not is_due(runtime, tx):
            return 0
    cleared = clear_due(runtime)
    with runtime.transaction() as tx:
        now = runtime.now()
        job = claim(tx, now, now + LEASE)
        if job is not None and job.tries > MOST_TRIES:
            LOG.error("a job was tried too often job=%s kind=%s", job.id, job.kind)
            close(runtime, job, JobState.FAILED, "gave_up")
    if job is None:
        return cleared
    if job.state == JobState.FAILED.value:
        remove_folder(runtime, job.token)
        return cleared + 1
    try:
        CARRY[job.kind](runtime, job)
    except (TakenError, FileNotFoundError):
        LOG.info("a job went on without this worker job=%s", job.id)
    return cleared + 1


def clear_due(runtime: Runtime) -> int:
    """Take away the files of jobs that are over or were never agreed to, and rows that are old; returns how many."""
    now = runtime.now()
    with runtime.transaction() as tx:
        over = tx.session.scalars(select(Job).where(is_over(now, ROWS_STAY)).order_by(Job.id).limit(100)).all()
        for job in over:
            if job.is_living:
                close(runtime, job, JobState.STOPPED, "expired")
            job.has_result = job.has_files = False
        old = [job.id for job in over if job.created_at <= now - ROWS_STAY]
        if old:
            tx.flush()
            tx.session.execute(delete(Job).where(Job.id.in_(old)))
    for job in over:
        remove_folder(runtime, job.token)
    return len(over)

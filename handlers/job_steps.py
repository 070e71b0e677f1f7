"""How a worker moves a job on: every step holds the row, sees that it still is the worker's own, and commits with its work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from handlers.job_files import remove_input
from handlers.runtime import Runtime
from models.database import Transaction
from models.jobs import Job, JobState, hold

LEASE = timedelta(seconds=60)
TURN = timedelta(minutes=4)  # an actor has ten
WAKE = "carry_jobs"
FILES_LIVE = timedelta(hours=24)


class TakenError(Exception):
    """The job is no longer this worker's: it was stopped, or its lease ran out and another has it."""


@contextmanager
def step(runtime: Runtime, job: Job) -> Iterator[tuple[Transaction, Job]]:
    """Open a transaction that holds the job's row; what is written in it counts only together with the place reached.

    Raises TakenError, and writes nothing, when the job is somebody else's by now.
    """
    with runtime.transaction() as tx:
        row = hold(tx, job.id, job.fence)
        if row is None:
            raise TakenError
        row.lease_until = runtime.now() + LEASE
        row.tries = 0
        yield tx, row


def beat(runtime: Runtime, job: Job, rows_done: int) -> None:
    """Say how far a look at the file is."""
    with step(runtime, job) as (_, row):
        row.rows_done = min(rows_done, row.rows_total)


def rests(runtime: Runtime, job: Job) -> bool:
    """Tell whether a worker has carried a job for long, and if so put it down: the next wake-up takes it up where it is."""
    taken_at = (job.lease_until or runtime.now()) - LEASE
    if runtime.now() - taken_at < TURN:
        return False
    with step(runtime, job) as (tx, row):
        row.lease_until = None
        tx.wake(WAKE, row.id)
    return True


def settle(runtime: Runtime, job: Job, state: JobState, error: str = "") -> None:
    """Say what has become of a job; when it is over what was brought goes, what came out stays for a day."""
    with step(runtime, job) as (_, row):
        close(runtime, row, state, error)
    if not row.is_living:
        remove_input(runtime, row)


def close(runtime: Runtime, row: Job, state: JobState, error: str = "") -> None:
    """Set the end of a row that is held."""
    row.state, row.error, row.lease_until = state.value, error, None
    row.expires_at = runtime.now() + FILES_LIVE
    if not row.is_living:
        row.finished_at = runtime.now()

"""Long work that staff ask for: a register comes in, a list goes out. The row says how far it is; its files lie beside it.

A worker carries a job in pieces that each commit together with the place they reached, so a worker that dies costs the
piece it was at, and nothing is done twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, String, Text, and_, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, BigId, Json
from models.database import Transaction

MOST_SHOWN = 20


class JobKind(StrEnum):
    """What is done."""

    IMPORT_OWNERS = "import_owners"
    IMPORT_TAGS = "import_tags"
    EXPORT_OWNERS = "export_owners"


class JobState(StrEnum):
    """Checking: a worker looks at the file. Ready: whoever brought it is to say yes. Refused: there was nothing to be done."""

    CHECKING = "checking"
    READY = "ready"
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"
    STOPPED = "stopped"
    FAILED = "failed"


CARRIED = (JobState.CHECKING.value, JobState.RUNNING.value)
LIVING = (*CARRIED, JobState.READY.value)


class Job(Base):
    """One piece of long work. `token` names its folder and is not to be guessed; nobody of the register stands in the row.

    `building_ids` are what its maker may see, None every estate. `place` is how far it got: the line of a file, an owner's
    id; `size` the bytes of the result that count. `tries` grows with every worker that takes it and reaches nothing.
    """

    __tablename__ = "job"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    token: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(10), index=True)
    by: Mapped[str] = mapped_column(String(80), index=True)
    name: Mapped[str] = mapped_column(String(120), default="")
    audience: Mapped[str] = mapped_column(Text, default="")
    building_ids: Mapped[list[Any] | None] = mapped_column(Json)
    skips_bad: Mapped[bool] = mapped_column(default=False)
    rows_total: Mapped[int] = mapped_column(default=0)
    rows_done: Mapped[int] = mapped_column(default=0)
    place: Mapped[int] = mapped_column(BigId, default=0)
    size: Mapped[int] = mapped_column(BigId, default=0)
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    late: Mapped[dict[str, Any]] = mapped_column(default=dict)  # line -> what was found wrong only while it was written
    error: Mapped[str] = mapped_column(String(40), default="")
    has_files: Mapped[bool] = mapped_column(default=True)
    has_result: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    tries: Mapped[int] = mapped_column(default=0)
    fence: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]

    @property
    def is_living(self) -> bool:
        """Tell whether something is still to come of it."""
        return self.state in LIVING


def waits(now: datetime) -> ColumnElement[bool]:
    """Return the condition of jobs that nobody carries and somebody should."""
    return and_(Job.state.in_(CARRIED), or_(Job.lease_until.is_(None), Job.lease_until <= now))


def list_to_approve(session: Session, by: str, kind: JobKind) -> Sequence[Job]:
    """Return the jobs of others that wait for a second person."""
    statement = select(Job).where(Job.kind == kind.value, Job.state == JobState.READY.value, Job.by != by)
    return session.scalars(statement.order_by(Job.id).limit(MOST_SHOWN)).all()


def is_over(now: datetime, kept: timedelta) -> ColumnElement[bool]:
    """Return the condition of jobs whose files are to go now, or whose row is; nobody takes them from under a worker."""
    files = and_(Job.has_files.is_(True), Job.expires_at <= now)
    return and_(Job.state.not_in(CARRIED), or_(files, Job.created_at <= now - kept))


def claim(tx: Transaction, now: datetime, until: datetime) -> Job | None:
    """Take the oldest job that waits; nobody else has it until the lease ends."""
    statement = select(Job).where(waits(now)).order_by(Job.id).limit(1)
    job = tx.session.scalar(statement if tx.is_sqlite else statement.with_for_update(skip_locked=True))
    if job is not None:
        job.fence += 1
        job.tries += 1
        job.lease_until = until
    return job


def hold(tx: Transaction, job_id: int, fence: int | None = None) -> Job | None:
    """Return a job, held until the transaction ends; None when somebody else has taken it since, or it was stopped."""
    statement = select(Job).where(Job.id == job_id)
    if fence is not None:
        statement = statement.where(Job.fence == fence, Job.state.in_(CARRIED))
    return tx.session.scalar(statement if tx.is_sqlite else statement.with_for_update())


def find_job(session: Session, job_id: int, by: str) -> Job | None:
    """Return a job of somebody's, None where there is none of hers."""
    return session.scalar(select(Job).where(Job.id == job_id, Job.by == by))


def find_by_token(session: Session, token: str) -> Job | None:
    """Return the job of a token."""
    return session.scalar(select(Job).where(Job.token == token))


def list_jobs(session: Session, by: str, kinds: Sequence[str]) -> Sequence[Job]:
    """Return somebody's newest jobs of some kinds."""
    statement = select(Job).where(Job.by == by, Job.kind.in_(kinds)).order_by(Job.id.desc())
    return session.scalars(statement.limit(MOST_SHOWN)).all()

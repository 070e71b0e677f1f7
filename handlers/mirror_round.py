"""One follower on her way through a round: leased, compared, written, recorded. A lease that ran out is somebody else's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select

from handlers.errors import GatewayError
from handlers.mirror_calls import Fault, judge
from handlers.mirror_plan import AGAIN
from handlers.mirror_rules import Comparison
from handlers.ports import PlatformFollower
from handlers.runtime import Runtime
from models.database import Transaction
from models.mirror import MirrorState, MirrorStatus, is_unfinished

BATCH = 100  # as many as the platform tells of in one call
LEASE = timedelta(minutes=15)


@dataclass(slots=True)
class Round:
    """What was seen of one follower, what is to be done, what was done, and what stood in the way."""

    openid: str
    fence: int
    attempts: int
    seen: PlatformFollower | None = None
    wanted: Comparison = field(default_factory=Comparison)
    added: set[int] = field(default_factory=set)
    removed: set[int] = field(default_factory=set)
    is_remarked: bool = False
    faults: list[Fault] = field(default_factory=list)


def claim(runtime: Runtime, tx: Transaction) -> list[Round]:
    """Lease a batch, the longest waiting first; those whose lease ran out with the worker that held it are among them."""
    now = runtime.now()
    statement = select(MirrorState).where(is_unfinished(now)).order_by(MirrorState.due_at, MirrorState.openid).limit(BATCH)
    rows = tx.session.scalars(statement if tx.is_sqlite else statement.with_for_update(skip_locked=True)).all()
    for row in rows:
        row.status, row.lease_until = MirrorStatus.LEASED.value, now + LEASE
        row.fence, row.attempts = row.fence + 1, row.attempts + 1
    return [Round(row.openid, row.fence, row.attempts) for row in rows]


def lock(tx: Transaction, rounds: Sequence[Round]) -> Iterator[tuple[Round, MirrorState]]:
    """Give the rows that are still ours, held."""
    mine = {each.openid: each for each in rounds}
    statement = select(MirrorState).where(MirrorState.openid.in_(mine)).order_by(MirrorState.openid)
    for row in tx.session.scalars(statement if tx.is_sqlite else statement.with_for_update()).all():
        if row.fence == mine[row.openid].fence and row.status == MirrorStatus.LEASED.value:
            yield mine[row.openid], row


def blame(runtime: Runtime, rounds: Sequence[Round], error: GatewayError) -> Fault:
    """Note why something was not done for these; returns what it means."""
    fault = judge(runtime, error, min(each.attempts for each in rounds))
    for each in rounds:
        each.faults.append(fault)
    return fault


def note(each: Round, row: MirrorState, standing: Mapping[int, int]) -> None:
    """Take over what the platform has; what somebody else did there is known only when it is decided."""
    seen, ours = each.seen or PlatformFollower(each.openid, is_following=True), set(standing.values())
    now_on, foreign = (set(seen.tags) - each.removed) | each.added, {found.platform_id for found in each.wanted.foreign}
    row.known = sorted(tag for tag in ours if (tag in row.known if tag in foreign else tag in now_on))
    row.others, row.is_read = len(set(seen.tags) - ours), True
    if each.is_remarked:
        row.written_remark = each.wanted.remark
    elif each.wanted.remark is not None or (seen.remark and seen.remark == row.wanted_remark):
        row.written_remark = seen.remark


def settle(runtime: Runtime, tx: Transaction, rounds: Sequence[Round], standing: Mapping[int, int]) -> None:
    """Record what was done, and whether anything is left: wishes may have changed meanwhile."""
    for each, row in lock(tx, rounds):
        if each.seen is not None and each.seen.is_following:
            note(each, row, standing)
            row.checked_at = runtime.now()
        row.lease_until = None
        _find_end(runtime.now(), each, row)


def _find_end(now: datetime, each: Round, row: MirrorState) -> None:
    """Say where the follower stands: done, tried again later, or held for a person."""
    later = [fault for fault in each.faults if fault.retry_at is not None]
    if later:
        worst = max(later, key=lambda fault: fault.retry_at or now)
        row.status, row.reason, row.due_at = MirrorStatus.PLANNED.value, worst.reason, worst.retry_at or now
        return
    is_again = row.reason == AGAIN
    row.trying, row.trying_remark, row.attempts = None, None, 0
    row.reason, row.due_at = each.faults[0].reason if each.faults else None, now
    calm = MirrorStatus.HELD if each.faults else MirrorStatus.IDLE
    row.status = MirrorStatus.PLANNED.value if is_again else calm.value

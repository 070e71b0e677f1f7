"""Calls about followers and tags: which failures stop all of a kind for a while, how the one bad name in a batch is found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from handlers.errors import GatewayError, PermanentFailureError, TemporaryFailureError
from handlers.runtime import Runtime
from models.database import Transaction, insert_for
from models.mirror import AccountPause

FIRST_PAUSE, PAUSE_GROWTH, LONGEST_PAUSE = timedelta(seconds=15), 4, timedelta(hours=6)
# The whole account waits: a quota is used up, or somebody has to set the account right (A13, A14).
ACCOUNT_WIDE = frozenset(
    ("daily_limit", "too_fast", "account_blocked", "bad_secret", "bad_app_id", "ip_not_allowed", "no_right", "http_refused")
)
NO_RIGHT_PAUSE, SHORT_PAUSE = timedelta(hours=6), timedelta(minutes=1)
# 40003, 40031, 49003 not ours; 43004, 46004 does not follow; 43019 blacklisted; 45059 has 20 tags: about one person of a batch
PERSON_CODES = frozenset((40003, 40031, 49003, 43004, 46004, 43019, 45059))
TAG_GONE = 45159
REASONS = {45056: "account_full"}  # the table has one word for this and for a person's 20


class Api(StrEnum):
    """Kinds of calls with a quota of their own."""

    TAGS = "tags"  # the account's tags themselves
    LIST = "list"
    READ = "read"
    TAG = "tag"  # who carries them
    REMARK = "remark"


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a call did not go through. `retry_at` is None when a person has to look."""

    reason: str
    code: int | None
    retry_at: datetime | None


def judge(runtime: Runtime, error: GatewayError, attempts: int) -> Fault:
    """Return what a failure means for a row that was tried so often. What may help in time is never given up."""
    runtime.meter.api_error(error.code, error.reason)
    now = runtime.now()
    if error.reason in ACCOUNT_WIDE:
        waits = error.retry_after_seconds if isinstance(error, TemporaryFailureError) else 0.0
        return Fault(error.reason, error.code, now + (timedelta(seconds=waits) or NO_RIGHT_PAUSE))
    if isinstance(error, PermanentFailureError) and error.code != TAG_GONE:
        return Fault(REASONS.get(error.code or 0, error.reason), error.code, None)
    pause = min(FIRST_PAUSE * PAUSE_GROWTH ** min(max(attempts - 1, 0), 9), LONGEST_PAUSE)
    if isinstance(error, TemporaryFailureError):
        pause = max(pause, timedelta(seconds=error.retry_after_seconds))
    return Fault(error.reason, error.code, now + pause)


def is_account_wide(fault: Fault) -> bool:
    """Tell whether other calls of the kind would fare no better."""
    return fault.reason in ACCOUNT_WIDE and fault.retry_at is not None


def stops_all(fault: Fault) -> bool:
    """Tell whether the next call of the kind had better wait too: a quota, or a platform that is away."""
    return fault.retry_at is not None and fault.code != TAG_GONE


def put_pause(runtime: Runtime, tx: Transaction, api: Api, fault: Fault) -> None:
    """Let all calls of a kind wait; for what may pass in a moment no longer than that, however patient one row has become."""
    until = fault.retry_at or runtime.now()
    if not is_account_wide(fault):
        until = min(until, runtime.now() + SHORT_PAUSE)
    values = {"until": until, "reason": fault.reason, "code": fault.code}
    statement = insert_for(tx.connection, AccountPause).values(api=api.value, **values)
    tx.connection.execute(statement.on_conflict_do_update(index_elements=["api"], set_=values))


def call_in_halves(
    openids: Sequence[str], call: Callable[[Sequence[str]], None]
) -> Iterator[tuple[Sequence[str], GatewayError | None]]:
    """Make a call for many; when the platform minds one of them, halve until she is found. Yields what became of whom.

    A batch of 50 with one bad name costs a dozen calls, and the other 49 are served.
    """
    try:
        call(openids)
    except GatewayError as error:
        if len(openids) == 1 or error.code not in PERSON_CODES:
            yield openids, error
            return
    else:
        yield openids, None
        return
    middle = len(openids) // 2
    for half in (openids[:middle], openids[middle:]):
        yield from call_in_halves(half, call)

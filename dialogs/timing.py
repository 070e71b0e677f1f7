"""When a silent conversation is looked at again: a pure function of its script, its state and the last message.

Nothing here waits or sends. Instants come and go in the estate's zone, because reminders keep out of its quiet hours.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from dialogs.inputs import TimerKind
from dialogs.script import Ask, Script, ScriptKind
from dialogs.sittings import REMINDED_AFTER, is_paused
from dialogs.state import DialogState

QUIET_FROM, QUIET_TO = time(21), time(8)  # no reminder rings at night: it comes in the morning
WINDOW = timedelta(hours=48)  # later the platform takes no message any more (A9)
REMINDED = (ScriptKind.SERVICE, ScriptKind.SURVEY)  # the others wait without nagging


@dataclass(frozen=True, slots=True)
class Timer:
    """What happens at an instant unless the person writes before."""

    at: datetime
    kind: TimerKind


def find_next_timer(script: Script, state: DialogState, since: datetime) -> Timer | None:
    """Return the next thing that silence does to a conversation; `since` is the person's last message, estate's time."""
    return min(_list_timers(script, state, since), key=lambda timer: timer.at, default=None)


def find_due(script: Script, state: DialogState, since: datetime, now: datetime) -> Timer | None:
    """Return what is due now. After a long standstill nothing else is made up for: what is too old is let go at once."""
    due = [timer for timer in _list_timers(script, state, since) if timer.at <= now]
    return min(due, key=lambda timer: (timer.kind is not TimerKind.EXPIRE, timer.at), default=None)


def count_reminders(script: Script, state: DialogState, since: datetime, now: datetime) -> int:
    """Return how many reminders are done with once one is sent now: those whose time the night swallowed are not made up."""
    after = _find_patience(script, state)
    passed = int((now - since) / after) if after else 0
    return min(script.sitting.reminds, max(state.reminded + 1, passed))


def _list_timers(script: Script, state: DialogState, since: datetime) -> Iterator[Timer]:
    """Yield what may happen. Added up in UTC: a night in which the clocks change is an hour shorter or longer."""
    sitting, start = script.sitting, since.astimezone(UTC)
    yield Timer(start + sitting.max_age, TimerKind.EXPIRE)
    if not state.is_resting:
        yield Timer(start + sitting.idle_after, TimerKind.IDLE)
    step = script.find_step(state.step)
    if not isinstance(step, Ask):
        return
    if step.timeout is not None:
        asked_at = datetime.fromisoformat(state.asked_at) if state.asked_at else start
        yield Timer(max(asked_at, start) + step.timeout.after, TimerKind.TIMEOUT)
    after = _find_patience(script, state)
    if after is not None and script.kind in REMINDED and state.reminded < sitting.reminds:
        at = _leave_night((start + after * (state.reminded + 1)).astimezone(since.tzinfo))
        if at - start < WINDOW:
            yield Timer(at, TimerKind.REMIND)


def _find_patience(script: Script, state: DialogState) -> timedelta | None:
    """Return after how long a silence is mentioned; between two sittings not before the next day."""
    after = script.sitting.remind_after
    return REMINDED_AFTER if after is not None and is_paused(state) else after


def _leave_night(at: datetime) -> datetime:
    if QUIET_TO <= at.time() < QUIET_FROM:
        return at
    morning = at.replace(hour=QUIET_TO.hour, minute=0, second=0, microsecond=0)
    return morning if at.time() < QUIET_TO else morning + timedelta(days=1)

"""When silence has a consequence: a pure function of script, state and the last message."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialogs.conduct import Sitting, Timeout
from dialogs.inputs import TimerKind
from dialogs.parse import parse_script
from dialogs.script import Ask, Script, ScriptKind
from dialogs.state import DialogState
from dialogs.timing import QUIET_FROM, QUIET_TO, WINDOW, Timer, count_reminders, find_due, find_next_timer
from tests.dialogs.talk import NOW, REPAIR

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SITTING = Sitting(remind_after=10 * MINUTE, reminds=1, idle_after=2 * HOUR, max_age=7 * DAY)


def script_with(sitting: Sitting = SITTING, kind: ScriptKind = ScriptKind.SERVICE, timeout: Timeout | None = None) -> Script:
    script = parse_script(REPAIR, "repair.yaml")
    steps = tuple(replace(step, timeout=timeout) if isinstance(step, Ask) else step for step in script.steps)
    return replace(script, sitting=sitting, kind=kind, steps=steps)


def state_at(step: str = "when", **values: object) -> DialogState:
    return DialogState("repair", "r", step, **values)  # type: ignore[arg-type]


def test_a_question_is_repeated_first_then_the_conversation_rests_then_it_is_let_go() -> None:
    script = script_with()
    assert find_next_timer(script, state_at(), NOW) == Timer(NOW + 10 * MINUTE, TimerKind.REMIND)
    assert find_next_timer(script, state_at(reminded=1), NOW) == Timer(NOW + 2 * HOUR, TimerKind.IDLE)
    resting = state_at(reminded=1, is_resting=True)
    assert find_next_timer(script, resting, NOW) == Timer(NOW + 7 * DAY, TimerKind.EXPIRE)


@pytest.mark.parametrize("kind", [ScriptKind.MENU, ScriptKind.CHAT, ScriptKind.STAFF])
def test_a_menu_waits_without_nagging(kind: ScriptKind) -> None:
    timer = find_next_timer(script_with(kind=kind), state_at(), NOW)
    assert timer == Timer(NOW + 2 * HOUR, TimerKind.IDLE)


@pytest.mark.parametrize(
    ("spoke", "reminded"),
    [
        ("2026-11-21T20:49", "2026-11-21T20:59"),
        ("2026-11-21T20:55", "2026-11-22T08:00"),
        ("2026-11-22T00:30", "2026-11-22T08:00"),
        ("2026-11-22T07:49", "2026-11-22T08:00"),
        ("2026-11-22T07:50", "2026-11-22T08:00"),
    ],
)
def test_a_reminder_of_the_night_comes_in_the_morning(spoke: str, reminded: str) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    since = datetime.fromisoformat(spoke).replace(tzinfo=zone)
    resting = state_at(is_resting=True)
    timer = find_next_timer(script_with(), resting, since)
    assert timer == Timer(datetime.fromisoformat(reminded).replace(tzinfo=zone), TimerKind.REMIND)


def test_the_reminders_that_the_night_swallowed_are_one_in_the_morning() -> None:
    script = script_with(replace(SITTING, reminds=3))
    since = NOW.replace(hour=20, minute=55)
    assert count_reminders(script, state_at(), since, since.replace(hour=8, minute=0) + DAY) == 3
    assert count_reminders(script, state_at(), since, since + 10 * MINUTE) == 1


def test_no_reminder_is_planned_for_a_time_when_no_message_arrives_any_more() -> None:
    script = script_with(replace(SITTING, remind_after=49 * HOUR))
    timer = find_next_timer(script, state_at(is_resting=True), NOW)
    assert timer == Timer(NOW + 7 * DAY, TimerKind.EXPIRE)


def test_a_timeout_counts_from_the_question_when_a_timeout_led_to_it() -> None:
    script = script_with(timeout=Timeout(5 * MINUTE, "skip"))
    assert find_next_timer(script, state_at(), NOW) == Timer(NOW + 5 * MINUTE, TimerKind.TIMEOUT)
    asked = state_at(reminded=1, asked_at=(NOW + 5 * MINUTE).isoformat())
    assert find_next_timer(script, asked, NOW) == Timer(NOW + 10 * MINUTE, TimerKind.TIMEOUT)


def test_after_a_long_standstill_only_the_end_is_due() -> None:
    script = script_with(timeout=Timeout(5 * MINUTE, "skip"))
    due = find_due(script, state_at(), NOW, NOW + 8 * DAY)
    assert due == Timer(NOW + 7 * DAY, TimerKind.EXPIRE)
    assert find_due(script, state_at(), NOW, NOW + MINUTE) is None


def test_a_night_in_which_the_clocks_change_has_its_real_length() -> None:
    since = datetime(2026, 10, 24, 23, 0, tzinfo=ZoneInfo("Europe/Berlin"))
    timer = find_next_timer(script_with(replace(SITTING, remind_after=None, idle_after=8 * HOUR)), state_at(), since)
    assert timer is not None
    assert timer.at.astimezone(UTC) - since.astimezone(UTC) == 8 * HOUR


@settings(max_examples=100)
@given(
    since=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(ZoneInfo("Asia/Shanghai"))),  # noqa: DTZ001
    remind=st.one_of(st.none(), st.integers(1, 5000)),
    idle=st.integers(1, 5000),
    reminded=st.integers(0, 2),
    is_resting=st.booleans(),
)
def test_a_timer_lies_ahead_and_no_reminder_rings_at_night(
    since: datetime, remind: int | None, idle: int, reminded: int, is_resting: bool
) -> None:
    sitting = Sitting(remind_after=remind * MINUTE if remind else None, reminds=2, idle_after=idle * MINUTE)
    timer = find_next_timer(script_with(sitting), state_at(reminded=reminded, is_resting=is_resting), since)
    assert timer is not None
    assert since < timer.at <= since + sitting.max_age
    if timer.kind is TimerKind.REMIND:
        assert QUIET_TO <= timer.at.astimezone(since.tzinfo).time() < QUIET_FROM
        assert timer.at - since < WINDOW

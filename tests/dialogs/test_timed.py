"""Turns that nobody took: reminded, gone on, put to rest, let go, in the pure engine."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from dialogs.conduct import Sitting, Timeout
from dialogs.inputs import TimedOut, TimerKind
from dialogs.intents.understander import Understander
from dialogs.parse import parse_script
from dialogs.script import Ask, Script, ScriptKind
from handlers.content import Content
from tests.dialogs.talk import NOW, REPAIR, Talk

SITTING = Sitting(remind_after=timedelta(minutes=10))


def script_with(sitting: Sitting = SITTING, **changes: object) -> Script:
    return replace(parse_script(REPAIR, "repair.yaml"), sitting=sitting, **changes)  # type: ignore[arg-type]


def with_timeout(then: str) -> Script:
    script = script_with()
    timeout = Timeout(timedelta(minutes=5), then)
    steps = tuple(replace(step, timeout=timeout) if isinstance(step, Ask) else step for step in script.steps)
    return replace(script, steps=steps)


def test_a_reminder_repeats_the_question_and_its_options_stay_good() -> None:
    talk = Talk(script_with())
    turn = talk.state.turn
    talk.feed(TimedOut(TimerKind.REMIND, 1))
    assert talk.said.startswith("「报修」您填的都还在")
    assert "1. 漏水" in talk.said
    assert (talk.state.turn, talk.state.reminded) == (turn, 1)
    assert talk.tap("leak", turn=turn).step == "when"
    assert talk.state.reminded == 0


def test_a_reminder_does_not_wake_what_rests() -> None:
    talk = Talk(script_with()).feed(TimedOut(TimerKind.IDLE))
    assert talk.feed(TimedOut(TimerKind.REMIND, 1)).state.is_resting


def test_a_draft_rests_without_a_word_and_any_answer_wakes_it() -> None:
    talk = Talk(script_with())
    turn = talk.state.turn
    talk.feed(TimedOut(TimerKind.IDLE))
    assert (talk.said, talk.state.is_resting, talk.state.turn) == ("", True, turn)
    assert talk.tap("leak", turn=turn).step == "when"
    assert not talk.state.is_resting


@pytest.mark.parametrize(
    ("kind", "told"),
    [(ScriptKind.SERVICE, True), (ScriptKind.SURVEY, True), (ScriptKind.MENU, False), (ScriptKind.CHAT, False)],
)
def test_what_is_discarded_ends_with_a_line_where_something_was_filled_in(kind: ScriptKind, told: bool) -> None:
    talk = Talk(script_with(replace(SITTING, on_idle="discard"), kind=kind)).feed(TimedOut(TimerKind.IDLE))
    assert (talk.state, talk.outcome.ended, bool(talk.said)) == (None, "expired", told)


def test_what_is_there_is_handed_in() -> None:
    talk = Talk(script_with(replace(SITTING, on_idle="goto:book"))).say("漏水")
    talk.feed(TimedOut(TimerKind.IDLE))
    assert [type(effect).__name__ for effect in talk.effects] == ["BookOrder"]
    assert talk.step == "rate"


def test_a_skipped_question_is_left_open_and_its_options_are_old() -> None:
    talk = Talk(with_timeout("skip"))
    turn = talk.state.turn
    talk.feed(TimedOut(TimerKind.TIMEOUT))
    assert talk.step == "when"
    assert talk.state.asked_at == NOW.isoformat()
    assert "前面的选项" in talk.tap("leak", turn=turn).said


def test_a_question_that_nobody_answers_may_cancel_or_lead_elsewhere() -> None:
    talk = Talk(with_timeout("cancel")).feed(TimedOut(TimerKind.TIMEOUT))
    assert (talk.outcome.ended, "先不办了" in talk.said) == ("cancelled", True)
    assert Talk(with_timeout("goto:photo")).feed(TimedOut(TimerKind.TIMEOUT)).step == "photo"


def test_what_is_too_old_is_let_go_without_a_word() -> None:
    talk = Talk(script_with()).feed(TimedOut(TimerKind.EXPIRE))
    assert (talk.said, talk.outcome.ended) == ("", "expired")


@pytest.mark.parametrize("kind", list(TimerKind))
def test_a_conversation_whose_question_is_gone_survives_every_timer(kind: TimerKind) -> None:
    talk = Talk(script_with())
    talk.outcome = replace(talk.outcome, state=replace(talk.state, step="gone"))
    talk.feed(TimedOut(kind))
    assert talk.said == ""


def test_every_script_bears_every_timer_at_its_first_question(loaded: tuple[Content, Understander]) -> None:
    for script in loaded[0].scripts.values():
        for kind in TimerKind:
            talk = Talk(script)
            if talk.state is not None:
                talk.feed(TimedOut(kind))
                assert talk.state is None or talk.awaiting() is not None, (script.id, kind)

"""What nobody reaches in a script is named: options, both sides of conditions, refusals, questions given up."""

from __future__ import annotations

from dialogs.coverage import Coverage, measure_coverage
from dialogs.explorer import Kit
from dialogs.outcome import render_plain
from dialogs.parse import parse_script
from tests.dialogs.talk import REPAIR, TEXTS, WORDS, WORLD, chat

KIT = Kit(TEXTS, WORDS, WORLD.calendar, render_plain)
FAULT = (
    "  - {id: fault, ask: 吗？, type: choice, prefill: false, options: [{key: leak, label: 漏水}, {key: off, label: 不亮}]}\n"
)


def measure(steps: str, head: str = "") -> Coverage:
    return measure_coverage(chat(steps, head), KIT)


def test_of_a_sound_script_everything_is_taken() -> None:
    coverage = measure_coverage(parse_script(REPAIR, "repair.yaml"), KIT)
    assert (coverage.missed, coverage.step_share, coverage.branch_share) == ((), 1.0, 1.0)
    assert len(coverage.branches) == 15


def test_a_condition_that_never_holds_is_told_by_its_side_and_its_step_is_unreached() -> None:
    coverage = measure(FAULT + "  - {id: b, say: 二, ask_if: \"fault == 'burst'\"}\n  - {id: done, end: 好。}\n")
    assert coverage.missed == (("b", "ask_if is true"),)
    assert coverage.step_share == 2 / 3
    assert str(coverage).endswith("never reached: b\n  never taken: b: ask_if is true")


def test_a_way_on_that_always_holds_is_told() -> None:
    steps = FAULT + '  - {id: r, say: 嗯。, next: [{if: "1 == 1", goto: done}, {else: other}]}\n'
    coverage = measure(steps + "  - {id: other, end: 别的。}\n  - {id: done, end: 好。}\n")
    assert ("r", "next '1 == 1' is false") in coverage.missed


def test_an_option_that_is_never_shown_is_told() -> None:
    option = "{key: never, label: 从不, when: now.hour > 99}"
    coverage = measure(FAULT.replace("]", f", {option}]") + "  - {id: done, end: 好。}\n")
    assert coverage.missed == (("fault", "option never"), ("fault", "when of never is true"))


def test_refusals_and_questions_given_up_count_as_branches() -> None:
    steps = "  - {id: book, do: book_order, args: {service: \"'car.repair'\"}, on_refused: sorry}\n"
    coverage = measure(FAULT + steps + "  - {id: done, end: 好。}\n  - {id: sorry, end: 不行。}\n")
    assert {("fault", "retries"), ("book", "on_refused")} <= set(coverage.branches)
    assert coverage.missed == ()


def test_the_day_behind_the_last_that_is_allowed_is_tried() -> None:
    check = "check: [{if: days_until(v) <= 40, else: 太远了。}]"
    coverage = measure(f"  - {{id: when, ask: 哪天？, type: datetime, {check}}}\n  - {{id: done, end: 好。}}\n")
    assert coverage.missed == ()

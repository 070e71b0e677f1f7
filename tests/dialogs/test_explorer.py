from __future__ import annotations

import pytest

from dialogs.explorer import Kit, explore
from dialogs.findings import find_dead_ends
from dialogs.outcome import render_plain
from dialogs.parse import parse_script
from dialogs.texts import EngineTexts
from tests.dialogs.talk import REPAIR, TEXTS, WORDS, WORLD, chat

KIT = Kit(TEXTS, WORDS, WORLD.calendar, render_plain)


def find_faults(steps: str, head: str = "", kit: Kit = KIT) -> str:
    return "\n".join(explore(chat(steps, head), kit).faults)


def test_a_sound_script_has_no_faults_and_every_step_and_way_is_met() -> None:
    report = explore(parse_script(REPAIR, "repair.yaml"), KIT)
    assert (report.faults, report.unreached, report.untaken, report.is_capped) == ((), (), (), False)
    assert (report.steps, report.states > 30, report.turns > 500) == (11, True, True)


def test_two_walks_find_the_same() -> None:
    script = parse_script(REPAIR, "repair.yaml")
    assert explore(script, KIT) == explore(script, KIT)


def test_a_question_that_takes_no_answer_is_a_dead_end() -> None:
    steps = """\
  - {id: age, ask: 几岁？, type: number, check: [{if: "v > 1000", else: 不对。}], retries: {limit: 3, then: handoff}}
  - {id: done, end: 好。}
"""
    assert "no way on from 'age' but to cancel" in find_faults(steps)


def test_two_questions_that_only_lead_to_each_other_are_a_dead_end() -> None:
    steps = """\
  - {id: one, ask: 一？, type: yesno, prefill: false}
  - {id: two, ask: 二？, type: yesno, next: one}
  - {id: done, end: 好。}
"""
    report = explore(chat(steps), KIT)
    assert "no way on from 'one' but to cancel" in report.faults[0]
    assert report.unreached == ("done",)


@pytest.mark.parametrize(
    ("steps", "fault"),
    [
        ('  - {id: done, end: "{{ sentence }}"}\n', "it ends at 'done' and says nothing"),
        ('  - {id: q, ask: "{{ sentence }}", type: text}\n  - {id: done, end: 好。}\n', "an empty reply at 'q'"),
        ("  - {id: a, say: 一, next: b}\n  - {id: b, say: 二, next: a}\n", "it gives up at 'b': too_many_steps"),
        ("  - {id: q, ask: 说？, type: text}\n  - {id: done, end: " + "字" * 700 + "}\n", "a reply of 2100 bytes at 'done'"),
    ],
)
def test_what_goes_wrong_in_a_turn_is_told(steps: str, fault: str) -> None:
    assert fault in find_faults(steps)


def test_an_effect_that_cannot_be_built_is_told_with_the_way_to_it() -> None:
    steps = """\
  - {id: ok, ask: 好了吗？, type: yesno, required: false, prefill: false}
  - {id: close, do: confirm_solved, args: {"no": "'D1'", solved: ok}}
  - {id: done, end: 好。}
"""
    report = explore(chat(steps), KIT)
    assert report.faults == ("it gives up at 'close': bad_effect (begin silently > 跳过)",)


def test_an_answer_is_carried_in_its_longest_form_into_the_texts_that_repeat_it() -> None:
    steps = "  - {id: q, ask: 说？, type: text, max: 400}\n  - {id: done, end: '{{ q }}{{ q }}'}\n"
    assert "a reply of 2400 bytes at 'done'" in find_faults(steps)


def test_an_exception_of_the_engine_is_a_fault_not_a_crash() -> None:
    kit = Kit(EngineTexts({}), WORDS, WORLD.calendar, render_plain)
    assert "KeyError: 'engine.cancelled'" in find_faults(
        "  - {id: q, ask: 说？, type: text}\n  - {id: e, end: 好。}\n", kit=kit
    )


def test_a_step_behind_a_condition_that_never_holds_is_unreached() -> None:
    steps = '  - {id: a, say: 一}\n  - {id: b, say: 二, ask_if: "1 == 2"}\n  - {id: done, end: 好。}\n'
    report = explore(chat(steps), KIT)
    assert (report.unreached, report.faults) == (("b",), ())
    assert "never reached: b" in str(report)


def test_every_page_of_options_is_turned_to() -> None:
    options = "".join(f"      - {{key: k{number}, label: 第{number}样, goto: s{number}}}\n" for number in range(1, 6))
    steps = f"  - id: q\n    ask: 哪样？\n    type: choice\n    page: 2\n    options:\n{options}"
    steps += "".join(f"  - {{id: s{number}, end: 好。}}\n" for number in range(1, 6))
    report = explore(chat(steps), KIT)
    assert (report.unreached, report.untaken, report.faults) == ((), (), ())
    assert report.states == 3  # a page each, however often it was heard wrongly


def test_what_does_not_fit_is_said_until_the_question_is_given_up() -> None:
    steps = """\
  - {id: q, ask: 几个？, type: number, retries: {limit: 3, then: "goto:lost"}}
  - {id: done, end: 好。}
  - {id: lost, end: "{{ sentence }}"}
"""
    assert "it ends at 'lost' and says nothing" in find_faults(steps)
    assert explore(chat(steps.replace("{{ sentence }}", "算了。")), KIT).untaken == ()


def test_an_end_without_words_is_sound_when_it_is_meant() -> None:
    assert find_faults('  - {id: q, ask: 说？, type: text}\n  - {id: done, end: ""}\n') == ""


def test_refusals_and_results_a_script_asks_about_are_tried() -> None:
    steps = """\
  - {id: look, do: list_cancellable, save: open, on_refused: sorry}
  - {id: none, end: 没有。, ask_if: "open.count == 0"}
  - {id: many, end: 好多。, ask_if: "open.count > 1"}
  - {id: done, end: 一个。}
  - {id: sorry, end: 太晚。, ask_if: "open.reason == 'too_late'"}
  - {id: other, end: 不行。}
"""
    report = explore(chat(steps), KIT)
    assert (report.unreached, report.untaken, report.faults) == ((), (), ())


def test_handed_in_words_and_facts_a_script_asks_about_are_tried() -> None:
    steps = """\
  - {id: a, end: 一, ask_if: "topic == 'travel'"}
  - {id: b, end: 二, ask_if: "service.code in ['car.repair', 'car.purchase'] and not owner.bound"}
  - {id: c, end: 三, ask_if: "is_empty(args.first)"}
  - {id: d, end: 四}
"""
    kit = Kit(TEXTS, WORDS, WORLD.calendar, render_plain, [{"owner": {"bound": False}}])
    assert explore(chat(steps, "vars: [topic]\n"), kit).unreached == ()


def test_a_walk_stops_at_its_cap_and_says_so() -> None:
    report = explore(parse_script(REPAIR, "repair.yaml"), KIT, max_states=5)
    assert report.is_capped
    assert "stopped after" in str(report)


def test_states_that_lead_only_to_each_other_have_no_way_out() -> None:
    onward = {1: [2], 2: [3], 3: [], 4: [5], 5: [4]}
    assert find_dead_ends(onward, [3]) == [4, 5]

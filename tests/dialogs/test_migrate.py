"""A script is edited while people stand in the middle of it: where they stand then, and what they need not say again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialogs import engine
from dialogs.answers.base import Heard
from dialogs.inputs import Said
from dialogs.migrate import begin_again, migrate, plan_move
from dialogs.parse import parse_script
from dialogs.script import Ask, Say
from dialogs.session import ASIDE, KNOWN
from dialogs.state import Answer, DialogState
from tests.dialogs.talk import REPAIR, TEXTS, WORDS, WORLD, Talk, chat

OLD = parse_script(REPAIR, "repair.yaml")


def edit(*changes: tuple[str, str]):
    text = REPAIR
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    return parse_script(text, "repair.yaml")


def stand(*said: str) -> DialogState:
    state = Talk().say(*said).state
    assert state is not None
    return state


def go_on(script, state, text):
    return engine.step(script, state, Said(Heard("text", text)), WORLD, TEXTS, WORDS).state


def test_a_step_that_is_still_there_is_kept_and_the_message_is_its_answer():
    state = stand("1")
    move = plan_move(OLD, edit(("哪天方便？", "您哪天方便？")), state, WORLD)
    assert (move.state.step, move.state.turn, move.is_same) == ("when", state.turn, True)


def test_a_renamed_step_is_found_by_its_alias_with_answers_and_path():
    new = edit(("id: fault", "id: problem"), ("fault ==", "problem =="), ("{{ fault }}", "{{ problem }}"))
    new = replace(new, aliases={"fault": "problem"})
    state = stand("1")
    moved = migrate(OLD, new, state, WORLD)
    assert (moved.step, moved.path, moved.answers["problem"].value) == ("when", ("problem",), "leak")
    assert plan_move(OLD, new, stand(), WORLD).is_same


def test_a_step_that_is_gone_leads_on_behind_the_last_answer_and_the_tap_of_its_prompt_is_old():
    new = edit((REPAIR[REPAIR.index("  - id: when") : REPAIR.index("  - {id: phone")], ""))
    state = stand("1")
    move = plan_move(OLD, new, state, WORLD)
    assert (move.state.step, move.is_same, move.is_sure) == ("phone", False, True)
    assert move.state.turn > state.turn


def test_the_answer_of_a_step_that_is_gone_is_laid_aside():
    new = edit((REPAIR[REPAIR.index("  - id: when") : REPAIR.index("  - {id: phone")], ""))
    moved = migrate(OLD, new, stand("1", "明天下午三点"), WORLD)
    assert moved.step == "phone"
    assert "when" not in moved.answers
    assert "when" in moved.vars[ASIDE]


def test_an_answer_whose_type_changed_is_asked_again_and_what_came_after_it_is_not():
    new = edit(("{id: detail, ask: 什么情况？, type: text, max: 20", "{id: detail, ask: 几处？, type: number"))
    state = stand("3", "嘀嗒响", "明天下午三点", "13800138000")
    move = plan_move(OLD, new, state, WORLD)
    assert (move.state.step, move.is_same, move.state.path) == ("detail", False, ("fault",))
    assert set(move.state.vars[KNOWN]) == {"when", "phone"}
    assert go_on(new, move.state, "两处").step == "photo"


def test_an_option_that_is_gone_is_asked_again():
    new = edit(("      - {key: leak, label: 漏水, say: [滴水]}\n", ""))
    moved = migrate(OLD, new, stand("1", "明天下午三点"), WORLD)
    assert moved.step == "fault"
    assert go_on(new, moved, "其他情况").step == "detail"


def test_options_in_another_order_make_it_another_question():
    leak, burst = "      - {key: leak, label: 漏水, say: [滴水]}\n", "      - {key: burst, label: 爆管, goto: urgent}\n"
    assert not plan_move(OLD, edit((leak + burst, burst + leak)), stand(), WORLD).is_same


def test_a_required_question_put_in_before_is_asked_and_then_she_is_back_where_she_was():
    new = edit(("  - {id: phone", "  - {id: floor, ask: 几楼？, type: number}\n  - {id: phone"))
    moved = migrate(OLD, new, stand("1", "明天下午三点", "13800138000"), WORLD)
    assert moved.step == "floor"
    assert go_on(new, moved, "3").step == "photo"


def test_an_optional_question_put_in_before_is_not_asked():
    new = edit(("  - {id: phone", "  - {id: floor, ask: 几楼？, type: number, required: false}\n  - {id: phone"))
    assert migrate(OLD, new, stand("1", "明天下午三点", "13800138000"), WORLD).step == "photo"


def test_what_was_not_said_yet_and_effects_are_not_walked_over():
    new = edit(("  - id: when", "  - {id: mind, say: 先关总阀。}\n  - id: day"))
    move = plan_move(OLD, new, stand("1"), WORLD)
    assert (move.state.step, move.is_same) == ("fault", False)


def test_without_the_old_text_nothing_that_is_said_is_taken_for_an_answer():
    move = plan_move(None, OLD, stand("1"), WORLD)
    assert (move.state.step, move.is_same) == ("when", False)


def test_beginning_again_asks_nothing_twice_and_keeps_later_words_before_the_first_sentence():
    state = Talk(sentence="明天下午三点来修漏水").say("13800138000", "[图]", "跳过").state
    later = Answer({"on": "2026-11-25", "at": "15:00", "part": "下午", "until": None, "flexible": False}, "周三下午三点")
    state = replace(state, answers={**state.answers, "when": later})
    new = edit(("  - {id: phone", "  - {id: floor, ask: 几楼？, type: number}\n  - {id: phone"))
    outcome = engine.step(new, None, begin_again(OLD, new, state), WORLD, TEXTS, WORDS)
    assert outcome.state.step == "floor"
    assert outcome.state.answers["when"].label == "周三下午三点"
    assert go_on(new, outcome.state, "3").answers["phone"].value == "13800138000"


def test_a_computed_value_and_the_item_of_a_list_go_along():
    steps = """\
  - {id: where, ask: 哪儿？, type: text}
  - {id: total, set: "1 + 2"}
  - {id: how, ask: 怎么？, type: text}
  - {id: end, end: "{{ total }}"}
"""
    old, new = chat(steps), replace(chat(steps.replace("id: where", "id: place")), aliases={"where": "place"})
    state = replace(Talk(old).say("厨房").state, vars={"where_item": {"key": "k"}})
    moved = migrate(old, new, state, WORLD)
    assert (moved.step, moved.answers["total"].value, moved.path) == ("how", 3, ("place", "total"))
    assert moved.vars["place_item"] == {"key": "k"}


IDS = ["fault", "detail", "total", "when", "phone", "photo", "review", "book", "rate", "done", "gone", ""]
VALUES = st.none() | st.sampled_from(["leak", "burst", "x"]) | st.booleans() | st.integers() | st.lists(st.text(max_size=3))
STATES = st.builds(
    DialogState,
    script=st.just("repair"),
    revision=st.text(max_size=3),
    step=st.sampled_from(IDS),
    turn=st.integers(0, 300),
    answers=st.dictionaries(st.sampled_from(IDS), st.builds(Answer, VALUES, st.text(max_size=5)), max_size=5),
    vars=st.dictionaries(
        st.sampled_from(["service", KNOWN, ASIDE, "_said", "_committed"]), st.text(max_size=3) | st.booleans(), max_size=3
    ),
    tries=st.integers(0, 5),
    page=st.integers(0, 9),
    path=st.lists(st.sampled_from(IDS), unique=True).map(tuple),
    waiting_effect=st.booleans(),
    reviewing=st.booleans(),
)
STEPS = (
    "fault: {id: fault, ask: a, type: choice, options: [{key: leak, label: x, goto: review}, {key: y, label: y}]}",
    "detail: {id: detail, ask: a, type: number}",
    "when: {id: when, ask: a, type: datetime, ask_if: \"fault == 'leak'\"}",
    "when: {id: time, ask: a, type: text}",
    "phone: {id: phone, ask: a, type: multi, options: [{key: leak, label: x}, {key: y, label: y}]}",
    "total: {id: total, set: 1 + 2}",
    "say: {id: mind, say: b}",
    "book: {id: book, do: book_order, args: {service: \"'x'\"}, save: order}",
    "review: {id: review, ask: a, type: review}",
    "rate: {id: rate, ask: a, type: yesno, required: false}",
)


@st.composite
def scripts(draw):
    """Draw a script of some of these steps in any order, without a check: the mover must bear whatever it gets."""
    chosen = draw(st.permutations(STEPS).flatmap(lambda all_: st.integers(1, len(all_)).map(lambda n: all_[:n])))
    steps = "".join(f"  - {line.partition(': ')[2]}\n" for line in chosen)
    aliases = draw(st.dictionaries(st.sampled_from(IDS), st.sampled_from([*IDS, "time", "mind"]), max_size=3))
    script = chat(steps + "  - {id: end, end: c}\n")
    return replace(script, aliases={name: target for name, target in aliases.items() if name not in script.positions})


@settings(max_examples=200)
@given(st.none() | scripts(), scripts(), STATES)
def test_any_state_is_carried_to_a_question_that_can_be_answered(old, new, state):
    moved = migrate(old, new, state, WORLD)
    assert moved.revision == new.revision
    assert moved.turn >= state.turn
    assert not moved.waiting_effect
    if any(isinstance(step, Ask) for step in new.steps):
        assert isinstance(new.find_step(moved.step), Ask)
        assert engine.awaiting(new, moved, WORLD, TEXTS, WORDS) is not None
    else:
        assert isinstance(new.steps[0], Say) or moved.step == new.steps[0].id
    assert set(moved.answers) <= set(new.positions)
    assert engine.step(new, moved, Said(Heard("text", "1")), WORLD, TEXTS, WORDS).replies is not None


@pytest.mark.parametrize("step", ["fault", "when", "phone"])
def test_moving_to_the_same_script_changes_nothing(step):
    said = {"fault": (), "when": ("1",), "phone": ("1", "明天下午三点")}[step]
    state = stand(*said)
    assert migrate(OLD, OLD, state, WORLD) == state

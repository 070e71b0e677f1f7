"""Script files: what is read, and that every mistake is told at once with file, line and column."""

import pytest

from dialogs.answers.base import AnswerType
from dialogs.parse import parse_script
from dialogs.script import Ask, Do, End, OnBusy, Say, ScriptError, ScriptKind, Start
from dialogs.source import read_yaml
from dialogs.texts import parse_texts

GOOD = """\
id: repair.demo
kind: service
title: 报修
needs: [bound]
triggers: {words: [报修], clicks: [REPAIR], events: [subscribe], commands: []}
vars: [service]
on_busy: replace
aliases: {old: fault}
max_turns: 50
steps:
  - id: fault
    ask: 哪儿坏了{{ service }}？
    type: choice
    name: 问题
    options:
      - {key: leak, label: 漏水, say: [滴水]}
      - {key: off, label: 不亮, goto: done, when: "service == 'light'"}
      - {key: trip, label: 旅行, start: travel.demo, args: {from: "'repair'"}}
    retries: {limit: 2, then: goto:done}
    check:
      - {if: "v != 'off'", else: 不行}
  - id: photo
    ask: 拍张照片
    type: image
    required: false
    ask_if: "fault == 'leak'"
    next: [{if: "is_empty(photo)", goto: done}, {else: book}]
  - {id: note, say: 好的}
  - id: book
    do: book_order
    args: {service: "'x'"}
    save: order
    on_refused: done
  - {id: other, start: "{{ service }}", args: {a: fault}}
  - {id: done, end: 好了, result: refused}
tests:
  - name: 一句话
    facts: {owner: {bound: true}}
    start: menu
    turns:
      - owner: "1"
      - bot: 照片
      - effect: book_order {service: x, urgent: false}
      - refused: mismatch {tries_left: 4}
      - result: {order: {"no": D1}}
      - ended: completed
"""


def problems_of(text):
    with pytest.raises(ScriptError) as error:
        parse_script(text, "a.yaml")
    return [f"{each.place.line}:{each.place.column} {each.code}" for each in error.value.problems]


def test_a_whole_script_is_read_into_frozen_values():
    script = parse_script(GOOD, "a.yaml")
    assert (script.id, script.kind, script.on_busy, script.max_turns) == (
        "repair.demo", ScriptKind.SERVICE, OnBusy.REPLACE, 50,
    )  # fmt: skip
    assert [type(step) for step in script.steps] == [Ask, Ask, Say, Do, Start, End]
    fault, photo = script.steps[0], script.steps[1]
    assert fault.type is AnswerType.CHOICE
    assert [option.key for option in fault.options] == ["leak", "off", "trip"]
    assert (fault.options[1].goto, fault.options[2].start) == ("done", "travel.demo")
    assert (fault.retries.limit, fault.retries.then) == (2, "goto:done")
    assert [branch.target for branch in photo.next] == ["done", "book"]
    assert not photo.required
    assert script.find_step("old") is fault
    assert script.find_step("gone") is None


def test_a_service_is_started_by_the_intent_of_its_name():
    assert parse_script(GOOD, "a.yaml").triggers.intents == ("repair.demo",)


def test_a_transcript_keeps_speakers_names_and_values():
    (test,) = parse_script(GOOD, "a.yaml").tests
    assert [turn.who for turn in test.turns] == ["owner", "bot", "effect", "refused", "result", "ended"]
    assert test.turns[2].text == "book_order"
    assert test.turns[2].given == {"service": "x", "urgent": False}
    assert test.turns[3].given == {"tries_left": 4}
    assert test.turns[4].given == {"order": {"no": "D1"}}
    assert test.starts_silent


def test_the_revision_is_the_hash_of_what_runs_not_of_its_tests_or_layout():
    script = parse_script(GOOD, "a.yaml")
    without_tests = parse_script(GOOD[: GOOD.index("tests:")], "b.yaml")
    assert script.revision == without_tests.revision == parse_script("# hello\n" + GOOD, "a.yaml").revision
    assert parse_script(GOOD.replace("好的", "好"), "a.yaml").revision != script.revision


HEAD = "id: a\nkind: chat\ntitle: t\n"
STEP = "steps:\n  - {id: q, ask: 吗, type: text}\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (HEAD + "on_bussy: ask\n" + STEP, ["4:1 unknown_key"]),
        ("kind: chat\ntitle: t\n" + STEP, ["1:1 missing_key"]),
        (HEAD, ["1:1 missing_key"]),
        (HEAD + "steps: []\n", ["4:8 no_steps"]),
        (HEAD + "steps: 3\n", ["4:8 wrong_type", "4:8 no_steps"]),
        (HEAD.replace("chat", "chatt") + STEP, ["2:7 unknown_word"]),
        (HEAD.replace("id: a", "id: A b") + STEP, ["1:5 bad_id"]),
        (HEAD + "steps:\n  - {id: q, ask: 吗, type: texts}\n", ["5:27 unknown_word"]),
        (HEAD + "steps:\n  - {id: q, ask: 吗}\n", ["5:5 missing_key"]),
        (HEAD + "steps:\n  - {ask: 吗, type: text}\n", ["5:5 missing_key"]),
        (HEAD + "steps:\n  - {id: q}\n", ["5:5 step_kind"]),
        (HEAD + "steps:\n  - {id: q, aks: 吗}\n", ["5:5 step_kind"]),
        (HEAD + "steps:\n  - {id: q, say: a, end: b}\n", ["5:5 step_kind"]),
        (HEAD + "steps:\n  - {id: q, say: a}\n  - {id: q, end: b}\n", ["6:5 duplicate_id"]),
        (HEAD + "steps:\n  - {id: owner, say: a}\n", ["5:10 reserved_name"]),
        (HEAD + "steps:\n  - {id: Q1, say: a}\n", ["5:10 bad_id"]),
        (HEAD + "steps:\n  - {id: q, ask: 吗, type: choice}\n", ["5:5 missing_key"]),
        (HEAD + "steps:\n  - {id: q, ask: 吗, type: text, options: []}\n", ["5:42 options"]),
        (HEAD + "steps:\n  - {id: q, ask: 吗, type: text, required: maybe}\n", ["5:43 wrong_type"]),
        (HEAD + "steps:\n  - {id: q, ask: 吗, type: text, max: lots}\n", ["5:38 wrong_type"]),
        (HEAD + "steps:\n  - {id: q, ask: 吗, type: text, min: 9, max: 2}\n", ["5:46 out_of_range"]),
        (HEAD + "steps:\n  - {id: q, ask: 吗, type: text, page: 1}\n", ["5:39 out_of_range"]),
        (HEAD + "steps:\n  - {id: q, ask: 吗, type: text, retries: 3}\n", ["5:42 wrong_type"]),
        (HEAD + "steps:\n  - {id: q, ask: 吗, type: text, retries: {then: run}}\n", ["5:49 unknown_word"]),
        (HEAD + "steps:\n  - {id: q, ask: 吗, type: text, ask_if: 'a =='}\n", ["5:46 expression"]),
        (HEAD + "steps:\n  - {id: q, say: 'a {{ b'}\n", ["5:21 expression"]),
        (HEAD + "steps:\n  - {id: q, say: 'a {{ foo(1) }}'}\n", ["5:24 expression"]),
        (HEAD + "steps:\n  - {id: q, say: [a]}\n", ["5:18 wrong_type"]),
        (HEAD + "steps:\n  - {id: q, do: x, args: 3}\n", ["5:26 wrong_type"]),
        (HEAD + "steps:\n  - {id: q, do: x, save: owner}\n", ["5:26 bad_id"]),
        (HEAD + "steps:\n  - {id: q, end: a, result: done}\n", ["5:29 unknown_word"]),
        (HEAD + "steps:\n  - {id: q, say: a, next: [{goto: b}]}\n", ["5:28 missing_key"]),
        (HEAD + "steps:\n  - {id: q, say: a, next: [{if: 'x', else: b}]}\n", ["5:28 branch"]),
        (HEAD + "steps:\n  - {id: q, ask: 吗, type: choice, options: [{label: a}]}\n", ["5:45 missing_key"]),
        (HEAD + "steps:\n  - {id: q, ask: 吗, type: choice, options: [{key: k, label: a, goto: b, start: c}]}\n",
         ["5:80 option_target"]),
        (HEAD + "steps:\n  - {id: q, ask: 吗, type: text, check: [{else: a}]}\n", ["5:41 missing_key"]),
        (HEAD + "triggers: [a]\n" + STEP, ["4:11 wrong_type"]),
        (HEAD + "triggers: {word: [a]}\n" + STEP, ["4:12 unknown_key"]),
        (HEAD + STEP + "tests:\n  - {name: a, turns: [{bott: x}]}\n", ["7:24 unknown_key"]),
        (HEAD + STEP + "tests:\n  - {name: a, turns: [{bot: x, owner: y}]}\n", ["7:23 test_line"]),
        (HEAD + STEP + "tests:\n  - {name: a, turns: [{effect: 'a b c'}]}\n", ["7:32 test_line"]),
        ("- a\n", ["1:1 wrong_type"]),
        ("", ["1:1 empty"]),
        ("id: a\nid: b\n", ["2:1 duplicate_key"]),
        ("id: &x a\ntitle: *x\n", ["1:5 anchor", "2:8 anchor"]),
        ("id: !!python/name:os.system x\n", ["1:5 tag"]),
        ("id: !!set {a}\n", ["1:5 tag"]),
        ("ask: 好: 吗\n", ["1:7 yaml"]),
        ("a: [1\n", ["2:1 yaml"]),
    ],
)  # fmt: skip
def test_a_mistake_is_told_at_its_place(text, expected):
    assert problems_of(text) == expected


def test_all_mistakes_of_a_file_are_told_at_once():
    text = HEAD + "extra: 1\nsteps:\n  - {id: q, ask: 吗, type: nope}\n  - {id: r, say: '{{ 1 + }}'}\n  - {id: s}\n"
    assert problems_of(text) == ["4:1 unknown_key", "6:27 unknown_word", "7:25 expression", "8:5 step_kind"]


def test_a_near_word_is_suggested():
    with pytest.raises(ScriptError, match="did you mean 'title'"):
        parse_script(HEAD.replace("title", "titel") + STEP, "a.yaml")


def test_plain_words_are_not_turned_into_times_octals_or_truths():
    node = read_yaml("{a: 15:00, b: 007, c: yes, d: 2026-11-21, e: 12, f: true, g: ~, h: '12', i: 1.5}", "a.yaml")
    assert node.to_plain() == {
        "a": "15:00", "b": "007", "c": "yes", "d": "2026-11-21", "e": 12, "f": True, "g": None, "h": "12", "i": 1.5,
    }  # fmt: skip


def test_a_mistake_inside_a_folded_text_is_told_at_the_text():
    assert problems_of(HEAD + "steps:\n  - id: q\n    say: |\n      您好\n      {{ 1 + }}\n") == ["6:10 expression"]


def test_a_missing_engine_text_is_told_when_texts_are_read():
    with pytest.raises(ScriptError, match=r"engine\.cancelled"):
        parse_texts("engine.busy: 忙\n", "texts.yaml")

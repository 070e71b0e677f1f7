"""How a conversation behaves in time, as written: session, once, quota, upgrade, interrupt, timeout, pattern."""

from datetime import timedelta

import pytest

from dialogs.calendar import Calendar
from dialogs.check import Names, check_script
from dialogs.conduct import Interrupt, Once, Quota, Resume, Sitting, Timeout, Upgrade
from dialogs.explorer import Kit, explore
from dialogs.outcome import render_plain
from dialogs.parse import parse_script
from dialogs.places import ScriptError
from tests.dialogs.talk import TEXTS, WORDS, Talk, chat

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
STEPS = "steps:\n  - {id: q, ask: 吗, type: text}\n  - {id: done, end: 好。}\n"


def read(head, kind="service", steps=STEPS):
    return parse_script(f"id: a\nkind: {kind}\ntitle: t\n{head}{steps}", "a.yaml")


def problems_of(head, steps=STEPS):
    with pytest.raises(ScriptError) as error:
        read(head, steps=steps)
    return [f"{each.place.line}:{each.place.column} {each.code}" for each in error.value.problems]


@pytest.mark.parametrize("kind", ["service", "survey"])
def test_a_service_and_a_survey_are_patient_where_nothing_is_said(kind):
    assert read("", kind).sitting == Sitting(10 * MINUTE, 1, 2 * HOUR, "draft", Resume.ASK, 7 * DAY)


@pytest.mark.parametrize("kind", ["menu", "chat", "staff"])
def test_other_scripts_do_not_remind_and_keep_nothing(kind):
    sitting = read("", kind).sitting
    assert (sitting.remind_after, sitting.idle_after, sitting.on_idle) == (None, 2 * HOUR, "discard")


def test_a_session_is_read_and_the_rest_is_as_usual():
    head = "session: {remind_after: 90s, reminds: 2, idle_timeout: 1d, on_idle: 'goto: done', resume: auto, max_age: 30d}\n"
    assert read(head).sitting == Sitting(timedelta(seconds=90), 2, DAY, "goto:done", Resume.AUTO, 30 * DAY)
    assert read("session: {idle_timeout: 3h}\n").sitting == Sitting(10 * MINUTE, idle_after=3 * HOUR)
    assert read("session: {remind_after: never}\n").sitting.remind_after is None


def test_once_quota_and_upgrade_are_read():
    script = read("once: ever\nquota: {answers: 500, per_building: 20}\nupgrade: migrate\n")
    assert (script.once, script.quota, script.upgrade) == (Once(), Quota(500, 20), Upgrade.MIGRATE)
    assert read("once: 30d\n").once == Once(30 * DAY)
    plain = read("")
    assert (plain.once, plain.quota, plain.upgrade) == (None, None, Upgrade.PIN)


def test_interruptions_and_timeouts_of_a_question_are_read():
    step = read("", steps=STEPS.replace("text", "text, interrupt: never, timeout: {after: 5m, then: goto:done}")).steps[0]
    assert (step.interrupt, step.timeout) == (Interrupt.NEVER, Timeout(5 * MINUTE, "goto:done"))
    assert read("").steps[0].interrupt is Interrupt.ALLOW


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("session: 3\n", ["4:10 wrong_type"]),
        ("session: {remind: 3m}\n", ["4:11 unknown_key"]),
        ("session: {remind_after: 3}\n", ["4:25 duration"]),
        ("session: {idle_timeout: 2 weeks}\n", ["4:25 duration"]),
        ("session: {idle_timeout: 0h}\n", ["4:25 duration"]),
        ("session: {max_age: 400d}\n", ["4:20 duration"]),
        ("session: {reminds: 9}\n", ["4:20 out_of_range"]),
        ("session: {remind_after: 3h}\n", ["4:25 out_of_range"]),
        ("session: {max_age: 1h}\n", ["4:20 out_of_range"]),
        ("session: {on_idle: keep}\n", ["4:20 unknown_word"]),
        ("session: {resume: sometimes}\n", ["4:19 unknown_word"]),
        ("once: often\n", ["4:7 duration"]),
        ("quota: 3\n", ["4:8 wrong_type"]),
        ("quota: {}\n", ["4:8 missing_key"]),
        ("quota: {answer: 3}\n", ["4:8 missing_key", "4:9 unknown_key"]),
        ("quota: {answers: 0}\n", ["4:18 out_of_range"]),
        ("upgrade: pinned\n", ["4:10 unknown_word"]),
    ],
)
def test_a_mistake_about_time_is_told_at_its_place(head, expected):
    assert problems_of(head) == expected


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        ("type: text, timeout: 5m", "wrong_type"),
        ("type: text, timeout: {then: skip}", "missing_key"),
        ("type: text, timeout: {after: 5m}", "missing_key"),
        ("type: text, timeout: {after: 5m, then: wait}", "unknown_word"),
        ("type: text, interrupt: maybe", "unknown_word"),
        ("type: text, pattern: '['", "bad_pattern"),
        ("type: number, pattern: '3'", "bad_pattern"),
        ("type: note", "unknown_word"),
        ("type: computed", "unknown_word"),
        ("type: choice, options_from: {label: a}", "missing_key"),
        ("type: choice, options_from: {list: a}", "missing_key"),
        ("type: choice, options_from: {list: a, label: b, filter: c}", "unknown_key"),
        ("type: choice, options_from: a", "wrong_type"),
        ("type: choice, options: [{key: k, label: a}], options_from: {list: a, label: b}", "options"),
        ("type: text, options_from: {list: a, label: b}", "options"),
        ("type: yesno, options_from: {list: a, label: b}", "options"),
    ],
)
def test_a_mistake_in_a_question_is_told(keys, code):
    found = problems_of("", f"steps:\n  - {{id: q, ask: 吗, {keys}}}\n  - {{id: done, end: 好。}}\n")
    assert [each.split()[1] for each in found] == [code]


def test_a_note_is_a_say_step():
    with pytest.raises(ScriptError, match="a note is a `say` step"):
        read("", steps="steps:\n  - {id: q, ask: 吗, type: note}\n")


def test_a_near_word_is_suggested():
    with pytest.raises(ScriptError, match="did you mean 'idle_timeout'"):
        read("session: {idle_timout: 3h}\n")


def test_a_text_must_match_its_pattern_entirely():
    steps = "  - {id: q, ask: 单号？, type: text, pattern: 'D\\d{4}', %s}\n  - {id: done, end: 好。}\n"
    run = Talk(chat(steps % "required: true"))
    assert run.say("D123").said == "好像跟要填的格式不太一样，麻烦您再看看。\n单号？"
    assert run.say("XD1234").step == "q"
    assert run.say("D1234").outcome.ended == "completed"
    assert Talk(chat(steps % "invalid: 单号是 D 和四个数字。")).say("没有").said.startswith("单号是 D")


def test_what_only_silence_leads_to_is_reached_and_walked_through():
    steps = """\
  - {id: q, ask: 吗, type: text, timeout: {after: 5m, then: goto:late}}
  - {id: done, end: 好。}
  - {id: late, end: 那先这样。}
  - {id: part, end: 先收下这些。}
"""
    script = chat(steps, "session: {on_idle: goto:part}\n")
    assert check_script(script, Names()) == []
    report = explore(script, Kit(TEXTS, WORDS, Calendar(), render_plain))
    assert (report.faults, report.unreached) == ((), ()), str(report)

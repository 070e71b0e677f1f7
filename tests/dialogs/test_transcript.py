"""The runner of a script's own tests: what holds is silent, what does not is told with its line."""

from dataclasses import MISSING, fields

import pytest

from dialogs.calendar import Calendar
from dialogs.effects import EFFECTS
from dialogs.parse import parse_script
from dialogs.transcript import run_test
from dialogs.usual import RESULTS
from tests.dialogs.talk import REPAIR, TEXTS, WORDS


def failures_of(turns, *, start="menu", extra="", script=REPAIR):
    lines = "".join(f"      - {turn}\n" for turn in turns)
    source = f"{script}tests:\n  - name: t\n    start: {start}\n{extra}    turns:\n{lines}"
    parsed = parse_script(source, "a.yaml")
    first = parsed.tests[0].turns[0].place.line if turns else 0
    failures = run_test(parsed, parsed.tests[0], TEXTS, WORDS, Calendar())
    return [(int(failure.split(":")[1]) - first, failure) for failure in failures]


FULL = [
    "bot: 哪儿坏了", "owner: '1'", "bot: 哪天方便", "not: 手机号", "step: when", "owner: 明天下午三点", "owner: '13800138000'",
    "bot: 照片", "owner: '[image]'", "bot: 核对", "owner: 确认",
    "effect: book_order {service: housekeeping.utilities, urgent: false, answers: {fault: leak}}",
    "bot: 打个分", "owner: '[tap] 4'", "bot: 单号 D2611210001", "ended: completed",
]  # fmt: skip


def test_a_transcript_that_holds_is_silent():
    assert failures_of(FULL) == []


def test_the_first_line_of_the_person_is_the_first_sentence():
    assert failures_of(["owner: 家里漏水，明天下午三点来", "bot: 手机号"], start="sentence") == []
    assert failures_of(["owner: 家里漏水", "bot: 哪天方便"], start="sentence") == []


def test_an_effect_is_answered_by_a_result_or_a_refusal():
    told = ["owner: 爆管", "bot: 总阀", "effect: book_order", "result: {order: {no: X9}}", "owner: 跳过", "bot: X9"]
    assert failures_of(told) == []
    plain = ["owner: 爆管", "effect: book_order", "result: {no: X9}", "owner: 跳过", "bot: X9"]
    assert failures_of(plain) == []
    refused = ["owner: 爆管", "effect: book_order", "refused: closed {by: 王师傅}", "bot: closed", "ended: refused"]
    assert failures_of(refused) == []


def test_an_effect_may_be_spoken_of_after_what_followed_it():
    assert failures_of(["owner: 爆管", "bot: 打个分", "effect: book_order {urgent: true}"]) == []


@pytest.mark.parametrize(
    ("turns", "line", "words"),
    [
        (["bot: 没有这句"], 0, "was not said"),
        (["not: 哪儿坏了"], 0, "was said"),
        (["owner: '1'", "effect: book_order"], 1, "no effect"),
        (["owner: 爆管", "effect: hand_over"], 1, "the effect was book_order"),
        (["owner: 爆管", "effect: book_order {urgent: false}"], 1, "book_order.urgent was True"),
        (["owner: 爆管", "effect: book_order {answers: {fault: leak}}"], 1, "book_order.answers"),
        (["owner: '1'", "ended: completed"], 1, "ended was None"),
        (["owner: 取消", "owner: 在吗"], 1, "the script is over"),
        (["result: {no: X}"], 0, "no effect waits"),
        (["refused: closed"], 0, "no effect waits"),
        (["owner: 菜单", "asked: handoff"], 1, "asked was 'home'"),
        (["step: when"], 0, "step was 'fault'"),
        (["owner: '1'", "start: travel"], 1, "start was None"),
    ],
)
def test_a_line_that_does_not_hold_is_told_at_its_place(turns, line, words):
    failures = failures_of(turns)
    assert [at for at, _ in failures] == [line]
    assert words in failures[0][1]


def test_media_places_and_taps_can_be_sent():
    assert failures_of(["owner: '[voice] 漏水'", "bot: 哪天方便", "owner: '[tap] leak'", "bot: 没看出"]) == []
    assert failures_of(["owner: '[location] 南门'", "bot: 用不上"]) == []


def test_a_staff_command_brings_its_words():
    head = "id: s\nkind: staff\ntitle: t\ntriggers: {commands: [转派]}\n"
    staff = head + "steps:\n  - {id: d, end: '{{ args.first }}|{{ args.more }}'}\n"
    assert failures_of(["owner: 转派 D1 李师傅", "bot: D1|李师傅"], start="sentence", script=staff) == []


def test_facts_and_variables_are_seen():
    script = "id: s\nkind: chat\ntitle: t\nvars: [a]\nsteps:\n  - {id: d, end: '{{ owner.title }} {{ a }}'}\n"
    extra = "    facts: {owner: {name: 张阿姨}}\n    vars: {a: 七}\n"
    assert failures_of(["bot: 张阿姨 七", "ended: completed"], extra=extra, script=script) == []


def test_every_effect_that_promises_a_result_has_a_usual_one():
    promising = {name for name, kind in EFFECTS.items() if "Result:" in (kind.__doc__ or "")}
    assert promising <= set(RESULTS)
    assert set(RESULTS) <= set(EFFECTS)


def test_every_effect_can_be_built_from_its_required_arguments():
    for kind in EFFECTS.values():
        required = [each.name for each in fields(kind) if each.default is MISSING and each.default_factory is MISSING]
        assert kind(**dict.fromkeys(required, "x"))

"""Every mistake of the check list: found, with its code, line and column; and good scripts stay silent."""

import pytest

from dialogs.check import Names, check_script, check_scripts
from dialogs.parse import parse_script
from dialogs.words import GlobalWords

WORDS = GlobalWords({"cancel": ("取消", "算了"), "home": ("菜单",)}, after=("吧",))
NAMES = Names(
    scripts={"travel": ("service",), "a": ()},
    services=frozenset({"car.repair"}),
    words=WORDS,
    forbidden=("稳赚不赔",),
)
HEAD = "id: a\nkind: chat\ntitle: t\nvars: [given]\nsteps:\n"  # steps begin in line 6
FAULT = "  - {id: fault, ask: 吗, type: choice, options: [{key: leak, label: 漏水}, {key: off, label: 不亮}]}\n"
NUMBER = "  - {id: n, ask: 几个, type: number}\n"
END = "  - {id: done, end: 好了}\n"
ORDER = "  - {id: book, do: book_order, args: {service: \"'car.repair'\"}, save: order}\n"


def problems_of(steps, head=HEAD):
    found = check_script(parse_script(head + steps, "a.yaml"), NAMES)
    return [f"{each.place.line}:{each.place.column} {each.code}" for each in found if each.code != "unused_var"]


def options(items):
    return "  - {id: m, ask: 吗, type: choice, options: [" + items + "]}\n" + END


GOOD = [
    FAULT + NUMBER + END,
    FAULT + "  - {id: why, say: 好, ask_if: \"fault == 'leak'\", next: done}\n" + END,
    ORDER + "  - {id: done, end: '{{ order.no }}'}\n",
    NUMBER + "  - {id: r, say: a, next: [{if: 'n > 1', goto: n}, {else: done}]}\n" + END,
    "  - {id: done, end: '{{ given }}{{ owner.name }}{{ service.label }}{{ sentence }}'}\n",
    "  - {id: r, say: '', next: done}\n" + END,
    "  - {id: go, start: travel, args: {service: \"'car.repair'\"}}\n",
    "  - {id: go, start: car.repair}\n",
    "  - {id: m, ask: 吗, type: choice, options: [{key: a, label: 甲, start: travel}]}\n",
    FAULT + "  - {id: c, say: a, ask_if: \"fault in ['leak', 'off']\"}\n" + END,
    "  - {id: d, ask: 哪天, type: datetime, check: [{if: days_until(v) < 30 and hour(v) > 8, else: 不行}]}\n" + END,
    "  - {id: y, ask: 要吗, type: yesno, next: [{if: y == false, goto: done}, {else: done}]}\n" + END,
    NUMBER + ORDER.replace("{id", "{ask_if: 'n > 1', id") + "  - {id: done, end: \"{{ coalesce(order.no, '') }}\"}\n",
    NUMBER
    + ORDER.replace("{id", "{ask_if: 'n > 1', id")
    + "  - {id: x, say: '{{ order.no }}', ask_if: not is_empty(order)}\n"
    + END,
    "  - {id: p, ask: 吗, type: image, next: [{if: is_empty(p), goto: done}, {else: done}]}\n" + END,
]


@pytest.mark.parametrize("steps", GOOD)
def test_a_good_script_has_no_problems(steps):
    assert problems_of(steps) == []


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        # ways
        (FAULT + "  - {id: x, say: a, next: done}\n  - {id: lost, say: b}\n" + END, ["8:5 unreachable"]),
        ("  - {id: x, say: a, next: gone}\n" + END, ["1:1 no_end", "6:27 unknown_step", "7:5 unreachable"]),
        (options("{key: k, label: 甲, goto: gone}"),
         ["1:1 no_end", "6:45 unknown_step", "7:5 unreachable"]),
        (NUMBER.replace("}", ", retries: {then: goto:gone}}") + END, ["6:52 unknown_step"]),
        (ORDER.replace("save", "on_refused: gone, save") + END, ["6:5 unknown_step"]),
        ("  - {id: x, say: a}\n  - {id: y, say: b, next: x}\n" + END, ["1:1 no_end", "6:5 endless", "8:5 unreachable"]),
        (NUMBER + "  - {id: r, say: a, next: [{if: 'n > 1', goto: done}]}\n" + END, ["7:48 no_else"]),
        (NUMBER + "  - {id: r, say: a, next: [{else: done}, {if: 'n > 1', goto: done}]}\n" + END,
         ["7:35 else_first", "7:62 no_else"]),
        (NUMBER, ["1:1 no_end", "6:5 no_end"]),
        (NUMBER + "  - {id: x, say: a, next: n}\n", ["1:1 no_end"]),
        (NUMBER + "  - {id: done, end: 好, ask_if: 'n > 1'}\n", ["7:5 no_end"]),
        # names
        ("  - {id: done, end: '{{ ower.name }}'}\n", ["6:25 unknown_name"]),
        ("  - {id: done, end: '好 {{ owner.nam }}'}\n", ["6:27 unknown_name"]),
        (NUMBER + "  - {id: x, say: a, ask_if: 'm > 1'}\n" + END, ["7:30 unknown_name"]),
        ("  - {id: x, say: a, ask_if: 'n > 1'}\n" + NUMBER + END, ["6:30 used_too_early"]),
        ("  - {id: x, say: '{{ order.no }}'}\n" + ORDER + END, ["6:22 used_too_early"]),
        (NUMBER + "  - {id: x, say: a, ask_if: 'v > 1'}\n" + END, ["7:30 unknown_name"]),
        (FAULT + "  - {id: x, say: '{{ fault.name }}'}\n" + END, ["7:22 dotted_answer"]),
        (NUMBER + ORDER.replace("{id", "{ask_if: 'n > 1', id") + "  - {id: done, end: '{{ order.no }}'}\n",
         ["8:25 maybe_unset"]),
        # types
        (FAULT + NUMBER + "  - {id: x, say: a, ask_if: n > fault}\n" + END, ["8:31 type_clash"]),
        (FAULT + "  - {id: x, say: a, ask_if: fault > 3}\n" + END, ["7:35 type_clash"]),
        (NUMBER + "  - {id: x, say: a, ask_if: \"n == 'one'\"}\n" + END, ["7:32 type_clash"]),
        (NUMBER + "  - {id: x, say: \"{{ n + '个' }}\"}\n" + END, ["7:24 type_clash"]),
        (FAULT + "  - {id: x, say: a, ask_if: \"fault == 'leek'\"}\n" + END, ["7:39 unknown_option"]),
        (FAULT + "  - {id: x, say: a, ask_if: \"fault in ['leak', 'of']\"}\n" + END, ["7:48 unknown_option"]),
        (FAULT.replace("choice", "multi") + "  - {id: x, say: a, ask_if: \"fault == 'leak'\"}\n" + END, ["7:36 type_clash"]),
        (FAULT.replace("choice", "multi") + "  - {id: x, say: a, ask_if: \"'lek' in fault\"}\n" + END, ["7:30 unknown_option"]),
        (NUMBER + "  - {id: x, say: a, ask_if: n == null}\n" + END, ["7:31 compare_null"]),
        (NUMBER + "  - {id: x, say: a, ask_if: days_until(n) > 1}\n" + END, ["7:29 type_clash"]),
        # options
        (options("{key: a, label: 甲}, {key: a, label: 乙}"), ["6:65 duplicate_key"]),
        (options("{key: a-b, label: 甲}"), ["6:45 bad_key"]),
        (options("{key: a, label: 甲}, {key: b, label: 乙, say: [甲]}"), ["6:65 same_words"]),
        (options("{key: a, label: 甲, say: ['2']}"), ["6:45 digits"]),
        (options("{key: a, label: 取消吧}"), ["6:45 global_word"]),
        ("  - {id: m, ask: 吗, type: yesno, options: [{key: maybe, label: 也许}]}\n" + END, ["6:44 bad_key"]),
        # texts
        ("  - {id: x, ask: '', type: text}\n" + END, ["6:19 empty_text"]),
        ("  - {id: x, say: ''}\n" + END, ["6:19 empty_text"]),
        ("  - {id: x, say: 太好了！！}\n" + END, ["6:21 exclamation"]),
        ("  - {id: x, say: 这个稳赚 不赔}\n" + END, ["6:18 forbidden_word"]),
        (f"  - {{id: x, say: {'好' * 700}}}\n" + END, ["6:5 too_long"]),
        # effects and scripts
        ("  - {id: x, do: book_ordr, args: {}}\n" + END, ["6:5 unknown_effect"]),
        ("  - {id: x, do: book_order}\n" + END, ["6:5 missing_argument"]),
        ("  - {id: x, do: book_order, args: {service: given, urgnt: 'true'}}\n" + END, ["6:60 unknown_argument"]),
        ("  - {id: x, do: book_order, args: {service: \"'car.repai'\"}}\n" + END, ["6:46 unknown_service"]),
        ("  - {id: x, start: travl}\n", ["6:5 unknown_script"]),
        ("  - {id: x, start: travel, args: {servce: given}}\n", ["6:43 unknown_argument"]),
    ],
)  # fmt: skip
def test_a_mistake_is_found_at_its_place(steps, expected):
    assert problems_of(steps) == expected


HEADED = "id: a\nkind: chat\ntitle: t\n"


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("needs: [bond]\n", ["1:1 unknown_need"]),
        ("aliases: {old: gone}\n", ["1:1 alias"]),
        ("aliases: {done: done}\n", ["1:1 alias"]),
    ],
)
def test_a_mistake_in_the_head_is_found(head, expected):
    assert problems_of(END, HEADED + head + "steps:\n") == expected


def test_an_alias_may_be_a_target():
    assert problems_of("  - {id: x, say: a, next: old}\n" + END, HEADED + "aliases: {old: done}\nsteps:\n") == []


def test_a_circle_of_effects_and_texts_is_endless_but_one_with_a_question_is_not():
    circle = "  - {id: x, say: a}\n" + ORDER.replace("}, save", "}, next: x, on_refused: done, save") + END
    assert "6:5 endless" in problems_of(circle)
    assert problems_of(NUMBER + "  - {id: x, say: a, next: [{if: n > 1, goto: n}, {else: done}]}\n" + END) == []


def test_a_near_name_is_suggested():
    found = check_script(parse_script(HEAD + "  - {id: done, end: '{{ owner.nam }}'}\n", "a.yaml"), NAMES)
    assert "did you mean 'owner.name'?" in found[-1].message


def test_a_resident_word_list_does_not_bind_staff():
    head = HEAD.replace("kind: chat", "kind: staff")
    assert problems_of("  - {id: done, end: 稳赚不赔}\n", head) == []


def test_a_long_list_of_options_must_be_paged():
    options = ", ".join(f"{{key: k{n}, label: {'很长的选项名字' * 3}{n}甲}}" for n in range(12))
    steps = "  - {id: m, ask: 吗, type: choice, page: %d, options: [" + options + "]}\n" + END
    assert problems_of(steps % 5) == []
    assert problems_of(steps % 20) == ["6:5 too_long"]


def script(script_id, triggers="{}"):
    return parse_script(f"id: {script_id}\nkind: chat\ntitle: t\ntriggers: {triggers}\nsteps:\n{END}", f"{script_id}.yaml")


@pytest.mark.parametrize(
    ("triggers", "code"),
    [
        ("{words: [报修]}", "duplicate_words"),
        ("{clicks: [A]}", "duplicate_clicks"),
        ("{intents: [x]}", "duplicate_intents"),
        ("{events: [subscribe]}", "duplicate_events"),
        ("{commands: [接单]}", "duplicate_commands"),
    ],
)
def test_two_scripts_may_not_claim_the_same_trigger(triggers, code):
    found = check_scripts([script("a", triggers), script("b", triggers)])
    assert [(each.code, str(each.place)) for each in found] == [(code, "b.yaml:1:1")]


def test_two_scripts_may_not_have_one_id():
    assert [each.code for each in check_scripts([script("a"), script("a")])] == ["duplicate_script"]


def test_trigger_words_that_differ_in_form_only_are_the_same():
    found = check_scripts([script("a", "{words: [Wifi]}"), script("b", "{words: ['WIFI。']}")])
    assert [each.code for each in found] == ["duplicate_words"]

"""How a text sounds, as far as a machine hears it: what is told, and what is let pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.content_checks import check_catalogue_keys
from dialogs.check_shown import list_forms
from dialogs.check_style import check_wording
from dialogs.places import Place, ScriptError
from dialogs.style import parse_style
from dialogs.templates import parse_template

ROOT = Path(__file__).resolve().parent.parent.parent
STYLE = parse_style((ROOT / "content" / "style.yaml").read_text(encoding="utf-8"), "style.yaml")


def codes(text: str, kind: str = "say") -> list[str]:
    template = parse_template(text, Place("a.yaml", 1, 1))
    return [f"{each.place.column} {each.code}" for each in check_wording(template, kind, STYLE)]


@pytest.mark.parametrize(
    "text",
    [
        "登记好了，单号 {{ order.no }}。",
        "{{ if(is_empty(name), '您好', name + '，您好') }}，我是管家。",
        "对方说「你好吗？在不在？」，您怎么看？",
        "您的单子：\n{{ open.text }}",
        "太好了，谢谢您！",
        "十点到十二点都行，12:30 以后也行。",
        "这是迷你的。",
        "装修保证金在前台交。",
        "周末来🌹，好吗？",
    ],
)
def test_a_text_that_sounds_like_us_passes(text: str) -> None:
    assert codes(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("请知悉。", ["1 style_word"]),
        ("团购仅限今天。", ["3 style_word"]),
        ("我们保证修好。", ["3 style_word"]),
        ("亲，在吗。", ["1 style_word"]),
        ("您必须来。", ["3 style_word", "1 style_word"]),
        ("{{ if(a, '好的。', '相关部门会来。') }}", ["18 style_word"]),
        ("你好。", ["1 style_you"]),
        ("真好！谢谢您！", ["3 exclamation"]),
        ("真的？！", ["4 exclamation"]),
        ("好的,马上。", ["2 style_width"]),
        ("好的(马上)。", ["2 style_width"]),
        ("好的，  马上。", ["4 style_spaces"]),
        ("好的 ", ["1 style_spaces", "1 style_ending"]),
        ("好的", ["1 style_ending"]),
        ("好🌹🌹。", ["1 style_emoji"]),
        ("长" * 121 + "。", ["1 style_long"]),
    ],
)
def test_a_text_that_does_not_is_told_at_its_place(text: str, expected: list[str]) -> None:
    assert codes(text) == expected


def test_a_question_asks_one_thing_in_sixty_characters_and_an_option_takes_sixteen() -> None:
    assert codes("您来吗？几位？", "question") == ["4 style_questions"]
    assert codes("长" * 60 + "？", "question") == ["1 style_long"]
    assert codes("长" * 59 + "？", "question") == []
    assert codes("长" * 17, "label") == ["1 style_long"]
    assert codes("长" * 16, "label") == []


def test_every_wording_inside_a_hole_is_read() -> None:
    text = "{{ if(a, '甲' + b, if(c, '乙', '丙丁')) }}好{{ coalesce(d, '戊') }}"
    forms = list_forms(parse_template(text))
    assert {word for word in ("甲", "乙", "丙丁", "戊") if not any(word in form for form in forms)} == set()
    assert all("好" in form for form in forms)


def test_a_key_that_is_no_rule_of_style_is_told() -> None:
    with pytest.raises(ScriptError) as caught:
        parse_style("limits: {questoin: 3}\n", "style.yaml")
    assert "did you mean 'question'?" in str(caught.value)


def test_a_half_width_comma_that_cuts_a_hint_in_two_is_told(tmp_path: Path) -> None:
    (tmp_path / "catalogue.yaml").write_text("services:\n  - {code: a, hint: 早点来,晚点走}\n", encoding="utf-8")
    assert [(each.code, each.place.line, each.place.column) for each in check_catalogue_keys(tmp_path)] == [
        ("unknown_key", 2, 25)
    ]


def test_no_rule_of_style_forbids_what_the_house_says_itself() -> None:
    assert [word.text for word in STYLE.words if not word.instead] == []
    assert len({word.text for word in STYLE.words}) == len(STYLE.words)

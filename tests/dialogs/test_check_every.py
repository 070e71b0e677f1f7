"""Two scripts with every mistake: each is found, with its code, line and column, and nothing else is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dialogs.check import Names, check_script
from dialogs.check_style import check_script_style
from dialogs.parse import parse_script
from dialogs.places import Problem, ScriptError
from dialogs.source import read_yaml
from dialogs.style import Style, Word
from dialogs.words import GlobalWords

HERE = Path(__file__).parent
MISTAKES, SLIPS = HERE / "every_mistake.yaml", HERE / "every_slip.yaml"
NAMES = Names(
    scripts={"travel": ("service",)},
    services=frozenset({"car.repair"}),
    words=GlobalWords({"cancel": ("取消", "算了"), "home": ("菜单",), "more": ("更多", "换一批")}),
    forbidden=("稳赚不赔",),
)
STYLE = Style({"question": 60, "label": 16, "say": 120}, (Word("请知悉", "officialese", "跟您说一声"),))
# found where two scripts, or a script and its parts, meet; or where a file is no script at all: tests of their own
# and what is wrong with surveys and their tags (test_survey_check.py)
ELSEWHERE = re.compile(
    r"duplicate_(?!id|key)|.*part$|recursion|too_deep|too_many_steps|survey_only|no_(purpose|name|tag)|never_kept|needs_consent"
    r"|(unknown|computed)_tag|tag_(type|value)"
)


def read_markers(text: str) -> set[tuple[int, int, str]]:
    """Return (line, column, code) of every marker; `@-1` means the line above it."""
    found = set()
    for number, line in enumerate(text.splitlines(), 1):
        for code, column, above in re.findall(r"([a-z_]+):(\d+)(@-\d+)?", line.partition("#!")[2]):
            found.add((number + int(above[1:] or 0), int(column), code))
    return found


def to_tuples(problems: list[Problem] | tuple[Problem, ...]) -> list[tuple[int, int, str]]:
    return [(each.place.line, each.place.column, each.code) for each in problems]


def test_every_mistake_of_a_script_is_found_at_its_place_and_no_other() -> None:
    text = MISTAKES.read_text(encoding="utf-8").replace("LONGEST", "好" * 700 + "。")
    script = parse_script(text, "every.yaml")
    found = to_tuples([*check_script(script, NAMES), *check_script_style(script, STYLE)])
    assert sorted(set(found)) == sorted(read_markers(text))


def test_every_slip_that_keeps_a_script_from_being_read_is_found_at_its_place() -> None:
    text = SLIPS.read_text(encoding="utf-8")
    with pytest.raises(ScriptError) as caught:
        parse_script(text, "slip.yaml")
    assert sorted(to_tuples(caught.value.problems)) == sorted(read_markers(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "1:1 empty"),
        ("a: b: c\n", "1:5 yaml"),
        ("a: &x 1\n", "1:4 anchor"),
        ("a: !x 1\n", "1:4 tag"),
        ("a: 1\na: 2\n", "2:1 duplicate_key"),
    ],
)
def test_what_is_wrong_with_a_whole_file_is_found_at_its_place(text: str, expected: str) -> None:
    with pytest.raises(ScriptError) as caught:
        read_yaml(text, "a.yaml")
    assert [f"{each.place.line}:{each.place.column} {each.code}" for each in caught.value.problems] == [expected]


def test_every_code_of_a_script_on_the_page_is_in_one_of_these_scripts() -> None:
    page = (HERE.parent.parent / "docs" / "checks.md").read_text(encoding="utf-8")
    frame = page.split("## A script's frame")[1]
    told = {code for code in re.findall(r"^\| `([a-z_]+)` \|", frame, re.MULTILINE) if not ELSEWHERE.fullmatch(code)}
    told = {code for code in told if not code.startswith("duplicate_") or code in ("duplicate_id", "duplicate_key")}
    marked = {code for path in (MISTAKES, SLIPS) for _, _, code in read_markers(path.read_text(encoding="utf-8"))}
    assert told - marked - {"no_steps"} == set()


def test_a_script_without_steps_is_told() -> None:
    with pytest.raises(ScriptError) as caught:
        parse_script("id: a\nkind: chat\ntitle: t\nsteps: []\n", "a.yaml")
    assert to_tuples(caught.value.problems) == [(4, 8, "no_steps")]

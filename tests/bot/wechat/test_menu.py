"""The menu's limits, counted in bytes and checked before a call."""

from __future__ import annotations

from typing import Any

import pytest

from bot.wechat.menu import check_menu


def click(name: str = "报修", key: str = "K", **more: Any) -> dict[str, Any]:
    return {"type": "click", "name": name, "key": key, **more}


def test_a_menu_at_its_limits_is_fine() -> None:
    children = [click("字" * 20, "k" * 128) for _ in range(5)]
    view = {"type": "view", "name": "a" * 16, "url": "https://" + "u" * 1016}
    assert check_menu([{"name": "字" * 5, "sub_button": children}, view, click()]) == []


@pytest.mark.parametrize(
    ("buttons", "problem"),
    [
        ([], "button: 0 buttons, between 1 and 3 are allowed"),
        ([click()] * 4, "button: 4 buttons, between 1 and 3 are allowed"),
        ([click("字" * 6)], "button[0].name: 18 bytes, at most 16"),
        ([click(""), click()], "button[0].name: is missing"),
        ([click(key="k" * 129)], "button[0].key: 129 bytes, at most 128"),
        ([{"type": "view", "name": "a", "url": "https://" + "u" * 1017}], "button[0].url: 1025 bytes, at most 1024"),
        ([{"type": "view", "name": "a", "url": "ftp://u"}], "button[0].url: has to start with http:// or https://"),
        ([{"type": "view", "name": "a"}], "button[0].url: is missing"),
        ([{"name": "a", "sub_button": [click()] * 6}], "button[0].sub_button: 6 buttons, between 1 and 5 are allowed"),
        ([{"name": "a", "sub_button": [click("字" * 21)]}], "button[0].sub_button[0].name: 63 bytes, at most 60"),
        (
            [{"name": "a", "sub_button": [click(sub_button=[click()])]}],
            "button[0].sub_button[0]: a sub-button has no sub-buttons",
        ),
        ([click(sub_button=[click()])], "button[0]: a button has either a type or sub-buttons"),
        ([{"type": "media_id", "name": "a"}], "button[0].media_id: is missing"),
    ],
)
def test_each_broken_limit_is_named_with_its_place(buttons: list[dict[str, Any]], problem: str) -> None:
    assert check_menu(buttons) == [problem]


def test_every_fault_is_listed_and_an_unknown_type_is_one() -> None:
    problems = check_menu([{"name": "字" * 9, "type": "dance"}, {"name": "b"}])
    assert len(problems) == 3
    assert problems[1].startswith("button[0].type: dance is not one of click")
    assert problems[2].startswith("button[1].type: nothing is not one of")

"""What a sentence tells besides the wish comes out, and nothing that was not said."""

from __future__ import annotations

import pytest

from dialogs.intents.lexicon import Problem, parse_lexicon
from dialogs.intents.understander import Understander
from tests.loaded import UNDERSTANDER


@pytest.fixture(scope="module")
def understander() -> Understander:
    return UNDERSTANDER


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("厨房水管漏水了", {"fault": "漏水", "place": "厨房"}),
        ("卫生间马桶堵了，明天上午十点来", {"fault": "堵塞", "place": "卫生间"}),
        ("3栋电梯厅的灯不亮", {"fault": "不亮", "place": "电梯厅"}),
        ("空调不制冷，找人修", {"fault": "不制冷"}),
        ("闻到煤气味", {"fault": "漏气"}),
        ("想去云南，两大一小，预算五千", {"people": 3, "amount": 500_000}),
        ("四个人去海南，一人三千块以内", {"people": 4, "amount": 300_000}),
        ("十万左右的车", {"amount": 10_000_000}),
        ("充200元电费", {"amount": 20_000}),
        ("一家三口想去北京", {"people": 3}),
        ("我们6个人，两位老人", {"people": 6}),
        ("2个大人1个孩子", {"people": 3}),
        ("我一个人住", {"people": 1}),
        ("5号楼1502，下午三点", {}),
        ("孩子两岁，找阿姨", {}),
        ("一块地砖松了", {"fault": "破损"}),
        ("", {}),
    ],
)
def test_what_is_plainly_said_is_found(understander: Understander, text: str, expected: dict[str, object]) -> None:
    assert {name: detail.value for name, detail in understander.read_details(text).items()} == expected


def test_every_detail_has_words_for_people(understander: Understander) -> None:
    found = understander.read_details("厨房漏水，两个人，99.5元")
    assert {name: detail.label for name, detail in found.items()} == {
        "fault": "漏水",
        "place": "厨房",
        "people": "2人",
        "amount": "99.5元",
    }


def test_a_broken_list_of_details_is_reported() -> None:
    wrong = parse_lexicon({"details": {"places": "厨房"}}, [])
    assert wrong == (Problem("details", "places", "must be a list of texts"),)
    assert isinstance(parse_lexicon({"details": {"rooms": []}}, []), tuple)
    assert isinstance(parse_lexicon({"details": {"faults": []}}, []), tuple)
    assert isinstance(parse_lexicon({"details": {"faults": ["漏水"]}}, []), tuple)

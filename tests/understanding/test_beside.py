"""Details beside a wish are found, names that only look like one are not, and no detail hides or feigns a wish."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialogs.intents.beside import find_beside, is_only_beside
from dialogs.intents.decision import Act, Stranger, decide
from dialogs.intents.features import build_vocabulary, read_features
from tests.loaded import LEXICON, UNDERSTANDER

WISHES = {
    "修空调": "housekeeping.appliances",
    "马桶堵了": "housekeeping.utilities",
    "想跟团去云南": "travel.domestic",
    "找个钟点工打扫": "housekeeping.hourly",
    "帮我叫辆出租车": "base.taxi",
    "孩子想补数学": "education.tutoring",
}
DETAILS = ("明天下午三点", "3栋1单元502", "电话13800000001", "我姓王")


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("明天下午三点修空调", {"time": "明天下午三点"}),
        ("下周三上午十点到十一点来修灯", {"time": "下周三上午十点到十一点"}),
        ("5号楼1单元1203要放行条", {"home": "5号楼1单元1203"}),
        ("3-1-502马桶堵了", {"home": "3-1-502"}),
        ("空调坏了 我的电话是13800000001", {"phone": "我的电话是13800000001"}),
        ("豫a12345的违章", {"plate": "豫a12345"}),
        ("我姓王,家里漏水", {"name": "我姓王"}),
        ("两大一小去三亚", {"people": "两大一小"}),
        ("五千块以内的驾校", {"money": "五千块以内"}),
    ],
)
def test_details_are_found(text: str, spans: dict[str, str]) -> None:
    assert {kind: text[start:end] for start, end, kind in find_beside(text)} == spans


@pytest.mark.parametrize(
    "text",
    [
        "周末两日游",
        "一日游",
        "半日游",
        "三点半课堂",
        "有三点建议",
        "今天天气",
        "快点来",
        "透明天花板",
        "30号楼电梯坏了",
        "3号线地铁",
        "两口子吵架",
        "一个人在家",
        "一块地砖松了",
        "老房子",
        "半夜还在吵",
    ],
)
def test_what_tells_of_the_wish_is_no_detail(text: str) -> None:
    assert find_beside(text) == []


def test_no_name_and_no_word_of_the_language_loses_what_it_says() -> None:
    vocabulary = build_vocabulary(LEXICON.words)
    for word in (*LEXICON.names, *vocabulary.words):
        assert not is_only_beside(word), word
    for word, said in vocabulary.words.items():
        assert read_features(word, vocabulary) >= set(said)


@pytest.mark.parametrize("detail", DETAILS)
@pytest.mark.parametrize(("wish", "code"), WISHES.items())
def test_a_detail_before_or_after_a_wish_hides_it_not(wish: str, code: str, detail: str) -> None:
    for text in (f"{detail}{wish}", f"{wish}{detail}", f"{wish},{detail}"):
        assert UNDERSTANDER.understand(text).intent == code, text


@pytest.mark.parametrize("text", ["明天下午三点修空调", "3栋1单元502修空调", "空调坏了明天下午来修电话13800000001"])
def test_a_wish_among_details_is_acted_upon(text: str) -> None:
    assert decide(UNDERSTANDER.understand(text)) == Act("housekeeping.appliances")


@given(st.permutations([*DETAILS, "两个人", "三百块左右", "豫A12345", "3栋"]), st.integers(1, 7))
@settings(max_examples=50)
def test_details_alone_are_no_wish(details: list[str], count: int) -> None:
    assert decide(UNDERSTANDER.understand(",".join(details[:count]))) == Stranger()


@pytest.mark.parametrize("text", ["调研", "继续", "继续吧"])
def test_a_word_about_something_that_is_not_open_names_no_wish(text: str) -> None:
    assert decide(UNDERSTANDER.understand(text)) == Stranger()

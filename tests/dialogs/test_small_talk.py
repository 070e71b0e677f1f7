"""Small talk is a whole message or a part of a short one; a sentence is masked before anybody reads it."""

from __future__ import annotations

import pytest

from dialogs.masking import hide_personal
from dialogs.places import ScriptError
from dialogs.small_talk import parse_small_talk

THANKS = "- {id: thanks, say: [谢谢], has: [感谢], reply: [您客气了。]}"


def peel(text: str) -> list[str]:
    return [text, text.removesuffix("啦")]


@pytest.mark.parametrize(("text", "kind"), [("谢谢", "thanks"), ("谢谢啦", "thanks"), ("谢谢，水管又漏了", None)])
def test_only_a_whole_message_is_small_talk(text: str, kind: str | None) -> None:
    found = parse_small_talk(THANKS, "small_talk.yaml").find(text, peel)
    assert (found.id if found else None) == kind


@pytest.mark.parametrize(("text", "kind"), [("太感谢你了", "thanks"), ("感谢归感谢但是你们这个水管修得真不行", None)])
def test_a_part_counts_in_a_short_message_only(text: str, kind: str | None) -> None:
    found = parse_small_talk(THANKS, "small_talk.yaml").find_in(text)
    assert (found.id if found else None) == kind


def test_mistakes_are_listed_with_their_places() -> None:
    with pytest.raises(ScriptError) as caught:
        parse_small_talk(f"{THANKS}\n- {{id: more, say: [谢谢], replies: [好]}}", "small_talk.yaml")
    assert {problem.code for problem in caught.value.problems} == {"unknown_key", "missing_key", "duplicate_word"}


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("我电话13800138000", "我电话〔手机号〕"),
        ("打 138 0013 8000 给我", "打 〔手机号〕 给我"),
        ("身份证37010219800101123X", "身份证〔证件号〕"),
        ("卡号6222 0212 3456 7890 123", "卡号〔卡号〕"),
        ("鲁B12345停我车位上", "〔车牌〕停我车位上"),
        ("我住3栋2单元501，漏水", "我住〔房号〕，漏水"),
        ("我叫张桂兰，想问个事", "我叫〔姓名〕，想问个事"),
        ("明天下午3点来，两个人，100块", "明天下午3点来，两个人，100块"),
    ],
)
def test_what_tells_about_a_person_is_hidden_and_the_wish_stays(said: str, kept: str) -> None:
    assert hide_personal(said) == kept

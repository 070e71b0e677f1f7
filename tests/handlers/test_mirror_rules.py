"""Which tags may stand on the account, how a remark is made, and whose doing a difference is: rules without any row."""

from __future__ import annotations

import pytest

from bot.content import CONTENT_DIR, load_yaml
from handlers.mirror_rules import REMARK_CHARS, MirrorError, Seen, compare, parse_mirror, render_remark
from models.mirror import MirrorState
from tests.handlers.registers import read_vocabulary

REMARKS = {
    ("1栋-2单元-301", "张阿姨"): "1栋-2单元-301-张阿姨",
    ("1栋-2单元-301", ""): "1栋-2单元-301",
    ("", "张阿姨"): "",
    ("香樟园二期东区12号楼-3单元-1801室", "欧阳娜娜女士"): "香樟园二期东区12号楼-3单元-1801室-欧阳娜娜女士",
    ("香樟园二期东区12号楼-3单元-1801室", "欧阳娜娜老师和先生"): "香樟园二期东区12-3-1801-欧阳娜娜老师和先生",
    ("香樟园二期东区12号楼-3单元-1801室", "阿依古丽·买买提江·艾山女士"): "香樟园二期东区12-3-1801-阿依古丽·买买提江·艾…",
    (
        "很长很长很长很长很长很长很长很长的一个小区名字12栋-3单元-1801",
        "张阿姨",
    ): "…长很长很长很长很长的一个小区名字12-3-1801-张阿",
}


@pytest.mark.parametrize(("given", "remark"), REMARKS.items())
def test_a_remark_is_house_and_name_in_under_thirty_characters(given: tuple[str, str], remark: str) -> None:
    made = render_remark(*given)
    assert (made, len(made) <= REMARK_CHARS) == (remark, True)


REFUSED = {
    "level 2": {"tag": "health.season=要提醒", "name": "季节关照"},
    "for staff only": {"tag": "pay.fee=欠费", "name": "欠费"},
    "consent to be shared": {"tag": "house.intent=售", "name": "想卖房"},
    "worked out": {"tag": "house.stage=老业主", "name": "老业主"},
    "no key=value": {"tag": "pet.kind=恐龙", "name": "恐龙"},
    "listed values": {"tag": "reach.hours=晚上", "name": "晚上"},
    "30 bytes": {"tag": "pet.kind=犬", "name": "家里养了一只狗的业主们"},
    "the platform's own": {"tag": "pet.kind=犬", "name": "星标组"},
    "never kept": {"tag": "pet.kind=犬", "name": "高收入"},
    "color: unknown": {"tag": "pet.kind=犬", "name": "养犬", "color": "red"},
}


@pytest.mark.parametrize(("words", "entry"), REFUSED.items())
def test_what_must_not_leave_the_house_or_the_platform_would_refuse_is_named(words: str, entry: dict[str, str]) -> None:
    with pytest.raises(MirrorError, match=words) as caught:
        parse_mirror({"tags": [{"tag": "car.count=0", "name": "无车"}, entry]}, read_vocabulary())
    assert [number for number, _ in caught.value.problems] == [2]


def test_more_than_a_hundred_and_anything_twice_is_refused() -> None:
    entry = {"tag": "pet.kind=犬", "name": "养犬"}
    with pytest.raises(MirrorError) as caught:
        parse_mirror({"tags": [entry] * 101, "remarks": True, "called": {"survey": "x"}, "remark": "yes"}, read_vocabulary())
    said = str(caught.value)
    for words in ("the tag is there twice", "the name is there twice", "101 tags", "remarks: unknown", "called:", "remark:"):
        assert words in said


def test_the_list_of_the_house_is_right() -> None:
    given = load_yaml((CONTENT_DIR / "account_tags.yaml").read_text(encoding="utf-8"))
    book = parse_mirror(given, read_vocabulary())
    assert book.is_remarking
    assert {"pet.kind", "car.count"} <= book.keys


STANDING = {1: 101, 2: 102}


def compared(seen: Seen, **given: object) -> tuple[list[int], list[int], str | None, list[str]]:
    state = MirrorState(openid="o", **{"wanted": [1], "wanted_remark": "", "known": [], "is_read": True, **given})
    found = compare(state, seen, STANDING)
    return found.add, found.remove, found.remark, [each.what.value for each in found.foreign]


def test_whose_doing_a_difference_is() -> None:
    assert compared(Seen((), "")) == ([101], [], None, [])
    assert compared(Seen((), ""), known=[101]) == ([], [], None, ["tag_off"])
    assert compared(Seen((101, 102), "")) == ([], [], None, ["tag_on"])
    assert compared(Seen((101, 102), ""), known=[102]) == ([], [102], None, [])
    assert compared(Seen((101, 102), ""), trying=[102]) == ([], [102], None, [])  # a round that was cut off left it
    assert compared(Seen((7, 8), ""), wanted=[2, 1], is_read=False) == ([101, 102], [], None, [])  # the weightiest last
    assert compared(Seen((101,), "手写的"), is_read=False) == ([], [], None, [])  # a remark where we want none
    assert compared(Seen((101,), "手写的"), wanted_remark="1栋", is_read=False) == ([], [], None, ["remark"])
    assert compared(Seen((101,), "旧的"), wanted_remark="1栋", written_remark="旧的") == ([], [], "1栋", [])
    assert compared(Seen((101,), ""), wanted_remark="1栋", written_remark="旧的") == ([], [], None, ["remark"])
    assert compared(Seen((101,), "张姐"), wanted_remark="1栋", kept_remark="张姐", kept_for="1栋") == ([], [], None, [])
    assert compared(Seen((101,), "张姐"), wanted_remark="2栋", kept_remark="张姐", kept_for="1栋") == ([], [], None, ["remark"])

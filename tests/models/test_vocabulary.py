"""The tag vocabulary: what it refuses, and what a word means."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from models.vocabulary import Alias, TagKind, Vocabulary, VocabularyError, parse_vocabulary, read_month
from tests.models.audience_people import VOCABULARY


def test_the_vocabulary_staff_write_is_sound() -> None:
    content = Path(__file__).parents[2] / "content" / "tags.yaml"
    vocabulary = parse_vocabulary(yaml.safe_load(content.read_text(encoding="utf-8")))
    assert vocabulary.aliases["有车"] == Alias("有车", "car.count", ("1", "2+"))
    assert vocabulary.keys["child.stage"].level == 2
    assert not vocabulary.keys["child.counsel"].is_in_audiences
    assert vocabulary.is_forbidden("年收入")


def test_every_problem_is_told_at_once() -> None:
    broken: dict[str, Any] = {
        "tags": {
            "a": {"label": "甲", "kind": "choice"},
            "b": {"label": "收入", "kind": "number", "values": ["1"], "level": 3},
            "c": {"kind": "colour", "colour": "red"},
            "d": {"label": "丁", "kind": "multi", "values": ["1", "1"], "aliases": {"一": "2"}},
            "e": "nothing",
        },
        "aliases": {
            "x": {"key": "nowhere", "values": ["1"]},
            "y": {"key": "d", "values": ["3"]},
            "z": {"key": "d", "valeus": ["1"]},
        },
        "forbidden": ["收入"],
        "colours": {},
    }
    with pytest.raises(VocabularyError) as caught:
        parse_vocabulary(broken)
    assert caught.value.problems == (
        "colours: unknown section",
        "tags.e: must be a mapping",
        "a.values: a choice needs values",
        "b.values: a number has no values",
        "b.level: must be 1 or 2",
        "c.colour: unknown",
        "c.kind: must be one of choice, multi, number, text, date, month",
        "c.label: is missing",
        "d.values: one is there twice",
        "d.aliases.一: no value 2",
        "aliases.x: no key nowhere",
        "aliases.y: d has no value 3",
        "aliases.z.valeus: unknown",
        "aliases.z: needs either values or min",
        "b: 收入 is forbidden",
    )


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("pet.kind", " 狗 ", "犬"),
        ("pet.kind", "鸟", None),
        ("family.members", "3", "3"),
        ("family.members", "三", None),
        ("car.inspect_month", "03月", "3"),
        ("car.inspect_month", "13", None),
        ("warranty.end", "2027-01-31", "2027-01-31"),
        ("warranty.end", "2027-02-30", None),
        ("warranty.end", "20270131", None),
        ("reach.hours", "晚上八点后", "晚上八点后"),
        ("reach.hours", "晚" * 121, None),
        ("reach.hours", "  ", None),
    ],
)
def test_a_value_is_stored_in_one_spelling_or_refused(key: str, text: str, value: str | None) -> None:
    assert VOCABULARY.keys[key].read_value(text) == value


def test_a_word_finds_its_key_and_its_tags() -> None:
    pets = VOCABULARY.find_key("宠物")
    assert pets is VOCABULARY.find_key("pet.kind")
    assert pets is not None
    assert pets.kind is TagKind.MULTI
    assert VOCABULARY.find_key("鸟") is None
    assert VOCABULARY.find_tags("养犬") == (("pet.kind", "犬"),)
    assert VOCABULARY.find_tags("太极拳") == (("hobby", "太极"),)
    assert VOCABULARY.find_tags("无") == (("pet.kind", "无"), ("rel.vip", "无"))
    assert VOCABULARY.find_tags("有车") == ()


def test_a_month_is_read_in_four_spellings_and_no_other() -> None:
    assert [read_month(text) for text in ("3", "03", "3月", "2026-03")] == [3, 3, 3, 3]
    assert [read_month(text) for text in ("0", "13", "三", "", "2026-3", "202-03", "２")] == [None] * 7


# B4 key by key: kind, values, level, months until it dies; what is in no list of ours must not creep in.
B4 = {
    "family.structure": ("choice", "单身 夫妻 夫妻+1孩 夫妻+2孩以上 三代 与父母同住 其他", 1, 24),
    "family.members": ("number", "", 1, 24),
    "family.role": ("choice", "业主 家人 租客 代办", 1, 24),
    "elder.has": ("choice", "有 无", 1, 12),
    "elder.living": ("choice", "独居 同住 机构", 1, 12),
    "elder.phone_skill": ("choice", "每天 偶尔 不用", 1, 12),
    "elder.need": ("multi", "陪聊 体检 助餐 课程 助行", 1, 12),
    "health.season": ("choice", "要提醒 不要", 2, 6),
    "health.care": ("choice", "自理 半护 全护", 2, 6),
    "child.stage": ("multi", "0-3 幼 小 初 高 成", 2, 12),
    "child.class": ("multi", "学科 艺术 体育 科技 托管", 2, 12),
    "child.counsel": ("choice", "在辅导 已结束", 2, 12),
    "car.count": ("choice", "0 1 2+", 1, 12),
    "car.power": ("choice", "油 电 混", 1, 12),
    "car.space": ("choice", "自有 租 无", 1, 12),
    "car.inspect_month": ("month", "", 1, 12),
    "car.insure_month": ("month", "", 1, 12),
    "car.plate_tail": ("choice", "0 1 2 3 4 5 6 7 8 9", 1, 12),
    "car.intent": ("multi", "学 买 换", 1, 6),
    "pet.kind": ("multi", "无 犬 猫 其他", 1, 12),
    "pet.size": ("choice", "小 中 大", 1, 12),
    "pet.need": ("multi", "洗护 寄养 医疗 遛", 1, 12),
    "house.use": ("choice", "自住 出租 空置 办公", 1, 12),
    "house.intent": ("choice", "租出 售 求租 求购 无", 1, 3),
    "house.stage": ("choice", "准业主 磨合期 稳定期 老业主", 1, None),
    "reno.plan": ("choice", "无 半年 一年", 1, 12),
    "reno.state": ("choice", "未装 在装 已装", 1, 12),
    "warranty.end": ("date", "", 1, None),
    "hobby": ("multi", "广场舞 厨艺 足球 羽毛球 乒乓球 太极 书画 阅读 园艺 摄影 亲子", 1, 24),
    "skill": ("multi", "可教 可演 可修", 1, 24),
    "volunteer.hours": ("number", "", 1, 24),
    "travel.freq": ("choice", "0 1-2 3-4 5+", 1, 12),
    "travel.range": ("multi", "本省 周边 长途 出境", 1, 12),
    "travel.style": ("multi", "跟团 半自助 自驾 自由行", 1, 12),
    "buy.category": ("multi", "生鲜 粮油 日用 母婴 家电", 1, 6),
    "buy.freq": ("choice", "日 周 月", 1, 6),
    "buy.band": ("choice", "免费 ≤5 6-15 16-30 30+", 1, 6),
    "buy.trust": ("choice", "0 1 2 3 4 5", 1, 6),
    "parcel.week": ("choice", "0-2 3-5 6+", 1, 6),
    "delivery.willing": ("choice", "免费 1元 2元 不需要", 1, 6),
    "rel.owner_attitude": ("choice", "支持 中立 不满", 1, 12),
    "rel.influence": ("choice", "0 1 2 3", 1, 12),
    "rel.vip": ("multi", "业委会 社团 重点投诉 员工", 1, 12),
    "rel.silent": ("number", "", 1, None),
    "pay.fee": ("choice", "正常 欠费", 1, 12),
    "reach.channel": ("multi", "微信 电话 短信 上门", 1, 24),
    "reach.hours": ("text", "", 1, 24),
    "reach.topics": ("multi", "travel car housing finance elderly delivery housekeeping education", 1, 24),
    "reach.freq": ("choice", "日 周 月 不要", 1, 24),
    "phone.state": ("choice", "有效 空号 停机 错号 拒接 待核", 1, None),
}
R130 = {
    "家庭人员构成": "2",
    "年龄": "1",
    "收入": "X",
    "财产": "X",
    "租售房": "1",
    "购物消费": "1",
    "宠物": "1",
    "装修": "1",
    "购换车": "1",
    "养老旅游": "2",
    "服饰饮食": "1",
    "活动户外": "1",
    "社会关系": "X",
}
NEVER = "收入 财产 社会关系 宗教 政治面貌 身份证号 人脸 体检结果 银行卡 行踪"


@pytest.fixture(scope="module")
def written() -> Vocabulary:
    content = Path(__file__).parents[2] / "content" / "tags.yaml"
    return parse_vocabulary(yaml.safe_load(content.read_text(encoding="utf-8")))


def test_every_key_of_the_vocabulary_is_as_it_was_agreed(written: Vocabulary) -> None:
    found = {key.key: (key.kind.value, " ".join(key.values), key.level, key.expires_months) for key in written.keys.values()}
    assert found == B4


def test_level_two_names_its_consent_and_nothing_else_does(written: Vocabulary) -> None:
    purposes = {key.key: key.purpose for key in written.keys.values() if key.purpose}
    assert purposes == {key: "health" if key.startswith("health") else "minors" for key in B4 if B4[key][2] == 2}
    assert written.keys["house.intent"].share_level == 2


def test_staff_words_are_for_staff_and_the_confidential_is_in_no_audience(written: Vocabulary) -> None:
    staff_only = {key.key for key in written.keys.values() if key.is_staff_only}
    assert staff_only == {key for key in B4 if key.startswith(("rel.", "pay."))} | {"buy.trust", "phone.state"}
    assert {key.key for key in written.keys.values() if not key.is_in_audiences} == {"health.care", "child.counsel"}
    assert {key.key for key in written.keys.values() if key.is_computed} == {"house.stage", "rel.silent"}


def test_the_thirteen_groups_have_their_sensitivity_and_every_key_one_group(written: Vocabulary) -> None:
    assert {name: group.sensitivity for name, group in written.groups.items() if name in R130} == R130
    grouped = [key for group in written.groups.values() for key in group.keys]
    assert sorted(grouped) == sorted(B4)


def test_what_is_never_kept_is_never_kept(written: Vocabulary) -> None:
    assert set(NEVER.split()) <= written.forbidden
    assert not any(written.is_forbidden(word) for key in written.keys.values() for word in (key.key, key.label, *key.values))


def test_a_group_that_does_not_fit_its_keys_is_a_problem() -> None:
    broken: dict[str, Any] = {
        "tags": {"a": {"label": "甲", "kind": "text"}, "b": {"label": "乙", "kind": "text", "level": 2, "purpose": "health"}},
        "standard": "GB/T 45574-2025",
        "groups": {
            "一": {"sensitivity": 1, "keys": ["b", "c"]},
            "二": {"sensitivity": "X", "keys": ["b"]},
            "三": {"colour": 1},
        },
    }
    with pytest.raises(VocabularyError) as caught:
        parse_vocabulary(broken)
    assert caught.value.problems == (
        "groups.一: no key c",
        "groups.一.sensitivity: must be the highest level of its keys, or X",
        "groups.二: is never kept, so it has no b",
        "groups.三.colour: unknown",
        "groups.三.sensitivity: must be the highest level of its keys, or X",
        "a: is in 0 groups and not in one",
        "b: is in 2 groups and not in one",
    )


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"kind": "text", "level": 2}, "a.purpose: level 2, and no other, names the consent it needs"),
        ({"kind": "text", "purpose": "health"}, "a.purpose: level 2, and no other, names the consent it needs"),
        ({"kind": "choice", "values": ["无"], "none": "无"}, "a.none: must be one of the values of a multi"),
        ({"kind": "multi", "values": ["无"], "none": "没"}, "a.none: must be one of the values of a multi"),
    ],
)
def test_consent_and_the_value_that_stands_alone_are_checked(given: dict[str, Any], problem: str) -> None:
    with pytest.raises(VocabularyError) as caught:
        parse_vocabulary({"tags": {"a": {"label": "甲", **given}}})
    assert caught.value.problems == (problem,)

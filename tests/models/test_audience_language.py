"""What staff may write, what it means, and how a mistake is shown."""

from __future__ import annotations

import pytest

from models.audience.describe import describe
from models.audience.errors import AudienceError
from models.audience.parse import parse_audience
from tests.models.audience_people import VOCABULARY

ROLE = "relation = '租客' or family.role = '租客'"


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("养犬 且 有车 且 非出租", "pet.kind = '犬' and car.count in ('1', '2+') and not house.use = '出租'"),
        ("养犬且有车且非出租", "pet.kind = '犬' and car.count in ('1', '2+') and not house.use = '出租'"),
        ("养犬 并且 不是 出租 或者 没有 有车", "pet.kind = '犬' and not house.use = '出租' or not car.count in ('1', '2+')"),
        ("（养犬或出租）和有车", "(pet.kind = '犬' or house.use = '出租') and car.count in ('1', '2+')"),
        ("not (养犬 and 有车)", "not (pet.kind = '犬' and car.count in ('1', '2+'))"),
        ("非(养犬)", "not pet.kind = '犬'"),
        ("小区 = 翠湖花园 且 楼栋 in (1栋, 2栋)", "community = '翠湖花园' and building in ('1栋', '2栋')"),
        ("小区＝“翠湖花园”　且　楼栋 在 （1栋，2栋）", "community = '翠湖花园' and building in ('1栋', '2栋')"),
        ("小区：翠湖花园且养犬", "community = '翠湖花园' and pet.kind = '犬'"),
        ("小区=和平里或养犬", "community = '和平里' or pet.kind = '犬'"),
        ("小区=“翠湖且养犬”", "community = '翠湖且养犬'"),
        ("关系是租客且楼栋不是1栋", "relation = '租客' and building != '1栋'"),
        ("租客", ROLE),
        ("不是租客", f"not ({ROLE})"),
        ("老业主", "stage = '老业主'"),
        ("业主阶段 = 老业主", "stage = '老业主'"),
        ("house.stage = 准业主", "stage = '准业主'"),
        ("大家庭", "family.members >= 5"),
        ("没有车", "car.count = '0'"),
        ("广场舞", "hobby = '广场舞'"),
        ("宠物=狗", "pet.kind = '犬'"),
        ("pet.kind not in (犬, 猫)", "pet.kind not in ('犬', '猫')"),
        ("车辆数 >= 1", "car.count >= 1"),
        ("常住人数 介于 3 和 5", "family.members between 3 and 5"),
        ("年龄大于60", "age > 60"),
        ("年龄 ≥ 60岁", "age >= 60"),
        ("年龄介于60到70且养犬", "age between 60 and 70 and pet.kind = '犬'"),
        ("age(birthday) between 60 and 70.5", "age between 60 and 70.5"),
        ("入住 >= 2026年1月1日", "moved_in >= '2026-01-01'"),
        ("生日月 = 3月", "birth_month = 3"),
        ("年检月份 = 下月", "car.inspect_month = next_month"),
        ("保修到期 <= today+30d", "warranty.end <= today+30d"),
        ("joined > '2026-01-01'", "joined > '2026-01-01'"),
        ("seen(4w) and not seen(30天)", "seen(28d) and not seen(30d)"),
        ("has(宠物) and empty(生日)", "has(pet.kind) and not has(birthday)"),
        ("bound and following = 否 or 未关注", "bound = true and following = false or following = false"),
        ("bound != true", "bound = false"),
        ("tag('租客') and building in (1,2) and not seen(30d)", f"({ROLE}) and building in ('1', '2') and not seen(30d)"),
        ("tag('pet.kind', '犬') and tag(宠物)", "pet.kind = '犬' and has(pet.kind)"),
        ("tag('pet.kind=犬')", "pet.kind = '犬'"),
        ("any_tag(养犬、有车)", "pet.kind = '犬' or car.count in ('1', '2+')"),
        ("all_tags(养犬, '宠物=猫', car.count >= 1)", "pet.kind = '犬' and pet.kind = '猫' and car.count >= 1"),
        ("标签 = 养犬", "pet.kind = '犬'"),
        ("标签 不在 (养犬, 有车)", "not (pet.kind = '犬' or car.count in ('1', '2+'))"),
        ("sample(10％, 种子)", "sample(10.00%, '种子')"),
        ("全部业主", "everyone"),
        ("everyone 且 非 养犬", "everyone and not pet.kind = '犬'"),
        ("reach.hours ~ '50%' or 房号 ^= 1栋-2", "reach.hours ~ '50%' or room ^= '1栋-2'"),
        ("小区 = 'O''Brien'", "community = 'O''Brien'"),
        ("养犬 and ('养犬')", "pet.kind = '犬' and pet.kind = '犬'"),
    ],
)
def test_an_expression_means(text: str, meaning: str) -> None:
    assert describe(parse_audience(text, VOCABULARY)) == meaning


@pytest.mark.parametrize(
    ("text", "code", "position", "suggestion"),
    [
        ("", "expected", 0, ""),
        ("养犬 且", "expected", 4, ""),
        ("(养犬", "expected", 3, ""),
        ("养犬)", "expected", 2, "and"),
        ("养犬 有车", "expected", 3, "and"),
        ("小区 =", "expected", 4, ""),
        ("小区 = ''", "expected", 5, "empty(community)"),
        ("小区 翠湖", "expected", 3, "="),
        ("小区 = “翠湖", "expected", 5, "”"),
        ("小区 > 翠湖", "expected", 3, "!= = ^= in not in ~"),
        ("年龄 ~ 6", "expected", 3, "!= < <= = > >= between in not in"),
        ("养犬 and a\x00b", "expected", 8, ""),
        ("has(bound)", "expected", 4, ""),
        ("age(moved_in) > 3", "expected", 4, "birthday"),
        ("养犬 and pet.knd = 犬", "unknown_field", 7, "pet.kind"),
        ("has(小曲)", "unknown_field", 4, "小区"),
        ("养鼠且有车", "unknown_word", 0, "养犬"),
        ("养犬且飞翔", "unknown_word", 3, ""),
        ("无", "unknown_word", 0, "pet.kind = '无' or rel.vip = '无'"),
        ("宠物 = 鸟", "unknown_value", 5, "无, 犬, 猫"),
        ("业主阶段 = 老业", "unknown_value", 7, "老业主"),
        ("tag('宠物', '鸟')", "unknown_value", 10, "无, 犬, 猫"),
        ("bound = maybe", "unknown_value", 8, "true"),
        ("入住 > 2026-02-30", "bad_date", 5, "2026-01-31"),
        ("生日 in (2000-01-01, 昨天)", "bad_date", 19, "2026-01-31"),
        ("年龄 > 六十", "bad_number", 5, ""),
        ("生日月 = 13", "bad_number", 6, ""),
        ("seen(30)", "bad_number", 5, "30d"),
        ("seen(99999m)", "bad_number", 5, "30d"),
        ("sample(101%)", "bad_number", 7, "10%"),
        ("养犬 且 收入 > 5000", "forbidden_field", 5, ""),
        ("收入高", "forbidden_field", 0, ""),
        ("has(宗教)", "forbidden_field", 4, ""),
        ("姓名 = 张三", "forbidden_field", 0, ""),
        ("phone = 138", "forbidden_field", 0, ""),
        ("child.counsel = 在辅导", "forbidden_field", 0, ""),
        ("标签 = 在辅导", "forbidden_field", 5, ""),
        ("养" * 10_001, "too_long", 10_000, ""),
        ("(" * 101 + "养犬" + ")" * 101, "too_deep", 101, ""),
        (" or ".join(["养犬"] * 251), "too_many", 1500, ""),
    ],
)
def test_a_mistake_has_a_code_a_place_and_a_way_out(text: str, code: str, position: int, suggestion: str) -> None:
    with pytest.raises(AudienceError) as caught:
        parse_audience(text, VOCABULARY)
    error = caught.value
    assert (error.code.value, error.position, error.suggestion) == (code, position, suggestion)


def test_a_mistake_is_shown_with_a_caret_below_wide_characters() -> None:
    text = "小区 = 翠湖\n且 宠物 = 鸟"
    with pytest.raises(AudienceError) as caught:
        parse_audience(text, VOCABULARY)
    assert caught.value.render(text).splitlines() == [
        "unknown_value at 15: pet.kind has no value '鸟'; did you mean 无, 犬, 猫?",
        "且 宠物 = 鸟",
        "          ^",
    ]


@pytest.mark.parametrize("text", ["(" * 100 + "养犬" + ")" * 100, "not " * 100 + "养犬", " or ".join(["养犬"] * 250)])
def test_the_limits_themselves_are_allowed(text: str) -> None:
    audience = parse_audience(text, VOCABULARY)
    assert parse_audience(describe(audience), VOCABULARY).node == audience.node

"""Who belongs and who does not, one rule at a time, asked of the plain evaluator (SQL is held to it elsewhere)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from models.audience import comparing
from models.audience.evaluate import explain, matches
from models.audience.nodes import Operator
from models.audience.parse import parse_audience
from models.audience.people import Contact, HeldTag, Home, Person
from tests.models.audience_people import NOW, TODAY, VOCABULARY

BORN = date(1966, 3, 15)


def person(
    *tags: tuple[str, str], homes: tuple[Home, ...] = (), birthday: date | None = None, followers: tuple[Contact, ...] = ()
) -> Person:
    held = tuple(HeldTag(key, value) for key, value in tags)
    return Person(5, datetime(2026, 1, 1, 17, tzinfo=UTC), birthday, homes, held, followers)


def home(community: str, building: str, relation: str = "业主", moved_in_on: date | None = None) -> Home:
    return Home(community, building, "1单元", "301", f"{building}-1单元-301", relation, moved_in_on)


def belongs(text: str, who: Person) -> bool:
    return matches(parse_audience(text, VOCABULARY), who, NOW, TODAY)


def test_another_value_is_not_the_same_as_no_value() -> None:
    cat, both, none = person(("pet.kind", "猫")), person(("pet.kind", "猫"), ("pet.kind", "犬")), person()
    assert [belongs("pet.kind != 犬", who) for who in (cat, both, none)] == [True, False, False]
    assert [belongs("not pet.kind = 犬", who) for who in (cat, both, none)] == [True, False, True]


def test_an_expired_tag_is_not_there() -> None:
    def holding(expires_at: datetime) -> Person:
        return Person(5, NOW, tags=(HeldTag("pet.kind", "犬", expires_at),))

    assert belongs("养犬", holding(NOW + timedelta(seconds=1)))
    assert not belongs("养犬", holding(NOW))
    assert belongs("empty(pet.kind)", holding(NOW))


def test_conditions_joined_by_and_want_one_home_for_all_of_them() -> None:
    who = person(homes=(home("翠湖花园", "1栋", "业主"), home("和平里", "2栋", "租客")))
    assert belongs("小区 = 翠湖花园 and 关系 = 业主", who)
    assert not belongs("小区 = 翠湖花园 and 关系 = 租客", who)
    assert not belongs("小区 = 翠湖花园 and (楼栋 = 2 or 关系 = 租客)", who)
    assert belongs("小区 = 翠湖花园 and not 关系 = 代办", who)
    assert not belongs("小区 = 翠湖花园 and not 关系 = 租客", who)
    assert belongs("小区 = 翠湖花园 and 关系 != 租客", who)


@pytest.mark.parametrize("written", ["1", "1栋", "1幢", "1号楼", "一栋", "01", "'1座'"])
def test_a_building_is_found_however_its_name_is_written(written: str) -> None:
    assert belongs(f"楼栋 = {written}", person(homes=(home("翠湖花园", "1栋"),)))
    assert not belongs(f"楼栋 = {'一' * 5000}", person(homes=(home("翠湖花园", "1栋"),)))
    for other in ("11栋", "A1", "1A", "东1", "东1栋"):
        assert not belongs(f"楼栋 = {written}", person(homes=(home("翠湖花园", other),)))


@pytest.mark.parametrize("written", ["1-2-301", "1栋-2单元-301", "1号楼-2单元-301室", "一栋-二单元-0301"])
def test_a_whole_room_is_found_however_the_register_writes_it(written: str) -> None:
    for names in (("1", "2", "301"), ("1栋", "2单元", "301"), ("一号楼", "二单元", "0301室")):
        at = replace(home("翠湖花园", names[0]), unit=names[1], room=names[2], label="-".join(names))
        assert belongs(f"房号 = {written}", person(homes=(at,)))
        assert not belongs(f"房号 != {written}", person(homes=(at,)))
        assert not belongs(f"房号 = {written}", person(homes=(replace(at, building=f"1{names[0]}"),)))


def test_somebody_without_a_home_matches_no_place_and_no_stage() -> None:
    assert not belongs("stage = 准业主 or stage != 准业主 or has(community)", person())
    assert belongs("empty(community)", person())
    assert belongs("stage = 准业主 and empty(moved_in)", person(homes=(home("翠湖花园", "1栋"),)))


def test_a_missing_birthday_fails_every_comparison_and_its_opposite() -> None:
    for text in ("age >= 0", "age != 3", "birthday != 2000-01-01", "birth_month < 13月".replace("13", "12"), "age < 200"):
        assert not belongs(text, person())
        assert belongs(f"not {text}", person())
    assert belongs("age = 60 and 生日月 = 本月", person(birthday=BORN))
    assert belongs("age = 59", person(birthday=BORN + timedelta(days=1)))


def test_seen_and_following_look_at_every_account_of_a_person() -> None:
    quiet, gone = Contact(message_at=None), Contact(is_following=False, message_at=NOW - timedelta(days=30))
    assert belongs("seen(30d) and following", person(followers=(quiet, gone)))
    assert not belongs("seen(29d)", person(followers=(quiet, gone)))
    assert belongs("bound and not following", person(followers=(gone,)))
    assert belongs("未绑定 and 未关注", person())


def test_a_day_of_joining_is_a_day_in_china() -> None:
    who = person()  # 17:00 of the first in UTC is one o'clock of the second in China
    assert belongs("joined = 2026-01-02 and joined > 2026-01-01 and not joined < 2026-01-02", who)


def test_a_number_is_the_number_a_value_begins_with() -> None:
    assert belongs("car.count >= 2", person(("car.count", "2+")))
    assert not belongs("car.count >= 3", person(("car.count", "2+")))
    assert not belongs("reach.hours > 1", person(("reach.hours", "晚上")))


def test_a_sample_is_about_its_share_and_always_the_same_people() -> None:
    def draw(seed: str) -> set[int]:
        audience = parse_audience(f"sample(10%, {seed})", VOCABULARY)
        return {number for number in range(1, 5001) if matches(audience, Person(number, NOW), NOW, TODAY)}

    first, again, other = draw("a"), draw("a"), draw("b")
    assert first == again != other
    assert all(430 <= len(people) <= 570 for people in (first, other))
    assert 25 <= len(first & other) <= 80
    assert belongs("sample(100%)", person())
    assert not belongs("sample(0%)", person())


def test_the_reasons_name_each_condition_and_join_those_of_one_home() -> None:
    who = person(("pet.kind", "犬"), homes=(home("翠湖花园", "1栋"),))
    audience = parse_audience("小区 = 翠湖花园 and (养犬 or 有车) and 楼栋 = 1 and not 出租", VOCABULARY)
    assert explain(audience, who, NOW, TODAY) == [
        ("community = '翠湖花园' and building = '1'", True),
        ("pet.kind = '犬'", True),
        ("car.count in ('1', '2+')", False),
        ("not house.use = '出租'", True),
    ]


@pytest.mark.parametrize("today", [date(2026, 3, 15), date(2028, 2, 29), date(2027, 2, 28), date(2026, 1, 1)])
def test_the_birthdays_of_an_age_are_those_that_count_to_it(today: date) -> None:
    for days in range(0, 4000, 1):
        birthday = today - timedelta(days=days)
        age = today.year - birthday.year - ((today.month, today.day) < (birthday.month, birthday.day))
        [(after, upto)] = comparing.born_between(Operator.EQUAL, [float(age)], today)
        assert after < birthday <= upto

"""Staff tag in the chat: who is meant, what contradicts, and taking it back; the whole way through the door."""

from __future__ import annotations

from datetime import timedelta

import pytest

from handlers.tag_words import split_changes
from handlers.tag_writes import TagOrigin, write_tag
from models.tag_changes import TagConflict, list_conflicts
from models.tags import list_tags
from tests.world import World


@pytest.fixture
def zhang(world: World) -> int:
    world.staff("王管家", "wang")
    return world.owner("张阿姨", openid="zhang", phone="13800000001")


def tags_of(world: World, owner_id: int) -> dict[str, list[str]]:
    with world.runtime.database.reading() as tx:
        return list_tags(tx.session, owner_id, world.runtime.now())


def open_conflicts(world: World, owner_id: int) -> int:
    with world.runtime.database.reading() as tx:
        return len(list_conflicts(tx.session, owner_id))


def she_said(world: World, owner_id: int, key: str, value: str) -> None:
    with world.runtime.transaction() as tx:
        write_tag(world.runtime, tx, owner_id, key, value, TagOrigin("bot", "owner", evidence="k1"))


def test_a_tag_is_written_in_one_message_and_taken_back_by_one_word(world: World, zhang: int) -> None:
    assert "宠物：犬" in world.say("wang", "标签 张阿姨 +养犬 +有车")
    assert tags_of(world, zhang) == {"car.count": ["1"], "pet.kind": ["犬"]}
    said = world.say("wang", "撤销")
    assert "张阿姨" in said
    assert "+养犬 +有车" in said
    assert tags_of(world, zhang) == {}
    assert "没有可撤销" in world.say("wang", "撤销")


def test_of_two_with_one_name_she_chooses_and_it_goes_on(world: World, zhang: int) -> None:
    other = world.owner("张阿姨", room="1栋-1单元-101")
    assert "1栋-1单元-101" in world.say("wang", "标签 张阿姨 +养猫")
    assert "宠物：猫" in world.say("wang", "2")
    assert (tags_of(world, zhang), tags_of(world, other)) == ({}, {"pet.kind": ["猫"]})


def test_a_contradiction_is_shown_and_decided(world: World, zhang: int) -> None:
    she_said(world, zhang, "house.use", "自住")
    said = world.say("wang", "标签 张阿姨 +出租")
    assert "「自住」" in said
    assert tags_of(world, zhang) == {"house.use": ["自住"]}
    assert "出租" in world.say("wang", "2")
    assert tags_of(world, zhang) == {"house.use": ["出租"]}
    assert (open_conflicts(world, zhang), world.count(TagConflict)) == (0, 1)


def test_an_open_contradiction_stands_at_her_name_until_it_is_decided(world: World, zhang: int) -> None:
    she_said(world, zhang, "house.use", "自住")
    world.say("wang", "标签 张阿姨 +出租")
    assert "先照旧" in world.say("wang", "回头再定")
    said = world.say("wang", "标签 张阿姨")
    assert "房屋用途：自住（业主自己说的" in said
    assert "两种说法" in said
    assert "房屋用途按「自住」" in world.say("wang", "1")
    assert "标签没动" in world.say("wang", "跳过")
    assert (tags_of(world, zhang), open_conflicts(world, zhang)) == ({"house.use": ["自住"]}, 0)


def test_what_needs_her_own_yes_is_not_written_and_told(world: World, zhang: int) -> None:
    assert "点头" in world.say("wang", "标签 张阿姨 +小学生")
    assert "没记：孩子学段：小" in world.say("wang", "标签 张阿姨 +养犬 +小学生")
    assert tags_of(world, zhang) == {"pet.kind": ["犬"]}


def test_owners_of_other_buildings_and_other_roles_are_out_of_reach(world: World, zhang: int) -> None:
    world.owner("李叔", room="2栋-1单元-101")
    world.staff("账房", "money", role="finance")
    assert "没找到" in world.say("wang", "标签 李叔 +养犬")
    assert "这个岗位" in world.say("money", "标签 张阿姨 +养犬")
    assert "这个岗位" in world.say("money", "撤销")
    assert "标签" not in world.say("zhang", "撤销")
    assert tags_of(world, zhang) == {}


def test_what_others_changed_since_is_not_taken_back_nor_what_is_a_day_old(world: World, zhang: int) -> None:
    world.say("wang", "标签 张阿姨 +自住")
    she_said(world, zhang, "house.use", "空置")
    assert "后来又改过" in world.say("wang", "撤销")
    world.say("wang", "标签 张阿姨 +养犬")
    world.clock.advance(timedelta(days=2))
    assert "没有可撤销" in world.say("wang", "撤销")
    assert tags_of(world, zhang) == {"house.use": ["空置"], "pet.kind": ["犬"]}


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        ("+养犬 -有车", [(True, "养犬"), (False, "有车")]),
        ("+car.count=2+ -hobby=太极", [(True, "car.count=2+"), (False, "hobby=太极")]),
        ("＋养犬，＋travel.freq=1-2", [(True, "养犬"), (True, "travel.freq=1-2")]),
        ("+夫妻+2孩以上 +养犬+有车", [(True, "夫妻+2孩以上"), (True, "养犬"), (True, "有车")]),
        ("养犬", []),
    ],
)
def test_signs_part_the_changes_and_not_the_values(text: str, changes: list[tuple[bool, str]]) -> None:
    assert split_changes(text) == changes


def test_somebody_without_tags_is_told_of_in_one_line(world: World, zhang: int) -> None:
    said = world.say("wang", "标签 张阿姨")
    assert said.startswith("张阿姨还没有标签。\n\n加哪些")

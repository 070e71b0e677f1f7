"""Several homes of a person and several people of a home: which one an order is for, who binds, what a move-out ends."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from models.cases import Complaint, Order
from models.conversations import Conversation
from models.owners import Residence
from models.tasks import Task
from tests.places import give_room
from tests.world import World


def second_home(world: World, owner_id: int, room: str = "3栋-1单元-502", community: str = "阳光花园") -> int:
    with world.runtime.transaction() as tx:
        place = give_room(tx.connection, community, *room.split("-"))
        home = Residence(owner_id=owner_id, room_id=place, relation="业主")
        tx.session.add(home)
        tx.session.flush()
        return home.id


def settle(world: World, community: str = "阳光花园") -> int:
    zhang = world.owner("张阿姨", openid="zhang", phone="13800000001")
    world.staff("王管家", "wang")
    world.staff("周管家", "zhou", buildings=("3栋",), community=community)
    second_home(world, zhang, community=community)
    return zhang


def finish_leak(world: World) -> str:
    world.say("zhang", "明天下午三点")
    world.say("zhang", "跳过")
    return world.say("zhang", "确认")


def rooms_of(world: World, table: type = Order) -> list[str]:
    with world.runtime.database.reading() as tx:
        return list(tx.session.scalars(select(table.room_label).order_by(table.id)))


def test_somebody_with_one_home_is_never_asked(world: World) -> None:
    world.owner("张阿姨", openid="zhang")
    assert "哪一套" not in world.say("zhang", "我家厨房水管漏水了")
    assert "哪一套" not in world.say("zhang", "换房子")


def test_somebody_with_two_is_asked_once_and_the_order_is_for_the_chosen_one(world: World) -> None:
    settle(world)
    asked = world.say("zhang", "我家厨房水管漏水了")
    assert "哪一套" in asked
    assert "3栋-1单元-502" in asked
    assert "就按3栋-1单元-502来办" in world.say("zhang", "2")
    finish_leak(world)
    assert rooms_of(world) == ["3栋-1单元-502"]
    assert any("3栋-1单元-502" in text for text in world.texts("zhou"))
    assert world.texts("wang") == []
    again = world.say("zhang", "我家马桶堵了")
    assert "还是按3栋-1单元-502来办" in again
    assert "哪一套" not in again


def test_a_home_named_in_the_sentence_is_not_asked_for(world: World) -> None:
    settle(world)
    said = world.say("zhang", "502的厨房水管漏水了")
    assert "就按3栋-1单元-502来办" in said
    assert "哪一套" not in said
    finish_leak(world)
    assert rooms_of(world) == ["3栋-1单元-502"]


def test_after_a_silence_she_is_asked_anew(world: World) -> None:
    settle(world)
    world.say("zhang", "我家厨房水管漏水了")
    world.say("zhang", "2")
    finish_leak(world)
    world.clock.advance(timedelta(hours=3))
    assert "哪一套" in world.say("zhang", "我家马桶堵了")


def test_another_home_may_be_chosen_in_the_middle(world: World) -> None:
    settle(world)
    world.say("zhang", "我家厨房水管漏水了")
    world.say("zhang", "1")
    assert "哪一套" in world.say("zhang", "换房子")
    back = world.say("zhang", "3栋")
    assert "就按3栋-1单元-502来办" in back
    assert "哪天方便" in back
    finish_leak(world)
    assert rooms_of(world) == ["3栋-1单元-502"]


def test_a_word_to_change_homes_is_no_answer_to_an_open_question(world: World) -> None:
    settle(world)
    world.say("zhang", "投诉")
    world.say("zhang", "1")
    world.say("zhang", "5")
    assert "哪一套" in world.say("zhang", "换一套吧")


def test_a_home_in_another_estate_begins_the_conversation_anew(world: World) -> None:
    settle(world, community="月亮湾")
    asked = world.say("zhang", "我家厨房水管漏水了")
    assert "月亮湾 3栋-1单元-502" in asked
    world.say("zhang", "1")
    world.say("zhang", "明天下午三点")
    world.say("zhang", "换房子")
    again = world.say("zhang", "2")
    assert "哪天方便" in again
    finish_leak(world)
    with world.runtime.database.reading() as tx:
        order = tx.session.scalars(select(Order)).one()
        homes = tx.session.scalars(select(Residence).order_by(Residence.id)).unique().all()
        assert order.community_id == homes[1].room.community_id


def test_a_draft_goes_on_for_its_own_home(world: World) -> None:
    settle(world)
    world.say("zhang", "我家厨房水管漏水了")
    world.say("zhang", "1")
    world.clock.advance(timedelta(hours=3))
    world.tick()
    world.say("zhang", "换房子")
    world.say("zhang", "2")
    world.say("zhang", "继续")
    finish_leak(world)
    assert rooms_of(world) == ["1栋-2单元-301"]


def test_the_wish_ends_with_a_question_that_was_cancelled(world: World) -> None:
    settle(world)
    world.say("zhang", "我家厨房水管漏水了")
    world.say("zhang", "取消")
    with world.runtime.database.reading() as tx:
        row = tx.session.get_one(Conversation, "zhang")
        assert (row.script, row.waiting) == (None, [])


def test_a_complaint_is_about_the_chosen_home(world: World) -> None:
    settle(world)
    assert "哪一套" in world.say("zhang", "楼上半夜太吵了,天天吵到两点")
    world.say("zhang", "502")
    for _ in range(6):
        if world.count(Complaint):
            break
        world.say("zhang", "确认" if "核对" in world.say("zhang", "跳过") else "1")
    assert rooms_of(world, Complaint) == ["3栋-1单元-502"]


def test_a_home_that_ended_is_not_offered_and_takes_no_orders(world: World) -> None:
    zhang = settle(world)
    with world.runtime.transaction() as tx:
        first = tx.session.scalars(select(Residence).where(Residence.owner_id == zhang).order_by(Residence.id)).unique().first()
        tx.session.execute(update(Residence).where(Residence.id == first.id).values(ended_on=date(2026, 11, 20)))
    assert "哪一套" not in world.say("zhang", "我家厨房水管漏水了")
    finish_leak(world)
    assert rooms_of(world) == ["3栋-1单元-502"]
    with world.runtime.database.reading() as tx:
        task = tx.session.scalars(select(Task)).one()
        assert task.assignee.name == "周管家"


def test_who_has_moved_out_of_her_only_home_talks_to_a_person(world: World) -> None:
    zhang = world.owner("张阿姨", openid="zhang")
    world.staff("赵主管", "zhao", role="supervisor", buildings=())
    with world.runtime.transaction() as tx:
        tx.session.execute(update(Residence).where(Residence.owner_id == zhang).values(ended_on=date(2026, 11, 20)))
    assert "没有登记的房子" in world.say("zhang", "我家厨房水管漏水了")
    assert world.count(Order) == 0


@pytest.mark.parametrize("relation", ["业主", "家人", "租客", "代办"])
def test_everybody_of_a_home_binds_with_phone_and_room(world: World, relation: str) -> None:
    world.owner("张阿姨", phone="13800000001")
    world.owner("小李", phone="13800000009", relation=relation)
    world.say("li", "绑定")
    world.say("li", "13800000009")
    assert "小李，1栋-2单元-301" in world.say("li", "1栋2单元301")


def test_of_a_family_with_one_number_the_name_decides(world: World) -> None:
    world.owner("王建国", phone="13800000001")
    world.owner("王小明", phone="13800000001", relation="家人")
    world.say("ming", "绑定")
    world.say("ming", "13800000001")
    asked = world.say("ming", "1栋2单元301")
    assert "登记的姓名" in asked
    assert "王建国" not in asked
    assert "认出您了，王小明" in world.say("ming", "王小明")


def test_who_had_to_bind_first_is_then_asked_for_the_home(world: World) -> None:
    zhang = world.owner("张阿姨", phone="13800000001")
    second_home(world, zhang)
    world.say("new", "我家厨房水管漏水了")
    world.say("new", "13800000001")
    said = world.say("new", "1栋2单元301")
    assert "认出您了" in said
    assert "哪一套" in said
    assert "哪天方便" in world.say("new", "1")

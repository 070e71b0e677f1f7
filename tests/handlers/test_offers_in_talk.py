"""Whole conversations about offers, in the words of the content, over the real door."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from models.cases import Order
from models.conversations import InboundMessage
from tests.handlers.offering import bookings, offer, settle
from tests.world import World


@pytest.fixture(autouse=True)
def estate(world: World) -> None:
    settle(world)


def talk(world: World, openid: str, *lines: str) -> str:
    """Say the lines and return the last answer."""
    return [world.say(openid, line) for line in lines][-1]


def kept(world: World) -> str:
    with world.runtime.database.reading() as tx:
        return " ".join(text or "" for text in tx.session.scalars(select(InboundMessage.text)))


def test_a_course_is_booked_in_three_answers_and_the_next_one_waits(world):
    offer(world, "shufa", title="书法入门班", stock=1, service="elderly.senior_college", starts=timedelta(days=3))
    offer(world, "weiqi", title="围棋启蒙", service="education.hobbies")
    said = talk(world, "zhang", "我想学书法，老年大学", "我自己", "确认")
    assert "报上了" in said
    said = talk(world, "li", "老年大学", "书法", "我自己", "确认")
    assert "您排第 1 位" in said
    talk(world, "zhang", "取消订单", "对")
    assert bookings(world, "shufa") == [("zhang", "cancelled"), ("li", "booked")]
    assert any("轮到您了" in text for text in world.texts("li"))


def test_groceries_are_priced_read_back_and_ordered_again_as_before(world):
    offer(world, "rice", "goods", title="东北大米（5公斤）", unit="袋", price_fen=3200, stock=9)
    offer(world, "water", "goods", title="桶装水", unit="桶", price_fen=1800)
    said = talk(world, "zhang", "帮我送一袋大米两桶水，明天上午十点")
    assert "一共 68 元" in said
    assert "一共 68 元" in talk(world, "zhang", "对的", "放门口", "确认")
    assert "东北大米（5公斤）1袋、桶装水2桶" in talk(world, "zhang", "送点日用品")
    assert "一共 68 元" in talk(world, "zhang", "跟上次一样", "对", "明天下午三点", "放门口", "确认")
    with world.runtime.database.reading() as tx:
        assert tx.session.scalars(select(Order.amount_fen)).all() == [6800, 6800]


def test_a_loan_is_lent_and_taken_back_in_the_chat(world):
    offer(world, "ladder", "loan", title="梯子（人字梯）", stock=1, loan_days=3, service="base.spare_parts")
    said = talk(world, "zhang", "借个梯子", "今天下午", "明天", "确认")
    no = re.search(r"D\d+", said)[0]
    assert "11月22日(周日) 20:00" in said
    assert "收回来了" in world.say("meng", f"归还 {no}")


def test_without_offers_the_wish_is_booked_for_the_butler_as_ever(world):
    said = talk(world, "zhang", "我想报老年大学的书法课，我自己，周三", "确认")
    assert re.search(r"D\d+", said)
    assert len(world.texts("wang")) == 1


def test_parcel_codes_and_identity_numbers_are_not_kept_whole(world):
    talk(world, "zhang", "帮我取驿站的快递，送上门", "6-3-2041", "今天下午六点", "确认")
    world.say("zhang", "我的身份证是11010519491231002X，帮我办")
    words = kept(world)
    assert "2041" not in words
    assert "11010519491231002X" not in words
    assert "〔证件号〕" in words

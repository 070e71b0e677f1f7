from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from dialogs import effects
from models.cases import CaseEvent, Order
from models.offers import Offer
from models.tasks import Task
from tests.handlers.offering import book, bookings, offer, order_of, run, settle
from tests.world import World

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
GROUP = "delivery.group_buying"


@pytest.fixture(autouse=True)
def estate(world: World) -> None:
    settle(world)


def tick(world: World, after: timedelta = timedelta()) -> int:
    return world.tick(after)["deadlines"]


def test_a_group_buy_below_its_minimum_is_cancelled_and_everybody_told(world):
    offer(world, "crab", "group_buy", title="大闸蟹", ends=2 * HOUR, min_count=3)
    book(world, "zhang", "crab", GROUP)
    book(world, "li", "crab", GROUP)
    assert tick(world, HOUR) == 0
    assert tick(world, HOUR) == 1
    assert bookings(world, "crab") == [("zhang", "cancelled"), ("li", "cancelled")]
    assert [sum("没凑够" in text for text in world.texts(openid)) for openid in ("zhang", "li", "sun")] == [1, 1, 0]
    assert order_of(world, "zhang").status == "cancelled"
    assert tick(world) == tick(world, DAY) == 0
    with world.runtime.database.reading() as tx:
        events = tx.session.scalars(select(CaseEvent.event).order_by(CaseEvent.id)).all()
        assert tx.session.scalars(select(Offer.status)).one() == "cancelled"
    assert events == ["booked", "booked", "round_cancelled", "round_cancelled"]
    assert world.count(Task) == 0


def test_a_group_buy_that_came_about_is_one_task_with_a_line_for_every_door(world):
    offer(world, "crab", "group_buy", title="大闸蟹", unit="份", ends=HOUR, min_count=3)
    for openid, quantity in (("sun", 1), ("zhang", 2)):
        book(world, openid, "crab", GROUP, quantity=quantity)
    assert tick(world, HOUR) == 1
    assert tick(world, HOUR) == 0
    lists = [text for text in world.texts("wang") if text.startswith("新任务")]
    assert len(lists) == 1
    assert lists[0].index("1栋-2单元-301 张阿姨 2份") < lists[0].index("2栋-1单元-101 孙姐 1份")
    assert all(sum("开团了" in text for text in world.texts(openid)) == 1 for openid in ("zhang", "sun"))
    assert order_of(world, "zhang").status == "accepted"
    with world.runtime.database.reading() as tx:
        no = tx.session.scalars(select(Task.no)).one()
    run(world, "wang", effects.CompleteTask(no))
    assert {order_of(world, openid).status for openid in ("zhang", "sun")} == {"confirmed"}
    assert any("交到您手上" in text for text in world.texts("zhang"))


def test_the_doors_of_a_long_round_follow_in_messages_of_their_own(world):
    offer(world, "crab", "group_buy", title="大闸蟹", unit="份", ends=HOUR)
    for number in range(1, 31):
        world.owner(f"邻居{number}", openid=f"p{number}", room=f"{number}栋-1单元-101")
        book(world, f"p{number}", "crab", GROUP)
    tick(world, HOUR)
    texts = world.texts("luo") + world.texts("wang")
    assert max(len(text.encode()) for text in texts) < 2048
    assert sum(f"{number}栋-1单元-101" in "\n".join(texts) for number in range(1, 31)) == 30


def test_who_still_waits_when_a_round_closes_is_told_that_it_went_without_him(world):
    offer(world, "crab", "group_buy", ends=HOUR, min_count=1, stock=1)
    book(world, "zhang", "crab", GROUP)
    book(world, "li", "crab", GROUP, waiting=True)
    tick(world, HOUR)
    assert bookings(world, "crab") == [("zhang", "booked"), ("li", "cancelled")]
    assert any("没轮到" in text for text in world.texts("li"))


def test_a_round_nobody_wanted_ends_without_a_word(world):
    offer(world, "crab", "group_buy", ends=HOUR)
    assert tick(world, HOUR) == 1
    assert world.count(Order) == world.count(Task) == 0


def test_participants_are_reminded_once_on_the_morning_before(world):
    offer(world, "class", title="书法", starts=2 * DAY, stock=1)
    book(world, "zhang", "class")
    book(world, "li", "class", waiting=True)
    assert tick(world, 12 * HOUR) == 0  # Saturday evening, two days before
    assert tick(world, 11 * HOUR) == 0  # Sunday nine in the morning
    assert tick(world, HOUR) == 1
    assert tick(world, HOUR) == tick(world, DAY) == 0
    assert sum("明天开始" in text for text in world.texts("zhang")) == 1
    assert not any("明天开始" in text for text in world.texts("li"))


def test_a_borrower_is_reminded_the_evening_before_and_on_the_day_then_the_butler_once(world):
    offer(world, "ladder", "loan", title="人字梯", stock=1, loan_days=2)
    book(world, "zhang", "ladder", "base.spare_parts")
    told = [tick(world, 12 * HOUR) for _ in range(7)]
    # due Monday 20:00; the clock stands at 22:00 and 10:00 in turn
    assert told == [0, 0, 1, 1, 1, 0, 0]
    assert [any(word in text for text in world.texts("zhang")) for word in ("明天该还", "今天该还")] == [True, True]
    assert sum("过了归还" in text for text in world.texts("meng")) == 1


def test_a_loan_that_came_back_is_not_asked_for(world):
    offer(world, "ladder", "loan", loan_days=1)
    no = book(world, "zhang", "ladder", "base.spare_parts").result["no"]
    run(world, "meng", effects.ReturnLoan(no))
    assert tick(world, 3 * DAY) == 0

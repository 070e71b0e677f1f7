from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from dialogs import effects
from dialogs.inputs import Ran, Refused
from dialogs.state import Answer
from models.cases import CaseEvent, Order
from models.offers import Booking, Offer, OrderSecret
from models.tasks import Task
from tests.handlers.offering import book, bookings, offer, order_of, run, settle
from tests.world import World

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def estate(world: World) -> None:
    settle(world)


def find(world: World, kind: str, openid: str = "zhang", service: str = "") -> list[str]:
    found = run(world, openid, effects.FindOffers(kind, service))
    return [item["key"] for item in found.result["offers"]]


def test_only_what_is_open_and_meant_for_her_estate_is_found_soonest_first(world):
    world.owner("外人", openid="other", room="9栋-1单元-101", community="别处")
    offer(world, "late", starts=5 * DAY)
    offer(world, "soon", starts=2 * DAY, community=None)
    offer(world, "elsewhere", community="别处")
    offer(world, "closed", status="closed")
    offer(world, "over", ends=-HOUR)
    offer(world, "begun", starts=-HOUR)
    offer(world, "goods", "goods")
    assert find(world, "course") == ["soon", "late"]
    assert find(world, "course", "other") == ["soon", "elsewhere"]


def test_offers_of_one_service_do_not_show_in_another(world):
    offer(world, "elders", service="elderly.senior_college")
    offer(world, "all")
    assert find(world, "course", service="education.hobbies") == ["all"]


def test_an_offer_is_described_in_plain_values(world):
    offer(world, "tea", title="茶艺", stock=2, price_fen=1250, unit="位", starts=4 * HOUR)
    book(world, "li", "tea", quantity=2)
    (item,) = run(world, "zhang", effects.FindOffers("course")).result["offers"]
    assert (item["price"], item["left"], item["is_full"], item["starts"]) == ("12.5", 0, True, "11月21日(周六) 14:00")
    assert item["label"] == "茶艺，11月21日(周六) 14:00，12.5 元/位（满了，可以排队）"


def test_the_last_seat_is_given_once_and_the_next_is_told_how_many_are_left(world):
    offer(world, "class", stock=3)
    assert isinstance(book(world, "zhang", "class", quantity=2), Ran)
    refused = book(world, "li", "class", quantity=2)
    assert (refused.reason, refused.result["left"]) == ("full", 1)
    assert world.count(Order) == 1


@pytest.mark.parametrize(
    ("values", "reason"), [({"ends": -HOUR}, "closed"), ({"status": "cancelled"}, "closed"), ({"community": "别处"}, "unknown")]
)
def test_what_is_over_or_elsewhere_cannot_be_booked(world, values, reason):
    world.owner("外人", room="9栋-1单元-101", community="别处")
    offer(world, "class", **values)
    assert book(world, "zhang", "class").reason == reason
    assert book(world, "zhang", "no such thing").reason == "unknown"


def test_nobody_enrols_twice_but_goods_may_be_bought_again(world):
    offer(world, "class", stock=9)
    offer(world, "rice", "goods", stock=9)
    first = book(world, "zhang", "class")
    again = book(world, "zhang", "class")
    assert (again.reason, again.result["no"]) == ("already", first.result["no"])
    assert all(isinstance(book(world, "zhang", "rice", "delivery.daily_goods"), Ran) for _ in range(2))


def test_seat_31_of_30_waits_and_moves_up_when_a_seat_is_given_back(world):
    offer(world, "class", title="书法", stock=1)
    book(world, "zhang", "class")
    assert book(world, "li", "class").reason == "full"
    waits = book(world, "li", "class", waiting=True)
    assert waits.result["place"] == 1
    assert book(world, "sun", "class", waiting=True).result["place"] == 2
    assert world.count(Task) == 1  # who waits is no work yet
    no = order_of(world, "zhang").no
    assert isinstance(run(world, "zhang", effects.CancelOrder(no)), Ran)
    assert bookings(world, "class") == [("zhang", "cancelled"), ("li", "booked"), ("sun", "waiting")]
    assert any("书法" in text and waits.result["no"] in text for text in world.texts("li"))
    assert world.texts("sun") == []
    assert any(waits.result["no"] in text and "李叔" in text for text in world.texts("wang"))
    with world.runtime.database.reading() as tx:
        events = tx.session.scalars(select(CaseEvent.event).where(CaseEvent.event == "moved_up")).all()
    assert events == ["moved_up"]


def test_who_does_not_fit_into_a_free_seat_lets_the_next_one_by(world):
    offer(world, "class", stock=1)
    book(world, "zhang", "class")
    book(world, "li", "class", quantity=2, waiting=True)
    book(world, "sun", "class", waiting=True)
    run(world, "zhang", effects.CancelOrder(order_of(world, "zhang").no))
    assert bookings(world, "class")[1:] == [("li", "waiting"), ("sun", "booked")]


def test_a_cart_is_one_order_with_its_sum_or_nothing_at_all(world):
    offer(world, "rice", "goods", stock=5, price_fen=3200)
    offer(world, "water", "goods", stock=1, price_fen=1850)
    items = [{"offer": "rice", "quantity": 2}, {"offer": "water", "quantity": 1}]
    ran = run(world, "zhang", effects.BookOrder("delivery.daily_goods", items=items))
    assert (ran.result["total"], order_of(world, "zhang").amount_fen) == ("82.5", 8250)
    refused = run(world, "li", effects.BookOrder("delivery.daily_goods", items=items))
    assert (refused.reason, refused.result["title"]) == ("full", "water")
    assert bookings(world, "rice") == [("zhang", "booked")]


def test_the_last_order_can_be_asked_for_in_the_words_of_a_cart(world):
    offer(world, "rice", "goods", title="东北大米", unit="袋", price_fen=3200)
    offer(world, "water", "goods", title="桶装水", unit="桶", price_fen=1850)
    items = [{"offer": "rice", "quantity": 2}, {"offer": "water", "quantity": 1}]
    run(world, "zhang", effects.BookOrder("delivery.daily_goods", items=items))
    last = run(world, "zhang", effects.RecallOrder("delivery.daily_goods")).result
    assert (last["count"], last["text"]) == (2, "东北大米2袋、桶装水1桶")
    priced = run(world, "zhang", effects.PriceCart("跟上次一样", before=last["text"])).result
    assert (priced["total"], priced["count"]) == ("82.5", 2)
    assert run(world, "li", effects.RecallOrder("delivery.daily_goods")).result["count"] == 0


def test_a_cart_tells_what_it_did_not_find_what_is_unclear_and_what_runs_short(world):
    offer(world, "rice", "goods", title="东北大米", unit="袋", price_fen=3200, stock=1)
    offer(world, "thai", "goods", title="泰国大米", unit="袋", price_fen=3500)
    priced = run(world, "zhang", effects.PriceCart("明天上午十点送两袋东北大米、一袋大米和一个拖把")).result
    assert priced["items"] == [{"offer": "rice", "title": "东北大米", "quantity": 2}]
    assert priced["other"] == "拖把×1"
    assert "泰国大米" in priced["unclear"]
    assert "1 袋" in priced["unclear"]


def test_a_loan_is_due_on_the_evening_named_or_after_its_days(world):
    offer(world, "ladder", "loan", title="人字梯", stock=2, loan_days=3)
    assert book(world, "zhang", "ladder", "base.spare_parts").result["due"] == "11月24日(周二) 20:00"
    named = book(world, "li", "ladder", "base.spare_parts", due_on="2026-11-22")
    assert named.result["due"] == "11月22日(周日) 20:00"
    far = book(world, "sun", "ladder", "base.spare_parts", due_on="2027-11-22", waiting=True)
    assert far.result["due"] == "11月24日(周二) 20:00"


def test_a_loan_that_comes_back_ends_its_order_and_is_free_for_the_next(world):
    offer(world, "ladder", "loan", title="人字梯", stock=1, loan_days=3)
    no = book(world, "zhang", "ladder", "base.spare_parts").result["no"]
    book(world, "li", "ladder", "base.spare_parts", waiting=True)
    world.clock.advance(DAY)
    assert run(world, "zhang", effects.ReturnLoan(no)).reason == "forbidden"
    assert run(world, "meng", effects.ReturnLoan("D26")).reason == "unknown"
    back = run(world, "meng", effects.ReturnLoan(no[-3:]))
    assert (back.result["no"], back.result["owner"], back.result["title"]) == (no, "张阿姨", "人字梯")
    assert bookings(world, "ladder") == [("zhang", "returned"), ("li", "booked")]
    with world.runtime.database.reading() as tx:
        due = tx.session.scalar(select(Booking.due_at).where(Booking.openid == "li"))
    assert due == world.clock.now() + timedelta(days=3, hours=10)  # its three days begin now
    assert order_of(world, "zhang").status == "confirmed"
    assert any("收到了" in text for text in world.texts("zhang"))
    assert run(world, "meng", effects.ReturnLoan(no)).reason == "returned"


def test_a_parcel_code_is_seen_by_nobody_but_the_one_who_fetches_the_parcel(world):
    code = Answer("6-3-2041", "6******1")
    ran = run(world, "zhang", effects.BookOrder("delivery.last_mile", secret="6-3-2041", answers={"code": code}))
    no = ran.result["no"]
    assert not any("2041" in text for person in ("luo", "wang", "zhang") for text in world.texts(person))
    assert "2041" not in str(order_of(world, "zhang").slots) + order_of(world, "zhang").note
    assert "2041" not in world.say("luo", "任务")
    assert run(world, "luo", effects.AcceptTask(no)).result["secret"] == "6-3-2041"
    assert run(world, "luo", effects.AcceptTask(no)).result["secret"] == "6-3-2041"
    assert "secret" not in run(world, "wang", effects.AcceptTask(no)).result
    run(world, "luo", effects.CompleteTask(no))
    assert world.count(OrderSecret) == 0


def test_an_activity_brings_points_once_when_staff_mark_it_done(world):
    offer(world, "walk", "activity", title="健步走")
    no = book(world, "zhang", "walk", "education.volunteering").result["no"]
    run(world, "wang", effects.CompleteTask(no))
    rule = world.runtime.content.points["activity"]
    assert run(world, "zhang", effects.ListPoints()).result["balance"] == rule.points


def test_of_many_who_want_the_last_seats_at_once_no_seat_is_sold_twice(world):
    offer(world, "class", stock=3)
    people = [f"p{number}" for number in range(8)]
    for number, openid in enumerate(people):
        world.owner(f"邻居{number}", openid=openid, room=f"3栋-1单元-{number + 1}01")
    results: list[Ran | Refused] = []
    start = threading.Barrier(len(people))

    def want(openid: str) -> None:
        start.wait()
        results.append(book(world, openid, "class"))

    threads = [threading.Thread(target=want, args=(openid,)) for openid in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(result, Ran) for result in results) == 3
    assert [result.reason for result in results if isinstance(result, Refused)] == ["full"] * 5
    assert world.count(Order) == 3


def test_a_group_buy_is_no_task_for_each_and_cannot_be_left_once_it_came_about(world):
    offer(world, "crab", "group_buy", ends=HOUR, min_count=1)
    no = book(world, "zhang", "crab", "delivery.group_buying").result["no"]
    assert world.count(Task) == 0
    with world.runtime.transaction() as tx:
        tx.session.scalars(select(Offer)).one().status = "confirmed"
    assert run(world, "zhang", effects.CancelOrder(no)).reason == "bought"

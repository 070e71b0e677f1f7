from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from dialogs import effects, effects_rights
from models.audits import AuditEntry
from models.bills import Bill
from models.owners import Owner, Residence
from models.places import Room
from models.points import PointEntry, add_points
from tests.handlers.offering import run, settle
from tests.world import World


@pytest.fixture(autouse=True)
def estate(world: World) -> None:
    settle(world)
    world.owner("陈先生", openid="chen", room="1栋-2单元-301", relation="租客")
    world.owner("小张", openid="child", room="1栋-2单元-301", relation="家人")


def bill(world: World, room: str, item: str, period: str, fen: int, paid_on: date | None = None) -> None:
    with world.runtime.transaction() as tx:
        room_id = tx.session.scalar(select(Room.id).where(Room.label == room))
        values = {"amount_fen": fen, "due_on": date(2026, 11, 30), "paid_on": paid_on}
        tx.session.add(Bill(room_id=room_id, item=item, period=period, **values))


def test_owner_and_family_see_what_is_open_the_total_and_the_last_payment(world):
    bill(world, "1栋-2单元-301", "物业费", "2026-10", 18050)
    bill(world, "1栋-2单元-301", "停车费", "2026-10", 20000)
    bill(world, "1栋-2单元-301", "物业费", "2026-09", 18050, date(2026, 10, 5))
    bill(world, "1栋-2单元-302", "物业费", "2026-10", 9900)
    for openid in ("zhang", "child"):
        found = run(world, openid, effects.FindBills()).result
        assert (found["count"], found["total"]) == (2, "380.5")
        assert "物业费 2026-10：180.5 元" in found["text"]
        assert found["last"] == "2026-10-05 交了 物业费 2026-09，180.5 元"
        assert "99" not in found["text"]


def test_a_tenant_sees_no_amounts_and_without_books_nobody_does(world):
    bill(world, "1栋-2单元-301", "物业费", "2026-10", 18050)
    assert run(world, "chen", effects.FindBills()).reason == "tenant"
    assert run(world, "sun", effects.FindBills()).reason == "no_data"
    assert run(world, "stranger", effects.FindBills()).reason == "unbound"


def test_a_landlord_sees_each_home_with_its_room_but_not_the_one_she_rents(world):
    with world.runtime.transaction() as tx:
        owner_id = tx.session.scalar(select(Owner.id).where(Owner.name == "陈先生"))
        room = tx.session.scalars(select(Room).where(Room.label == "1栋-2单元-302")).one()
        tx.session.add(Residence(owner_id=owner_id, room_id=room.id, relation="业主"))
    bill(world, "1栋-2单元-301", "物业费", "2026-10", 18050)
    bill(world, "1栋-2单元-302", "物业费", "2026-10", 9900)
    assert run(world, "chen", effects.FindBills()).result["total"] == "99"


def test_points_are_a_sum_and_nothing_counts_twice(world):
    assert run(world, "stranger", effects.ListPoints()).reason == "unbound"
    with world.runtime.transaction() as tx:
        owner_id = tx.session.scalar(select(Owner.id).where(Owner.name == "张阿姨"))
        at = world.clock.now()
        given = [add_points(tx, owner_id, points, "投稿", key, at) for points, key in ((5, "a"), (5, "a"), (-2, "b"))]
    assert given == [True, False, True]
    found = run(world, "zhang", effects.ListPoints()).result
    assert (found["balance"], found["count"]) == (3, 2)
    assert found["text"].splitlines()[0] == "11-21 -2 投稿"
    assert "打分" in found["ways"]


def test_a_rating_brings_its_points_in_the_same_turn(world):
    no = run(world, "zhang", effects.BookOrder("housekeeping.hourly")).result["no"]
    run(world, "wang", effects.CompleteTask(no))
    run(world, "zhang", effects.ConfirmSolved(no, solved=True, rating=5))
    assert run(world, "zhang", effects.ListPoints()).result["balance"] == world.runtime.content.points["rating"].points
    no = run(world, "zhang", effects.BookOrder("housekeeping.hourly")).result["no"]
    run(world, "wang", effects.CompleteTask(no))
    run(world, "zhang", effects.ConfirmSolved(no, solved=True))
    assert world.count(PointEntry) == 1


def test_the_profile_shows_homes_with_their_relation_and_what_is_under_way(world):
    world.clock.advance(timedelta(minutes=1))
    no = run(world, "zhang", effects.BookOrder("housekeeping.hourly")).result["no"]
    shown = run(world, "zhang", effects_rights.ShowProfile()).result
    assert (shown["name"], shown["phone_tail"], shown["homes"]) == ("张阿姨", "0001", "1栋-2单元-301（业主）")
    assert no in shown["text"]


def test_she_corrects_her_own_name_and_the_audit_keeps_that_but_not_the_old_one(world):
    assert run(world, "zhang", effects_rights.CorrectName(" 张桂兰 ")).result["name"] == "张桂兰"
    assert run(world, "zhang", effects_rights.CorrectName("张桂兰")).reason == "same"
    assert run(world, "zhang", effects_rights.CorrectName("13800000001")).reason == "bad_name"
    assert run(world, "stranger", effects_rights.CorrectName("张三")).reason == "unbound"
    with world.runtime.database.reading() as tx:
        (entry,) = tx.session.scalars(select(AuditEntry).where(AuditEntry.action == "correct")).all()
    assert "张阿姨" not in str(entry.detail) + entry.subject

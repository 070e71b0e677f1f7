"""Phone numbers are cleaned up: dead ones are noted, verified once, replaced with their history kept (R95)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from handlers import pushes
from handlers.errors import InvalidInputError, NotFoundError
from handlers.phone_states import PhoneOutcome, replace_phone, set_phone_state
from handlers.register_reports import count_phones
from models.audits import AuditEntry
from models.campaigns import Delivery
from models.followers import Follower
from models.owners import Owner, PhoneEvent
from models.tasks import Task
from tests.world import World


def report(world: World, owner_id: int, state: str, evidence: str = "") -> PhoneOutcome:
    with world.runtime.transaction() as tx:
        return set_phone_state(world.runtime, tx, owner_id, state, "staff:1", evidence)


def events(world: World) -> list[tuple[str, str | None, str]]:
    with world.runtime.database.reading() as tx:
        rows = tx.session.scalars(select(PhoneEvent).order_by(PhoneEvent.id)).all()
        return [(each.action, each.phone, each.state) for each in rows]


def owner_of(world: World, owner_id: int) -> Owner:
    with world.runtime.database.reading() as tx:
        return tx.session.get_one(Owner, owner_id)


def test_a_new_number_waits_to_be_rung(world: World) -> None:
    assert owner_of(world, world.owner("张阿姨", phone="13800000001")).phone_state == "待核"


def test_the_second_dead_call_asks_the_butler_once(world: World) -> None:
    zhang = world.owner("张阿姨", phone="13800000001")
    world.staff("王管家", "wang")
    assert report(world, zhang, "停机") == PhoneOutcome("待核", "停机", 1)
    second = report(world, zhang, "空号")
    assert (second.before, second.failures, second.task_no) == ("停机", 2, "C2611210001")
    assert report(world, zhang, "空号").task_no is None
    (told,) = world.texts("wang")
    assert "1栋-2单元-301 张阿姨的电话两次都没打通" in told
    assert world.count(Task) == 1


def test_a_call_that_got_through_begins_the_count_anew(world: World) -> None:
    zhang = world.owner("张阿姨", phone="13800000001")
    for state, failures in (("空号", 1), ("有效", 0), ("错号", 1), ("拒接", 1)):
        assert report(world, zhang, state).failures == failures
    assert world.count(Task) == 0


def test_the_same_call_told_twice_counts_once(world: World) -> None:
    zhang = world.owner("张阿姨", phone="13800000001")
    assert [report(world, zhang, "空号", "visit:7").failures for _ in range(2)] == [1, 1]
    assert report(world, zhang, "空号", "visit:8").failures == 2


def test_an_old_number_stays_in_the_history_and_the_new_one_begins_anew(world: World) -> None:
    zhang = world.owner("张阿姨", phone="13800000001")
    report(world, zhang, "空号")
    with world.runtime.transaction() as tx:
        assert replace_phone(world.runtime, tx, zhang, "13900000002", "staff:1")
        assert not replace_phone(world.runtime, tx, zhang, "13900000002", "staff:1")
    assert events(world) == [("reported", "13800000001", "空号"), ("replaced", "13800000001", "空号")]
    after = owner_of(world, zhang)
    assert (after.phone, after.phone_state, after.phone_failures) == ("13900000002", "待核", 0)


def test_the_audit_holds_no_number(world: World) -> None:
    zhang = world.owner("张阿姨", phone="13800000001")
    report(world, zhang, "空号")
    with world.runtime.transaction() as tx:
        replace_phone(world.runtime, tx, zhang, "13900000002", "staff:1")
    with world.runtime.database.reading() as tx:
        rows = tx.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
        assert not any("13" in str(row.detail) for row in rows)
        assert [(row.action, row.detail) for row in rows if row.action != "tag"] == [
            ("phone_state", {"state": "空号", "failures": 1}),
            ("phone_replaced", {}),
        ]


def test_a_state_that_there_is_not_or_a_person_without_a_number_is_refused(world: World) -> None:
    silent = world.owner("李爷爷")
    with pytest.raises(InvalidInputError, match="no phone state 死机"):
        report(world, silent, "死机")
    with pytest.raises(InvalidInputError, match="has no number"):
        report(world, silent, "空号")
    with pytest.raises(NotFoundError):
        report(world, 404, "空号")


def test_a_colleague_writes_it_in_the_chat(world: World) -> None:
    world.owner("张阿姨", phone="13800000001")
    world.staff("王管家", "wang")
    assert "记成「空号」" in world.say("wang", "电话 张阿姨 空号")
    assert "核对的任务是 C2611210001" in world.say("wang", "电话 0001 空号")
    assert "换成尾号 0002" in world.say("wang", "电话 1栋-2单元-301 13900000002")
    assert "就是这个号码" in world.say("wang", "电话 张阿姨 139 0000 0002")
    assert "看不懂" in world.say("wang", "电话 张阿姨 没人接")
    assert events(world)[-1] == ("replaced", "13800000001", "空号")


def test_a_colleague_of_other_buildings_finds_nobody(world: World) -> None:
    world.owner("张阿姨", phone="13800000001")
    world.staff("周管家", "zhou", buildings=("3栋",))
    world.staff("老周", "old", role="supplier", buildings=())
    assert "没找到" in world.say("zhou", "电话 张阿姨 空号")
    assert "不改业主电话" in world.say("old", "电话 张阿姨 空号")


def test_nobody_is_sent_to_ring_a_dead_number(world: World) -> None:
    dead, fine = world.owner("甲", phone="13800000001"), world.owner("乙", phone="13800000002", room="1栋-2单元-302")
    for number, owner_id in enumerate((dead, fine)):
        with world.runtime.transaction() as tx:
            tx.session.add(Follower(openid=f"o{number}", owner_id=owner_id, is_following=True, message_sent=0, click_sent=0))
    world.runtime = replace(world.runtime, options=replace(world.runtime.options, templates={}))
    report(world, dead, "空号")
    pushes.create(world.runtime, audience="everyone", text="停水。", topic="service")
    world.tick()
    with world.runtime.database.reading() as tx:
        rows = tx.session.scalars(select(Delivery).order_by(Delivery.owner_id)).all()
        assert [(row.status, row.reason) for row in rows] == [("skipped", "dead_phone"), ("skipped", "window_closed")]
        assert [task.owner_id for task in tx.session.scalars(select(Task))] == [fine]


def test_the_report_counts_by_building_and_in_all(world: World) -> None:
    one = world.owner("甲", phone="13800000001")
    world.owner("乙", room="1栋-2单元-302")
    world.owner("丙", phone="13800000003", room="2栋-1单元-101")
    report(world, one, "停机")
    rows = [{name: value for name, value in row.items() if value} for row in count_phones(world.runtime)]
    assert rows == [
        {"community": "阳光花园", "building": "1栋", "people": 2, "停机": 1, "无号码": 1},
        {"community": "阳光花园", "building": "2栋", "people": 1, "待核": 1},
        {"building": "*", "people": 3, "停机": 1, "待核": 1, "无号码": 1},
    ]


def test_audiences_ask_for_the_state(world: World) -> None:
    zhang = world.owner("张阿姨", phone="13800000001", tags={"phone.state": "有效"})
    report(world, zhang, "停机", "visit:7")
    assert pushes.list_ids(world.runtime, "电话无效") == [zhang]
    with world.runtime.transaction() as tx:
        replace_phone(world.runtime, tx, zhang, "13900000002", "staff:1")
    assert pushes.list_ids(world.runtime, "电话无效") == []

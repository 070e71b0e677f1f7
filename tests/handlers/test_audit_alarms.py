"""Who opens or takes away unusually much is noticed once, and the supervisors are told (D26)."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from handlers.alarms import raise_due
from models.audits import AuditEntry, add_audit
from tests.world import World

DAY = timedelta(hours=24)


def read(world: World, times: int, by: str = "console:wang") -> None:
    with world.runtime.transaction() as tx:
        for number in range(times):
            add_audit(tx.session, world.clock.now(), by, "read", f"order:D{number}")


def export(world: World, rows: int, by: str = "cli:li") -> None:
    with world.runtime.transaction() as tx:
        add_audit(tx.session, world.clock.now(), by, "export", "export:owners", count=rows, unmask=True)


def list_alarms(world: World) -> list[tuple[str, str, int, int]]:
    with world.runtime.database.reading() as tx:
        rows = tx.session.scalars(select(AuditEntry).where(AuditEntry.action == "alarm").order_by(AuditEntry.id))
        return [(row.subject, row.detail["kind"], row.detail["threshold"], row.detail["count"]) for row in rows]


def test_two_hundred_pages_in_a_day_are_work_and_one_more_is_an_alarm(world):
    world.staff("冯主管", "o-feng", role="supervisor", buildings=())
    read(world, 200)
    assert raise_due(world.runtime) == 0
    read(world, 1)
    assert [raise_due(world.runtime), raise_due(world.runtime)] == [1, 0]
    assert list_alarms(world) == [("person:console:wang", "opened", 200, 201)]
    assert world.texts("o-feng") == ["提醒您：wang 一天里打开了 201 份资料，比平时多。方便时问一声是不是工作需要。"]


def test_each_threshold_of_exports_is_told_once(world):
    world.staff("冯主管", "o-feng", role="supervisor")
    world.staff("钱主管", "o-qian", role="supervisor")
    world.staff("王管家", "o-wang")
    for rows, expected in ((25, 0), (1, 1), (100, 0), (200, 1), (3_000, 1), (9, 0)):
        export(world, rows)
        assert raise_due(world.runtime) == expected, rows
    assert [alarm[2:] for alarm in list_alarms(world)] == [(25, 26), (250, 326), (2_500, 3_326)]
    assert [len(world.texts(openid)) for openid in ("o-feng", "o-qian", "o-wang")] == [3, 3, 0]


def test_a_jump_over_several_thresholds_is_one_alarm(world):
    export(world, 10_000)
    assert raise_due(world.runtime) == 1
    assert list_alarms(world) == [("person:cli:li", "exported", 2_500, 10_000)]
    assert raise_due(world.runtime) == 0


def test_people_are_counted_apart_and_the_machine_is_nobody(world):
    read(world, 150)
    read(world, 150, "console:li")
    read(world, 300, "system")
    export(world, 1_000, "demo")
    assert raise_due(world.runtime) == 0


def test_what_is_older_than_a_day_does_not_count_and_a_new_day_is_told_anew(world):
    read(world, 150)
    world.clock.advance(DAY)
    read(world, 150)
    assert raise_due(world.runtime) == 0
    read(world, 51)
    assert raise_due(world.runtime) == 1
    world.clock.advance(DAY + timedelta(minutes=1))
    assert raise_due(world.runtime) == 0
    read(world, 201)
    assert raise_due(world.runtime) == 1


def test_the_tick_raises_alarms_and_sends_them(world):
    world.staff("冯主管", "o-feng", role="supervisor")
    export(world, 26)
    assert world.tick()["alarms"] == 1
    assert "导出了 26 行" in world.sender.texts("o-feng")[0]
    assert world.tick()["alarms"] == 0

"""A new colleague's openid comes in by a one-time code, and only so."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from handlers.errors import ConflictError, NotFoundError
from handlers.staff_codes import issue_code
from models.audits import AuditEntry
from models.staff import Staff
from models.staff_codes import StaffCode
from tests.world import World


def openid_of(world: World, staff_id: int) -> str | None:
    with world.runtime.database.reading() as tx:
        return tx.session.get_one(Staff, staff_id).openid


def test_a_colleague_who_writes_his_code_is_known_from_then_on(world: World) -> None:
    chen = world.staff("小陈")
    issued = issue_code(world.runtime, "小陈", "cli:boss")
    assert "认得您了，小陈" in world.say("chen", f"员工 {issued.code}")
    assert openid_of(world, chen) == "chen"
    assert "没有" in world.say("chen", "任务")
    with world.runtime.database.reading() as tx:
        actions = [(row.action, row.by) for row in tx.session.scalars(select(AuditEntry).order_by(AuditEntry.id))]
    assert actions == [("staff_code", "cli:boss"), ("bind", f"staff:{chen}")]


def test_a_code_works_once_and_for_a_day(world: World) -> None:
    chen = world.staff("小陈")
    issued = issue_code(world.runtime, "小陈", "cli")
    world.say("chen", f"员工{issued.code}")
    assert "对不上" in world.say("other", f"员工 {issued.code}")
    late = issue_code(world.runtime, "小陈", "cli")
    world.clock.advance(timedelta(hours=24))
    assert "对不上" in world.say("other", f"员工 {late.code}")
    assert openid_of(world, chen) == "chen"


def test_a_newer_code_ends_the_older(world: World) -> None:
    world.staff("小陈")
    older, newer = issue_code(world.runtime, "小陈", "cli"), issue_code(world.runtime, "小陈", "cli")
    assert "对不上" in world.say("chen", f"员工 {older.code}")
    assert "认得您了" in world.say("chen", f"员工 {newer.code}")


def test_five_wrong_tries_lock_for_an_hour(world: World) -> None:
    world.staff("小陈")
    code = issue_code(world.runtime, "小陈", "cli").code
    wrong = "000000" if code != "000000" else "000001"
    answers = [world.say("x", f"员工 {wrong}") for _ in range(5)]
    assert "还可以试 1 次" in answers[3]
    assert "一个小时" in answers[4]
    assert "一个小时" in world.say("x", f"员工 {code}")
    world.clock.advance(timedelta(hours=1, seconds=1))
    assert "认得您了" in world.say("x", f"员工 {code}")


def test_it_is_heard_in_the_middle_of_the_welcome(world: World) -> None:
    world.staff("小陈")
    code = issue_code(world.runtime, "小陈", "cli").code
    world.event("chen", "subscribe")
    assert "认得您了" in world.say("chen", f"员工 {code}")


def test_a_residents_openid_becomes_no_colleagues(world: World) -> None:
    chen = world.staff("小陈")
    world.owner("张阿姨", openid="zhang")
    code = issue_code(world.runtime, "小陈", "cli").code
    assert "换一个微信" in world.say("zhang", f"员工 {code}")
    assert openid_of(world, chen) is None


def test_the_code_itself_is_not_kept(world: World) -> None:
    world.staff("小陈")
    code = issue_code(world.runtime, "小陈", "cli").code
    with world.runtime.database.reading() as tx:
        row = tx.session.scalars(select(StaffCode)).one()
        assert code not in (row.digest, row.by)
        assert len(row.digest) == 64


def test_a_name_of_two_or_of_nobody_gets_no_code(world: World) -> None:
    world.staff("小陈")
    world.staff("小陈")
    with pytest.raises(ConflictError, match="several are called 小陈"):
        issue_code(world.runtime, "小陈", "cli")
    with pytest.raises(NotFoundError):
        issue_code(world.runtime, "小赵", "cli")


def test_others_hear_nothing_of_staff_commands(world: World) -> None:
    world.owner("张阿姨", openid="zhang")
    assert "单" not in world.say("zhang", "接单 D1")[:4]

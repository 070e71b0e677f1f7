"""Pushes: who is sent to, by which channel, who is skipped and why; rules fire once, quiet hours hold, windows are kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest
from sqlalchemy import select

from bot.rules import next_time
from handlers import pushes, schedules, ticks
from handlers.content import PushRule
from handlers.errors import InvalidInputError
from handlers.exports import export
from handlers.imports import import_owners
from handlers.ports import SendResult, TemplateMessage
from models.audience.errors import AudienceError
from models.campaigns import Campaign, Delivery
from models.schedules import ScheduleRun
from models.tasks import Task
from tests.handlers.registers import PERSON, write_rows
from tests.world import SHANGHAI, World

RULE = PushRule(
    id="cleanup",
    title="清洁日",
    topic="community",
    kind="notice",
    audience="everyone",
    text="周末一起打扫。",
    cron="0 9 * * sat",
    timezone="Asia/Shanghai",
)


def statuses(world: World) -> list[tuple[str, str | None, str | None]]:
    with world.runtime.database.reading() as tx:
        rows = tx.session.query(Delivery).order_by(Delivery.owner_id).all()
        return [(row.status, row.reason, row.channel) for row in rows]


def with_rule(world: World, rule: PushRule = RULE, quiet: tuple[time, time] | None = None) -> World:
    content = replace(world.runtime.content, rules={rule.id: rule})
    world.runtime = replace(world.runtime, content=content, options=replace(world.runtime.options, quiet=quiet))
    schedules.store_rules(world.runtime)
    return world


def test_every_matched_owner_has_a_row_and_those_not_sent_to_have_a_reason(world: World) -> None:
    world.owner("甲", openid="a", room="1栋-1单元-101")
    world.owner("乙", room="1栋-1单元-102")
    world.owner("丙", openid="c", room="1栋-1单元-103")
    world.owner("丁", openid="d", room="1栋-1单元-104")
    world.say("a", "你好")
    world.event("c", "unsubscribe")
    world.say("d", "退订")
    made = pushes.create(world.runtime, audience="everyone", text="团购。")
    assert (made["matched"], made["planned"]) == (4, 1)
    assert made["skipped"] == {"no_openid": 1, "not_following": 1, "opted_out": 1}
    world.tick()
    assert statuses(world) == [
        ("sent", None, "message"),
        ("skipped", "no_openid", None),
        ("skipped", "not_following", None),
        ("skipped", "opted_out", None),
    ]


def test_outside_the_window_a_template_carries_it_and_without_one_it_is_skipped(world: World) -> None:
    world.owner("甲", openid="a")
    pushes.create(world.runtime, audience="everyone", text="停水。", topic="service")
    world.tick()
    assert isinstance(world.sender.sent[0][1], TemplateMessage)
    world.runtime = replace(world.runtime, options=replace(world.runtime.options, templates={}))
    pushes.create(world.runtime, audience="everyone", text="停电。")
    world.tick()
    assert statuses(world)[-1] == ("skipped", "window_closed", None)
    assert world.count(Task) == 0


def test_a_service_notice_that_no_channel_takes_becomes_a_call_for_the_butler(world: World) -> None:
    world.owner("甲", openid="a")
    world.staff("王管家", "wang")
    world.runtime = replace(world.runtime, options=replace(world.runtime.options, templates={}))
    pushes.create(world.runtime, audience="everyone", text="明早停水。", topic="service")
    world.tick()
    assert any("明早停水" in text for text in world.texts("wang"))


def test_the_windows_five_messages_are_kept_and_the_sixth_goes_another_way(world: World) -> None:
    world.owner("甲", openid="a")
    world.runtime = replace(world.runtime, options=replace(world.runtime.options, window_messages=5))
    world.say("a", "你好")
    for number in range(6):
        pushes.create(world.runtime, audience="everyone", text=f"第{number}条。")
        world.tick()
    assert [channel for _, _, channel in statuses(world)] == ["message"] * 5 + ["template"]
    world.tick(timedelta(hours=49))
    pushes.create(world.runtime, audience="everyone", text="窗口关了。")
    world.tick()
    assert statuses(world)[-1][2] == "template"


def test_a_window_the_platform_says_is_closed_is_not_tried_again(world: World) -> None:
    world.owner("甲", openid="a")
    world.say("a", "你好")
    world.sender.answers = [SendResult("failed", "window_closed", 45015)]
    pushes.create(world.runtime, audience="everyone", text="停水。")
    world.tick()
    assert statuses(world) == [("sent", None, "template")]


def test_a_dry_run_counts_and_writes_nothing(world: World) -> None:
    world.owner("甲", openid="a")
    made = pushes.create(world.runtime, audience="everyone", text="团购。", dry_run=True)
    assert (made["campaign"], made["matched"], made["planned"]) == (None, 1, 1)
    assert world.count(Campaign) == world.count(Delivery) == 0


@pytest.mark.parametrize("text", ["我们这里零物业费。", "零 物 业 费", "", "长" * 700])
def test_a_text_that_must_not_go_out_is_refused(world: World, text: str) -> None:
    world.owner("甲", openid="a")
    with pytest.raises(InvalidInputError):
        pushes.create(world.runtime, audience="everyone", text=text)
    assert world.count(Campaign) == 0


def test_a_wrong_audience_points_at_its_place(world: World) -> None:
    with pytest.raises(AudienceError) as caught:
        pushes.create(world.runtime, audience="养犬 且 ?", text="团购。")
    assert caught.value.position == 5


def test_who_opts_out_after_the_plan_is_not_sent_to(world: World) -> None:
    world.owner("甲", openid="a")
    world.say("a", "你好")
    pushes.create(world.runtime, audience="everyone", text="团购。", at=world.clock.now() + timedelta(hours=1))
    world.say("a", "退订")
    world.tick(timedelta(hours=1))
    assert statuses(world) == [("skipped", "opted_out", None)]


def test_a_rule_fires_once_for_each_of_its_times(world: World) -> None:
    world.owner("甲", openid="a")
    with_rule(world)
    next_saturday = datetime(2026, 11, 28, 9, 0, tzinfo=SHANGHAI)
    assert ticks.tick(world.runtime, next_saturday - timedelta(minutes=1), next_time)["schedules"] == 0
    assert ticks.tick(world.runtime, next_saturday, next_time)["schedules"] == 1
    assert not any(ticks.tick(world.runtime, next_saturday, next_time).values())
    assert world.count(Campaign) == world.count(Delivery) == 1


@pytest.mark.parametrize(("misfire", "runs"), [("run_once", 1), ("run_all", 3), ("skip:60", 0), ("skip:3000", 1)])
def test_lateness_is_judged_by_the_rules_own_policy(world: World, misfire: str, runs: int) -> None:
    world.owner("甲", openid="a")
    with_rule(world, replace(RULE, misfire=misfire))
    after_three_saturdays = datetime(2026, 12, 13, 10, 0, tzinfo=SHANGHAI)
    ticks.tick(world.runtime, after_three_saturdays, next_time)
    assert world.count(ScheduleRun) == world.count(Campaign) == runs


def test_a_rule_rings_nobody_in_the_quiet_hours(world: World) -> None:
    world.owner("甲", openid="a")
    with_rule(world, replace(RULE, cron="30 23 * * sat"), quiet=(time(22), time(8)))
    ticks.tick(world.runtime, datetime(2026, 11, 28, 23, 30, tzinfo=SHANGHAI), next_time)
    assert world.sender.sent == []
    ticks.tick(world.runtime, datetime(2026, 11, 29, 7, 59, tzinfo=SHANGHAI), next_time)
    assert world.sender.sent == []
    ticks.tick(world.runtime, datetime(2026, 11, 29, 8, 0, tzinfo=SHANGHAI), next_time)
    assert len(world.sender.sent) == 1


def test_a_templates_fate_comes_back_as_an_event(world: World) -> None:
    world.owner("甲", openid="a")
    world.owner("乙", openid="b", room="1栋-1单元-102")
    pushes.create(world.runtime, audience="everyone", text="停水。", topic="service")
    world.tick()
    with world.runtime.database.reading() as tx:
        sent = dict(tx.session.execute(select(Delivery.openid, Delivery.message_id)).all())
    world.event("a", "templatesendjobfinish", MsgID=sent["a"], Status="success")
    world.event("b", "templatesendjobfinish", MsgID=sent["b"], Status="failed:user block")
    assert [(status, reason) for status, reason, _ in statuses(world)] == [("delivered", None), ("failed", "user_blocked")]


def test_a_lease_that_ran_out_is_unknown_and_never_sent_again(world: World) -> None:
    world.owner("甲", openid="a")
    pushes.create(world.runtime, audience="everyone", text="停水。", topic="service")
    with world.runtime.transaction() as tx:
        row = tx.session.query(Delivery).one()
        row.status, row.lease_until, row.fence = "leased", world.clock.now() + timedelta(seconds=60), 1
    world.tick(timedelta(seconds=61))
    assert statuses(world) == [("unknown", "lease_expired", None)]
    assert world.sender.sent == []


def test_held_news_leaves_when_the_person_writes_again(world: World) -> None:
    world.runtime = replace(world.runtime, options=replace(world.runtime.options, templates={}))
    world.owner("张阿姨", openid="zhang", phone="13800000001")
    world.staff("王管家", "wang")
    world.clock.advance(timedelta(hours=49))
    for text in ("我家厨房水管漏水了", "明天下午三点", "跳过", "确认"):
        world.say("zhang", text)
    assert world.texts("wang") == []
    world.say("wang", "你好")
    assert "D261123" in world.texts("wang")[0]


def test_a_task_nobody_takes_is_brought_up_and_then_told_to_the_supervisor(world: World) -> None:
    world.owner("张阿姨", openid="zhang", phone="13800000001")
    world.staff("王管家", "wang")
    world.staff("赵主管", "zhao", role="supervisor", buildings=())
    for text in ("我家厨房水管漏水了", "明天下午三点", "跳过", "确认"):
        world.say("zhang", text)
    assert world.tick(timedelta(minutes=31))["reminders"] == 1
    assert "等了 31 分钟" in world.texts("wang")[-1]
    assert world.texts("zhao") == []
    assert world.tick(timedelta(minutes=31))["reminders"] == 1
    assert "王管家" in world.texts("zhao")[-1]
    assert world.tick(timedelta(hours=9))["reminders"] == 0


def test_a_report_that_comes_before_its_row_is_settled_is_not_lost(world: World) -> None:
    world.owner("甲", openid="a")
    pushes.create(world.runtime, audience="everyone", text="停水。", topic="service")
    world.event("a", "templatesendjobfinish", MsgID="m1", Status="failed:user block")
    world.tick()
    assert statuses(world) == [("failed", "user_blocked", "template")]


def test_the_account_she_followed_with_last_is_reached_as_long_as_it_follows(world: World, tmp_path) -> None:
    def reached() -> tuple[str, str]:
        made = pushes.create(world.runtime, audience="everyone", text="周末停水。")
        with world.runtime.database.reading() as tx:
            sent = tx.session.query(Delivery.openid).filter_by(campaign_id=made["campaign"]).one()[0]
        (exported,) = export(world.runtime, "owners")
        return sent, exported["openid"]

    for openid in ("m_old", "z_new", "a_last"):
        import_owners(world.runtime, write_rows(tmp_path / "owners.csv", PERSON | {"openid": openid}))
        world.clock.advance(timedelta(days=1))
        assert reached() == (openid, openid)
    world.event("a_last", "unsubscribe")
    assert reached() == ("z_new", "z_new")

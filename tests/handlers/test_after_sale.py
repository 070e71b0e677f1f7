"""A day after she has said that it is in order she is asked how it was: once, by nobody twice, and not what she has said."""

from __future__ import annotations

from datetime import timedelta

from handlers import exports
from handlers.content import Content
from models.answers import SurveyInvitation
from tests.handlers.test_visits import lead
from tests.world import World

OPENID = "zhang"


def finish(world: World) -> str:
    """Let a leak be repaired and confirmed; returns its number."""
    world.owner("张阿姨", openid=OPENID, phone="13800010001")
    world.staff("王管家", "o-wang")
    for text in ("我家厨房水管漏水了", "明天下午三点", "跳过", "确认"):
        world.say(OPENID, text)
    (order,) = exports.export(world.runtime, "orders")
    lead(world, f"接单 {order['no']}", f"完成 {order['no']} 换了阀芯")
    world.say(OPENID, "解决了")
    world.say(OPENID, "5")
    world.tick()
    return str(order["no"])


def test_the_day_after_she_is_asked_once_and_not_what_she_has_said(world: World) -> None:
    no = finish(world)
    assert world.tick(timedelta(hours=19))["returns"] == 0
    before = len(world.sender.texts(OPENID))
    assert world.tick(timedelta(hours=4))["returns"] == 1
    (asked,) = world.sender.texts(OPENID)[before:]
    assert no in asked
    assert "快不快" in asked
    assert "修好了吗" not in asked
    for mark in ("5", "4"):
        world.say(OPENID, mark)
    assert "谢谢您" in world.say(OPENID, "5")
    rows = exports.export(world.runtime, "responses")
    assert [(row["survey"], row["question"], row["key"]) for row in rows][-3:] == [
        ("survey.return_repair", question, key) for question, key in (("soon", "5"), ("manner", "4"), ("work", "5"))
    ]
    for hours in (1, 12, 24):
        assert world.tick(timedelta(hours=hours))["returns"] == 0
    assert world.count(SurveyInvitation) == 1


def test_whom_a_colleague_has_asked_the_bot_leaves_alone(world: World) -> None:
    finish(world)
    lead(world, "调研 张阿姨 维修回访 上门", "5", "5", "5", "确认")
    assert world.tick(timedelta(hours=23))["returns"] == 0


def test_what_follows_what_is_a_survey_that_the_bot_may_ask(loaded: tuple[Content, object]) -> None:
    content = loaded[0]
    for done, survey in content.inviting.after.items():
        assert done == "complaint" or done in content.labels
        script = content.scripts[survey].survey
        assert script is not None
        assert "bot" in script.sources

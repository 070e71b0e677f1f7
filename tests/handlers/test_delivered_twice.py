"""Whole conversations in which the platform delivers every message twice: one answer, one effect."""

from __future__ import annotations

import pytest

from models.cases import Complaint, Feedback, Order
from models.outbox import OutboxMessage
from models.tasks import Task
from tests.world import World

TABLES = (Order, Complaint, Feedback, Task, OutboxMessage)
TALKS = {
    "a repair": ([1, 0, 0], "我家厨房水管漏水了", "明天下午三点", "跳过", "确认"),
    "a complaint": ([0, 1, 0], "我要投诉", "噪音", "楼上半夜拖椅子，天天到两点", "跳过", "不匿名", "确认"),
    "praise": ([0, 0, 1], "我要表扬", "谢谢保安小李帮我把米扛上楼"),
    "unsubscribing": ([0, 0, 0], "退订", "恢复推送"),
    "a cancelled order": ([0, 0, 0], "空调不制冷了", "不记得", "吹出来是热风", "取消"),
}


def count_all(world: World) -> list[int]:
    return [world.count(table) for table in TABLES]


@pytest.mark.parametrize("talk", TALKS.values(), ids=TALKS)
def test_every_message_that_comes_twice_is_answered_alike_and_has_one_effect(
    world: World, talk: tuple[list[int] | str, ...]
) -> None:
    world.owner("张阿姨", openid="zhang", phone="13800000001")
    world.staff("王管家", "wang")
    wanted, *texts = talk
    for number, text in enumerate(texts):
        first = world.receive("zhang", text=text, key=f"twice-{number}")
        counted = count_all(world)
        assert first
        assert world.receive("zhang", text=text, key=f"twice-{number}") == first
        assert count_all(world) == counted
    assert count_all(world)[:3] == wanted

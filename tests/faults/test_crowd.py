"""Twenty messages of one person at once, over two web processes: each handled once, one after the other, all in time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import cycle

from handlers.conversations import describe
from tests.faults.site import Site
from tests.faults.wire import PATIENCE_SECONDS, Told

CROWD = 20


def send_at_once(either: Site, openid: str, texts: list[str]) -> list[Told]:
    """Send every text as a message of its own, all at once, over the web processes in turn."""
    letters = [(door, door.message(openid, text)) for door, text in zip(cycle(either.doors), texts, strict=False)]
    with ThreadPoolExecutor(len(letters)) as pool:
        return list(pool.map(lambda each: each[0].deliver(each[1]), letters))


def test_twenty_confirmations_at_once_book_one_order(either: Site) -> None:
    openid = either.owner("oCROWD")
    either.walk_to_review(openid)
    told = send_at_once(either, openid, ["确认"] * CROWD)
    (order,) = either.orders(openid)
    handled = either.handled(openid)
    assert max(each.seconds for each in told) < PATIENCE_SECONDS
    assert sum(order.no in each.text for each in told) == 1
    assert len(handled) == len({row.key for row in handled}) == 3 + CROWD
    assert len(either.notices(order.no)) == 1


def test_of_twenty_different_messages_at_once_none_is_lost_and_the_conversation_stands_somewhere_sensible(either: Site) -> None:
    openid = either.owner("oMIXED")
    either.walk_to_review(openid)
    # 确认 alone books: a 2 would too, where it means a burst pipe
    texts = ["确认", "改 1", "你好", "跳过", "明天下午三点", "返回", "进度", "我家厨房水管漏水了", "1", "菜单"]
    told = send_at_once(either, openid, texts * 2)
    handled = either.handled(openid)
    assert max(each.seconds for each in told) < PATIENCE_SECONDS
    assert len(handled) == 3 + CROWD
    assert {row.reply for row in handled[3:]} == {each.text for each in told}
    assert not any("编号" in each.text and "出错" in each.text for each in told)
    assert len(either.orders(openid)) <= 2
    assert either.door.say(openid, "菜单").text
    either.synchronise()
    assert "script" in describe(either.world.runtime, openid)

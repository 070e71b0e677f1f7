from __future__ import annotations

import logging

import pytest
import redis

from bot.queue import NullQueue, RedisQueue


@pytest.fixture
def away(tmp_path) -> str:
    return f"unix://{tmp_path}/nobody.sock"


def test_a_wake_up_reaches_the_actors_queue(redis_url):
    queue = RedisQueue(redis_url, {"send": "slow"})
    queue.wake("send", 1, 2)
    queue.wake("other")
    queue.close()
    with redis.Redis.from_url(redis_url) as client:
        assert client.llen("dramatiq:slow") == 1
        assert client.llen("dramatiq:default") == 1
        (message,) = client.hgetall("dramatiq:slow.msgs").values()
    assert b'"actor_name":"send","args":[1,2]' in message


def test_a_broker_that_is_away_is_logged_once_and_holds_nothing_up(away, caplog):
    queue = RedisQueue(away)
    with caplog.at_level(logging.WARNING):
        for number in range(100):
            queue.wake("send", number)
    queue.close()
    assert [record.getMessage() for record in caplog.records] == [
        "the broker is away; the sweep will find the rows job=send error=ConnectionError"
    ]


def test_no_queue_wakes_nobody():
    assert NullQueue().wake("send", 1) is None

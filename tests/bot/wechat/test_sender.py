"""The sender: bodies, order, concurrency, one refresh for all, and what becomes of each answer."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from bot.wechat.account import Account
from bot.wechat.limiter import LocalLimiter, Permit, Rate, RedisLimiter
from bot.wechat.sender import WeChatSender
from bot.wechat.tokens import TokenService
from handlers.ports import ImageMessage, MenuMessage, Sender, SendResult, TemplateMessage, TextMessage
from tests.bot.wechat.stub import TOKEN_PATH, Answer, Platform

CUSTOM, TEMPLATE = "message/custom/send", "message/template/send"


@pytest.fixture
def limited(account: Account, tokens: TokenService, shared: redis.Redis) -> Iterator[WeChatSender]:
    """Give a sender that may send five at once, and one more in ten minutes."""
    limiter = RedisLimiter(shared, account.app_id, {"custom_send": Rate(1 / 600, burst=5)}, longest_wait_seconds=0.2)
    sender = WeChatSender(account, tokens, limiter=limiter)
    yield sender
    sender.close()


def text(openid: str, words: str = "您好") -> tuple[str, TextMessage]:
    return openid, TextMessage(words)


def test_it_is_the_sender_the_use_cases_ask_for(sender: WeChatSender) -> None:
    port: Sender = sender
    assert port.send_many([]) == []


def test_each_kind_has_its_body(platform: Platform, sender: WeChatSender) -> None:
    results = sender.send_many(
        [
            text("o1", '满意吗<a href="x">是</a>'),
            ("o1", ImageMessage("m1")),
            ("o1", MenuMessage("请选择", (("a", "满意"), ("b", "不满意")), "谢谢")),
            ("o1", TemplateMessage("T1", {"thing1": "停水", "time2": "今晚"}, "https://u", "d-7")),
            ("o1", TemplateMessage("T1", {})),
        ]
    )
    assert [each.status for each in results] == ["sent"] * 5
    assert [each.json for each in platform.calls(CUSTOM)] == [
        {"touser": "o1", "msgtype": "text", "text": {"content": '满意吗<a href="x">是</a>'}},
        {"touser": "o1", "msgtype": "image", "image": {"media_id": "m1"}},
        {
            "touser": "o1",
            "msgtype": "msgmenu",
            "msgmenu": {
                "head_content": "请选择",
                "list": [{"id": "a", "content": "满意"}, {"id": "b", "content": "不满意"}],
                "tail_content": "谢谢",
            },
        },
    ]
    assert [each.json for each in platform.calls(TEMPLATE)] == [
        {
            "touser": "o1",
            "template_id": "T1",
            "data": {"thing1": {"value": "停水"}, "time2": {"value": "今晚"}},
            "url": "https://u",
            "client_msg_id": "d-7",
        },
        {"touser": "o1", "template_id": "T1", "data": {}},
    ]
    assert "满意吗".encode() in platform.calls(CUSTOM)[0].content
    assert results[3].message_id == "7"


def test_results_stand_where_their_messages_stood(platform: Platform, sender: WeChatSender) -> None:
    results = sender.send_many([text("o1"), text("o2", "字" * 683), text(""), text("o3", "字" * 682)])
    assert [(each.status, each.reason) for each in results] == [
        ("sent", ""),
        ("failed", "too_long"),
        ("failed", "bad_openid"),
        ("sent", ""),
    ]
    assert sorted(each.json["touser"] for each in platform.calls(CUSTOM)) == ["o1", "o3"]


def test_one_persons_messages_keep_their_order_and_others_go_beside_them(platform: Platform, sender: WeChatSender) -> None:
    platform.say(CUSTOM, Answer({"errcode": 0}, delay_seconds=0.02))
    messages = [text(f"o{n % 10}", str(n)) for n in range(60)]
    assert {each.status for each in sender.send_many(messages)} == {"sent"}
    for person in range(10):
        asked = [each.json["text"]["content"] for each in platform.calls(CUSTOM) if each.json["touser"] == f"o{person}"]
        assert asked == [str(n) for n in range(person, 60, 10)]
    assert 1 < platform.busiest <= 8


def test_two_batches_at_once_do_not_talk_to_one_person_at_once(platform: Platform, sender: WeChatSender) -> None:
    platform.say(CUSTOM, Answer({"errcode": 0}, delay_seconds=0.05))
    with ThreadPoolExecutor(4) as pool:
        batches = list(pool.map(lambda n: sender.send_many([text("o1", str(n)), text("o1", str(n))]), range(4)))
    assert platform.busiest == 1
    assert [[each.status for each in batch] for batch in batches] == [["sent", "sent"]] * 4


def test_the_same_connections_serve_every_batch(platform: Platform, sender: WeChatSender) -> None:
    sender.send_many([text("o1")])
    for _ in range(5):
        sender.send_many([text("o1"), text("o2")])
    assert platform.connections <= 3  # the tokens' own and two of the sender
    assert sum(thread.name == "wechat-sender" for thread in threading.enumerate()) == 1


@pytest.mark.parametrize(
    ("answer", "status", "reason", "code"),
    [
        (Answer({"errcode": -1, "errmsg": "x"}), "retry", "busy", -1),
        (Answer({"errcode": 45011, "errmsg": "x"}), "retry", "too_fast", 45011),
        (Answer({"errcode": 45009, "errmsg": "x"}), "retry", "daily_limit", 45009),
        (Answer({"errcode": 45015, "errmsg": "x rid: 1"}), "failed", "window_closed", 45015),
        (Answer({"errcode": 45047, "errmsg": "x rid: 1"}), "failed", "quota_used", 45047),
        (Answer({"errcode": 48001, "errmsg": "x rid: 1"}), "failed", "no_right", 48001),
        (Answer({"errcode": 40003, "errmsg": "x rid: 1"}), "failed", "bad_openid", 40003),
        (Answer({"errcode": 12345, "errmsg": "x rid: 1"}), "failed", "unexpected", 12345),
        (Answer({}, status=500), "retry", "server_error", None),
        (Answer({}, status=503), "retry", "server_error", None),
        (Answer({}, status=504), "unknown", "gateway_timeout", None),
        (Answer(b"<html>"), "unknown", "garbage", None),
        (Answer({}), "unknown", "garbage", None),
        (Answer({"errcode": 0}, delay_seconds=6.0), "unknown", "timeout", None),
        (Answer(hangs_up=True), "unknown", "connection_lost", None),
    ],
)
def test_each_answer_has_its_result(
    platform: Platform, sender: WeChatSender, answer: Answer, status: str, reason: str, code: int | None
) -> None:
    platform.say(CUSTOM, answer)
    (result,) = sender.send_many([text("o1")])
    assert (result.status, result.reason, result.code) == (status, reason, code)
    assert (result.retry_after_seconds > 0) == (status == "retry")
    assert len(platform.calls(CUSTOM)) == 1


def test_a_message_that_waits_holds_back_the_persons_later_ones(platform: Platform, sender: WeChatSender) -> None:
    platform.say(CUSTOM, {"errcode": -1, "errmsg": "x"}, {"errcode": 0})
    results = sender.send_many([text("o1", "first"), text("o1", "second")])
    assert [(each.status, each.reason) for each in results] == [("retry", "busy"), ("retry", "held")]
    assert len(platform.calls(CUSTOM)) == 1


def test_a_refused_message_does_not_hold_back_later_ones(platform: Platform, sender: WeChatSender) -> None:
    platform.say(CUSTOM, {"errcode": 40007, "errmsg": "x"}, {"errcode": 0})
    assert [each.status for each in sender.send_many([text("o1"), text("o1")])] == ["failed", "sent"]


def test_a_used_up_day_stops_the_rest_of_that_api_only(platform: Platform, sender: WeChatSender) -> None:
    platform.say(CUSTOM, {"errcode": 45009, "errmsg": "x"})
    notices = [(f"t{n}", TemplateMessage("T1", {})) for n in range(20)]
    results = sender.send_many([text(f"o{n}") for n in range(100)] + notices)
    assert {(each.status, each.reason) for each in results[:100]} == {("retry", "daily_limit")}
    assert {each.status for each in results[100:]} == {"sent"}
    assert len(platform.calls(CUSTOM)) <= 8
    platform.answers.clear()
    assert sender.send_many([text("o1")])[0].status == "sent"


def test_many_refused_at_once_cause_one_refresh_and_one_retry_each(platform: Platform, sender: WeChatSender) -> None:
    platform.refused_tokens["token-1"] = 42001
    results = sender.send_many([text(f"o{n}") for n in range(40)])
    assert {each.status for each in results} == {"sent"}
    assert 41 <= platform.counts()[CUSTOM] <= 48
    assert [each.query["access_token"] for each in platform.calls(CUSTOM)].count("token-2") == 40
    assert [each.json["force_refresh"] for each in platform.calls(TOKEN_PATH)] == [False, False, True]


def test_a_token_refused_for_ever_is_asked_about_few_times(platform: Platform, sender: WeChatSender) -> None:
    platform.say(CUSTOM, {"errcode": 40001, "errmsg": "x"})
    results = sender.send_many([text(f"o{n}") for n in range(40)])
    assert {(each.status, each.reason) for each in results} == {("retry", "token")}
    assert platform.counts()[CUSTOM] <= 80
    assert platform.counts()[TOKEN_PATH] <= 5


def test_a_wrong_secret_loses_nothing(platform: Platform, sender: WeChatSender) -> None:
    platform.say(TOKEN_PATH, {"errcode": 40125, "errmsg": "x"})
    results = sender.send_many([text(f"o{n}") for n in range(40)])
    assert {(each.status, each.reason) for each in results} == {("retry", "bad_secret")}
    assert platform.counts()[TOKEN_PATH] <= 8


def test_a_platform_that_is_not_there_is_tried_later(tokens: TokenService, account: Account) -> None:
    tokens.get()
    nowhere = Account("gh_1", account.app_id, "s", "t", mode="sandbox", api_base="http://127.0.0.1:1")
    sender = WeChatSender(nowhere, tokens)
    assert sender.send_many([text("o1")])[0].reason == "unreachable"
    sender.close()


def test_a_fault_inside_costs_one_person_only(sender: WeChatSender) -> None:
    odd = TemplateMessage("T1", {"a": object()})  # type: ignore[dict-item]
    assert [(each.status, each.reason) for each in sender.send_many([("o1", odd), text("o2")])] == [
        ("unknown", "internal"),
        ("sent", ""),
    ]


def test_closing_ends_what_waits_and_says_so(platform: Platform, account: Account, tokens: TokenService) -> None:
    platform.say(CUSTOM, Answer({"errcode": 0}, delay_seconds=60.0))
    sender = WeChatSender(account, tokens, concurrency=1, timeout_seconds=50.0)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(sender.send_many, [text("o1"), text("o2")])
        while not platform.calls(CUSTOM):
            assert not running.done()
        began = time.monotonic()
        sender.close(grace_seconds=0.1)
        assert [(each.status) for each in running.result()] == ["unknown", "retry"]
    assert time.monotonic() - began < 40.0
    sender.close()
    assert sender.send_many([text("o1")])[0].reason == "closing"
    assert not any(thread.name == "wechat-sender" for thread in threading.enumerate())


def test_the_rate_holds_over_all_senders_and_the_rest_waits(platform: Platform, limited: WeChatSender) -> None:
    results = limited.send_many([text(f"o{n}") for n in range(20)])
    sent = [each for each in results if each.status == "sent"]
    assert len(sent) == 5
    assert {(each.status, each.reason) for each in results if each not in sent} == {("retry", "rate")}
    assert len(platform.calls(CUSTOM)) == len(sent)


def test_a_slot_that_was_taken_ahead_is_slept_for(platform: Platform, account: Account, tokens: TokenService) -> None:
    limiter = LocalLimiter({"custom_send": Rate(5)})
    sender = WeChatSender(account, tokens, limiter=limiter)
    began = time.monotonic()
    assert [each.status for each in sender.send_many([text("o1"), text("o2"), text("o3")])] == ["sent"] * 3
    assert time.monotonic() - began >= 0.4
    sender.close()


def test_a_limiter_without_redis_lets_nothing_through(platform: Platform, account: Account, tokens: TokenService) -> None:
    away = redis.Redis(host="127.0.0.1", port=1, retry=Retry(NoBackoff(), 0))
    sender = WeChatSender(account, tokens, limiter=RedisLimiter(away, "wx1", {"custom_send": Rate(1000)}))
    assert sender.send_many([text("o1")]) == [SendResult("retry", "limiter_away", retry_after_seconds=5.0)]
    assert platform.calls(CUSTOM) == []
    sender.close()
    away.close()


async def take(limiter: RedisLimiter | LocalLimiter, count: int) -> list[Permit]:
    return [await limiter.take("custom_send") for _ in range(count)]


@pytest.mark.parametrize("kind", ["redis", "local"])
def test_a_bucket_gives_its_burst_at_once_and_then_its_rate(kind: str, shared: redis.Redis) -> None:
    rates = {"custom_send": Rate(0.001, burst=3)}
    given = {"longest_wait_seconds": 9000.0}
    limiter = RedisLimiter(shared, "wx1", rates, **given) if kind == "redis" else LocalLimiter(rates, **given)
    waits = [each.wait_seconds for each in asyncio.run(take(limiter, 6))]
    assert waits[:3] == [0, 0, 0]
    assert waits[3:] == pytest.approx([1000, 2000, 3000], abs=200)
    assert asyncio.run(limiter.take("other")) == Permit(granted=True)
    slow = {"custom_send": Rate(0.5, burst=3)}
    limiter = RedisLimiter(shared, "wx2", slow) if kind == "redis" else LocalLimiter(slow)
    assert not any(each.granted for each in asyncio.run(take(limiter, 60))[-20:])

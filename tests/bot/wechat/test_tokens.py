"""The token service: one fetch for all, compare the failing token, bounded, Redis or not."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from bot.wechat.account import Account
from bot.wechat.answers import PausedError
from bot.wechat.tokens import TokenService
from bot.wechat.wire import open_http
from handlers.errors import TemporaryFailureError
from tests.bot.wechat.stub import TOKEN_PATH, Answer, Platform

Make = Callable[[], TokenService]


@pytest.fixture
def away() -> Iterator[redis.Redis]:
    """Give a client of a Redis that is not there."""
    client = redis.Redis(host="127.0.0.1", port=1, retry=Retry(NoBackoff(), 0))
    yield client
    client.close()


@pytest.fixture
def another(shared: redis.Redis, account: Account, http: httpx.Client) -> Make:
    """Make a service as another process would have it: the same Redis, nothing in memory."""
    return lambda: TokenService(shared, account, http, timeout_seconds=2.0)


def at_once(count: int, work: Callable[[], str]) -> list[str]:
    start = threading.Barrier(count)

    def run() -> str:
        start.wait()
        return work()

    with ThreadPoolExecutor(count) as pool:
        return [each.result() for each in [pool.submit(run) for _ in range(count)]]


def test_eight_threads_and_a_cold_cache_make_one_fetch(platform: Platform, tokens: TokenService) -> None:
    platform.token_delay_seconds = 0.2
    assert at_once(8, tokens.get) == ["token-1"] * 8
    assert platform.counts() == {TOKEN_PATH: 1}


def test_eight_processes_and_a_cold_cache_make_one_fetch(platform: Platform, another: Make) -> None:
    platform.token_delay_seconds = 0.2
    services = iter([another() for _ in range(8)])
    assert at_once(8, lambda: next(services).get()) == ["token-1"] * 8
    assert len(platform.asked) == 1


def test_the_call_is_a_normal_stable_token(platform: Platform, tokens: TokenService, account: Account) -> None:
    tokens.get()
    assert platform.asked[0].json == {
        "grant_type": "client_credential",
        "appid": account.app_id,
        "secret": "s3cret",
        "force_refresh": False,
    }


def test_the_token_is_kept_in_redis_until_it_ends(shared: redis.Redis, tokens: TokenService, account: Account) -> None:
    tokens.get()
    assert 7000 < shared.ttl(f"guanjia:{account.app_id}:access_token") <= 7200


def test_eight_refused_callers_cause_one_forced_fetch(platform: Platform, tokens: TokenService) -> None:
    failing = tokens.get()
    assert at_once(8, lambda: tokens.refresh(failing)) == ["token-2"] * 8
    assert [each.json["force_refresh"] for each in platform.asked] == [False, False, True]


def test_a_late_caller_gets_what_another_process_has_renewed(platform: Platform, tokens: TokenService, another: Make) -> None:
    failing = tokens.get()
    assert another().refresh(failing) == "token-2"
    asked = len(platform.asked)
    assert tokens.refresh(failing) == "token-2"
    assert tokens.peek() == "token-2"
    assert len(platform.asked) == asked


def test_a_token_the_platform_renewed_by_itself_needs_no_force(platform: Platform, tokens: TokenService) -> None:
    failing = tokens.get()
    platform.tokens_given = 2
    assert tokens.refresh(failing) == "token-2"
    assert [each.json["force_refresh"] for each in platform.asked] == [False, False]


def test_a_token_refused_for_ever_ends_in_an_error_after_few_calls(platform: Platform, tokens: TokenService) -> None:
    platform.say(TOKEN_PATH, {"access_token": "bad", "expires_in": 7200})
    failing = tokens.get()
    for _ in range(20):
        with pytest.raises(TemporaryFailureError) as caught:
            tokens.refresh(failing)
        assert caught.value.reason == "token"
    assert [each.json["force_refresh"] for each in platform.asked] == [False, False, True]


def test_a_second_force_within_half_a_minute_is_not_tried(platform: Platform, tokens: TokenService) -> None:
    second = tokens.refresh(tokens.get())
    with pytest.raises(TemporaryFailureError):
        tokens.refresh(second)
    assert sum(each.json["force_refresh"] for each in platform.asked) == 1


def test_the_days_forced_fetches_are_counted(shared: redis.Redis, tokens: TokenService, account: Account) -> None:
    prefix = f"guanjia:{account.app_id}:"
    forced = 0
    for _ in range(25):
        try:
            tokens.refresh(tokens.get())
            forced += 1
        except TemporaryFailureError:
            pass
        shared.delete(prefix + "forced", prefix + "refused_token")
    assert forced == 18


def test_a_token_near_its_end_is_fetched_anew(
    platform: Platform, shared: redis.Redis, account: Account, http: httpx.Client
) -> None:
    clock = [time.time()]
    tokens = TokenService(shared, account, http, now=lambda: clock[0])
    assert tokens.get() == "token-1"
    clock[0] += 7200 - 30
    platform.tokens_given = 2
    assert tokens.get() == "token-2"


def test_without_redis_the_process_keeps_its_own(platform: Platform, account: Account, http: httpx.Client) -> None:
    tokens = TokenService(None, account, http)
    platform.token_delay_seconds = 0.1
    assert at_once(8, tokens.get) == ["token-1"] * 8
    assert at_once(8, lambda: tokens.refresh("token-1")) == ["token-2"] * 8
    assert len(platform.asked) == 3
    with pytest.raises(TemporaryFailureError):
        tokens.refresh("token-2")


def test_a_redis_that_is_away_does_not_stop_the_process(
    platform: Platform, account: Account, http: httpx.Client, away: redis.Redis
) -> None:
    tokens = TokenService(away, account, http)
    assert (tokens.get(), tokens.get(), tokens.refresh("token-1")) == ("token-1", "token-1", "token-2")
    assert len(platform.asked) == 3


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(b"<html>"), "garbage"),
        (Answer({"access_token": "", "expires_in": 7200}), "garbage"),
        (Answer({"access_token": "t"}), "garbage"),
        (Answer({"access_token": "t", "expires_in": -5}), "garbage"),
        (Answer(b'{"access_token": "t", "expires_in": Infinity}'), "garbage"),
        (Answer({}, status=502), "server_error"),
        (Answer({"errcode": -1, "errmsg": "system error"}), "busy"),
        (Answer(hangs_up=True), "connection_lost"),
        (Answer({"errcode": 40164, "errmsg": "invalid ip"}), "ip_not_allowed"),
        (Answer({"errcode": 40125, "errmsg": "invalid appsecret"}), "bad_secret"),
        (Answer({"errcode": 40001, "errmsg": "invalid credential"}), "bad_secret"),
        (Answer({"errcode": 45009, "errmsg": "reach max api daily quota limit"}), "daily_limit"),
    ],
)
def test_a_fetch_that_fails_is_a_typed_error_and_the_next_succeeds(
    platform: Platform, tokens: TokenService, answer: Answer, reason: str
) -> None:
    platform.say(TOKEN_PATH, answer, {"access_token": "good", "expires_in": 7200})
    with pytest.raises(TemporaryFailureError) as caught:
        tokens.get()
    assert caught.value.reason == reason
    assert isinstance(caught.value, PausedError) == (caught.value.retry_after_seconds >= 600)
    assert tokens.get() == "good"


def test_eight_waiters_of_a_failing_fetch_wait_once(platform: Platform, account: Account, shared: redis.Redis) -> None:
    platform.say(TOKEN_PATH, Answer({}, delay_seconds=6.0))
    with open_http(account) as http:
        tokens = TokenService(shared, account, http, timeout_seconds=0.3)

        def fail() -> str:
            with pytest.raises(TemporaryFailureError) as caught:
                tokens.get()
            return caught.value.reason

        assert at_once(8, fail) == ["timeout"] * 8
    assert len(platform.asked) == 1


def test_neither_token_nor_secret_reach_a_log_or_a_repr(
    platform: Platform, tokens: TokenService, account: Account, http: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("httpx").setLevel(logging.DEBUG)
    tokens.get()
    http.get(f"{platform.url}/cgi-bin/menu/get?access_token=token-1&secret=s3cret")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    assert "access_token=***&secret=***" in caplog.text
    assert "token-1" not in caplog.text
    assert "s3cret" not in caplog.text + repr(account)

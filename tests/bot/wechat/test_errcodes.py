"""The error table and what an answer on the wire means."""

from __future__ import annotations

import httpx
import pytest

from bot.wechat.answers import PausedError, TokenRefusedError, error_of, failure_of, read_json
from bot.wechat.errcodes import TABLE, Action, classify
from handlers.errors import GatewayError, PermanentFailureError, TemporaryFailureError, UnknownOutcomeError


@pytest.mark.parametrize(
    ("code", "action", "reason"),
    [
        (-1, Action.RETRY, "busy"),
        (45011, Action.RETRY, "too_fast"),
        (45009, Action.PAUSE, "daily_limit"),
        (40001, Action.REFRESH, "token"),
        (40014, Action.REFRESH, "token"),
        (42001, Action.REFRESH, "token"),
        (45015, Action.PERMANENT, "window_closed"),
        (45047, Action.PERMANENT, "quota_used"),
        (43004, Action.PERMANENT, "not_following"),
        (50005, Action.PERMANENT, "not_following"),
        (43101, Action.PERMANENT, "refused"),
        (43019, Action.PERMANENT, "user_blocked"),
        (48001, Action.PERMANENT, "no_right"),
        (40003, Action.PERMANENT, "bad_openid"),
        (40037, Action.PERMANENT, "bad_template"),
        (47003, Action.PERMANENT, "template_argument"),
        (40007, Action.PERMANENT, "media_invalid"),
        (45002, Action.PERMANENT, "too_long"),
        (40164, Action.PAUSE, "ip_not_allowed"),
        (40125, Action.PAUSE, "bad_secret"),
        (40243, Action.PAUSE, "bad_secret"),
        (45056, Action.PERMANENT, "too_many_tags"),
        (45157, Action.PERMANENT, "bad_tag_name"),
        (40018, Action.PERMANENT, "menu_invalid"),
        (46003, Action.PERMANENT, "no_menu"),
    ],
)
def test_a_number_has_its_verdict_whatever_the_text_says(code: int, action: Action, reason: str) -> None:
    verdict = classify(code, "anything rid: 66bd-1")
    assert (verdict.code, verdict.action, verdict.reason) == (code, action, reason)


def test_waiting_helps_exactly_where_the_table_says_so() -> None:
    for code, verdict in TABLE.items():
        assert verdict.code == code
        waits = verdict.action in {Action.RETRY, Action.PAUSE}
        assert (verdict.retry_after_seconds > 0) == waits, code
        assert bool(verdict.reason) == (verdict.action is not Action.OK), code


def test_the_days_limit_is_waited_for_longer_than_the_minutes() -> None:
    assert classify(45009).retry_after_seconds > classify(45011).retry_after_seconds > classify(-1).retry_after_seconds


def test_an_unknown_number_is_permanent_and_keeps_the_platforms_words_without_the_rid() -> None:
    verdict = classify(99999, "something new rid: 66bd-1-2")
    assert (verdict.action, verdict.reason, verdict.meaning) == (Action.PERMANENT, "unexpected", "something new")


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (-1, TemporaryFailureError),
        (45009, PausedError),
        (42001, TokenRefusedError),
        (45015, PermanentFailureError),
    ],
)
def test_a_verdict_becomes_its_error(code: int, kind: type[GatewayError]) -> None:
    error = error_of(classify(code))
    assert (type(error), error.code, error.reason) == (kind, code, classify(code).reason)


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>", b"[]", b"null", b"1", b'{"errcode": "x"}', b'{"errcode": Infinity}', b"\xff", b"[" * 100_000],
)
def test_garbage_leaves_the_outcome_of_an_acting_call_unknown(content: bytes) -> None:
    with pytest.raises(UnknownOutcomeError):
        read_json(200, content)
    with pytest.raises(TemporaryFailureError):
        read_json(200, content, acts=False)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (500, TemporaryFailureError),
        (502, TemporaryFailureError),
        (503, TemporaryFailureError),
        (429, TemporaryFailureError),
        (504, UnknownOutcomeError),
        (404, PermanentFailureError),
        (302, PermanentFailureError),
    ],
)
def test_a_status_is_judged_before_the_body(status: int, kind: type[GatewayError]) -> None:
    with pytest.raises(kind):
        read_json(status, b'{"errcode":0}')


def test_only_what_broke_before_the_request_left_is_known_to_have_had_no_effect() -> None:
    assert isinstance(failure_of(httpx.ConnectError("x")), TemporaryFailureError)
    assert isinstance(failure_of(httpx.ConnectTimeout("x")), TemporaryFailureError)
    assert isinstance(failure_of(httpx.InvalidURL("x")), TemporaryFailureError)
    for error in (
        httpx.ReadTimeout("x"),
        httpx.WriteTimeout("x"),
        httpx.RemoteProtocolError("x"),
        httpx.ReadError("x"),
    ):
        assert isinstance(failure_of(error), UnknownOutcomeError)
        assert isinstance(failure_of(error, acts=False), TemporaryFailureError)

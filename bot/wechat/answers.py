"""Turns what came back over the wire into values or typed errors, the same for tokens, gateway and sender.

It reads bytes and exceptions only and must not make a call. Raise its errors `from None`: the libraries' own words hold
the whole address, and with it the access token.
"""

from __future__ import annotations

import json
from typing import Any

import httpx

from bot.wechat.errcodes import Action, Verdict, classify
from handlers.errors import GatewayError, PermanentFailureError, TemporaryFailureError, UnknownOutcomeError

# What a call of the HTTP library may raise; an address it cannot read is not among its HTTPErrors.
CALL_ERRORS = (httpx.HTTPError, httpx.InvalidURL)
_NOT_SENT = (
    httpx.InvalidURL,
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.ProxyError,
)


class TokenRefusedError(TemporaryFailureError):
    """The token was refused, not the call: renew it and call once more."""


class PausedError(TemporaryFailureError):
    """The whole account has to wait or be set right: the next calls would meet the same answer."""


def read_json(status: int, content: bytes, *, acts: bool = True) -> dict[str, Any]:
    """Return the platform's JSON object, or raise what the answer means.

    `acts` says that the call changes something: then an answer that says nothing leaves the outcome unknown. A 504 is
    such an answer too, since the call may have gone through behind the gateway that gave up.
    """
    if status == 504 and acts:
        raise UnknownOutcomeError("gateway_timeout")
    if status >= 500 or status == 429:
        raise TemporaryFailureError("server_error")
    if status >= 300:
        raise PermanentFailureError("http_refused", None)
    try:
        answer = json.loads(content.decode("utf-8"), strict=False)
        code = int(answer.get("errcode") or 0)
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        raise silent_answer("garbage", acts=acts) from None
    if code:
        raise error_of(classify(code, str(answer.get("errmsg", ""))))
    return answer  # type: ignore[no-any-return]


def error_of(verdict: Verdict) -> GatewayError:
    """Return the typed error for a verdict that is not ok."""
    match verdict.action:
        case Action.REFRESH:
            return TokenRefusedError(verdict.reason, verdict.code)
        case Action.PAUSE:
            return PausedError(verdict.reason, verdict.code, verdict.retry_after_seconds)
        case Action.RETRY:
            return TemporaryFailureError(verdict.reason, verdict.code, verdict.retry_after_seconds)
        case _:
            return PermanentFailureError(verdict.reason, verdict.code)


def failure_of(error: Exception, *, acts: bool = True) -> GatewayError:
    """Return the typed error for a library's exception: unreachable before the request left, else nothing is known."""
    if isinstance(error, _NOT_SENT):
        return TemporaryFailureError("unreachable")
    reason = "timeout" if isinstance(error, httpx.TimeoutException) else "connection_lost"
    return silent_answer(reason, acts=acts)


def silent_answer(reason: str, *, acts: bool) -> GatewayError:
    """Return the error for a call whose answer says nothing: harmless to repeat only when the call does not act."""
    return UnknownOutcomeError(reason) if acts else TemporaryFailureError(reason)

"""The one place that obtains access tokens: `stable_token`, shared through Redis, one fetch at a time everywhere.

A caller whose token was refused names it: only while the stored token is still that one is a new one fetched, so many
refused callers cause one fetch and a late one gets what is there (A7, B3). Tokens and the secret are never logged.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import httpx
from redis import Redis

from bot.wechat.account import Account
from bot.wechat.answers import CALL_ERRORS, PausedError, TokenRefusedError, failure_of, read_json
from bot.wechat.redaction import hide_tokens_in_logs
from bot.wechat.token_store import Token, TokenStore
from handlers.errors import GatewayError, TemporaryFailureError

_TRUST_SECONDS = 30.0  # how long this process believes its own copy before it looks at Redis again
_LONGEST_LIFE_SECONDS = 86_400.0
_MARGIN_SECONDS = 60.0  # a token is renewed this long before its end; the platform lets the old one live on


class TokenService:
    """Gives out the account's access token; safe for threads and for many processes."""

    def __init__(
        self,
        redis: Redis | None,
        account: Account,
        http: httpx.Client,
        *,
        timeout_seconds: float = 5.0,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._account, self._http = account, http
        self._timeout, self._now = timeout_seconds, now
        self._store = TokenStore(redis, account.app_id, now)
        self._gate = threading.Lock()
        self._mine: tuple[Token, float] | None = None  # the token and when this process last saw it stored
        self._failure: tuple[float, GatewayError] | None = None
        hide_tokens_in_logs()

    def peek(self) -> str | None:
        """Return this process's own fresh copy without waiting for anyone, None when there is none."""
        if self._mine is None:
            return None
        token, seen_at = self._mine
        fresh = 0 <= self._now() - seen_at < _TRUST_SECONDS
        return token.value if fresh and self._is_usable(token) else None

    def get(self) -> str:
        """Return a usable token; raise TemporaryFailureError (PausedError when the account has to be set right)."""
        return self.peek() or self._obtain(failing="")

    def refresh(self, failing_token: str) -> str:
        """Return another token than the one the platform refused; at most two calls, raise TemporaryFailureError."""
        return self._obtain(failing_token)

    def _obtain(self, failing: str) -> str:
        asked_at = time.monotonic()
        with self._gate:
            if self._failure and self._failure[0] >= asked_at:
                raise _again(self._failure[1])  # it failed while we waited: eight waiters must not wait eight times
            try:
                return self._stored(failing) or self._renew(failing)
            except GatewayError as error:
                self._failure = (time.monotonic(), error)
                raise

    def _renew(self, failing: str) -> str:
        with self._store.lock(wait_seconds=2 * self._timeout + 1, hold_seconds=2 * self._timeout + 2):
            token = self._stored(failing)  # another process may have been first
            if token is not None:
                return token
            if failing and self._store.is_refused(failing):
                raise TemporaryFailureError("token", retry_after_seconds=10.0)
            fetched = self._fetch(force=False)
            if failing and fetched.value == failing:
                fetched = self._force(failing)
            return self._keep(fetched)

    def _force(self, failing: str) -> Token:
        """Ask for a new token although the platform thinks the old one valid; it allows few of these."""
        if self._store.may_force():
            fetched = self._fetch(force=True)
            if fetched.value != failing:
                return fetched
        self._store.mark_refused(failing)
        raise TemporaryFailureError("token", retry_after_seconds=30.0)

    def _stored(self, failing: str) -> str | None:
        token = self._store.read()
        if token is None or token.value == failing or not self._is_usable(token):
            return None
        self._mine = (token, self._now())
        return token.value

    def _keep(self, token: Token) -> str:
        self._store.write(token)
        self._mine = (token, self._now())
        return token.value

    def _is_usable(self, token: Token) -> bool:
        return token.expires_at - self._now() > 0

    def _fetch(self, *, force: bool) -> Token:
        body = {
            "grant_type": "client_credential",
            "appid": self._account.app_id,
            "secret": self._account.app_secret,
            "force_refresh": force,
        }
        try:
            response = self._http.post(self._account.api_url("stable_token"), json=body, timeout=self._timeout)
        except CALL_ERRORS as error:
            raise failure_of(error, acts=False) from None
        try:
            answer = read_json(response.status_code, response.content, acts=False)
            lifetime = float(answer["expires_in"])
            value = answer["access_token"]
        except TokenRefusedError as error:
            # A credential was refused where no token is sent: it is the AppSecret.
            raise PausedError("bad_secret", error.code, 600.0) from None
        except (KeyError, TypeError, ValueError):
            raise TemporaryFailureError("garbage") from None
        if not isinstance(value, str) or not value or not 0 < lifetime <= _LONGEST_LIFE_SECONDS:
            raise TemporaryFailureError("garbage")
        return Token(value, self._now() + lifetime - min(_MARGIN_SECONDS, lifetime / 10))


def _again(error: GatewayError) -> GatewayError:
    """Return the same failure as a new object: one exception must not collect the tracebacks of many threads."""
    if isinstance(error, TemporaryFailureError):
        return type(error)(error.reason, error.code, error.retry_after_seconds)
    return type(error)(error.reason, error.code)

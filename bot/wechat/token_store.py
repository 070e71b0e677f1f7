"""Where the access token lives: Redis, shared by all processes, or this process's memory while Redis is away.

It knows how to keep and lock, not when to fetch. Losing all of it costs one more token call and nothing else.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from redis import Redis
from redis.exceptions import RedisError
from redis.lock import Lock

from handlers.errors import TemporaryFailureError

log = logging.getLogger(__name__)

_FORCED_APART_SECONDS = 30  # the platform ignores a forced refresh sooner than that (A7)
_FORCED_PER_DAY = 18  # of the platform's 20; two stay for a person at the console
_REFUSED_SECONDS = 10
_AWAY_SECONDS = 5.0
_BEIJING_OFFSET_SECONDS = 8 * 3600  # the platform counts its days there


@dataclass(frozen=True, slots=True)
class Token:
    """An access token and when it ends, in seconds since 1970."""

    value: str = field(repr=False)
    expires_at: float


class TokenStore:
    """Keeps one account's token. No method raises for a Redis that is away."""

    def __init__(self, redis: Redis | None, app_id: str, now: Callable[[], float] = time.time) -> None:
        self._redis = redis
        self._prefix = f"guanjia:{app_id}:"
        self._now = now
        self._memory: dict[str, tuple[str, float]] = {}
        self._away_until = 0.0

    def read(self) -> Token | None:
        """Return the stored token, None when there is none or it is unreadable."""
        text = self._get("access_token")
        try:
            kept = json.loads(text) if text else {}
            token = Token(str(kept["token"]), float(kept["expires_at"]))
        except (ValueError, KeyError, TypeError):
            return None
        return token if token.expires_at > self._now() else None

    def write(self, token: Token) -> None:
        """Store a token until it ends."""
        kept = json.dumps({"token": token.value, "expires_at": token.expires_at})
        self._set("access_token", kept, max(1, int(token.expires_at - self._now())))

    def mark_refused(self, token: str) -> None:
        """Remember for a moment that renewing this token did not help."""
        self._set("refused_token", token, _REFUSED_SECONDS)

    def is_refused(self, token: str) -> bool:
        """Tell whether renewing this token was tried in vain a moment ago."""
        return self._get("refused_token") == token

    def may_force(self) -> bool:
        """Take one of the day's forced refreshes; False when the last was under 30 s ago or the day's are used up."""
        if not self._set("forced", "1", _FORCED_APART_SECONDS, only_new=True):
            return False
        day = int((self._now() + _BEIJING_OFFSET_SECONDS) // 86400)
        return self._count(f"forced_on:{day}") <= _FORCED_PER_DAY

    @contextmanager
    def lock(self, wait_seconds: float, hold_seconds: float) -> Iterator[None]:
        """Hold the account's token lock among all processes; raise TemporaryFailureError after `wait_seconds`."""
        held = self._acquire(wait_seconds, hold_seconds)
        try:
            yield
        finally:
            if held is not None:
                with suppress(RedisError):  # it ended by itself, or Redis went away: the lock's own time frees it
                    held.release()

    def _acquire(self, wait_seconds: float, hold_seconds: float) -> Lock | None:
        held: Lock | None = None
        with self._reaching() as redis:
            if redis is not None:
                lock = Lock(redis, self._prefix + "token_lock", timeout=hold_seconds, sleep=0.05)
                if not lock.acquire(blocking=True, blocking_timeout=wait_seconds):
                    raise TemporaryFailureError("token_busy", retry_after_seconds=1.0)
                held = lock
        return held

    @contextmanager
    def _reaching(self) -> Iterator[Redis | None]:
        """Give Redis, or None while it is away; swallow its failure and leave it alone for a while.

        Each command against a server that is gone may take seconds of retries inside the client.
        """
        if self._redis is None or time.monotonic() < self._away_until:
            yield None
            return
        try:
            yield self._redis
        except RedisError as error:
            self._away_until = time.monotonic() + _AWAY_SECONDS
            log.warning("the token store's Redis is away (%s), this process goes on alone", type(error).__name__)

    def _get(self, name: str) -> str:
        with self._reaching() as redis:
            if redis is not None:
                kept = redis.get(self._prefix + name)
                return kept.decode() if isinstance(kept, bytes) else str(kept or "")
        value, ends_at = self._memory.get(name, ("", 0.0))
        return value if ends_at > self._now() else ""

    def _set(self, name: str, value: str, seconds: int, *, only_new: bool = False) -> bool:
        with self._reaching() as redis:
            if redis is not None:
                return bool(redis.set(self._prefix + name, value, ex=seconds, nx=only_new))
        if only_new and self._memory.get(name, ("", 0.0))[1] > self._now():
            return False
        self._memory[name] = (value, self._now() + seconds)
        return True

    def _count(self, name: str) -> int:
        with self._reaching() as redis:
            if redis is not None:
                kept = int(redis.incr(self._prefix + name))
                redis.expire(self._prefix + name, 86400)
                return kept
        count = int(self._memory.get(name, ("0", 0.0))[0]) + 1
        self._memory[name] = (str(count), self._now() + 86400)
        return count

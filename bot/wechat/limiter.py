"""Keeps calls under a rate per second, for all processes together. A limiter that cannot count lets nothing through.

The bucket is kept as one number in Redis, the time at which it will be full again (GCRA), read by Redis's own clock, so
that machines with different clocks share it. A slot is taken ahead and slept for: no polling.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from redis import Redis
from redis.exceptions import RedisError

_TAKE = """
local now = redis.call('TIME')
local now_us = now[1] * 1000000 + now[2]
local step, burst, longest = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local full_at = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now_us) + step
local wait = math.max(0, full_at - step * burst - now_us)
if wait > longest then return {0, wait} end
redis.call('SET', KEYS[1], string.format('%.0f', full_at), 'PX', math.ceil((full_at - now_us) / 1000) + 1000)
return {1, wait}
"""


@dataclass(frozen=True, slots=True)
class Permit:
    """Granted: call after `wait_seconds`. Refused: try again not before `wait_seconds`, for `reason`."""

    granted: bool
    wait_seconds: float = 0.0
    reason: str = ""


class Limiter(Protocol):
    """Gives out the right to call an API (`custom_send`, `template_send`)."""

    async def take(self, api: str) -> Permit:
        """Take one slot; never raises."""
        ...


_AWAY_SECONDS = 2.0  # a command to a Redis that is gone takes seconds: a batch must not wait for each
_AWAY = Permit(granted=False, wait_seconds=5.0, reason="limiter_away")


@dataclass(frozen=True, slots=True)
class Rate:
    """`per_second` calls on average, `burst` at once."""

    per_second: float
    burst: int = 1


class RedisLimiter:
    """One bucket per account and API in Redis. An API without a rate is not limited. Fails closed."""

    def __init__(self, redis: Redis, app_id: str, rates: Mapping[str, Rate], *, longest_wait_seconds: float = 10.0) -> None:
        self._script = redis.register_script(_TAKE)
        self._prefix, self._rates = f"guanjia:{app_id}:rate:", dict(rates)
        self._longest_us = int(longest_wait_seconds * 1_000_000)
        self._away_until = 0.0

    async def take(self, api: str) -> Permit:
        """Take one slot of `api`; refused with `limiter_away` when Redis does not answer."""
        rate = self._rates.get(api)
        if rate is None:
            return Permit(granted=True)
        if time.monotonic() < self._away_until:
            return _AWAY
        arguments = (int(1_000_000 / rate.per_second), rate.burst, self._longest_us)
        try:
            # The client is the blocking one that all of bot shares; a thread keeps a slow Redis off the send loop.
            granted, wait_us = await asyncio.to_thread(self._script, keys=[self._prefix + api], args=arguments)
        except RedisError:
            self._away_until = time.monotonic() + _AWAY_SECONDS
            return _AWAY
        return Permit(bool(granted), wait_us / 1_000_000, "" if granted else "rate")


class LocalLimiter:
    """The same in memory, for a single process without Redis; two of them would send twice the rate."""

    def __init__(self, rates: Mapping[str, Rate], *, longest_wait_seconds: float = 10.0) -> None:
        self._rates, self._longest = dict(rates), longest_wait_seconds
        self._full_at: dict[str, float] = {}
        self._gate = threading.Lock()

    async def take(self, api: str) -> Permit:
        """Take one slot of `api`."""
        rate = self._rates.get(api)
        if rate is None:
            return Permit(granted=True)
        step, now = 1.0 / rate.per_second, time.monotonic()
        with self._gate:
            full_at = max(self._full_at.get(api, 0.0), now) + step
            wait = max(0.0, full_at - step * rate.burst - now)
            if wait > self._longest:
                return Permit(granted=False, wait_seconds=wait, reason="rate")
            self._full_at[api] = full_at
        return Permit(granted=True, wait_seconds=wait)

"""Wakes the workers through Redis. A lost wake-up is harmless, so a broker that is away never holds a turn up.

Must not carry anything but ids: the row is the truth (house decision 7).
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping

import redis
from dramatiq import Message
from dramatiq.brokers.redis import RedisBroker
from redis.backoff import NoBackoff
from redis.retry import Retry

LOG = logging.getLogger(__name__)
ANSWER_SECONDS = 0.3  # a web turn waits no longer for the broker
PAUSE_SECONDS = 2.0  # and does not ask again before this, so that one turn pays for many
QUEUE = "default"


class NullQueue:
    """Wakes nobody: for commands that run what they produce themselves."""

    def wake(self, job: str, *ids: int) -> None:
        """Do nothing; the sweep finds the row."""


class RedisQueue:
    """Puts a message for the actor `job` on the queue that `queues` names, `default` without one."""

    def __init__(self, url: str, queues: Mapping[str, str] | None = None) -> None:
        pool = redis.ConnectionPool.from_url(
            url,
            socket_timeout=ANSWER_SECONDS,
            socket_connect_timeout=ANSWER_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        self._client = redis.Redis(connection_pool=pool)
        self._broker = RedisBroker(client=self._client, middleware=[])  # type: ignore[no-untyped-call]
        self._queues = dict(queues or {})
        self._lock = threading.Lock()
        self._ask_again_at = 0.0

    def wake(self, job: str, *ids: int) -> None:
        """Ask a worker to run `job` soon; swallow and log a broker that is away."""
        with self._lock:
            if time.monotonic() < self._ask_again_at:
                return
        message: Message[None] = Message(self._queues.get(job, QUEUE), job, ids, {}, {})
        try:
            self._broker.enqueue(message)
        except redis.RedisError as error:
            with self._lock:
                self._ask_again_at = time.monotonic() + PAUSE_SECONDS
            LOG.warning("the broker is away; the sweep will find the rows job=%s error=%s", job, type(error).__name__)

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

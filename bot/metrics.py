"""What is measured: turns, late replies, re-deliveries and refusals in this process, and the queues at scrape time.

No label may hold a person: scripts, codes and states only.
"""

from __future__ import annotations

import logging
import threading
from datetime import datetime
from typing import Protocol

import redis
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from handlers.ports import Clock
from models.campaigns import Delivery
from models.database import Database, Transaction
from models.outbox import OutboxMessage, SendStatus

ERRORS_KEY = "guanjia:metrics:api_errors"
LOG = logging.getLogger(__name__)
TURN_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3.5, 5)  # 3.5 s: the reply goes late; 5 s: too late


class Measured(Protocol):
    """What a scrape needs of the runtime."""

    @property
    def database(self) -> Database:
        """Return the database."""
        ...

    @property
    def clock(self) -> Clock:
        """Return the clock."""
        ...


class Metrics:
    """One process's measures. Safe to call from any thread."""

    def __init__(self, store: redis.Redis | None = None) -> None:
        self._store = store
        self._by_script: dict[str, Histogram] = {}
        self.registry = CollectorRegistry()
        self._turns = Histogram(
            "guanjia_turn_seconds",
            "Time to answer one message",
            ["script"],
            buckets=TURN_SECONDS,
            registry=self.registry,
        )
        self._late = Counter("guanjia_replies_late", "Replies sent by the outbox for being late", registry=self.registry)
        self._again = Counter("guanjia_redeliveries", "Messages the platform sent again", registry=self.registry)
        self._errors: dict[str, int] = {}
        self._lock = threading.Lock()

    def turn(self, seconds: float, script: str = "") -> None:
        """Record one answered message and the script it ran in."""
        child = self._by_script.get(script)
        if child is None:
            child = self._by_script[script] = self._turns.labels(script or "none")
        child.observe(seconds)

    def late(self) -> None:
        """Record a reply that was too late for the webhook."""
        self._late.inc()

    def redelivered(self) -> None:
        """Record a message that the platform delivered again."""
        self._again.inc()

    def api_error(self, code: int | None, reason: str = "") -> None:
        """Record a refusal by the platform's errcode and our word for it; None is a call without an answer.

        Counted in Redis where there is one, because workers make the calls and the web process shows the figures.
        """
        label = f"{'none' if code is None else code}|{reason}"
        try:
            if self._store is not None:
                self._store.hincrby(ERRORS_KEY, label, 1)
                return
        except redis.RedisError as error:
            LOG.warning("an API error is counted in this process only error=%s", type(error).__name__)
        with self._lock:
            self._errors[label] = self._errors.get(label, 0) + 1

    def _read_errors(self) -> CollectorRegistry:
        registry = CollectorRegistry()
        counter = Counter("guanjia_api_errors", "Calls the platform refused", ["code", "reason"], registry=registry)
        counts = dict(self._errors)
        try:
            stored = self._store.hgetall(ERRORS_KEY) if self._store is not None else {}
        except redis.RedisError:
            stored = {}
        for label, count in stored.items():
            counts[label.decode()] = counts.get(label.decode(), 0) + int(count)
        for label, count in counts.items():
            code, _, reason = label.partition("|")
            counter.labels(code, reason).inc(count)
        return registry

    def render(self, runtime: Measured) -> bytes:
        """Return the Prometheus text: this process's counters, and what the database says now."""
        parts = (self.registry, self._read_errors(), _measure_database(runtime))
        return b"".join(generate_latest(part) for part in parts)


def _measure_database(runtime: Measured) -> CollectorRegistry:
    """Ask the database; one that is away is a value (`guanjia_database_up 0`), not an error."""
    registry = CollectorRegistry()
    up = Gauge("guanjia_database_up", "1 when the database answers", registry=registry)
    try:
        with runtime.database.reading() as transaction:
            _measure_outbox(transaction, runtime.clock.now(), registry)
            _measure_deliveries(transaction, registry)
    except SQLAlchemyError as error:
        LOG.warning("no measures from the database error=%s", type(error).__name__)
        up.set(0)
    else:
        up.set(1)
    return registry


def _measure_outbox(transaction: Transaction, now: datetime, registry: CollectorRegistry) -> None:
    living = OutboxMessage.status.in_([SendStatus.PLANNED.value, SendStatus.LEASED.value])
    statement = select(func.min(OutboxMessage.due_at), func.count()).where(living, OutboxMessage.due_at <= now)
    oldest, waiting = transaction.connection.execute(statement).one()
    lag = Gauge("guanjia_outbox_lag_seconds", "Age of the oldest message that should have left", registry=registry)
    lag.set((now - oldest).total_seconds() if oldest else 0)
    Gauge("guanjia_outbox_waiting", "Messages that should have left", registry=registry).set(waiting)


def _measure_deliveries(transaction: Transaction, registry: CollectorRegistry) -> None:
    gauge = Gauge("guanjia_deliveries", "Deliveries of pushes by state", ["status"], registry=registry)
    for status in SendStatus:
        gauge.labels(status.value).set(0)
    for status, count in transaction.connection.execute(select(Delivery.status, func.count()).group_by(Delivery.status)):
        gauge.labels(status).set(count)

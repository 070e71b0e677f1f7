"""What every use case is handed as its first argument: database, content, clock and the ports. No globals anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from dialogs.intents.understander import Understander
from handlers.content import Content
from handlers.ports import AccountTags, Clock, Gateway, Links, Queue, Sender, Traces
from models.database import Database, Transaction


class Meter(Protocol):
    """What use cases count."""

    def redelivered(self) -> None:
        """Count a message that came again."""
        ...

    def late(self) -> None:
        """Count a reply that missed its moment and left by the outbox."""
        ...

    def api_error(self, code: int | None, reason: str) -> None:
        """Count an answer of the platform that was not ok."""
        ...


@dataclass(frozen=True, slots=True)
class Options:
    """Settings that use cases look at. Seconds and counts as named."""

    zone: ZoneInfo
    data_dir: Path
    window_messages: int = 5
    templates: dict[str, str] = field(default_factory=dict)  # name -> template id of the platform
    reply_budget_seconds: float = 3.5
    lease_seconds: int = 60
    batch_size: int = 40
    max_attempts: int = 8
    quiet: tuple[time, time] | None = None  # of the estate's day
    idle: timedelta = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Instant:
    """All that a general phrase knows of the world."""

    now: datetime


@dataclass(frozen=True, slots=True)
class Runtime:
    """The wiring, built once per process by the edges."""

    database: Database
    content: Content
    understander: Understander
    clock: Clock
    queue: Queue
    sender: Sender
    gateway: Gateway
    meter: Meter
    options: Options
    links: Links | None = None
    traces: Traces | None = None
    account_tags: AccountTags | None = None

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Open a write transaction and, once it is committed, wake the workers it asked for."""
        with self.database.transaction() as transaction:
            yield transaction
        for job, ids in dict.fromkeys(transaction.wakes):
            self.queue.wake(job, *ids)

    def say(self, key: str, /, **values: Any) -> str:
        """Return a general phrase of content/texts.yaml with its holes filled."""
        return self.content.texts.render(key, values, Instant(self.clock.now()))

    def local(self, at: datetime) -> datetime:
        """Return an instant in the estate's zone."""
        return at.astimezone(self.options.zone)

    def now(self) -> datetime:
        """Return the current instant, UTC."""
        return self.clock.now()

    def today(self) -> date:
        """Return the estate's date."""
        return self.local(self.clock.now()).date()

    def day(self, at: datetime) -> str:
        """Return the estate's day as yymmdd, for numbers."""
        return self.local(at).strftime("%y%m%d")

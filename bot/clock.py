"""Clocks: the system's, and one that stands where it is put (tests, `tick --at`)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class SystemClock:
    """The machine's time."""

    def now(self) -> datetime:
        """Return the current aware time in UTC."""
        return datetime.now(UTC)


class FixedClock:
    """A time that moves only when it is told to. Raises ValueError for a naive time."""

    def __init__(self, at: datetime) -> None:
        self.set(at)

    def now(self) -> datetime:
        """Return the time it was put at, in UTC."""
        return self._at

    def set(self, at: datetime) -> None:
        """Put the clock to another time."""
        if at.tzinfo is None:
            raise ValueError(f"a clock needs an aware time: {at}")
        self._at = at.astimezone(UTC)

    def advance(self, step: timedelta) -> None:
        """Move the clock on."""
        self._at += step

"""What the day matchers pass around: where we stand in time, and a day that was recognised."""

from dataclasses import dataclass
from datetime import date

from dialogs.calendar import Calendar
from dialogs.times.words import Reason


@dataclass(frozen=True, slots=True)
class Today:
    """The day the person speaks on; a bare weekday or date means the first one on or after `base`."""

    on: date
    base: date
    calendar: Calendar


@dataclass(frozen=True, slots=True)
class DayHit:
    """A recognised day, or a span of days when `last` is there; `later` is the next reading if this one has passed."""

    end: int
    day: date | None
    last: date | None = None
    later: date | None = None
    sure: float = 0.9
    reason: Reason | None = None
    is_weekday: bool = False


def safe_date(year: int, month: int, day: int) -> date | None:
    """Return the date, or None where the calendar has no such day."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def whole(end: int, year: int, month: int, day: int) -> DayHit:
    """Return the hit of a date said in full; `impossible` where there is no such day."""
    on = safe_date(year, month, day)
    return DayHit(end, on, sure=0.97, reason=None if on else "impossible")

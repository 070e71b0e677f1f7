"""Days off, make-up working days and festivals of mainland China, as one immutable value.

The data comes from content/calendar/holiday_cn.json, read by whoever owns files. This module reads no file, no clock,
and a year the data does not cover never raises: the weekday rule answers and `is_known` says so.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Calendar:
    """What is known of holidays; build it with `parse_calendar`."""

    holidays: Mapping[str, tuple[date, ...]] = field(default_factory=dict)
    workdays: frozenset[date] = frozenset()
    offdays: frozenset[date] = frozenset()
    known_years: frozenset[int] = frozenset()
    fixed: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    tabled: Mapping[str, tuple[date, ...]] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    festival_names: tuple[str, ...] = field(init=False, repr=False, compare=False)  # all of them, the longest first

    def __post_init__(self) -> None:
        names = {*self.fixed, *self.tabled, *self.aliases}
        object.__setattr__(self, "festival_names", tuple(sorted(names, key=lambda name: (-len(name), name))))

    def is_known(self, year: int) -> bool:
        """Tell whether the year's official notice is in the data; without it only weekdays count."""
        return year in self.known_years

    def is_workday(self, day: date) -> bool:
        """Tell whether offices work on that day: make-up days do, statutory days off do not."""
        if day in self.workdays:
            return True
        return day not in self.offdays and day.weekday() < 5

    def add_workdays(self, day: date, count: int) -> date:
        """Return the day `count` working days after (negative: before) the given one, which is not counted."""
        step = ONE_DAY if count >= 0 else -ONE_DAY
        left = abs(count)
        while left:
            day += step
            left -= self.is_workday(day)
        return day

    def festival(self, name: str, after: date) -> date | None:
        """Find the first day of the named festival on or after a date; None where the name or the year is unknown."""
        name = self.aliases.get(name, name)
        if name in self.fixed:
            month, day = self.fixed[name]
            this_year = date(after.year, month, day)
            if this_year >= after:
                return this_year
            return date(after.year + 1, month, day) if after.year < date.max.year else None
        return min((day for day in self.tabled.get(name, ()) if day >= after), default=None)

    def days_off(self, name: str, year: int) -> tuple[date, ...]:
        """List the statutory days off that carry this name in one year; empty where unknown."""
        name = self.aliases.get(name, name)
        return tuple(day for day in self.holidays.get(name, ()) if day.year == year)


def parse_calendar(mapping: Mapping[str, Any]) -> Calendar:
    """Build a Calendar from the shape of holiday_cn.json.

    `years.YYYY.holidays` maps a name to [day] or [first, last]; `fixed` maps a name to MM-DD; `lunar` a name to ISO
    dates; `aliases` another name to the known one. Raises ValueError naming the bad entry.
    """
    years = mapping.get("years", {})
    holidays: dict[str, list[date]] = {}
    for block in years.values():
        for name, span in block["holidays"].items():
            holidays.setdefault(name, []).extend(_days(name, span))
    fixed = {name: _month_day(name, text) for name, text in mapping.get("fixed", {}).items()}
    tabled = {name: tuple(sorted(_dates(name, days))) for name, days in mapping.get("lunar", {}).items()}
    aliases = dict(mapping.get("aliases", {}))
    for alias, name in aliases.items():
        if name not in fixed and name not in tabled:
            raise ValueError(f"alias {alias!r} points to the unknown festival {name!r}")
    return Calendar(
        holidays={name: tuple(sorted(days)) for name, days in holidays.items()},
        workdays=frozenset(day for block in years.values() for day in _dates("workdays", block["workdays"])),
        offdays=frozenset(day for days in holidays.values() for day in days),
        known_years=frozenset(int(year) for year in years),
        fixed=fixed,
        tabled=tabled,
        aliases=aliases,
    )


def _dates(name: str, texts: Iterable[str]) -> list[date]:
    try:
        return [date.fromisoformat(text) for text in texts]
    except ValueError as error:
        raise ValueError(f"calendar entry {name!r}: {error}") from error


def _days(name: str, span: list[str]) -> list[date]:
    first, last = (_dates(name, span) * 2)[:2] if len(span) == 1 else _dates(name, span)
    if last < first:
        raise ValueError(f"calendar entry {name!r}: {last} is before {first}")
    return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]


def _month_day(name: str, text: str) -> tuple[int, int]:
    day = _dates(name, [f"2023-{text}"])[0]  # 2023 is no leap year: a festival must exist every year
    return day.month, day.day

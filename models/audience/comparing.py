"""What both readers of a tree share: days, ages, months and shares as plain numbers, so that they cannot disagree."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from math import ceil, floor
from operator import ge, gt, le, lt
from typing import Any
from zlib import crc32

from models.audience.nodes import NEGATIVE, TEXTUAL, Condition, Month, Operator, Relative, Value
from models.owners import SETTLING_DAYS, STABLE_DAYS, Stage
from models.places import BUILDING, ROOM, UNIT, plain_name

CHINA = timezone(timedelta(hours=8))  # no daylight saving: a fixed offset says it all
PRIME = 2_147_483_647
FACTOR = 48_271
ORDER: dict[Operator, Callable[[Any, Any], Any]] = {  # for plain values and for columns alike
    Operator.LESS: lt,
    Operator.AT_MOST: le,
    Operator.MORE: gt,
    Operator.AT_LEAST: ge,
}


def holds(operator: Operator, left: float | str | date, values: list[float] | list[str] | list[date]) -> bool:
    """Tell whether a present value passes a test, for every operator that orders or equates."""
    if operator in ORDER:
        return bool(ORDER[operator](left, values[0]))
    if operator is Operator.BETWEEN:
        return bool(ORDER[Operator.AT_LEAST](left, values[0]) and ORDER[Operator.AT_MOST](left, values[1]))
    return (left in values) is (operator not in NEGATIVE)


def resolve_days(values: tuple[Value, ...], today: date) -> list[date]:
    """Return the days that date values mean today."""
    days = [value.resolve(today) if isinstance(value, Relative) else value for value in values]
    return [day for day in days if isinstance(day, date)]


def list_numbers(values: tuple[Value, ...]) -> list[float]:
    """Return values as numbers."""
    return [float(value) for value in values if isinstance(value, int | float)]


def list_texts(values: tuple[Value, ...]) -> list[str]:
    """Return values as texts."""
    return [str(value) for value in values]


def list_names(test: Condition) -> list[str]:
    """Return the plain names of the places that a test names; parts of names, and other texts, as they are written."""
    texts = list_texts(test.values)
    if test.operator in TEXTUAL or test.field not in (BUILDING, UNIT, ROOM):
        return texts
    return [plain_name(test.field, text) for text in texts]


def list_months(operator: Operator, values: tuple[Value, ...], today: date) -> list[int]:
    """Return the months, 1 to 12, that pass a test."""
    numbers = [float(value.resolve(today)) for value in values if isinstance(value, Month)]
    return [month for month in range(1, 13) if holds(operator, float(month), numbers)]


def list_month_spellings(months: list[int]) -> list[str]:
    """Return the ways the months are stored in a tag: 3, 03, 3月, 03月."""
    return [text for month in months for text in (f"{month}", f"{month:02d}", f"{month}月", f"{month:02d}月")]


def list_month_ends(months: list[int]) -> list[str]:
    """Return how a stored year and month, 2026-03, ends behind its year."""
    return [f"-{month:02d}" for month in months]


def start_of_day(day: date) -> datetime:
    """Return the instant a day begins in China."""
    return datetime.combine(day, time(), CHINA).astimezone(UTC) if day > date.min else datetime.min.replace(tzinfo=UTC)


def end_of_day(day: date) -> datetime:
    """Return the instant the next day begins in China."""
    return start_of_day(day + timedelta(days=1)) if day < date.max else datetime.max.replace(tzinfo=UTC)


def born_by(today: date, age: float) -> date:
    """Return the latest birthday of a person who is at least so old today; the first of all days when nobody is."""
    years = ceil(age)
    if years >= today.year:
        return date.min
    if years < 0:
        return date.max
    year = today.year - years
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return date(year, today.month, 28 if (today.month, today.day) == (2, 29) and not is_leap else today.day)


def born_between(operator: Operator, values: list[float], today: date) -> list[tuple[date, date]]:
    """Return the spans of birthdays (after, up to and with) whose ages pass a test that is not negative."""
    oldest, youngest = date.min, date.max
    match operator:
        case Operator.EQUAL | Operator.IN:
            whole = [value for value in values if value == int(value)]
            return [(born_by(today, value + 1), born_by(today, value)) for value in whole if value >= 0]
        case Operator.AT_LEAST:
            return [(oldest, born_by(today, values[0]))]
        case Operator.MORE:
            return [(oldest, born_by(today, floor(values[0]) + 1))]
        case Operator.LESS:
            return [(born_by(today, values[0]), youngest)]
        case Operator.AT_MOST:
            return [(born_by(today, floor(values[0]) + 1), youngest)]
    return [(born_by(today, floor(values[1]) + 1), born_by(today, values[0]))]


def stage_span(stage: Stage, today: date) -> tuple[date, date]:
    """Return the first and last move-in day of a stage; people without one are prospective as well (R163)."""
    settling, stable = today - timedelta(days=SETTLING_DAYS - 1), today - timedelta(days=STABLE_DAYS)
    day = timedelta(days=1)
    return {
        Stage.PROSPECTIVE: (today + day, date.max),
        Stage.SETTLING: (settling, today),
        Stage.STABLE: (stable, settling - day),
        Stage.VETERAN: (date.min, stable - day),
    }[stage]


def seed_number(seed: str) -> int:
    """Return the number a seed stands for."""
    return crc32(seed.encode()) % (PRIME - 1) + 1


def draw(owner_id: int, seed: str) -> int:
    """Return a person's number below PRIME, as good as random, always the same for one seed."""
    mixed = (owner_id % PRIME * FACTOR + seed_number(seed)) % PRIME
    mixed = (mixed * mixed + seed_number(seed)) % PRIME
    return (mixed * mixed + owner_id) % PRIME


def draw_limit(share: int) -> int:
    """Return the number below which people are in a share of so many hundredths of a percent."""
    return PRIME * share // 10_000

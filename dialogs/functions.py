"""The functions of the expression language: pure, total. A value of the wrong type gives None, never an exception."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

MAX_NUMBER = 10**15
MAX_TEXT = 10_000
_CLOCK = re.compile(r"\d{2}:\d{2}")
_PHONE = re.compile(r"1[3-9]\d{9}")


def is_number(value: object) -> bool:
    """Say whether the value is a number; true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def bound_number(value: Any) -> Any:
    """Return the number, or None when it grew beyond what a conversation can mean."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if -MAX_NUMBER <= value <= MAX_NUMBER else None


def to_text(value: Any) -> str:
    """Return how a value is shown: null as nothing, 3.0 as 3, a list joined by 、."""
    if value is None:
        return ""
    if type(value) is str:  # what is more than a text, a link of ours, becomes one below
        return value
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < MAX_NUMBER else f"{value:.10g}"
    if isinstance(value, int):
        return str(value) if abs(value) <= MAX_NUMBER else ""
    if isinstance(value, list | tuple):
        return "、".join(to_text(item) for item in value)
    if isinstance(value, Mapping):
        return to_text(value.get("text", value.get("label")))
    return str(value)


def is_empty(value: Any) -> bool:
    """Say whether there is nothing: null, "" or an empty list."""
    return value is None or (isinstance(value, str | list | tuple | Mapping) and len(value) == 0)


def to_moment(value: Any) -> datetime | None:
    """Return the moment of a date answer (ISO text, midnight), an appointment ({"on", "at"}), or ISO date and time."""
    if isinstance(value, Mapping):
        on, at = value.get("on"), value.get("at")
        return to_moment(f"{on}T{at}" if at else on)
    if isinstance(value, date):
        return value if isinstance(value, datetime) else datetime.combine(value, time())
    if isinstance(value, str) and len(value) >= 10:
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            return None
    return None


def _hour(value: Any, now: datetime) -> int | None:
    """Return the hour of a time of day ("15:30"), the beginning of a span, or an appointment that names one."""
    if isinstance(value, Mapping):
        clock = value.get("at") or value.get("from")
        return _hour(clock, now) if clock else None
    if isinstance(value, str) and _CLOCK.fullmatch(value):
        return int(value[:2])
    moment = to_moment(value)
    return None if moment is None else _localize(moment, now).hour


def _localize(moment: datetime, now: datetime) -> datetime:
    if moment.tzinfo is None:
        return moment.replace(tzinfo=now.tzinfo)
    return moment.astimezone(now.tzinfo) if now.tzinfo is not None else moment.replace(tzinfo=None)


def _days_until(value: Any, now: datetime) -> int | None:
    moment = to_moment(value)
    return None if moment is None else (_localize(moment, now).date() - now.date()).days


def _hours_until(value: Any, now: datetime) -> float | None:
    moment = to_moment(value)
    return None if moment is None else (_localize(moment, now) - now) / timedelta(hours=1)


def _age(value: Any, now: datetime) -> int | None:
    born = to_moment(value)
    if born is None:
        return None
    return now.year - born.year - ((now.month, now.day) < (born.month, born.day))


def _part(take: Callable[[datetime], int]) -> Callable[[Any, datetime], int | None]:
    def part(value: Any, now: datetime) -> int | None:
        moment = to_moment(value)
        return None if moment is None else take(_localize(moment, now))

    return part


def _number(value: Any) -> Any:
    if is_number(value):
        return value
    if not isinstance(value, str) or len(value) > 20:
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    bounded = bound_number(number)
    return int(bounded) if bounded is not None and bounded.is_integer() else bounded


def _length(value: Any) -> int | None:
    if value is None:
        return 0
    return len(value) if isinstance(value, str | list | tuple | Mapping) else None


def _contains(whole: Any, part: Any) -> bool:
    if isinstance(whole, str):
        return isinstance(part, str) and part in whole
    return isinstance(whole, list | tuple) and part is not None and part in whole


def _starts_with(whole: Any, part: Any) -> bool:
    return isinstance(whole, str) and isinstance(part, str) and whole.startswith(part)


def _on_text(change: Callable[[str], str]) -> Callable[[Any], str | None]:
    return lambda value: change(value) if isinstance(value, str) else None


def _on_number(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: bound_number(change(value)) if is_number(value) else None


def _round(value: Any, places: Any = 0) -> Any:
    if not is_number(value) or not is_number(places):
        return None
    digits = max(0, min(6, int(places)))
    # half up, as people round; Python's round() would give round(2.5) == 2
    shift = 10**digits
    result = math.floor(abs(value) * shift + 0.5) / shift
    return math.copysign(result, value) if digits else int(math.copysign(result, value))


def _extreme(choose: Callable[[list[Any]], Any]) -> Callable[..., Any]:
    def extreme(*values: Any) -> Any:
        flat = list(values[0]) if len(values) == 1 and isinstance(values[0], list | tuple) else list(values)
        known = [value for value in flat if value is not None]
        if known and (all(map(is_number, known)) or all(isinstance(value, str) for value in known)):
            return choose(known)
        return None

    return extreme


def _join(values: Any, between: Any = "、") -> str | None:
    if not isinstance(values, list | tuple) or not isinstance(between, str):
        return None
    return between.join(to_text(value) for value in values)[:MAX_TEXT]


def _first(values: Any) -> Any:
    return values[0] if isinstance(values, list | tuple | str) and values else None


def _last(values: Any) -> Any:
    return values[-1] if isinstance(values, list | tuple | str) and values else None


def _count(values: Any) -> int | None:
    if is_empty(values):
        return 0
    return len(values) if isinstance(values, list | tuple) else 1


def _matches_phone(value: Any) -> bool:
    return isinstance(value, str) and _PHONE.fullmatch(re.sub(r"[\s-]", "", value)) is not None


PLAIN: dict[str, Callable[..., Any]] = {
    "len": _length,
    "lower": _on_text(str.lower),
    "upper": _on_text(str.upper),
    "trim": _on_text(str.strip),
    "contains": _contains,
    "starts_with": _starts_with,
    "round": _round,
    "floor": _on_number(math.floor),
    "ceil": _on_number(math.ceil),
    "abs": _on_number(abs),
    "min": _extreme(min),
    "max": _extreme(max),
    "number": _number,
    "text": lambda value: None if value is None else to_text(value)[:MAX_TEXT],
    "is_empty": is_empty,
    "join": _join,
    "first": _first,
    "last": _last,
    "count": _count,
    "matches_phone": _matches_phone,
}

TIMED: dict[str, Callable[[Any, datetime], Any]] = {
    "days_until": _days_until,
    "hours_until": _hours_until,
    "age": _age,
    "hour": _hour,
    "weekday": _part(lambda moment: moment.isoweekday()),
    "year": _part(lambda moment: moment.year),
    "month": _part(lambda moment: moment.month),
    "day": _part(lambda moment: moment.day),
}

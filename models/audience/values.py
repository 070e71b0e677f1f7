"""Text of a value -> the value, by the kind of its field. Raises coded errors, guesses nothing."""

from __future__ import annotations

import re
from datetime import date

from models.audience.errors import AudienceError, Code, suggest
from models.audience.fields import ORDERING, Field, Kind
from models.audience.nodes import Month, Operator, Relative, Value
from models.vocabulary import read_month

MAX_DAYS = 36_500
_NUMBER = re.compile(r"(-?[0-9]{1,15})(\.[0-9]{1,6})?(?:岁|个|次|辆|人|小时|天|分)?")
_DATE = re.compile(r"([0-9]{4})(?:-|/|\.|年)([0-9]{1,2})(?:-|/|\.|月)([0-9]{1,2})日?")
_RELATIVE = re.compile(r"(?:today|今天)(?:([+-])([0-9]{1,5}(?:d|w|m|天|日|周|个月)))?", re.IGNORECASE)
_DURATION = re.compile(r"([0-9]{1,5})(d|w|m|天|日|周|月|个月)", re.IGNORECASE)
_DAYS = {"d": 1, "天": 1, "日": 1, "w": 7, "周": 7, "m": 30, "月": 30, "个月": 30}
_SHARE = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,2})?)%")
_MONTHS = {"this_month": 0, "本月": 0, "这个月": 0, "next_month": 1, "下月": 1, "下个月": 1}
_TRUTHS = {"true": True, "yes": True, "是": True, "已": True, "false": False, "no": False, "否": False, "未": False}


def choose_kind(field: Field, operator: Operator) -> Kind:
    """Return how the values of a test are read: texts are ordered by the number they begin with."""
    if operator in (Operator.CONTAINS, Operator.PREFIX):
        return Kind.TEXT
    if operator in ORDERING and field.kind in (Kind.CHOICE, Kind.TEXT):
        return Kind.NUMBER
    return field.kind


def read_value(field: Field, kind: Kind, text: str, position: int) -> Value:
    """Return the value a text stands for. Raises AudienceError: unknown_value, bad_number, bad_date, expected."""
    if not text:
        raise AudienceError(Code.EXPECTED, position, "a value is empty", f"empty({field.name})")
    match kind:
        case Kind.CHOICE:
            return _read_choice(field, text, position)
        case Kind.NUMBER:
            return _read_number(text, position)
        case Kind.MONTH:
            return _read_month(text, position)
        case Kind.DATE | Kind.INSTANT:
            return _read_date(text, position)
        case Kind.BOOLEAN:
            if text.lower() not in _TRUTHS:
                raise AudienceError(Code.UNKNOWN_VALUE, position, f"{field.name} is true or false", "true")
            return _TRUTHS[text.lower()]
    return text


def read_duration(text: str, position: int) -> int:
    """Return days: 30d, 4w, 6m (a month is thirty days)."""
    found = _DURATION.fullmatch(text)
    days = int(found[1]) * _DAYS[found[2].lower()] if found else MAX_DAYS + 1
    if days > MAX_DAYS:
        raise AudienceError(Code.BAD_NUMBER, position, f"'{text}' is no duration", "30d")
    return days


def read_share(text: str, position: int) -> int:
    """Return hundredths of a percent: 10% is 1000."""
    found = _SHARE.fullmatch(text)
    share = round(float(found[1]) * 100) if found else 10_001
    if share > 10_000:
        raise AudienceError(Code.BAD_NUMBER, position, f"'{text}' is no share from 0% to 100%", "10%")
    return share


def _read_choice(field: Field, text: str, position: int) -> str:
    found = field.choices.get(text)
    if found is None:
        near = suggest(text, field.choices) or ", ".join(dict.fromkeys(field.choices.values()))
        raise AudienceError(Code.UNKNOWN_VALUE, position, f"{field.name} has no value '{text}'", near)
    return found


def _read_number(text: str, position: int) -> int | float:
    found = _NUMBER.fullmatch(text)
    if found is None:
        raise AudienceError(Code.BAD_NUMBER, position, f"'{text}' is no number")
    number = float(found[1] + (found[2] or ""))
    return int(number) if number.is_integer() else number


def _read_month(text: str, position: int) -> Month:
    if text.lower() in _MONTHS:
        return Month(_MONTHS[text.lower()], is_relative=True)
    month = read_month(text)
    if month is None:
        raise AudienceError(Code.BAD_NUMBER, position, f"'{text}' is no month from 1 to 12")
    return Month(month)


def _read_date(text: str, position: int) -> date | Relative:
    relative = _RELATIVE.fullmatch(text)
    if relative:
        days = read_duration(relative[2], position) if relative[2] else 0
        return Relative(-days if relative[1] == "-" else days)
    found = _DATE.fullmatch(text)
    try:
        if found:
            return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        pass  # a month 13 is as wrong as a word
    raise AudienceError(Code.BAD_DATE, position, f"'{text}' is no date", "2026-01-31")

"""One test against one home, one tag value or one date, in plain Python."""

from __future__ import annotations

from datetime import date, datetime

from models.audience import comparing
from models.audience.nodes import NEGATIVE, TEXTUAL, Condition, Month, Operator, Relative
from models.audience.people import Home
from models.owners import compute_stage
from models.places import BUILDING, ROOM, UNIT, plain_name, read_plain_label
from models.tags import read_number


def ask_home_test(test: Condition, home: Home, today: date) -> bool:
    """Tell whether a home passes."""
    match test.field:
        case "moved_in":
            if home.moved_in_on is None or test.operator is Operator.HAS:
                return home.moved_in_on is not None
            return comparing.holds(test.operator, home.moved_in_on, comparing.resolve_days(test.values, today))
        case "stage":
            return _ask_text(test, compute_stage(home.moved_in_on, today).value)
        case "relation":
            return _ask_text(test, home.relation)
        case "room":
            return _ask_room(test, home)
    name = {"community": home.community, BUILDING: home.building, UNIT: home.unit}[test.field]
    return _ask_text(test, name if test.operator in TEXTUAL or test.field == "community" else plain_name(test.field, name))


def ask_tag_value(test: Condition, value: str, today: date) -> bool:
    """Tell whether one value of a key passes a test that is not negative."""
    first = test.values[0] if test.values else None
    if isinstance(first, Month):
        months = comparing.list_months(test.operator, test.values, today)
        is_end = len(value) == 7 and value[4:] in comparing.list_month_ends(months)
        return is_end or value in comparing.list_month_spellings(months)
    if isinstance(first, date | Relative):
        days = [day.isoformat() for day in comparing.resolve_days(test.values, today)]
        return len(value) == 10 and comparing.holds(test.operator, value, days)
    if isinstance(first, int | float):
        number = read_number(value)
        return number is not None and comparing.holds(test.operator, number, comparing.list_numbers(test.values))
    return _ask_text(test, value)


def ask_joined(test: Condition, created_at: datetime, today: date) -> bool:
    """Tell whether somebody was entered on a day that passes."""
    day = created_at.astimezone(comparing.CHINA).date()
    return comparing.holds(test.operator, day, comparing.resolve_days(test.values, today))


def ask_age(test: Condition, birthday: date, today: date) -> bool:
    """Tell whether the age on this day passes; somebody born tomorrow is -1."""
    had_birthday = (today.month, today.day) >= (birthday.month, birthday.day)
    age = today.year - birthday.year - (0 if had_birthday else 1)
    return comparing.holds(test.operator, float(age), comparing.list_numbers(test.values))


def _ask_text(test: Condition, value: str) -> bool:
    texts = comparing.list_texts(test.values)
    match test.operator:
        case Operator.HAS:
            return True
        case Operator.CONTAINS:
            return texts[0] in value
        case Operator.PREFIX:
            return value.startswith(texts[0])
    return comparing.holds(test.operator, value, comparing.list_names(test))


def _ask_room(test: Condition, home: Home) -> bool:
    if test.operator in TEXTUAL or test.operator is Operator.HAS:
        return _ask_text(test, home.label)
    is_named = plain_name(ROOM, home.room) in comparing.list_names(test) or _name_whole(home) in _list_wholes(test)
    return is_named is (test.operator not in NEGATIVE)


def _name_whole(home: Home) -> str:
    return "-".join((plain_name(BUILDING, home.building), plain_name(UNIT, home.unit), plain_name(ROOM, home.room)))


def _list_wholes(test: Condition) -> list[str]:
    return [read_plain_label(text) for text in comparing.list_texts(test.values)]

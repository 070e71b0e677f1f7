"""Festivals inside folded text: 国庆节, 明年春节, 大年初三, 五一假期. The names come from the calendar."""

import re
from datetime import date, timedelta
from functools import lru_cache

from dialogs.calendar import Calendar
from dialogs.times.hits import DayHit, Today
from dialogs.times.words import SMALL, number

_YEARS = {"今年": 0, "明年": 1, "后年": 2, "去年": -1}
_YEAR = r"(?:(?P<year>今年|明年|后年|去年)的?)?"
# 五一路, 中秋快乐, 国庆礼品: names that are no date
_NOT = r"(?!路|街|广场|小区|大道|村|花园|小学|中学|快乐|安康|礼|福利|活动|团购|晚会|号|栋|幢|楼|\d|[零二三四五六七八九])"
_TAIL = r"(?P<off>假期|长假|放假|期间|那几天|这几天)?(?P<near>前后|之前|以前|前|以后|之后|后)?"
_NEW_YEAR = re.compile(rf"{_YEAR}(?:大年|正月)初?(?P<day>{SMALL}){_TAIL}")


def match_festival(text: str, at: int, today: Today) -> DayHit | None:
    """Match a festival's name at this place; "before" or "after" one is vague, its holiday is a span of days."""
    found = _names(today.calendar.festival_names).match(text, at)
    if found and found["name"]:
        return _hit(found, found["name"], 0, today)
    found = _NEW_YEAR.match(text, at)
    if found and 1 <= number(found["day"]) <= 30 and today.calendar.festival("春节", date.min):
        return _hit(found, "春节", number(found["day"]) - 1, today)
    return None


@lru_cache(maxsize=8)
def _names(names: tuple[str, ...]) -> re.Pattern[str]:
    listed = "|".join(map(re.escape, names)) or "(?!)"
    return re.compile(rf"(?<![零一二三四五六七八九十\d]){_YEAR}(?P<name>{listed}){_NOT}{_TAIL}")


def _hit(found: re.Match[str], name: str, offset: int, today: Today) -> DayHit:
    day = _find(found["year"], name, offset, today)
    if day is None or found["near"]:
        return DayHit(found.end(), None, sure=0.6, reason="vague")
    if found["off"]:
        days = [each for each in _days_off(today.calendar, name, day) if each >= today.on]
        return DayHit(found.end(), days[0], last=days[-1], sure=0.7) if days else DayHit(found.end(), day, sure=0.6)
    return DayHit(found.end(), day, sure=0.85)


def _find(year: str | None, name: str, offset: int, today: Today) -> date | None:
    if year is None:
        first = today.calendar.festival(name, today.base - timedelta(days=offset))
    else:
        number_of_year = today.on.year + _YEARS[year]
        first = today.calendar.festival(name, date(number_of_year, 1, 1))
        first = first if first and first.year == number_of_year else None
    return first + timedelta(days=offset) if first else None


def _days_off(calendar: Calendar, name: str, day: date) -> tuple[date, ...]:
    days = calendar.days_off(name, day.year)
    return days if day in days else ()

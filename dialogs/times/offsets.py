"""Distances from now inside folded text: 半小时后, 三天后, 30分钟内, 一个半小时后; also "any time" and "some day"."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from dialogs.times.days import month_after
from dialogs.times.hits import DayHit, safe_date
from dialogs.times.words import Grain, Reason, number

_COUNT = r"(?P<count>\d{1,3}|[一二两三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九]|半)"
_UNIT = r"(?P<unit>分钟|分|刻钟|小时|钟头|天|日|周|星期|礼拜|月)"
_AMOUNT = rf"(?<![\d第.]){_COUNT}(?P<more>个半)?个?{_UNIT}(?P<half>半)?"
_AFTER = re.compile(rf"{_AMOUNT}(?:(?P<later>以后|之后|过后|后)(?!天)|(?P<inside>以内|之内|内)(?!部|存|容))")
_PASSED = re.compile(rf"再?过{_AMOUNT}(?!前|以前)(?:以后|之后|后)?")
_MINUTES = {"分钟": 1, "分": 1, "刻钟": 15, "小时": 60, "钟头": 60}
_DAYS = {"天": 1, "日": 1, "周": 7, "星期": 7, "礼拜": 7}
_ANY = {
    0.85: r"什么时[候间]都(?:行|可以|方便)|任何时[候间](?:都(?:行|可以))?|随时(?:都)?(?:行|可以|来|方便|在家?)|时间不限"
    r"|越快越好|越早越好|尽快|尽早|哪天都(?:行|可以)|几点都(?:行|可以)",
    0.6: r"随时|马上|立刻|立即|赶紧|赶快|即刻|全天|一整天|整天",
    0.5: r"现在|都可以|都行|都方便|(?<![一二两三])都可(?!能)|这就(?!是)",
}
_ANY_TIME = tuple((sure, re.compile(words)) for sure, words in _ANY.items())
_SOME_DAY = re.compile(
    r"过(?:几|些|两)天|改天|改日|这[几两]天|过[阵段](?:子|时间)|最近|近期|有(?:空|时间)(?:的时候)?(?:再说)?|以后再说|到时候?再说"
    r"|工作日|平日里?|平时|每天|天天(?!气)|下班(?:以后|之后|后)|上班(?:以前|之前|前)"
)


@dataclass(frozen=True, slots=True)
class Distance:
    """A point, or the end of a span that starts now; `first` is where it begins."""

    end: int
    first: datetime | None
    last: datetime | None = None
    grain: Grain = "minute"
    sure: float = 0.9
    is_flexible: bool = False
    reason: Reason | None = None

    def as_day(self) -> DayHit | None:
        """Return 三天后 as the day it is, so that a time may follow it; None for anything but one day."""
        if self.first is None or self.last or self.grain != "day" or self.is_flexible:
            return None
        return DayHit(self.end, self.first.date(), sure=self.sure)


def match_distance(text: str, at: int, now: datetime) -> Distance | None:
    """Match a distance from now, an "any time" or a "some day" at this place; `now` is naive local time."""
    some_day = _SOME_DAY.match(text, at)
    if some_day:
        return Distance(some_day.end(), None, sure=0.6, reason="vague")
    found = _PASSED.match(text, at) or _AFTER.match(text, at)
    if found:
        return _measured(found, now)
    for sure, words in _ANY_TIME:
        found = words.match(text, at)
        if found:
            return Distance(found.end(), now, grain="day", sure=sure, is_flexible=True)
    return None


def _measured(found: re.Match[str], now: datetime) -> Distance | None:
    if found["count"] == "半" and found["unit"] == "天":
        return Distance(found.end(), None, sure=0.6, reason="vague")
    count = 0.5 if found["count"] == "半" else float(number(found["count"]))
    count += 0.5 * bool(found["more"] or found["half"])
    unit, is_inside = found["unit"], "inside" in found.groupdict() and bool(found["inside"])
    if unit in _MINUTES:
        there = _round_up(now + timedelta(minutes=count * _MINUTES[unit]))
        return Distance(found.end(), _round_up(now) if is_inside else there, there if is_inside else None)
    there = _months(now, count) if unit == "月" else now + timedelta(days=round(count * _DAYS[unit]))
    return Distance(found.end(), now if is_inside else there, there if is_inside else None, "day")


def _months(now: datetime, count: float) -> datetime:
    """Go some months ahead, a half one being 15 days; the 31st becomes the last day a shorter month has."""
    year, month = month_after(now.date(), int(count))
    day = next(day for size in range(4) if (day := safe_date(year, month, now.day - size)))
    return datetime.combine(day, now.time()) + timedelta(days=15 * (count % 1 > 0))


def _round_up(moment: datetime) -> datetime:
    whole_minute = moment.replace(second=0, microsecond=0)
    return whole_minute + timedelta(minutes=whole_minute < moment)

"""Clock times and parts of the day inside folded text: 下午三点半, 15:30, 七八点, 9:00-11:00, 晚上.

A match says what was written; which of two readings (3 or 15 o'clock) is meant is decided with the date, in find.py.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import time

from dialogs.times.words import NUM, SEP, SMALL, number

# canonical part -> the minutes of the day it covers
WINDOWS = {
    "凌晨": (0, 360), "早上": (300, 540), "上午": (480, 720), "中午": (660, 780), "白天": (480, 1080),
    "下午": (720, 1080), "傍晚": (1020, 1140), "晚上": (1080, 1440), "夜里": (1200, 1440),
}  # fmt: skip
_WORDS = {
    "凌晨": "凌晨", "早上": "大清早 清早 清晨 早上 早晨 早间 一早 一大早", "上午": "上午 午前", "白天": "白天",
    "中午": "中午 正午 晌午 午间", "下午": "下午 午后", "傍晚": "傍晚 黄昏", "晚上": "晚上 晚间 夜晚",
    "夜里": "半夜 深夜 夜里 夜间 午夜",
}  # fmt: skip
PARTS = {word: part for part, words in _WORDS.items() for word in words.split()}
SHORT_PARTS = {"早": "早上", "晨": "早上", "晚": "晚上", "夜": "晚上"}  # only beside a date or a clock: 明早, 晚8点

_PART = re.compile("|".join(sorted(PARTS, key=len, reverse=True)))
_NOT_NOW = r"点|些|一[点些](?!半|钟)"  # 晚点, 早一点: later, sooner
_SHORT = re.compile(rf"早晨|早(?!就|已|日|{_NOT_NOW})|晨|晚(?!会|于|饭|辈|报|{_NOT_NOW})|夜(?!宵)")
# 三点建议, 两点要求: a list of points, not an hour; 三点五米: a decimal
_NOT_HOUR = (
    r"(?!建议|意见|要求|问题|原因|想法|希望|说明|疑问|不满|理由|内容"
    r"|[零一二三四五六七八九\d]+(?:米|元|块|万|倍|个|平|度|斤|吨|%))"
)
_OCLOCK = rf"(?:点(?:钟|整)?{_NOT_HOUR}|时(?!间|候|常|期|代|段|不时|刻表)整?)"
_TWO_DIGITS = r"\d{2}(?!\d)|[零〇]\s?[一二三四五六七八九]|[二三四五六]?十[一二三四五六七八九]?"
_MINUTES = rf"(?:(?P<half>半)|(?P<quarter>[一二三1-3])刻钟?|过?(?P<min>{_TWO_DIGITS})分?(?!钟)|过?(?P<min1>{SMALL})分(?!钟))"
_HOUR = re.compile(rf"(?P<hour>{SMALL}){_OCLOCK}\s?{_MINUTES}?")
_BOTH = re.compile(r"(?P<a>[一二两三四五六七八九]|十)(?P<b>[一二三四五六七八九]|十[一二]?)点钟?|十(?P<c>一)(?P<d>二)点钟?")
_DIGITAL = re.compile(r"(?<![\d:.])(?P<hour>\d{1,2}):(?P<min>\d{2})(?::\d{2})?(?![\d:])")
_RANGE_HEAD = re.compile(rf"(?P<hour>{SMALL})(?=\s*(?:到|至|-|~|–|—|、){NUM}点)")
_NO_HOUR_AFTER = set("第有早晚快差好再小大这那每")
_WEAK = {"一点", "一时", "两时", "二时", "三时"}
_SEP = re.compile(SEP + r"|\s*(?:、)\s*(?=\d{1,2}点)")
_ABOUT = re.compile(r"\s?(?:左右|前后|上下|多(?!久|少|长)|来钟)")
_AFTER = re.compile(r"(?:过?以后|之后|后|起|开始)(?!天|台|门|面|院)")
_BEFORE = re.compile(r"(?:以前|之前|前)(?!天|台|门|面|院)")


@dataclass(frozen=True, slots=True)
class Clock:
    """What was written: hours and minutes as said, before it is known which half of the day is meant."""

    end: int
    part: str | None = None
    hour: int | None = None
    minute: int = 0
    is_exact: bool = False  # 15:30 and 03:30 have one reading, 3:30 and 三点 have two
    is_weak: bool = False  # 一点 and a lone 时 need company
    is_before: bool = False
    last: "Clock | None" = None

    @property
    def is_possible(self) -> bool:
        """Tell whether a clock can show it."""
        if self.hour is None:
            return True
        return self.hour <= 24 and self.minute < 60 and not (self.hour == 24 and self.minute)


def match_part(text: str, at: int, *, is_attached: bool) -> tuple[str, int] | None:
    """Match a part of the day; single characters (早, 晚) count only attached to a date or a clock."""
    found = _PART.match(text, at)
    if found:
        return PARTS[found[0]], found.end()
    found = _SHORT.match(text, at)
    if found and (is_attached or _HOUR.match(text, found.end()) or _DIGITAL.match(text, found.end())):
        return SHORT_PARTS[found[0][0]], found.end()
    return None


def match_clock(text: str, at: int, *, is_attached: bool) -> Clock | None:
    """Match a part, a time or a span of times starting exactly here; None where there is neither."""
    said = match_part(text, at, is_attached=is_attached)
    part, end = said or (None, at)
    gap = end + (said is not None and text[end : end + 1] in {" ", "的"})
    first = _match_time(text, gap)
    if first is None:
        return Clock(end, part) if said else None
    if said is None and _stands_inside_a_word(text, at):
        return None
    return _with_rest(text, replace(first, part=part))


def _stands_inside_a_word(text: str, at: int) -> bool:
    before = text[max(0, at - 1) : at]
    return before in _NO_HOUR_AFTER or (before != "T" and before.isascii() and before.isalnum())


def _match_time(text: str, at: int) -> Clock | None:
    both = _BOTH.match(text, at)
    span = _spoken_span(both) if both else None
    if span:
        return span
    found = _DIGITAL.match(text, at)
    if found:
        is_exact = len(found["hour"]) == 2 or int(found["hour"]) >= 8
        return Clock(found.end(), hour=int(found["hour"]), minute=int(found["min"]), is_exact=is_exact)
    found = _HOUR.match(text, at)
    if found:
        is_weak = found[0] in _WEAK and not text[found.end() :].startswith(("到", "至"))
        hour = number(found["hour"])
        return Clock(found.end(), hour=hour, minute=_minutes(found), is_exact=hour > 12 or hour == 0, is_weak=is_weak)
    found = _RANGE_HEAD.match(text, at)
    return Clock(found.end(), hour=number(found["hour"])) if found else None


def _minutes(found: re.Match[str]) -> int:
    if found["half"]:
        return 30
    if found["quarter"]:
        return 15 * number(found["quarter"])
    said = found["min"] or found["min1"]
    return number(said.replace(" ", "")) if said else 0


def _spoken_span(found: re.Match[str]) -> Clock | None:
    first, last = (11, 12) if found["c"] else (number(found["a"]), number(found["b"]))
    if last != first + 1:
        return None
    return Clock(found.end(), hour=first, last=Clock(found.end(), hour=last))


def _with_rest(text: str, first: Clock) -> Clock:
    """Take in what follows a time: 到五点, 左右, 以后, 之前."""
    sep = _SEP.match(text, first.end) if first.last is None else None
    if sep:
        said = match_part(text, sep.end(), is_attached=True)
        last = _match_time(text, said[1] if said else sep.end())
        if last and last.last is None:
            return replace(first, end=last.end, is_weak=False, last=replace(last, part=said[0] if said else None))
    about = _ABOUT.match(text, first.end)
    if about:
        return replace(first, end=about.end(), is_weak=False)
    after, before = _AFTER.match(text, first.end), _BEFORE.match(text, first.end)
    if after:
        return replace(first, end=after.end(), is_weak=False)
    if before and first.last is None:
        return replace(first, end=before.end(), is_weak=False, is_before=True)
    return first


def readings(clock: Clock, part: str | None) -> Iterator[tuple[int, time]]:
    """Yield (days later, time) for every reading of a possible clock, the likelier for business hours (08-20) first."""
    hour, minute = clock.hour or 0, clock.minute
    if part or clock.is_exact:
        yield _in_part(hour, minute, part)
        return
    both = (hour % 12, hour % 12 + 12) if hour <= 12 else (hour,)
    for reading in sorted(both, key=lambda each: not 8 <= each < 20):
        yield 0, time(reading, minute)


def _in_part(hour: int, minute: int, part: str | None) -> tuple[int, time]:
    """Place an hour said with its part: 下午十二点 is 12:00, 晚上十二点 the next day's 00:00."""
    is_night = part in {"晚上", "夜里"}
    if hour == 24 or (is_night and (hour == 12 or hour < 5)):
        return 1, time(hour % 12, minute)
    is_late = part in {"下午", "傍晚", "晚上", "夜里"}
    if (is_late and hour < 12) or (part == "中午" and hour < 9):
        hour += 12
    elif part == "凌晨" and hour == 12:
        hour = 0
    return 0, time(hour, minute)

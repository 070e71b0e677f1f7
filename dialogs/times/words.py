"""The vocabulary of dates and times: numerals, parts of the day, and the shapes all other files of this room share.

`fold` keeps every character in its place, so a span found in folded text is a span of the original.
"""

import datetime as dt
import unicodedata
from dataclasses import dataclass
from typing import Literal

Grain = Literal["day", "part", "minute"]
Reason = Literal["past", "impossible", "vague", "too_far", "excluded", "ambiguous"]

DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_UNITS = "一二两三四五六七八九"
_TENS = rf"[{_UNITS}]?十[{_UNITS}]?"
NUM = rf"(?:\d{{1,3}}|{_TENS}|[零〇]?[{_UNITS}]|[零〇])"
SMALL = rf"(?:(?<!\d)\d{{1,2}}(?!\d)|{_TENS}|[{_UNITS}])"
SEP = r"\s*(?:到|至|-|~|–|—+|~)\s*"
WEEKDAY = r"[一二三四五六日天1-7]"

_SIMPLIFIED = str.maketrans(
    "點後時號禮週鐘個兩內這當隨現馬盡趕間過國慶節陽勞動聖誕終開無為應從",
    "点后时号礼周钟个两内这当随现马尽赶间过国庆节阳劳动圣诞终开无为应从",
)


@dataclass(frozen=True, slots=True)
class TimeMention:
    """One date or time found in a text; [start_index, end_index) is its span, `text` the words as written.

    `time` None with `end_time` means "until then"; `date` to `end_date` is a span of days, `flexible` any time.
    With a `reason` the mention must not be booked: it is past, impossible, vague, too far, excluded or ambiguous.
    `excluded` are the days a whole answer rules out (除了周三都行); only parse_moment fills it.
    """

    start_index: int
    end_index: int
    text: str
    date: dt.date | None = None
    time: dt.time | None = None
    end_time: dt.time | None = None
    end_date: dt.date | None = None
    grain: Grain = "day"
    part: str | None = None
    confidence: float = 0.0
    flexible: bool = False
    reason: Reason | None = None
    excluded: tuple[dt.date, ...] = ()


MOST_SEARCHED = 500  # characters of a message in which options and times are looked for: a long story must not hold a turn up


def fold(text: str) -> str:
    """Bring width, digits and traditional forms to one shape, character by character: the length never changes."""
    return "".join(map(_fold_one, text)).translate(_SIMPLIFIED)


def _fold_one(char: str) -> str:
    if char.isascii():
        return char
    folded = unicodedata.normalize("NFKC", char)
    if len(folded) != 1:
        return char
    return str(int(folded)) if folded.isdecimal() else folded


def number(text: str) -> int:
    """Read a numeral matched by NUM: digits, or Chinese up to 九十九."""
    if text.isdecimal():
        return int(text)
    if "十" not in text:
        return int("".join(str(DIGITS[char]) for char in text))
    tens, _, ones = text.partition("十")
    return (DIGITS[tens] if tens else 1) * 10 + (DIGITS[ones] if ones else 0)

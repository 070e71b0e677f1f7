"""Find every date and time in a sentence. Pure: the caller passes the local time and the calendar.

First pieces are recognised (days.py, clock.py, offsets.py), neighbours are joined, then settle.py makes mentions.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache

from dialogs.calendar import Calendar
from dialogs.times.clock import match_clock
from dialogs.times.days import match_day
from dialogs.times.hits import Today
from dialogs.times.offsets import match_distance
from dialogs.times.settle import Piece, settle
from dialogs.times.words import MOST_SEARCHED, TimeMention, fold

_GAP = re.compile(r"[\s,、的是]{0,2}(?:那天|当天|当日)?(?:的话)?[\s,、]{0,1}(?:大概|大约|差不多|约|就)?\s?(?:T(?=\d))?")
_JOINED_BY = re.compile(r"[^。!?;！？；\n0-9]{0,6}")
_NOT_BEFORE = re.compile(
    r"(?:除了?|除去|除开|避开|不要|不能|(?<!是)不是|不选|不约|(?<!特)(?<!分)(?<!级)别)(?:在|约|选|安排)?\s?$"
)
_NOT_AFTER = re.compile(
    r"\s?(?:我们?|家里?|都|也|就){0,3}(?:除外|以外|之外|不行|不可以|不方便|不太方便|不在|没空|没时间|没人|没有时间|有事|不要|不能|别来"
    r"|来不了|不合适|(?:要|得)?(?:上班|出差|加班)(?!前|之前|以前))"
)
_AND = re.compile(r"\s?[和跟与、,]\s?")
# With what a piece may begin, festivals' names aside: numerals, days, years and months, weeks, parts of the day, "any time"
_BEGINNINGS = (
    r"\d零〇一二两三四五六七八九十半个号今明昨前后大正去年岁月下上本这当周星礼清早晨凌白中晌午傍黄晚夜深"
    "过再改最近有以到工平每天什任随时越尽哪几马立赶即全整现都"
)


def find_times(text: str, now: datetime, calendar: Calendar) -> list[TimeMention]:
    """List the dates and times of a text in their order; `now` is aware, in the time zone of the estate.

    A bare weekday, month-day or clock means the next one not in the past. Never raises for any text.
    """
    text = text[:MOST_SEARCHED]
    folded, local = fold(text), now.replace(tzinfo=None)
    today = Today(local.date(), local.date(), calendar)
    pieces = _joined(list(_pieces(folded, local, today)), folded, today.on)
    mentions: list[TimeMention] = []
    is_previous_excluded, previous_end = False, 0
    for piece in pieces:
        mention = settle(piece, text, local)
        is_listed = is_previous_excluded and bool(_AND.fullmatch(folded, previous_end, piece.start))
        is_previous_excluded = is_listed or _is_excluded(folded, piece)
        previous_end = piece.end
        mentions.append(replace(mention, reason="excluded") if is_previous_excluded else mention)
    return mentions


def _pieces(text: str, local: datetime, today: Today) -> Iterator[Piece]:
    beginnings, at = _list_beginnings(today.calendar.festival_names), 0
    while found := beginnings.search(text, at):
        at = found.start()
        piece = _piece_at(text, at, local, today)
        if piece:
            yield piece
        at = piece.end if piece else at + 1


@lru_cache(maxsize=8)
def _list_beginnings(festivals: tuple[str, ...]) -> re.Pattern[str]:
    """Return what finds the next place worth a look: trying every matcher at every character was most of the time."""
    return re.compile(f"[{_BEGINNINGS}{re.escape(''.join(name[:1] for name in festivals))}]")


def _piece_at(text: str, at: int, local: datetime, today: Today) -> Piece | None:
    distance = match_distance(text, at, local)
    hit = distance.as_day() if distance else match_day(text, at, today)
    if distance and not hit:
        return Piece(at, distance.end, distance=distance)
    if hit:
        gap = _gap_end(text, hit.end)
        clock = match_clock(text, gap, is_attached=text[hit.end : gap] in {"", "的"})
        return Piece(at, clock.end if clock else hit.end, hit=hit, clock=clock)
    clock = match_clock(text, at, is_attached=False)
    if clock is None or (clock.is_weak and clock.part is None and clock.end - at < len(text.strip(" 。.!吧"))):
        return None
    return Piece(at, clock.end, clock=clock)


def _gap_end(text: str, at: int) -> int:
    gap = _GAP.match(text, at)
    return gap.end() if gap else at


def _joined(pieces: list[Piece], text: str, today: date) -> list[Piece]:
    """Join a day with a time or an "any time" a few characters away: 明天过来，下午三点 or 下午三点，明天."""
    joined: list[Piece] = []
    for piece in pieces:
        whole = _join(joined[-1], piece, text, today) if joined else None
        if whole:
            joined[-1] = whole
        else:
            joined.append(piece)
    return joined


def _join(first: Piece, second: Piece, text: str, today: date) -> Piece | None:
    is_near = _JOINED_BY.fullmatch(text, first.end, second.start)
    if not is_near or _is_excluded(text, first) or _is_excluded(text, second):
        return None
    if first.is_day_ahead(today) and second.is_clock_only:
        return replace(first, end=second.end, clock=second.clock)
    if first.is_clock_only and second.is_day_ahead(today):
        return replace(second, start=first.start, clock=first.clock)
    return _join_beside(first, second) if second.start - first.end <= 1 else None


def _join_beside(first: Piece, second: Piece) -> Piece | None:
    """Join what only belongs together side by side: 明天随时, 随时明天, 工作日晚上 (which names no day)."""
    if second.is_any_time and first.distance is None:
        return replace(first, end=second.end, is_flexible=True)
    if first.is_any_time and second.distance is None:
        return replace(second, start=first.start, is_flexible=True)
    if first.is_vague and second.is_clock_only:
        return replace(first, end=second.end)
    return None


def _is_excluded(text: str, piece: Piece) -> bool:
    before = text[max(0, piece.start - 6) : piece.start]
    return bool(_NOT_BEFORE.search(before) or _NOT_AFTER.match(text, piece.end))

"""Read a whole answer as one moment. Does not decide what a question allows: that is the answer type's."""

import re
from dataclasses import replace
from datetime import datetime

from dialogs.calendar import Calendar
from dialogs.times.find import find_times
from dialogs.times.words import TimeMention, fold

_ENOUGH = 0.4
_ORDER = ("past", "impossible", "ambiguous", "too_far", "excluded", "vague")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")


def parse_moment(text: str, now: datetime, calendar: Calendar) -> TimeMention | None:
    """Return the one moment a whole answer means; None where it names none.

    Two different moments give the first one as `ambiguous`; if none can be booked, the first with its reason.
    """
    compact = _COMPACT.fullmatch(fold(text).strip())
    mentions = find_times("-".join(compact.groups()) if compact else text, now, calendar)
    good = [each for each in mentions if each.reason is None and each.confidence >= _ENOUGH]
    dated = [each for each in good if not _is_any_time(each, now)]
    if not dated:
        return _without(mentions, good[0], text) if good else _first_reason(mentions)
    first = dated[0]
    if any(_meaning(each) != _meaning(first) for each in dated[1:]):
        return replace(first, reason="ambiguous")
    return replace(first, flexible=first.flexible or len(dated) < len(good))


def _without(mentions: list[TimeMention], any_time: TimeMention, text: str) -> TimeMention:
    """Keep the days an "any time" rules out, and the whole answer as its words: 除了周三都行."""
    days = tuple(each.date for each in mentions if each.reason == "excluded" and each.date)
    if not days:
        return any_time
    return replace(any_time, start_index=0, end_index=len(text), text=text, excluded=days)


def _is_any_time(mention: TimeMention, now: datetime) -> bool:
    is_today = mention.date == now.date() and mention.end_date is None
    return mention.flexible and mention.grain == "day" and is_today


def _meaning(mention: TimeMention) -> tuple[object, ...]:
    return mention.date, mention.time, mention.end_date, mention.end_time, mention.part


def _first_reason(mentions: list[TimeMention]) -> TimeMention | None:
    coded = [each for each in mentions if each.reason]
    return min(coded, key=lambda each: _ORDER.index(each.reason or "vague"), default=None)

"""Dates, times of day, appointments and spans of time, all read by dialogs/times."""

import datetime as dt
import re
from dataclasses import replace

from dialogs.answers.base import Accepted, Heard, Question, Rejected, Value, text_of
from dialogs.calendar import Calendar
from dialogs.times.find import find_times
from dialogs.times.moment import parse_moment
from dialogs.times.render import render_clock, render_date, render_moment
from dialogs.times.words import TimeMention, fold

SURE = 0.7
_LONGEST_SPAN = dt.timedelta(days=4)  # 月底 and a weekend can be booked, a whole week or month cannot
_FULL_STOPS = "。.!， "  # recognised voice ends in one
_DAY_NUMBER = re.compile(r"\d{1,2}")
_MONTH_DAY = re.compile(r"(\d{2})(\d{2})|(\d{1,2})\.(\d{1,2})")
_HOUR_NUMBER = re.compile(r"\d{1,2}|[一二两三四五六七八九]|十[一二]?")
_HOURS = re.compile(r"(\d{1,2})\s*(?:-|~|到|至)\s*(\d{1,2})")
_HOUR_MINUTE = re.compile(r"(\d{1,2})[.](\d{2})|(\d{2})(\d{2})")


class DateAnswer:
    """Reads one day; its value is an ISO date."""

    def read(self, heard: Heard, question: Question, now: dt.datetime, calendar: Calendar) -> Accepted | Rejected:
        """Read a message as a day; a span of days is `ambiguous`. Else a mention's reason or `unrecognised`."""
        text = text_of(heard)
        if isinstance(text, Rejected):
            return text
        mention = _checked(parse_moment(_as_day(fold(text).rstrip(_FULL_STOPS)), now, calendar), question, now)
        return mention if isinstance(mention, Rejected) else _day(mention, now)

    def extract(self, sentence: str, question: Question, now: dt.datetime, calendar: Calendar) -> Accepted | None:
        """Find the only sure day of a sentence."""
        mention = _only(sentence, question, now, calendar)
        answer = _day(mention, now) if mention and not mention.flexible and _names_a_day(mention) else None
        return answer if isinstance(answer, Accepted) else None


class TimeAnswer:
    """Reads a time of day; its value is HH:MM."""

    def read(self, heard: Heard, question: Question, now: dt.datetime, calendar: Calendar) -> Accepted | Rejected:
        """Read a message as a time of day: `impossible`, `vague` (上午), `ambiguous`, `unrecognised`."""
        text = text_of(heard)
        if isinstance(text, Rejected):
            return text
        mention = parse_moment(_as_clock(fold(text).rstrip(_FULL_STOPS)), _midnight(now), calendar)
        if mention is None or mention.reason:
            return _why_not(mention, now)
        return _clock(mention)

    def extract(self, sentence: str, question: Question, now: dt.datetime, calendar: Calendar) -> Accepted | None:
        """Find the only sure time of a sentence."""
        mention = _only(sentence, question, now, calendar)
        answer = _clock(mention) if mention else None
        return answer if isinstance(answer, Accepted) else None


class DateTimeAnswer:
    """Reads an appointment: {"on", "at", "part", "until", "flexible"}.

    There is "on_until" besides for a span of days, and "except" with the days a 除了周三都行 rules out.
    """

    def read(self, heard: Heard, question: Question, now: dt.datetime, calendar: Calendar) -> Accepted | Rejected:
        """Read a message as an appointment: `past`, `impossible`, `too_far`, `vague`, `ambiguous`, `unrecognised`."""
        text = text_of(heard)
        if isinstance(text, Rejected):
            return text
        mention = _checked(parse_moment(text, now, calendar), question, now)
        return mention if isinstance(mention, Rejected) else _appointment(mention, now)

    def extract(self, sentence: str, question: Question, now: dt.datetime, calendar: Calendar) -> Accepted | None:
        """Find the only sure appointment of a sentence."""
        mention = _only(sentence, question, now, calendar)
        answer = _appointment(mention, now) if mention else None
        return answer if isinstance(answer, Accepted) else None


class TimeRange:
    """Reads a span of the day: {"from", "to"} as HH:MM."""

    def read(self, heard: Heard, question: Question, now: dt.datetime, calendar: Calendar) -> Accepted | Rejected:
        """Read a message as a span of time: `vague` where only one end is named."""
        text = text_of(heard)
        if isinstance(text, Rejected):
            return text
        said = fold(text).rstrip(_FULL_STOPS)
        mention = parse_moment(_HOURS.sub(r"\1点-\2点", said) if _HOURS.fullmatch(said) else said, _midnight(now), calendar)
        if mention is None or mention.reason:
            return _why_not(mention, now)
        return _range(mention)

    def extract(self, sentence: str, question: Question, now: dt.datetime, calendar: Calendar) -> Accepted | None:
        """Find the only sure span of time in a sentence."""
        mention = _only(sentence, question, now, calendar)
        answer = _range(mention) if mention else None
        return answer if isinstance(answer, Accepted) else None


def _midnight(now: dt.datetime) -> dt.datetime:
    """Return the day's beginning: a question for a time of day alone is not about today."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def _as_day(text: str) -> str:
    """Read 22 as the 22nd and 1130 or 11.30 as a month and a day: a date was asked for."""
    if _DAY_NUMBER.fullmatch(text):
        return f"{text}号"
    found = _MONTH_DAY.fullmatch(text)
    return f"{found[1] or found[3]}月{found[2] or found[4]}日" if found else text


def _as_clock(text: str) -> str:
    """Read 15 as 15:00 and 1530 or 15.30 as 15:30: a time was asked for."""
    if _HOUR_NUMBER.fullmatch(text):
        return f"{text}点"
    found = _HOUR_MINUTE.fullmatch(text)
    return f"{found[1] or found[3]}:{found[2] or found[4]}" if found else text


def _why_not(mention: TimeMention | None, now: dt.datetime) -> Rejected:
    if mention is None or mention.reason is None:
        return Rejected("unrecognised")
    detail = {"text": mention.text}
    if mention.date:
        detail["date"] = render_date(mention.date, now.date())
    return Rejected(mention.reason, detail)


def _checked(mention: TimeMention | None, question: Question, now: dt.datetime) -> TimeMention | Rejected:
    if mention and mention.reason == "past" and question.is_past_allowed:
        mention = replace(mention, reason=None)
    if mention is None or mention.reason or mention.date is None:
        return _why_not(mention, now)
    if (mention.date - now.date()).days > question.horizon_days:
        return Rejected("too_far", {"date": render_date(mention.date, now.date()), "days": str(question.horizon_days)})
    return mention


def _only(sentence: str, question: Question, now: dt.datetime, calendar: Calendar) -> TimeMention | None:
    """Return the one sure mention of a sentence; None where two could be meant."""
    usable = [each for each in find_times(sentence, now, calendar) if each.reason is None]
    sure = [each for each in usable if each.confidence >= SURE]
    if len(sure) != 1 or any(not each.flexible for each in usable if each is not sure[0]):
        return None
    mention = _checked(sure[0], question, now)
    return mention if isinstance(mention, TimeMention) else None


def _names_a_day(mention: TimeMention) -> bool:
    """Tell whether a sentence's mention says the day itself: a lone 15:30 or 下午三点 only implies today."""
    return mention.grain == "day" or bool(re.search(r"[天日号周期拜月今明昨节]|\d[-/]\d|后", fold(mention.text)))


def _day(mention: TimeMention, now: dt.datetime) -> Accepted | Rejected:
    day, last, today = mention.date, mention.end_date, now.date()
    if day is None:
        return Rejected("unrecognised")
    if last and mention.time is None:
        return Rejected("ambiguous", {"from": render_date(day, today), "to": render_date(last, today)})
    return Accepted(day.isoformat(), render_date(day, today))


def _clock(mention: TimeMention) -> Accepted | Rejected:
    if mention.time is None:
        return Rejected("vague", {"text": mention.text})
    if mention.end_time:
        return Rejected("ambiguous", {"from": f"{mention.time:%H:%M}", "to": f"{mention.end_time:%H:%M}"})
    return Accepted(f"{mention.time:%H:%M}", f"{mention.time:%H:%M}")


def _range(mention: TimeMention) -> Accepted | Rejected:
    if mention.time is None or mention.end_time is None:
        return Rejected("vague", {"text": mention.text})
    value: Value = {"from": f"{mention.time:%H:%M}", "to": f"{mention.end_time:%H:%M}"}
    return Accepted(value, render_clock(mention))


def _appointment(mention: TimeMention, now: dt.datetime) -> Accepted | Rejected:
    day, last = mention.date, mention.end_date
    if day is None or (last and last - day > _LONGEST_SPAN):
        return Rejected("vague", {"text": mention.text})
    value: dict[str, object] = {
        "on": day.isoformat(),
        "at": f"{mention.time:%H:%M}" if mention.time else None,
        "part": mention.part,
        "until": f"{mention.end_time:%H:%M}" if mention.end_time else None,
        "flexible": mention.flexible,
    }
    if mention.excluded:
        value["except"] = [each.isoformat() for each in mention.excluded]
    if last:
        value["on_until"] = last.isoformat()
    is_any_time = mention.flexible and day == now.date() and mention.grain == "day"
    return Accepted(value, mention.text if is_any_time else render_moment(mention, now.date()))

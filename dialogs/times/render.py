"""Write dates and moments the one way residents see them: 11月22日(周日) 15:00. find.py reads all of it back."""

from datetime import date

from dialogs.times.words import TimeMention

_DAYS = "一二三四五六日"


def render_date(day: date, today: date) -> str:
    """Write a day as 11月22日(周日); the year comes first when it is not today's."""
    year = "" if day.year == today.year else f"{day.year}年"
    return f"{year}{day.month}月{day.day}日(周{_DAYS[day.weekday()]})"


def render_moment(mention: TimeMention, today: date) -> str:
    """Write a mention as day, then part of the day or time; a span as 15:00-17:00, "until" as 17:00前."""
    crosses = mention.time is not None and mention.end_time is not None and mention.end_time <= mention.time
    words = [render_date(mention.date, today)] if mention.date else []
    if mention.end_date and not crosses:
        words = [f"{words[0]}-{render_date(mention.end_date, today)}"] if words else []
    clock = render_clock(mention)
    return " ".join([*words, clock] if clock else words)


def render_clock(mention: TimeMention) -> str:
    """Write the time of a mention without its day; empty where it has none."""
    if mention.time and mention.end_time:
        return f"{mention.time:%H:%M}-{mention.end_time:%H:%M}"
    if mention.end_time:
        return f"{mention.end_time:%H:%M}前"
    if mention.time is not None:
        return f"{mention.time:%H:%M}"
    return mention.part or ""

"""Days inside folded text: 明天, 下周三, 11月30号, 30号, 月底, 国庆节, 周一到周五.

Each matcher looks at one position and returns a DayHit or None. None of them knows clock times.
"""

import calendar as months
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from dialogs.times.festivals import match_festival
from dialogs.times.hits import DayHit, Today, safe_date, whole
from dialogs.times.words import DIGITS, NUM, SEP, WEEKDAY, Reason, number

_RELATIVE = {
    "大前天": -3, "前天": -2, "前日": -2, "昨天": -1, "昨日": -1, "昨": -1, "今天": 0, "今日": 0, "今儿": 0, "今": 0,
    "明天": 1, "明日": 1, "明儿": 1, "明": 1, "后天": 2, "后日": 2, "大后天": 3,
}  # fmt: skip
# 透明天花板, 以后天天, 午后天气: words that only look like a day
_RELATIVE_WORD = re.compile(
    r"大前天|大后天|(?<![以之])前[天日](?!天)|昨[天日]|今[天日儿]|(?<![透文说声证表鲜聪光英])明[天日儿]"
    r"|(?<![以今之最午前先])后[天日](?!天|花板|气温)|(?<![透文说声证表鲜聪光英])[昨今明](?=早|晚|晨|夜|上午|中午|下午|凌晨|傍晚)"
)
_YEAR = r"(?:(?P<year>今年|明年|后年|去年|前年|\d{4}年?|[零〇一二三四五六七八九]{4}年)的?\s?)?"
_MONTH = rf"(?:(?P<rel>下下个?|下个?|本|这个?|当|上个?)月|(?P<month>{NUM})月份?)"
_FULL = re.compile(r"(?<!\d)(?P<year>\d{4})\s?[-/.]\s?(?P<month>\d{1,2})\s?[-/.]\s?(?P<day>\d{1,2})日?(?![\d-])")
_MONTH_DAY = re.compile(
    rf"(?<![\d个]){_YEAR}{_MONTH}的?\s?(?P<day>{NUM})(?:(?P<mark>[日号])|(?![\d个天点时次周人户份元块年月分%:]))"
)
_MONTH_PART = re.compile(
    rf"(?<![\d个每]){_YEAR}(?:{_MONTH}|月)的?(?P<which>底|末|初|上旬|中旬|下旬|中(?!国|间|心|午|秋|介|央))"
)
_MONTH_ALONE = re.compile(rf"(?<![\d个]){_YEAR}{_MONTH}(?!费|卡|租|供|子|饼|嫂|经|度|报|票|\d)")
_YEAR_END = re.compile(r"(?P<year>今年|明年)?(?:年底|年末|岁末)")
_NO_PLACE = r"(?!单元|电梯|出口|入口|[楼栋幢座门院房室车线梯厅铺商公桌库机柜仓口球段井路地位店管码表学])"
_DAY = re.compile(
    rf"(?<![\d月第楼栋幢座元层房院区路街巷弄线住家是a-zA-Z])(?P<day>{NUM})(?:号{_NO_PLACE}|日(?!常|子|内|游|间|报|均|志|用))"
)
_DAY_HEAD = re.compile(rf"(?<![\d月.a-zA-Z-])(?P<day>{NUM})(?={SEP}{NUM}[号日]{_NO_PLACE})")
_DOT = re.compile(  # 11.30 is a price unless a time follows
    r"(?<![\d.])(?P<month>\d{1,2})(?P<mark>\.)(?P<day>\d{1,2})(?=\s?(?:日|号|上午|下午|早|晚|中午|凌晨|傍晚|周|星期|\d{1,2}:))"
)
_TWO_DAYS = re.compile(r"(?P<first>今明|明后)(?:两?天|(?=早|晚|上午|下午))")
_SLASH = re.compile(
    r"(?<![\d/.\-a-zA-Z])(?P<month>\d{1,2})(?P<mark>[-/])(?P<day>\d{1,2})"
    r"(?![\d/\-.a-zA-Z]|\s?(?:点|时|:|个|号|日|栋|天|人|次|楼|单元|层|分|户|元|岁|年|月|室|幢|小时|周|星期|平|块|度))"
)
_WEEK = re.compile(
    rf"(?P<rel>下下下?|下|上上?|这|本|当)?(?:一?个)?(?:周|星期|礼拜)"
    rf"(?:(?P<end>末|六[、/和到至-]?(?:周|星期|礼拜)?[日天](?!常))|(?P<day>{WEEKDAY})(?P<next>[二三四五六日](?![点号栋楼十次]))?(?!次|回|遍|趟|常|报|[\d:点栋号楼-]))"
)
_WEEK_ALONE = re.compile(r"(?P<rel>下下|下|上|这|本)(?:一?个)?(?:周|星期|礼拜)(?![围边期年转岁\d])")
_ECHO = re.compile(rf"\s?\(?\s?(?:周|星期|礼拜)(?P<day>{WEEKDAY})\s?\)?(?!次|常)")
_SEP = re.compile(SEP)
_WEEKDAYS = dict(zip("一二三四五六日天1234567", (*range(7), 6, *range(7)), strict=True))
_MONTH_PARTS = {"初": (1, 5), "上旬": (1, 10), "中": (13, 17), "中旬": (11, 20), "下旬": (21, 31)}
_THIS_YEAR = {"今年": 0, "明年": 1, "后年": 2, "去年": -1, "前年": -2}


def match_day(text: str, at: int, today: Today) -> DayHit | None:
    """Match a day or a span of days starting exactly here."""
    first = _match_one(text, at, today)
    if first is None:
        return None
    first = _with_echo(text, first)
    sep = _SEP.match(text, first.end)
    if first.day is None or first.last or not sep:
        return first
    last = _match_one(text, sep.end(), replace(today, base=first.day))
    if last is None or last.day is None or last.last:
        return first
    last = _with_echo(text, last)
    if last.day is None or last.day < first.day:
        return replace(first, end=last.end, reason="impossible", later=None)
    return replace(first, end=last.end, last=last.day, later=None, reason=first.reason or last.reason)


def _match_one(text: str, at: int, today: Today) -> DayHit | None:
    for matcher in _MATCHERS:
        hit = matcher(text, at, today)
        if hit:
            return hit
    return None


def _with_echo(text: str, hit: DayHit) -> DayHit:
    """Check a weekday written beside the date: 11月22日(周日). One that disagrees makes the day ambiguous."""
    echo = _ECHO.match(text, hit.end)
    if hit.day is None or hit.last or hit.is_weekday or not echo:
        return hit
    agrees = hit.day.weekday() == _WEEKDAYS[echo["day"]]
    return replace(hit, end=echo.end(), reason=hit.reason if agrees else "ambiguous")


def _relative(text: str, at: int, today: Today) -> DayHit | None:
    found = _RELATIVE_WORD.match(text, at)
    return DayHit(found.end(), today.on + timedelta(days=_RELATIVE[found[0]]), sure=0.95) if found else None


def _two_days(text: str, at: int, today: Today) -> DayHit | None:
    found = _TWO_DAYS.match(text, at)
    if not found:
        return None
    first = today.on + timedelta(days=found["first"] == "明后")
    return DayHit(found.end(), first, last=first + timedelta(days=1), sure=0.85)


def _full(text: str, at: int, today: Today) -> DayHit | None:
    found = _FULL.match(text, at)
    return whole(found.end(), int(found["year"]), int(found["month"]), int(found["day"])) if found else None


def _month_day(text: str, at: int, today: Today) -> DayHit | None:
    found = _MONTH_DAY.match(text, at)
    if not found or (found["rel"] and not found["mark"]):
        return None
    year, month, is_bare = _year_month(found, today)
    return _on(found.end(), year, month, number(found["day"]), today, is_bare=is_bare)


def _on(end: int, year: int, month: int, day: int, today: Today, *, is_bare: bool, sure: float = 0.95) -> DayHit:
    """Take the day of that year or, when no year was said and it is gone, the next year's."""
    on = safe_date(year, month, day)
    if is_bare and (on is None or on < today.base):
        leap = (month, day) == (2, 29)
        ahead = (safe_date(year + n, month, day) for n in range(1, 9 if leap else 2))
        on = next((each for each in ahead if each), None)
    return DayHit(end, on, sure=sure, reason=None if on else "impossible")


def _year_month(found: re.Match[str], today: Today) -> tuple[int, int, bool]:
    """Return year, month and whether no year was said."""
    base = today.base
    if found["rel"]:
        step = {"下下": 2, "下": 1, "上": -1}.get(found["rel"].removesuffix("个"), 0)
        return *month_after(today.on, step), False
    year = _year(found["year"], today)
    month = number(found["month"]) if found["month"] else base.month
    return year if year is not None else base.year, month, year is None


def _year(word: str | None, today: Today) -> int | None:
    if not word:
        return None
    if word in _THIS_YEAR:
        return today.on.year + _THIS_YEAR[word]
    digits = word.removesuffix("年")
    return int(digits) if digits.isdecimal() else int("".join(str(DIGITS[char]) for char in digits))


def month_after(day: date, step: int) -> tuple[int, int]:
    """Return (year, month) some months after the day."""
    year, month = divmod(day.year * 12 + day.month - 1 + step, 12)
    return year, month + 1


def _month_part(text: str, at: int, today: Today) -> DayHit | None:
    found = _MONTH_PART.match(text, at)
    if not found:
        return None
    year, month, is_bare = _year_month(found, today)
    hit = _span(found.end(), year, month, found["which"])
    if is_bare and hit.last and hit.last < today.base:
        following = (year + 1, month) if found["month"] else month_after(date(year, month, 1), 1)
        hit = _span(found.end(), *following, found["which"])
    return _not_begun(hit, today.on)


def _span(end: int, year: int, month: int, which: str) -> DayHit:
    if not (1 <= month <= 12 and 1 <= year <= 9999):
        return DayHit(end, None, reason="impossible")
    size = months.monthrange(year, month)[1]
    first, last = (size - 4, size) if which in "底末" else _MONTH_PARTS[which]
    return DayHit(end, date(year, month, first), last=date(year, month, min(last, size)), sure=0.75)


def _not_begun(hit: DayHit, today: date) -> DayHit:
    """Cut off the days of a span that are already gone."""
    if hit.day and hit.last and hit.day < today <= hit.last:
        return replace(hit, day=today)
    return hit


def _month_alone(text: str, at: int, today: Today) -> DayHit | None:
    found = _MONTH_ALONE.match(text, at)
    if not found:
        return None
    year, month, is_bare = _year_month(found, today)
    if not (1 <= month <= 12 and 1 <= year <= 9999):
        return None
    if is_bare and month < today.on.month:
        year += 1
    last = date(year, month, months.monthrange(year, month)[1])
    return _not_begun(DayHit(found.end(), date(year, month, 1), last=last, sure=0.45), today.on)


def _year_end(text: str, at: int, today: Today) -> DayHit | None:
    found = _YEAR_END.match(text, at)
    if not found:
        return None
    year = _year(found["year"], today) or today.on.year
    return _not_begun(DayHit(found.end(), date(year, 12, 25), last=date(year, 12, 31), sure=0.6), today.on)


def _day(text: str, at: int, today: Today) -> DayHit | None:
    """Read 30号: in this month or the next one that has the day and has not passed it."""
    found = _DAY.match(text, at) or _DAY_HEAD.match(text, at)
    if not found or number(found["day"]) > 99:
        return None
    day = number(found["day"])
    ahead = (safe_date(*month_after(today.base, step), day) for step in range(3))
    on = next((each for each in ahead if each and each >= today.base), None)
    return DayHit(found.end(), on, sure=0.8, reason=None if on else "impossible")


def _slash(text: str, at: int, today: Today) -> DayHit | None:
    found = _SLASH.match(text, at) or _DOT.match(text, at)
    if not found or not (1 <= int(found["month"]) <= 12 and 1 <= int(found["day"]) <= 31):
        return None
    sure = 0.65 if found["mark"] == "-" else 0.75
    return _on(found.end(), today.base.year, int(found["month"]), int(found["day"]), today, is_bare=True, sure=sure)


def _week(text: str, at: int, today: Today) -> DayHit | None:
    found = _WEEK.match(text, at)
    before = text[:at]
    if not found or (not found["rel"] and re.search(r"[一二三四五六七八九十两几个\d]$", before)):
        return None
    if before.endswith("每"):
        return DayHit(found.end(), None, sure=0.5, reason="vague")  # 每周三 is a habit, not a day
    base = today.on if found["rel"] else today.base
    monday = base - timedelta(days=base.weekday()) + timedelta(weeks=_weeks(found["rel"]))
    if found["end"]:
        saturday = monday + timedelta(days=5)
        hit = DayHit(found.end(), saturday, last=saturday + timedelta(days=1), sure=0.85, is_weekday=True)
        return _not_begun(hit, base)
    on = monday + timedelta(days=_WEEKDAYS[found["day"]])
    if found["next"]:
        return _two_weekdays(found, on, base)
    if found["rel"]:
        return DayHit(found.end(), on, sure=0.92, is_weekday=True)
    on += timedelta(weeks=on < base)
    return DayHit(found.end(), on, later=on + timedelta(weeks=1), sure=0.9, is_weekday=True)


def _two_weekdays(found: re.Match[str], on: date, base: date) -> DayHit:
    """Read 周一二 as both days; two that do not follow each other are ambiguous."""
    last = on + timedelta(days=1)
    follows = _WEEKDAYS[found["next"]] == last.weekday()
    week = timedelta(weeks=not found["rel"] and last < base)
    reason: Reason | None = None if follows else "ambiguous"
    return DayHit(found.end(), on + week, last=last + week, sure=0.8, is_weekday=True, reason=reason)


def _weeks(rel: str | None) -> int:
    return {"下": 1, "下下": 2, "下下下": 3, "上": -1, "上上": -2}.get(rel or "", 0)


def _week_alone(text: str, at: int, today: Today) -> DayHit | None:
    found = _WEEK_ALONE.match(text, at)
    if not found:
        return None
    monday = today.on - timedelta(days=today.on.weekday()) + timedelta(weeks=_weeks(found["rel"]))
    return _not_begun(DayHit(found.end(), monday, last=monday + timedelta(days=6), sure=0.5), today.on)


_MATCHERS: tuple[Callable[[str, int, Today], DayHit | None], ...] = (
    match_festival, _full, _month_day, _month_part, _year_end, _week, _week_alone, _two_days,
    _relative, _day, _slash,
    _month_alone,
)  # fmt: skip

"""Holidays, make-up days and festivals, and what happens in a year nobody has published yet."""

import json
from datetime import date
from pathlib import Path

import pytest

from dialogs.calendar import parse_calendar

ROOT = Path(__file__).resolve().parents[2]
DATA = json.loads((ROOT / "content/calendar/holiday_cn.json").read_text("utf-8"))
CALENDAR = parse_calendar(DATA)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-02-14", True), ("2026-02-17", False), ("2026-02-28", True), ("2026-10-07", False), ("2026-10-08", True),
        ("2026-11-20", True), ("2026-11-21", False), ("2025-10-11", True), ("2025-01-01", False), ("2027-10-01", True),
    ],
)  # fmt: skip
def test_days_off_and_make_up_days_follow_the_notice(day, works):
    assert CALENDAR.is_workday(date.fromisoformat(day)) is works


def test_a_year_without_a_notice_falls_back_to_weekdays_and_says_so():
    assert (CALENDAR.is_known(2026), CALENDAR.is_known(2027)) == (True, False)
    assert CALENDAR.is_workday(date(2027, 5, 3)) is True
    assert CALENDAR.is_workday(date(2027, 5, 1)) is False


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [("2026-11-20", 1, "2026-11-23"), ("2026-09-30", 1, "2026-10-08"), ("2026-10-09", 1, "2026-10-10"),
     ("2026-11-23", -1, "2026-11-20"), ("2026-11-21", 0, "2026-11-21"), ("2026-11-21", 7, "2026-12-01")],
)  # fmt: skip
def test_working_days_are_counted_over_holidays(start, count, end):
    assert CALENDAR.add_workdays(date.fromisoformat(start), count) == date.fromisoformat(end)


def test_each_year_has_the_number_of_days_its_notice_gives():
    off = [sum(day.year == year for day in CALENDAR.offdays) for year in (2025, 2026)]
    makeup = [sum(day.year == year for day in CALENDAR.workdays) for year in (2025, 2026)]

    assert (off, makeup) == ([28, 33], [5, 6])
    assert all(day.weekday() >= 5 for day in CALENDAR.workdays)


def test_a_festival_is_the_next_one_and_unknown_years_give_none():
    assert CALENDAR.festival("中秋节", date(2026, 9, 25)) == date(2026, 9, 25)
    assert CALENDAR.festival("中秋节", date(2026, 9, 26)) == date(2027, 9, 15)
    assert CALENDAR.festival("国庆", date(2031, 10, 2)) == date(2032, 10, 1)
    assert CALENDAR.festival("春节", date(2031, 1, 1)) is None
    assert CALENDAR.festival("泼水节", date(2026, 1, 1)) is None


def test_new_years_eve_is_the_day_before_spring_festival_every_year():
    pairs = zip(CALENDAR.tabled["除夕"], CALENDAR.tabled["春节"], strict=True)

    assert {(first - eve).days for eve, first in pairs} == {1}


@pytest.mark.parametrize(
    "wrong",
    [{"lunar": {"春节": ["2026-02-31"]}}, {"fixed": {"某节": "02-29"}}, {"aliases": {"甲": "乙"}},
     {"years": {"2026": {"holidays": {"甲": ["2026-01-03", "2026-01-01"]}, "workdays": []}}}],
)  # fmt: skip
def test_a_wrong_entry_is_refused(wrong):
    with pytest.raises(ValueError, match=r"calendar entry|alias"):
        parse_calendar(wrong)

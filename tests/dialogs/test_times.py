"""Every expression residents use for booking, read on Saturday 2026-11-21 at 10:00 in Shanghai."""

import json
from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from dialogs.calendar import Calendar, parse_calendar
from dialogs.times.find import find_times
from dialogs.times.moment import parse_moment
from dialogs.times.render import render_date, render_moment

ROOT = Path(__file__).resolve().parents[2]
CALENDAR = parse_calendar(json.loads((ROOT / "content/calendar/holiday_cn.json").read_text("utf-8")))
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))

DAYS = {
    "今天": "11-21", "明天": "11-22", "后天": "11-23", "後天": "11-23", "大后天": "11-24", "明日": "11-22",
    "下周三": "11-25", "下週三": "11-25", "周五": "11-27", "星期五": "11-27", "礼拜五": "11-27", "禮拜五": "11-27",
    "周六": "11-21", "周日": "11-22", "周天": "11-22", "星期天": "11-22", "这周日": "11-22", "下周日": "11-29",
    "下下周一": "11-30", "下个星期一": "11-23", "下个月5号": "12-05", "下月五号": "12-05", "11月30号": "11-30",
    "11月30日": "11-30", "11-30": "11-30", "11/30": "11-30", "2026-11-30": "11-30", "2026/11/30": "11-30",
    "2026年11月30日": "11-30", "二〇二六年十一月三十日": "11-30", "30号": "11-30", "三十号": "11-30", "20号": "12-20",
    "31号": "12-31", "3天后": "11-24", "三天后": "11-24", "一周后": "11-28", "两个星期后": "12-05",
    "明天周日": "11-22",
    "11月22日(周日)": "11-22", "１１月３０日": "11-30", "20261130": "11-30", "再过三天": "11-24",
    "十二月一日": "12-01",
}  # fmt: skip

LATER_DAYS = {
    "国庆": "2027-10-01", "国庆节": "2027-10-01", "國慶節": "2027-10-01", "元旦": "2027-01-01", "春节": "2027-02-06",
    "过年": "2027-02-06", "中秋": "2027-09-15", "中秋节": "2027-09-15", "端午": "2027-06-09", "端午节": "2027-06-09",
    "清明": "2027-04-05", "劳动节": "2027-05-01", "五一": "2027-05-01", "元宵节": "2027-02-20",
    "大年三十": "2027-02-05", "除夕": "2027-02-05", "重阳节": "2027-10-08", "大年初三": "2027-02-08",
    "明年春节": "2027-02-06", "圣诞节": "2026-12-25", "11月20日": "2027-11-20", "2月29日": "2028-02-29",
    "5月1号": "2027-05-01", "五月一号": "2027-05-01", "2027-01-03": "2027-01-03", "一个月后": "2026-12-21",
    "明年3月5号": "2027-03-05",
}  # fmt: skip

MOMENTS = {
    "明早": "11月22日(周日) 早上", "明晚": "11月22日(周日) 晚上", "今晚": "11月21日(周六) 晚上",
    "后天上午": "11月23日(周一) 上午", "中午": "11月21日(周六) 中午", "傍晚": "11月21日(周六) 傍晚",
    "凌晨": "11月22日(周日) 凌晨", "早上": "11月22日(周日) 早上", "周六上午": "11月21日(周六) 上午",
    "明天下午三点": "11月22日(周日) 15:00", "明天下午3点半": "11月22日(周日) 15:30",
    "明天下午３點": "11月22日(周日) 15:00",
    "明早九点": "11月22日(周日) 09:00", "下周三晚上八点": "11月25日(周三) 20:00",
    "11月30号下午两点": "11月30日(周一) 14:00",
    "3点一刻": "11月21日(周六) 15:15", "三点三刻": "11月21日(周六) 15:45", "四点零五分": "11月21日(周六) 16:05",
    "十点二十": "11月21日(周六) 10:20", "15:30": "11月21日(周六) 15:30", "１５：３０": "11月21日(周六) 15:30",
    "15点": "11月21日(周六) 15:00", "15点30": "11月21日(周六) 15:30", "十五时": "11月21日(周六) 15:00",
    "下午3:30": "11月21日(周六) 15:30", "3:30": "11月21日(周六) 15:30", "03:30": "11月22日(周日) 03:30",
    "三点": "11月21日(周六) 15:00", "9点": "11月22日(周日) 09:00", "明天三点": "11月22日(周日) 15:00",
    "今天9点": "11月21日(周六) 21:00", "周六早上九点": "11月28日(周六) 09:00", "下午十二点": "11月21日(周六) 12:00",
    "晚上十二点": "11月22日(周日) 00:00", "明天晚上十二点": "11月23日(周一) 00:00", "24:00": "11月22日(周日) 00:00",
    "今晚一点半": "11月22日(周日) 01:30", "明天凌晨两点": "11月22日(周日) 02:00",
    "明天中午十二点": "11月22日(周日) 12:00",
    "半小时后": "11月21日(周六) 10:30", "半个小时后": "11月21日(周六) 10:30", "一个小时后": "11月21日(周六) 11:00",
    "两小时后": "11月21日(周六) 12:00", "一个半小时后": "11月21日(周六) 11:30", "过半小时": "11月21日(周六) 10:30",
    "30分钟内": "11月21日(周六) 10:00-10:30", "下午三点到五点": "11月21日(周六) 15:00-17:00",
    "下午三点-五点": "11月21日(周六) 15:00-17:00", "3-5点": "11月21日(周六) 15:00-17:00",
    "9:00-11:00": "11月22日(周日) 09:00-11:00", "明天下午七八点": "11月22日(周日) 19:00-20:00",
    "明天上午十点到下午两点": "11月22日(周日) 10:00-14:00", "今天9点到11点": "11月21日(周六) 09:00-11:00",
    "晚上十点到两点": "11月21日(周六) 22:00-02:00", "明天下午三点以后": "11月22日(周日) 15:00",
    "明天下午三点前": "11月22日(周日) 15:00前", "下午三点，明天": "11月22日(周日) 15:00",
    "这个周末": "11月21日(周六)-11月22日(周日)", "这周末": "11月21日(周六)-11月22日(周日)",
    "周末": "11月21日(周六)-11月22日(周日)", "下周末": "11月28日(周六)-11月29日(周日)",
    "周六周日": "11月21日(周六)-11月22日(周日)", "周一到周五": "11月23日(周一)-11月27日(周五)",
    "1号到3号": "12月1日(周二)-12月3日(周四)", "1-3号": "12月1日(周二)-12月3日(周四)",
    "三天后下午三点": "11月24日(周二) 15:00", "两天后上午": "11月23日(周一) 上午",
    "明后天": "11月22日(周日)-11月23日(周一)", "今明两天": "11月21日(周六)-11月22日(周日)",
    "下周一二": "11月23日(周一)-11月24日(周二)", "11.30下午": "11月30日(周一) 下午",
    "2026-11-30T15:00": "11月30日(周一) 15:00", "一点。": "11月21日(周六) 13:00",
    "月底": "11月26日(周四)-11月30日(周一)", "月初": "12月1日(周二)-12月5日(周六)",
    "下周": "11月23日(周一)-11月29日(周日)", "2027年1月3日上午": "2027年1月3日(周日) 上午",
}  # fmt: skip

REASONS = {
    "昨天": "past", "昨晚八点": "past", "本周五": "past", "上周五": "past", "今天早上八点": "past",
    "本月20号": "past",
    "2020年1月1日": "past", "2月30日": "impossible", "25点": "impossible", "明天25点": "impossible",
    "15:60": "impossible",
    "13月1日": "impossible", "32号": "impossible", "下午五点到三点": "impossible", "2040-01-01": "too_far",
    "过两天": "vague", "改天": "vague", "最近": "vague", "有空再说": "vague", "国庆前": "vague", "每周三": "vague",
    "工作日晚上": "vague", "下班后": "vague", "周二四": "ambiguous",
    "除了周三": "excluded", "周三不行": "excluded", "不要明天": "excluded", "除了周三和周四": "excluded",
    "明天或者后天": "ambiguous", "11月22日(周一)": "ambiguous", "周六或周日下午": "ambiguous",
}  # fmt: skip

NO_TIME = [
    "", "你好", "透明天花板漏水", "一点水", "有一点漏", "第三点", "两点建议", "三点五米", "3号楼", "我住3号楼502",
    "3-1-502",
    "一周一次", "快一点", "3个", "13812345678", "厨房漏水", "4/5G信号不好", "五一路58号楼", "中秋快乐", "3小时",
    "12.5元",
]  # fmt: skip


def moment(text: str, now: datetime = NOW):
    return parse_moment(text, now, CALENDAR)


@pytest.mark.parametrize(("text", "day"), [*((k, f"2026-{v}") for k, v in DAYS.items()), *LATER_DAYS.items()])
def test_a_day_is_read(text, day):
    found = moment(text)

    assert found is not None
    assert (found.date, found.reason, found.grain, found.time) == (date.fromisoformat(day), None, "day", None)


@pytest.mark.parametrize(("text", "written"), MOMENTS.items())
def test_a_moment_is_read_and_written_back(text, written):
    found = moment(text)

    assert found is not None
    assert (render_moment(found, NOW.date()), found.reason) == (written, None)


@pytest.mark.parametrize(("text", "reason"), REASONS.items())
def test_what_cannot_be_booked_has_its_reason(text, reason):
    found = moment(text)

    assert found is not None
    assert found.reason == reason


@pytest.mark.parametrize("text", NO_TIME)
def test_words_that_only_look_like_a_time_are_none(text):
    assert find_times(text, NOW, CALENDAR) == []


@pytest.mark.parametrize(
    "text", ["随时", "随时都行", "都可以", "尽快", "越快越好", "现在", "马上", "盡快", "什么时候都行", "除了周三都行"]
)
def test_any_time_and_as_soon_as_possible_are_flexible(text):
    found = moment(text)

    assert found is not None
    assert (found.flexible, found.date, found.time, found.reason) == (True, NOW.date(), None, None)


def test_any_time_on_a_day_keeps_the_day():
    found = moment("明天随时都行")

    assert (found.date, found.flexible) == (date(2026, 11, 22), True)


@pytest.mark.parametrize(
    ("sentence", "words", "written"),
    [
        ("厨房水管漏水，麻烦明天下午三点过来", "明天下午三点", "11月22日(周日) 15:00"),
        ("周三有事，周四下午三点吧", "周四下午三点", "11月26日(周四) 15:00"),
        ("昨天坏的，下午三点来", "下午三点", "11月21日(周六) 15:00"),
        ("不是明天是后天", "后天", "11月23日(周一)"),
        ("我住3号楼502，11月30号下午两点在家", "11月30号下午两点", "11月30日(周一) 14:00"),
        ("一周打扫一次，从下周一开始", "下周一", "11月23日(周一)"),
    ],
)
def test_the_right_time_is_taken_out_of_a_sentence(sentence, words, written):
    found = moment(sentence)

    assert (found.text, render_moment(found, NOW.date())) == (words, written)


@pytest.mark.parametrize(
    ("text", "day", "at"),
    [
        ("明早九点", date(2026, 11, 22), time(9)),  # was today 09:00
        ("元宵节", date(2027, 2, 20), None),  # was a date of last spring
        ("半小时后", date(2026, 11, 21), time(10, 30)),  # was a span of 30 minutes
    ],
)
def test_what_a_well_known_parser_gets_wrong_is_right_here(text, day, at):
    found = moment(text)

    assert (found.date, found.time, found.end_time) == (day, at, None)


def test_a_weekend_is_both_days():
    found = moment("这个周末", datetime(2026, 11, 18, 9, tzinfo=NOW.tzinfo))

    assert (found.date, found.end_date) == (date(2026, 11, 21), date(2026, 11, 22))


def test_a_lone_hour_is_less_sure_than_one_with_its_part_of_the_day():
    assert moment("三点").confidence < moment("明天三点").confidence < moment("明天下午三点").confidence


def test_the_holiday_of_a_festival_is_a_span_where_the_notice_is_known():
    found = moment("国庆假期", datetime(2026, 9, 1, 9, tzinfo=NOW.tzinfo))

    assert (found.date, found.end_date) == (date(2026, 10, 1), date(2026, 10, 7))


def test_an_empty_calendar_knows_no_festival_and_does_not_fail():
    assert parse_moment("中秋", NOW, Calendar()) is None


def test_the_year_is_written_when_it_is_not_this_one():
    assert render_date(date(2026, 11, 22), NOW.date()) == "11月22日(周日)"
    assert render_date(date(2027, 1, 3), NOW.date()) == "2027年1月3日(周日)"

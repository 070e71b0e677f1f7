"""Dates, times, appointments and spans as answers, on Saturday 2026-11-21 at 10:00 in Shanghai."""

import json
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialogs.answers.base import Accepted, AnswerType, Heard, Question, Rejected, Shown
from dialogs.answers.kinds import ANSWERS
from dialogs.calendar import parse_calendar

ROOT = Path(__file__).resolve().parents[2]
CALENDAR = parse_calendar(json.loads((ROOT / "content/calendar/holiday_cn.json").read_text("utf-8")))
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


def read(kind: str, text: str, **known):
    question = Question(AnswerType(kind), **known)
    return ANSWERS[question.type].read(Heard("text", text), question, NOW, CALENDAR)


def extract(kind: str, text: str):
    question = Question(AnswerType(kind))
    found = ANSWERS[question.type].extract(text, question, NOW, CALENDAR)
    return found.value if found else None


def outcome(answer):
    return answer.value if isinstance(answer, Accepted) else f"!{answer.reason}"


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("date", "明天", "2026-11-22"), ("date", "11月30号", "2026-11-30"), ("date", "22", "2026-11-22"),
        ("date", "1130", "2026-11-30"), ("date", "11.30", "2026-11-30"), ("date", "20261130", "2026-11-30"),
        ("date", "明天下午三点", "2026-11-22"), ("date", "国庆节", "2027-10-01"), ("date", "昨天", "!past"),
        ("date", "2月30日", "!impossible"), ("date", "这个周末", "!ambiguous"), ("date", "改天", "!vague"),
        ("date", "除了周三", "!excluded"), ("date", "2028-12-01", "!too_far"), ("date", "你好", "!unrecognised"),
        ("time", "15:00", "15:00"), ("time", "下午三点半", "15:30"), ("time", "3点", "15:00"), ("time", "9点",
        "09:00"),
        ("time", "15", "15:00"), ("time", "1530", "15:30"), ("time", "15.30", "15:30"), ("time", "三", "15:00"),
        ("time", "早上八点", "08:00"), ("time", "上午", "!vague"), ("time", "25点", "!impossible"),
        ("time", "三点到五点", "!ambiguous"), ("time", "明天", "!vague"), ("time", "你好", "!unrecognised"),
        ("timerange", "下午三点到五点", {"from": "15:00", "to": "17:00"}),
        ("timerange", "9:00-11:00", {"from": "09:00", "to": "11:00"}), ("timerange", "3-5点", {"from": "15:00",
        "to": "17:00"}),
        ("timerange", "九点到五点", {"from": "09:00", "to": "17:00"}), ("timerange", "下午三点", "!vague"),
        ("timerange", "9-11", {"from": "09:00", "to": "11:00"}), ("time", "15。", "15:00"),
        ("date", "22。", "2026-11-22"),
        ("timerange", "下午五点到三点", "!impossible"),
        ("datetime", "下周", "!vague"), ("datetime", "昨天下午三点", "!past"), ("datetime", "明天或者后天",
        "!ambiguous"),
        ("datetime", "明天25点", "!impossible"), ("datetime", "好", "!unrecognised"),
    ],
)  # fmt: skip
def test_a_moment_is_read_as_the_question_wants_it(kind, text, expected):
    assert outcome(read(kind, text)) == expected


@pytest.mark.parametrize(
    ("text", "value", "label"),
    [
        ("明天下午三点", {"on": "2026-11-22", "at": "15:00", "part": "下午"}, "11月22日(周日) 15:00"),
        ("明天下午", {"on": "2026-11-22", "part": "下午"}, "11月22日(周日) 下午"),
        ("明天", {"on": "2026-11-22"}, "11月22日(周日)"),
        (
            "明天下午三点到五点",
            {"on": "2026-11-22", "at": "15:00", "part": "下午", "until": "17:00"},
            "11月22日(周日) 15:00-17:00",
        ),
        ("明天随时", {"on": "2026-11-22", "flexible": True}, "11月22日(周日)"),
        ("国庆随时", {"on": "2027-10-01", "flexible": True}, "2027年10月1日(周五)"),
        ("除了周三都行", {"on": "2026-11-21", "flexible": True, "except": ["2026-11-25"]}, "除了周三都行"),
        ("尽快", {"on": "2026-11-21", "flexible": True}, "尽快"),
        ("这个周末", {"on": "2026-11-21", "on_until": "2026-11-22"}, "11月21日(周六)-11月22日(周日)"),
        ("明早", {"on": "2026-11-22", "part": "早上"}, "11月22日(周日) 早上"),
    ],
)
def test_an_appointment_keeps_what_was_said_and_reads_it_back(text, value, label):
    blank = {"on": None, "at": None, "part": None, "until": None, "flexible": False}

    assert read("datetime", text) == Accepted(blank | value, label)


def test_a_past_date_is_an_answer_where_the_question_allows_it():
    assert outcome(read("date", "2019年5月1日", is_past_allowed=True)) == "2019-05-01"
    assert outcome(read("date", "2019年5月1日")) == "!past"


def test_a_day_beyond_the_horizon_of_the_question_is_too_far():
    assert read("datetime", "12月20号", horizon_days=14) == Rejected("too_far", {"date": "12月20日(周日)", "days": "14"})


def test_the_reason_tells_which_words_and_day_it_means():
    assert read("date", "昨天") == Rejected("past", {"text": "昨天", "date": "11月20日(周五)"})


@pytest.mark.parametrize(
    ("kind", "sentence", "expected"),
    [
        ("datetime", "明天下午三点来修水管", {"on": "2026-11-22", "at": "15:00", "part": "下午", "until": None,
        "flexible": False}),
        ("datetime", "水管漏了尽快来", {"on": "2026-11-21", "at": None, "part": None, "until": None,
        "flexible": True}),
        ("datetime", "晚上漏水", None), ("datetime", "现在漏水了", None), ("datetime", "昨天就漏水了", None),
        ("datetime", "三点来吧", None), ("datetime", "除了周三都行", None), ("datetime", "明天不在家", None),
        ("datetime", "明天或者后天来", None), ("datetime", "水龙头有一点漏", None), ("datetime", "改天来", None),
        ("date", "后天帮我擦窗", "2026-11-23"), ("date", "下午三点来", None), ("date", "尽快来", None), ("date",
        "这个周末来", None),
        ("time", "明天下午三点来修", "15:00"), ("time", "明天来修", None),
        ("timerange", "明天下午三点到五点在家", {"from": "15:00", "to": "17:00"}), ("timerange",
        "明天下午三点", None),
    ],
)  # fmt: skip
def test_only_a_sure_moment_is_taken_from_a_first_sentence(kind, sentence, expected):
    assert extract(kind, sentence) == expected


OPTIONS = (Shown(1, "a", "是", ("对",)), Shown(2, "b", "没有"), Shown(12, "c", "(全部)+*", ("[", "")))
ALPHABET = "一二三十百千万亿点半零两元块毛角分0123456789.-,、和到楼栋单元室号 不要没"
TEXTS = st.one_of(st.text(max_size=30), st.text(ALPHABET, max_size=12))


@given(TEXTS, st.sampled_from(sorted(ANSWERS)))
@settings(max_examples=1500)
def test_no_text_makes_any_answer_type_raise(text, kind):
    for known in ({}, {"options": OPTIONS, "rooms": ("3栋-1单元-502", ""), "unit": "元", "min": 1, "max": 9}):
        question = Question(kind, **known)
        answer = ANSWERS[kind].read(Heard("text", text), question, NOW, CALENDAR)
        assert isinstance(answer, Accepted | Rejected)
        if isinstance(answer, Accepted):
            json.dumps(answer.value, allow_nan=False)
        found = ANSWERS[kind].extract(text, question, NOW, CALENDAR)
        assert found is None or isinstance(found, Accepted)

"""What holds for any text: no exception, spans inside the text, nothing in the past without its reason."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialogs.calendar import parse_calendar
from dialogs.times import clock, days, festivals, offsets
from dialogs.times.find import _list_beginnings, find_times
from dialogs.times.moment import parse_moment
from dialogs.times.render import render_moment
from dialogs.times.words import TimeMention, fold

CALENDAR = parse_calendar(
    {"fixed": {"国庆": "10-01"}, "lunar": {"春节": ["2026-02-17", "2027-02-06"]}, "aliases": {"过年": "春节"}}
)
ZONE = ZoneInfo("Asia/Shanghai")
VOCABULARY = """
今天 明天 后天 下 上 周 周三 周末 星期 礼拜日 月 月底 号 日 年 早 晚 上午 下午 晚上 凌晨 中午 点 半 刻 分 时 小时
后 内 前 到 至 - / : 一 二 三 十 二十 三十 零 1 2 9 12 13 25 30 31 60 99 2026 随时 尽快 除了 不要 国庆 过年 假期
期间 个 天 过 的 ， 。 （ ） ½ ㈱ Ⅻ １ 點
"""
WORDS = VOCABULARY.split()
START = datetime(2024, 1, 1, tzinfo=ZONE)
moments = st.integers(0, 9 * 365 * 86_400).map(lambda seconds: START + timedelta(seconds=seconds))
texts = st.one_of(st.text(max_size=40), st.lists(st.sampled_from(WORDS), max_size=9).map("".join))


@given(texts, moments)
@settings(max_examples=600)
def test_any_text_is_read_without_an_exception_and_spans_lie_inside_it(text, now):
    end = 0
    for mention in find_times(text, now, CALENDAR):
        assert end <= mention.start_index < mention.end_index <= len(text)
        assert mention.text == text[mention.start_index : mention.end_index]
        assert 0 <= mention.confidence <= 1
        end = mention.end_index
    parse_moment(text, now, CALENDAR)


# looked for behind a piece that has begun
BEHIND = {"clock": ("_SEP", "_ABOUT", "_AFTER", "_BEFORE"), "days": ("_ECHO", "_SEP")}


@pytest.mark.parametrize("module", [clock, days, festivals, offsets])
def test_whatever_a_pattern_matches_begins_where_times_are_looked_for(module):
    beginnings = _list_beginnings(CALENDAR.festival_names)
    found = {name: each for name, each in vars(module).items() if isinstance(each, re.Pattern)}
    found |= {f"any{sure}": each for sure, each in vars(module).get("_ANY_TIME", ())}
    if module is festivals:
        found["names"] = festivals._names(CALENDAR.festival_names)
    patterns = [each for name, each in found.items() if name not in BEHIND.get(module.__name__.rpartition(".")[2], ())]
    assert patterns

    @given(st.sampled_from(patterns).flatmap(lambda pattern: st.tuples(st.just(pattern), st.from_regex(pattern))))
    @settings(max_examples=400)
    def check(drawn):
        pattern, text = drawn
        for at in range(len(text)):
            if pattern.match(text, at):
                assert beginnings.match(text, at), (pattern.pattern, text[at:])

    check()


@given(texts, moments)
@settings(max_examples=600)
def test_nothing_lies_in_the_past_unless_its_reason_says_so(text, now):
    for mention in find_times(text, now, CALENDAR):
        if mention.reason is None:
            assert mention.date is not None
            assert _end(mention) >= now.replace(tzinfo=None, second=0, microsecond=0)


@given(moments, st.integers(0, 300), st.integers(0, 1439), st.sampled_from(["day", "part", "minute", "span", "until"]))
@settings(max_examples=300)
def test_what_is_written_is_read_back_as_the_same_moment(now, days, minute, shape):
    day = now.date() + timedelta(days=days + 1)
    at = (START + timedelta(minutes=minute)).time()
    later = (START + timedelta(minutes=min(minute + 60, 1439))).time()
    shapes = {
        "day": {}, "part": {"grain": "part", "part": "上午"}, "minute": {"grain": "minute", "time": at},
        "span": {"grain": "minute", "time": at, "end_time": later} if later > at else {},
        "until": {"grain": "minute", "end_time": at},
    }  # fmt: skip
    written = render_moment(TimeMention(0, 0, "", date=day, **shapes[shape]), now.date())

    found = parse_moment(written, now, CALENDAR)

    assert found is not None
    assert found.reason is None
    assert (found.date, render_moment(found, now.date()), found.text) == (day, written, written)


@given(st.text(max_size=60))
def test_folding_keeps_every_character_in_its_place(text):
    assert len(fold(text)) == len(text)


def _end(mention: TimeMention) -> datetime:
    last = mention.end_date or mention.date
    at = mention.end_time or mention.time
    if at is None or mention.end_date:
        return datetime.combine(last, datetime.max.time())
    return datetime.combine(last, at)

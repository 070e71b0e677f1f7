from __future__ import annotations

import json
import logging
from zoneinfo import ZoneInfo

import pytest

from bot.logs import LineFormatter, mask

ZONE = ZoneInfo("Asia/Shanghai")
OPENID = "oABCDE1234567890abcdefghij_-"


def record(words: str, *args: object, error: BaseException | None = None) -> logging.LogRecord:
    trace = (type(error), error, error.__traceback__) if error else None
    made = logging.LogRecord("bot.webhook", logging.INFO, __file__, 1, words, args, trace)
    made.created = 0.0
    return made


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("来电 13812345678。", "来电 138****5678。"),
        ("+8613812345678", "138****5678"),
        ("no=D2611210001 at=1763752578000", "no=D2611210001 at=1763752578000"),
        (f"from={OPENID} step=a", "from=oABCDE… step=a"),
        ("GET /cgi-bin/token?appid=wx1&secret=s3cr3t&x=1", "GET /cgi-bin/token?appid=wx1&secret=***&x=1"),
        ('{"access_token": "90_abc", "n": 1}', '{"access_token": "***", "n": 1}'),
        ("postgresql+psycopg://me:pass@db/x", "postgresql+psycopg://me:***@db/x"),
    ],
)
def test_a_line_holds_neither_personal_data_nor_secrets(said, kept):
    assert mask(said) == kept


def test_a_record_is_one_line_in_the_estates_time():
    line = LineFormatter("web", ZONE).format(record("turn %s\nend", "x"))
    assert line == "1970-01-01T08:00:00.000+08:00 INFO web bot.webhook: turn x\\nend"


def test_a_traceback_is_masked_and_stays_in_the_line():
    try:
        int("call 13812345678")
    except ValueError as error:
        line = LineFormatter("web", ZONE).format(record("failed", error=error))
    assert "\n" not in line
    assert "'call 138****5678'" in line


def test_json_lines_can_be_read_back():
    line = LineFormatter("web", ZONE, is_json=True).format(record('say "%s"', "13812345678"))
    assert json.loads(line)["message"] == 'say "138****5678"'

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from bot import logs
from bot.logs import LineFormatter, SoonHandler, mask
from tests.faults.processes import wait_for

ZONE = ZoneInfo("Asia/Shanghai")
OPENID = "oABCDE1234567890abcdefghij_-"


def record(words: str, *args: object, error: BaseException | None = None) -> logging.LogRecord:
    trace = (type(error), error, error.__traceback__) if error else None
    made = logging.LogRecord("bot.webhook", logging.INFO, __file__, 1, words, args, trace)
    made.created = 0.0
    return made


@pytest.fixture
def soon() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    """A logger whose lines are written soon, and where."""
    stream = io.StringIO()
    logger, handler = logging.Logger("bot.soon"), SoonHandler(stream)
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger.addHandler(handler)
    yield logger, stream
    handler.close()


def _ends_with(stream: io.StringIO, line: str) -> bool:
    return stream.getvalue().endswith(line)


def test_a_line_is_written_soon_by_itself(soon):
    logger, stream = soon
    for number in range(3):
        logger.info("turn %d", number)
        wait_for(partial(_ends_with, stream, f"turn {number}\n"))
    assert stream.getvalue() == "turn 0\nturn 1\nturn 2\n"


def test_a_warning_is_written_at_once_behind_what_came_before(soon, monkeypatch):
    monkeypatch.setattr(logs, "SOON_SECONDS", 3600.0)
    logger, stream = soon
    logger.info("before")
    assert stream.getvalue() == ""
    logger.warning("failed")
    assert stream.getvalue() == "before\nfailed\n"


def test_nothing_is_lost_at_the_end_or_when_many_lines_come(soon, monkeypatch):
    monkeypatch.setattr(logs, "SOON_SECONDS", 3600.0)
    logger, stream = soon
    for _ in range(logs.MOST_WAITING):
        logger.info("turn")
    assert stream.getvalue() == "turn\n" * logs.MOST_WAITING
    logger.info("last")
    logger.handlers[0].flush()  # what the library does with every handler at the end
    assert stream.getvalue().endswith("turn\nlast\n")


def test_a_line_that_cannot_be_rendered_takes_no_other_along(soon, monkeypatch):
    monkeypatch.setattr(logging, "raiseExceptions", False)
    logger, stream = soon
    for words, given in (("first", ()), ("turn %d", ("x",)), ("last", ())):
        logger.info(words, *given)
    logger.handlers[0].flush()
    assert stream.getvalue() == "first\nlast\n"


def test_a_line_that_waits_at_a_fork_is_written_once():
    script = (
        "import logging, os, sys\n"
        "from bot import logs\n"
        "logs.SOON_SECONDS = 3600.0\n"
        "logging.getLogger().addHandler(logs.SoonHandler(sys.stderr))\n"
        "logging.getLogger().setLevel('INFO')\n"
        "logging.info('before')\n"
        "child = os.fork()\n"
        "logging.warning('child' if child == 0 else 'parent')\n"
        "os._exit(0) if child == 0 else os.waitpid(child, 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert sorted(done.stderr.split()) == ["before", "child", "parent"]


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

"""What a setting's value must be: each check returns the value, or raises ValueError with what is wanted."""

from __future__ import annotations

import re
from datetime import time
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import AfterValidator


def matches(pattern: str, words: str) -> AfterValidator:
    """Make a check of a non-empty text against a pattern; the words say what is wanted."""

    def check(value: str) -> str:
        if value and re.fullmatch(pattern, value) is None:
            raise ValueError(words)
        return value

    return AfterValidator(check)


def check_web_url(value: str) -> str:
    """Check an http address and cut its last slash."""
    parts = urlsplit(value)
    if value and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.port == 0):
        raise ValueError("must be an address like https://example.com")
    return value.rstrip("/")


def check_redis_url(value: str) -> str:
    """Check the address of a Redis server; empty means ours."""
    parts = urlsplit(value)
    named = parts.path if parts.scheme == "unix" else parts.hostname
    if value and (parts.scheme not in {"redis", "rediss", "unix"} or not named):
        raise ValueError("must be an address like redis://127.0.0.1:6379/0")
    return value


def check_database_url(value: str) -> str:
    """Check for one of the two databases that we run on."""
    if not value:
        return value
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        name = make_url(value).drivername
    except ArgumentError:
        name = ""
    if name not in {"sqlite", "sqlite+pysqlite", "postgresql+psycopg"}:
        raise ValueError("must be sqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/NAME")
    return value


def check_timezone(value: str) -> str:
    """Check the name of a time zone."""
    if value not in available_timezones():
        raise ValueError("must be a time zone like Asia/Shanghai")
    return value


def check_hours(value: str) -> str:
    """Check two times of day."""
    parse_hours(value)
    return value


def parse_hours(value: str) -> tuple[time, time] | None:
    """Read `22:00-08:00` as two times of day, the empty text as None. Raises ValueError with what is wanted."""
    if not value:
        return None
    found = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)-([01]?\d|2[0-3]):([0-5]\d)", value)
    if found is None:
        raise ValueError("must be two times of day like 22:00-08:00, or empty")
    first, first_minute, last, last_minute = map(int, found.groups())
    return time(first, first_minute), time(last, last_minute)

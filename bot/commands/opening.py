"""What most commands begin with: settings, logs to stderr, a runtime that is closed again; and how data is printed.

Everything heavy is imported inside, so that `--help` answers at once.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from bot.settings import Settings
    from handlers.runtime import Runtime

LINE_ENDS = {0x85: "\\u0085", 0x2028: "\\u2028", 0x2029: "\\u2029"}  # JSON leaves them as they are


def read_settings(role: str = "cli", level: str = "warning") -> Settings:
    """Load the settings and set up the logs; a command talks of warnings only, a role of what is set."""
    from bot.logs import configure_logs
    from bot.settings import load_settings

    settings = load_settings()
    quiet = settings.model_copy(update={"log": settings.log.model_copy(update={"level": level})})
    configure_logs(settings if role != "cli" else quiet, role)
    return settings


@contextmanager
def open_runtime() -> Iterator[Runtime]:
    """Give the runtime of a short command; the Redis that runs is used, none is started."""
    from bot.memory import keep_all
    from bot.redis_server import find_redis
    from bot.runtime import build_wiring

    settings = read_settings()
    wiring = build_wiring(use_redis(settings, settings.redis.url or find_redis(settings) or ""))
    keep_all()
    try:
        yield wiring.runtime
    finally:
        wiring.close()


def use_redis(settings: Settings, url: str) -> Settings:
    """Return the settings with the address of the Redis that was found or started."""
    return settings.model_copy(update={"redis": settings.redis.model_copy(update={"url": url})})


def parse_at(value: str, zone: tzinfo, hint: str = "--at") -> datetime:
    """Read the ISO time of an option (`hint`); without an offset it is the estate's. Raises click.BadParameter."""
    try:
        at = datetime.fromisoformat(value)
    except ValueError as error:
        raise click.BadParameter(f"{value} is no ISO time like 2026-01-31T09:00+08:00", param_hint=hint) from error
    return at if at.tzinfo else at.replace(tzinfo=zone)


def who() -> str:
    """Return who works at this machine, for the audit."""
    return f"cli:{os.environ.get('USER') or os.environ.get('LOGNAME') or 'unknown'}"


def print_json(value: Any) -> None:
    """Print one JSON value in one line, also for readers to whom Unicode's own line ends are ends; times and enums as text."""
    click.echo(json.dumps(value, ensure_ascii=False, default=str).translate(LINE_ENDS))

"""Logs: one line an event, without personal data and without secrets, whoever wrote it.

Masking is done on the finished line, so a library's message and a traceback pass it as well.
"""

from __future__ import annotations

import atexit
import json
import logging
import os
import re
import sys
import threading
import time
from contextlib import nullcontext
from datetime import datetime, tzinfo
from typing import TextIO

from bot.settings import Settings

PHONE = re.compile(r"(?<![\dA-Za-z])(?:\+?86[- ]?)?(1[3-9]\d)\d{4}(\d{4})(?![\dA-Za-z])")
OPENID = re.compile(r"(?<![\w-])(o[\w-]{5})[\w-]{22}(?![\w-])")  # 28 characters; six are enough to follow a person
_ELEVEN, _LONG = re.compile(r"1[3-9]\d{9}"), re.compile(r"o[\w-]{27}")  # cheap to ask, and most lines hold neither
SECRET = re.compile(
    r"((?:access_token|app_?secret|secret|token|aes_?key|password|signature)[\"']?\s*[=:]\s*[\"']?)[^&\s'\",}]{3,}",
    re.IGNORECASE,
)
SECRET_WORDS = ("token", "secret", "aes", "password", "signature")  # a line without them is spared the long pattern
ADDRESS = re.compile(r"(://[^/\s:@]*:)[^@/\s]+@")
SOON_SECONDS, MOST_WAITING = 0.1, 500
QUIET = ("httpx", "httpcore", "urllib3", "apscheduler", "dramatiq", "alembic", "granian")


def mask(text: str) -> str:
    """Hide phone numbers, openids beyond six characters, secrets and passwords in addresses (D17)."""
    if _ELEVEN.search(text):
        text = PHONE.sub(r"\1****\2", text)
    if _LONG.search(text):
        text = OPENID.sub(r"\1…", text)
    if "://" in text:
        text = ADDRESS.sub(r"\1***@", text)
    lowered = text.lower()
    return SECRET.sub(r"\1***", text) if any(word in lowered for word in SECRET_WORDS) else text


class LineFormatter(logging.Formatter):
    """Renders a record as one masked line: `text` is time, level, role, logger, words; `json` one object."""

    def __init__(self, role: str, zone: tzinfo, *, is_json: bool = False) -> None:
        super().__init__()
        self.role = role
        self.zone = zone
        self.is_json = is_json
        self._second, self._rendered = -1, ("", "")

    def _render_time(self, created: float) -> str:
        """Return the instant with milliseconds; the second is rendered once for all lines in it."""
        second = int(created)
        if second != self._second:
            whole = datetime.fromtimestamp(second, self.zone).isoformat()
            self._second, self._rendered = second, (whole[:19], whole[19:])
        head, zone = self._rendered
        return f"{head}.{int((created - second) * 1000):03d}{zone}"

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, the traceback folded into it."""
        at = self._render_time(record.created)
        words = record.getMessage()
        trace = self.formatException(record.exc_info) if record.exc_info else ""
        if self.is_json:
            parts = {"at": at, "level": record.levelname.lower(), "role": self.role, "logger": record.name}
            parts |= {"message": mask(words)} | ({"error": mask(trace)} if trace else {})
            return json.dumps(parts, ensure_ascii=False)
        line = f"{at} {record.levelname} {self.role} {record.name}: {words}"
        return mask(f"{line} | {trace}" if trace else line).replace("\r", "").replace("\n", "\\n")


class SoonHandler(logging.StreamHandler[TextIO]):
    """Writes lines together, a moment after they were logged: a write for each was a fourteenth of what a turn cost.

    A warning, and what is worse, is written at once, behind all that came before it. What kills a process outright takes
    the last SOON_SECONDS of its quieter lines along.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self._waiting: list[logging.LogRecord] = []
        self._due = threading.Event()
        self._writer: threading.Thread | None = None
        atexit.register(self.flush)  # the server's own set-up of logs takes us out of the library's list
        os.register_at_fork(before=self.flush, after_in_child=self._forget_writer)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record for the writer. The caller holds the handler's lock."""
        self._waiting.append(record)
        if record.levelno >= logging.WARNING or len(self._waiting) >= MOST_WAITING:
            self.flush()
        elif len(self._waiting) == 1:
            if self._writer is None:
                self._writer = threading.Thread(target=self._write_soon, name="log-writer", daemon=True)
                self._writer.start()
            self._due.set()

    def flush(self) -> None:
        """Write all that waits."""
        with self.lock or nullcontext():
            records, self._waiting = self._waiting, []
            if not records:
                return
            lines = "".join(map(self._render, records))
            try:
                self.stream.write(lines)
                super().flush()
            except Exception:  # whoever logs is never disturbed by it: the library's own way
                self.handleError(records[-1])

    def _render(self, record: logging.LogRecord) -> str:
        try:
            return f"{self.format(record)}\n"
        except Exception:  # as above; the other lines are written all the same
            self.handleError(record)
            return ""

    def _write_soon(self) -> None:
        while self._due.wait():
            self._due.clear()
            time.sleep(SOON_SECONDS)
            self.flush()

    def _forget_writer(self) -> None:
        self._writer = None


def configure_logs(settings: Settings, role: str) -> None:
    """Send everything to stderr in the settings' shape; a second call replaces the first."""
    # No line tells thread, process or place in the code, and a record is made for every turn: do not collect them.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = logging.logAsyncioTasks = False
    logging._srcfile = None  # type: ignore[attr-defined]  # the library's documented way to leave the caller out
    handler = SoonHandler(sys.stderr)
    handler.setFormatter(LineFormatter(role, settings.estate.zone, is_json=settings.log.format == "json"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log.level.upper())
    for name in QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


def flush_logs() -> None:
    """Write what waits: for the end of a process that the interpreter's own end does not see."""
    for handler in logging.getLogger().handlers:
        handler.flush()

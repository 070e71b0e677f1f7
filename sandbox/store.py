"""The sandbox's memory: one SQLite file in WAL mode, so that a restart loses nothing. No platform rule lives here."""

import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SCHEMA = (Path(__file__).parent / "schema.sql").read_text(encoding="utf-8")


class Store:
    """A pool of connections; a transaction keeps its own. Writes of this process queue behind a lock."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._local = threading.local()
        self._idle: list[sqlite3.Connection] = []
        self._lock = threading.RLock()
        self._closed = False
        with self._borrowed() as connection:
            connection.executescript(SCHEMA)

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, timeout=15)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        return connection

    @contextmanager
    def _borrowed(self) -> Iterator[sqlite3.Connection]:
        held: sqlite3.Connection | None = getattr(self._local, "held", None)
        if held is not None:
            yield held
            return
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = self._open()
        try:
            yield connection
        finally:
            if self._closed:
                connection.close()
            else:
                self._idle.append(connection)

    def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        """Return every row of a query as a dict."""
        with self._borrowed() as connection:
            return [dict(row) for row in connection.execute(sql, values)]

    def row(self, sql: str, *values: Any) -> dict[str, Any] | None:
        """Return the first row of a query as a dict, or None."""
        found = self.rows(sql, *values)
        return found[0] if found else None

    def value(self, sql: str, *values: Any) -> Any:
        """Return the first column of the first row, or None."""
        with self._borrowed() as connection:
            found = connection.execute(sql, values).fetchall()
        return found[0][0] if found else None

    def run(self, sql: str, *values: Any) -> sqlite3.Cursor:
        """Execute one writing statement, in the open transaction or in its own."""
        with self.writing(), self._borrowed() as connection:
            return connection.execute(sql, values)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold one write transaction; a block inside another joins it, an exception takes all of it back."""
        if getattr(self._local, "held", None) is not None:
            yield
            return
        with self._lock, self._borrowed() as connection:
            connection.execute("BEGIN IMMEDIATE")
            self._local.held = connection
            try:
                yield
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            else:
                connection.execute("COMMIT")
            finally:
                self._local.held = None

    def get(self, key: str, default: Any = None) -> Any:
        """Return the JSON value kept under a key."""
        found = self.value("SELECT value FROM kept WHERE key = ?", key)
        return default if found is None else json.loads(found)

    def put(self, key: str, value: Any) -> None:
        """Keep a JSON value under a key."""
        self.run("INSERT OR REPLACE INTO kept (key, value) VALUES (?, ?)", key, json.dumps(value, ensure_ascii=False))

    def close(self) -> None:
        """Close every idle connection, and each one in use when it comes back."""
        self._closed = True
        while self._idle:
            self._idle.pop().close()


class Clock:
    """The platform's time: the real one plus what tests have skipped; for rules, never for what goes on the wire."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def now(self) -> float:
        """Return seconds since the epoch."""
        return time.time() + float(self._store.get("clock_offset", 0))

    def advance(self, seconds: float) -> None:
        """Skip ahead, across restarts as well."""
        with self._store.writing():
            self._store.put("clock_offset", float(self._store.get("clock_offset", 0)) + seconds)

    def day(self) -> str:
        """Return today's date at the platform (UTC+8), the key of daily quotas."""
        return time.strftime("%Y-%m-%d", time.gmtime(self.now() + 8 * 3600))

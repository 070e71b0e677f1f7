"""One door to the database: SQLite (WAL) or PostgreSQL. Transactions here, queries beside their tables."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import Any, cast

from sqlalchemy import Connection, Engine, Table, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Session

from models.base import write_json
from models.sealing import Cipher, use_cipher

# A commit survives the death of the process; the disk is synced at checkpoints, every 16 MB.
PRAGMAS = ("synchronous=NORMAL", "foreign_keys=ON", "cache_size=-16000", "wal_autocheckpoint=4000")
LOCK_WAIT_SECONDS = 2.5
TURN_WAIT_SECONDS = 1.5  # together they stay under the 5 s in which the platform wants its answer


class Transaction:
    """One unit of work: a Core connection for hot statements, and a Session, made only when somebody needs it."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.wakes: list[tuple[str, tuple[int, ...]]] = []

    @cached_property
    def session(self) -> Session:
        """Return the Session that shares this transaction."""
        return Session(bind=self.connection, expire_on_commit=False)

    @property
    def is_sqlite(self) -> bool:
        """Tell whether this is SQLite, where the whole database is one lock."""
        return self.connection.dialect.name == "sqlite"

    def wake(self, job: str, *ids: int) -> None:
        """Ask for a worker after the commit; a rolled-back transaction wakes nobody."""
        self.wakes.append((job, ids))

    def flush(self) -> None:
        """Write what the Session still holds."""
        if "session" in self.__dict__:
            self.session.flush()

    def close(self) -> None:
        """Let the Session go; the connection belongs to the Database."""
        if "session" in self.__dict__:
            self.session.close()


def table_of(model: type[DeclarativeBase]) -> Table:
    """Return a model's table, for Core statements of hot paths."""
    return cast(Table, model.__table__)


def insert_for(connection: Connection, table: type[DeclarativeBase]) -> Any:
    """Return the dialect's INSERT, the one that knows `on_conflict_do_nothing` and `on_conflict_do_update`."""
    target = table_of(table)
    return sqlite.insert(target) if connection.dialect.name == "sqlite" else postgresql.insert(target)


class Database:
    """Holds the engine. `url` is a SQLAlchemy URL; SQLite waits `LOCK_WAIT_SECONDS` for its write lock.

    `cipher` seals what is secret (D06); without one, secret columns can be neither written nor read.
    """

    def __init__(self, url: str, pool_size: int = 8, cipher: Cipher | None = None) -> None:
        self.url = url
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        self.engine = _create_sqlite(url, pool_size) if self.is_sqlite else _create_postgresql(url, pool_size)
        use_cipher(self.engine.dialect, cipher)
        self._turnstile = threading.Lock() if self.is_sqlite else None
        self._writer: Connection | None = None

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Open a write transaction: all of it or nothing. On SQLite the write lock is taken at once.

        SQLite has one writer, and waits for it by sleeping, unfairly. The threads of one process therefore queue here, and
        share one connection, which finds the pages it has read and the statements it has prepared as it left them.
        """
        with self._queue(), self._begin() as connection:
            transaction = Transaction(connection)
            try:
                yield transaction
                transaction.flush()
            finally:
                transaction.close()

    @contextmanager
    def _queue(self) -> Iterator[None]:
        if self._turnstile is None:
            yield
            return
        if not self._turnstile.acquire(timeout=TURN_WAIT_SECONDS):
            raise OperationalError("BEGIN IMMEDIATE", None, sqlite3.OperationalError("database is locked"))
        try:
            yield
        finally:
            self._turnstile.release()

    @contextmanager
    def _begin(self) -> Iterator[Connection]:
        if not self.is_sqlite:
            with self.engine.begin() as connection:
                yield connection
            return
        if self._writer is None or self._writer.invalidated:
            self._writer = self.engine.connect()
        with self._writer.begin():
            yield self._writer

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """Open a transaction that only reads; it never waits for a writer."""
        with self.engine.connect().execution_options(is_reading=True) as connection:
            transaction = Transaction(connection)
            try:
                yield transaction
            finally:
                transaction.close()
                connection.rollback()

    def compact(self) -> bool:
        """Rewrite the file of SQLite and empty its log, so that nothing is left of deleted rows; False when it is in use."""
        if not self.is_sqlite:
            return True
        try:
            with self._queue(), self.engine.connect() as connection:
                driver = connection.connection.dbapi_connection
                driver.execute("VACUUM")  # type: ignore[union-attr]  # outside any transaction
                is_busy = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]  # type: ignore[union-attr]
        except (sqlite3.OperationalError, OperationalError):
            return False
        return not is_busy  # somebody still read what the log holds: it is emptied another time

    def close(self) -> None:
        """Give all connections back, but what is still in use; whoever uses it again opens new ones."""
        with suppress(OperationalError), self._queue():
            if self._writer is not None:
                self._writer.close()
            self._writer = None
        self.engine.dispose()


def use_wal(connection: Any, wait_seconds: float) -> None:
    """Switch a SQLite file to WAL; while another process switches it, SQLite says `locked` at once and is asked again."""
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


def _create_sqlite(url: str, pool_size: int) -> Engine:
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=8,
        pool_timeout=TURN_WAIT_SECONDS,
        json_serializer=write_json,
        pool_reset_on_return=None,  # a connection goes back after its commit or rollback, never before
        connect_args={"timeout": LOCK_WAIT_SECONDS, "check_same_thread": False, "isolation_level": None},
    )

    @event.listens_for(engine, "connect")
    def _tune(connection: Any, _record: Any) -> None:
        use_wal(connection, LOCK_WAIT_SECONDS)
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        is_reading = connection.get_execution_options().get("is_reading", False)
        statement = "BEGIN" if is_reading else "BEGIN IMMEDIATE"
        try:
            connection.connection.dbapi_connection.execute(statement)  # type: ignore[union-attr]  # every turn pays for it
        except sqlite3.OperationalError as error:
            raise OperationalError(statement, None, error) from error

    return engine


def _create_postgresql(url: str, pool_size: int) -> Engine:
    wait = int(LOCK_WAIT_SECONDS * 1000)
    return create_engine(
        url,
        pool_size=pool_size,
        max_overflow=8,
        pool_timeout=TURN_WAIT_SECONDS,
        json_serializer=write_json,
        pool_pre_ping=True,
        connect_args={"options": f"-c lock_timeout={wait} -c timezone=UTC", "connect_timeout": 3},
    )

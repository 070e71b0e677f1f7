"""Fixtures every room's tests may use. The servers behind them are made in databases.py."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis
from hypothesis import settings
from sqlalchemy import event
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from bot.memory import collect_seldom, keep_all
from dialogs.intents.understander import Understander
from handlers.content import Content
from models.database import Database
from tests.databases import Postgres, Sqlite, open_postgres, open_redis, prepare_sqlite
from tests.loaded import CONTENT, UNDERSTANDER
from tests.world import CIPHER, World, build_world

settings.register_profile("unhurried", deadline=None)  # no test may depend on how fast the machine is
settings.load_profile("unhurried")

TOGETHER = (
    "tests/e2e/",
    "tests/contract/",
    "tests/faults/",
    "tests/console/test_browser.py",
    "tests/test_architecture.py",
)


class Scheduling(LoadScopeScheduling):  # type: ignore[misc]
    """Gives every test to whoever is free, but a room whose tests share what is costly whole to one, and first."""

    def _split_scope(self, nodeid: str) -> str:
        return next((room for room in TOGETHER if nodeid.startswith(room)), nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling:
    """Have the tests handed out as above."""
    return Scheduling(config, log)


def pytest_collection_finish() -> None:
    """Let the collector pass over what stays for good, and come less often: a sixth of all the tests' time was its."""
    collect_seldom()
    gc.collect()
    keep_all()


@pytest.fixture(scope="session")
def sqlite_files(tmp_path_factory: pytest.TempPathFactory) -> Sqlite:
    """Give the maker of SQLite databases."""
    return prepare_sqlite(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """Give the maker of PostgreSQL databases; one server per test process."""
    with open_postgres() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Give the URL of an empty database with all tables, once on SQLite and once on PostgreSQL."""
    maker: Sqlite | Postgres = request.getfixturevalue("sqlite_files" if request.param == "sqlite" else "postgres_server")
    return maker.lend()


@pytest.fixture(scope="session")
def opened() -> Iterator[dict[str, Database]]:
    """Give the databases opened so far: an engine that is kept does not compile the same statements for every test."""
    found: dict[str, Database] = {}
    yield found
    for database in found.values():
        database.close()


@pytest.fixture
def database(database_url: str, opened: dict[str, Database]) -> Iterator[Database]:
    """Give a Database with all tables and no rows; the test runs on both databases."""
    if database_url not in opened:
        opened[database_url] = Database(database_url, cipher=CIPHER)
        if not opened[database_url].is_sqlite:
            event.listen(opened[database_url].engine, "connect", _plan_anew)
    database = opened[database_url]
    yield database
    if database.is_sqlite:
        database.close()  # the file is written anew


def _plan_anew(connection: psycopg.Connection, _record: object) -> None:
    """Have a connection that is kept from test to test plan each statement as a new one would."""
    connection.prepare_threshold = None


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """Give the URL of a real Redis; one server per test process."""
    with open_redis() as url:
        yield url


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """Give the URL of a real and empty Redis."""
    client = redis.Redis.from_url(redis_server)
    client.flushdb()
    client.close()
    return redis_server


@pytest.fixture(scope="session")
def loaded() -> tuple[Content, Understander]:
    """Give the real content and an understander over it, shared by the whole test process."""
    return CONTENT, UNDERSTANDER


@pytest.fixture
def world(database: Database, loaded: tuple[Content, Understander], tmp_path: Path) -> World:
    """Give a whole runtime on an empty database of each kind, with the platform's side as fakes in the open."""
    return build_world(database, *loaded, tmp_path)

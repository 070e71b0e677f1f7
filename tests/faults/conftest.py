"""Two sites for all fault tests: one complete on SQLite with the platform beside it, one of two web processes on PostgreSQL."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from dialogs.intents.understander import Understander
from handlers.content import Content
from migrations.run import migrate
from models.database import Database
from tests.databases import Postgres
from tests.faults.processes import Nursery, OwnRedis, find_port, open_nursery
from tests.faults.site import AES_KEY, AES_KEY_BEFORE, BUTLER, TEMPLATES, Site, start_platform
from tests.world import build_world

Loaded = tuple[Content, Understander]


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """Give a folder whose name is short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="gj-faults-", ignore_cleanup_errors=True) as name:
        yield Path(name)


@pytest.fixture(scope="session")
def nursery(folder: Path) -> Iterator[Nursery]:
    """Give the place where roles are started; all of them end with it."""
    with open_nursery(folder) as nursery:
        yield nursery


@pytest.fixture(scope="session")
def own_redis(folder: Path) -> Iterator[OwnRedis]:
    """Give a Redis that tests may kill, running."""
    server = OwnRedis(folder)
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="session")
def site(folder: Path, nursery: Nursery, own_redis: OwnRedis, loaded: Loaded) -> Iterator[Site]:
    """Give a complete site on one SQLite file: two web processes, worker, scheduler, platform; a butler on duty."""
    port = find_port()
    home = folder / "site"
    home.mkdir()
    site = _prepare(nursery, home, f"sqlite:///{home / 'guanjia.db'}", f"{own_redis.url}?db=0", loaded)
    site.environ["GUANJIA__WECHAT__API_BASE"] = f"http://127.0.0.1:{port}"
    site.open_door("safe")
    site.open_door("safe", GUANJIA__WECHAT__AES_KEY_PREVIOUS=AES_KEY_BEFORE)
    site.platform = start_platform(nursery, home / "platform", port, site.door.config.webhook_url)
    site.start("worker")
    site.start("scheduler")
    site.wait_ready()
    site.platform.meet(BUTLER)
    site.world.staff("王管家", BUTLER)
    yield site
    site.world.runtime.database.close()


@pytest.fixture(scope="session")
def pair(folder: Path, nursery: Nursery, own_redis: OwnRedis, postgres_server: Postgres, loaded: Loaded) -> Iterator[Site]:
    """Give two web processes on one PostgreSQL database, one in plain and one in compatible mode; a butler on duty."""
    home = folder / "pair"
    home.mkdir()
    url = postgres_server.create(has_schema=False)
    pair = _prepare(nursery, home, url, f"{own_redis.url}?db=1", loaded)
    pair.open_door("plain")
    pair.open_door("compatible")
    pair.wait_ready()
    pair.world.staff("王管家", BUTLER)
    yield pair
    for role in pair.roles.values():
        role.kill()
    pair.world.runtime.database.close()
    postgres_server.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest) -> Site:
    """Give the site on SQLite and the pair on PostgreSQL in turn."""
    found: Site = request.getfixturevalue("site" if request.param == "sqlite" else "pair")
    return found


def _prepare(nursery: Nursery, home: Path, url: str, redis_url: str, loaded: Loaded) -> Site:
    migrate(url)
    environ = {
        "FAULTS_FOLDER": str(home),
        "FAULTS_TICK_SECONDS": "0.3",
        "GUANJIA__DATA_DIR": str(home),
        "GUANJIA__DATABASE__URL": url,
        "GUANJIA__REDIS__URL": redis_url,
        "GUANJIA__WECHAT__MODE": "safe",
        "GUANJIA__WECHAT__ACCOUNT": "gh_faults",
        "GUANJIA__WECHAT__APP_ID": "wxfaults",
        "GUANJIA__WECHAT__APP_SECRET": "faults-secret",
        "GUANJIA__WECHAT__TOKEN": "faultsTOKEN",
        "GUANJIA__WECHAT__AES_KEY": AES_KEY,
        "GUANJIA__WECHAT__WINDOW_MESSAGES": "20",
        "GUANJIA__PUSH__RATE_PER_SECOND": "200",
        **{f"GUANJIA__WECHAT__TEMPLATES__{name.upper()}": value for name, value in TEMPLATES.items()},
    }
    world = build_world(Database(url), *loaded, home)
    site = Site(nursery, home, world, environ)
    site.synchronise()
    return site

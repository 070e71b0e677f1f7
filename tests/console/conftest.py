"""A console in a small Flask app over a real database and the real content, and a person who uses it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from console.access import ConsoleAccess, hash_password
from console.app import register
from console.room import EXTENSION, Room
from dialogs.intents.understander import Understander
from handlers.accounts import new_session_key
from handlers.content import Content
from handlers.runtime import Runtime
from models.accounts import ConsoleAccount
from models.database import Database
from tests.world import World, build_world

LOGIN, PASSWORD = "admin", "correct horse"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
APPS: dict[frozenset[tuple[str, bool]], Flask] = {}
QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


def quick_hash(password: str) -> str:
    """Return a hash that costs a test nothing."""
    return hash_password(password, QUICK)


def give_account(
    world: World, name: str, role: str, buildings: Sequence[str] = (), *, has_factor: bool = False, **values: object
) -> int:
    """Add a colleague with a login of her name and the password of the tests; returns her staff id."""
    staff_id = world.staff(name, role=role, buildings=buildings)
    now = world.clock.now()
    given = {"password_hash": quick_hash(PASSWORD), "created_at": now, "session_key": new_session_key(), **values}
    if has_factor:
        given |= {"totp_secret": SECRET, "totp_confirmed_at": now}
    with world.runtime.transaction() as tx:
        tx.session.add(ConsoleAccount(staff_id=staff_id, login=name, **given))
    return staff_id


def make_code(world: World, after: int = 0) -> str:
    """Return the app's code of now, or of so many steps later."""
    return pyotp.TOTP(SECRET).generate_otp(int(world.clock.now().timestamp()) // 30 + after)


@dataclass
class Visitor:
    """A browser without JavaScript."""

    client: FlaskClient

    def get(self, path: str, **given: object) -> TestResponse:
        return self.client.get(path, buffered=True, **given)

    def read(self, path: str) -> str:
        """Return a page's text; it must be there."""
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.status
        return answer.text

    def token(self, path: str = "/console/sign-in") -> str:
        found = TOKEN.search(self.client.get(path).text)
        assert found
        return found[1]

    def post(self, path: str, page: str | None = None, **fields: str) -> TestResponse:
        """Send a form; its token is that of `page`, the path itself where nothing is given."""
        token = self.token(page or path)
        return self.client.post(path, data={"csrf_token": token, **fields}, buffered=True)

    def enter(self, world: World, login: str, **fields: str) -> TestResponse:
        """Sign in with the second factor."""
        assert self.sign_in(login, **fields).status_code == 302
        world.clock.advance(timedelta(seconds=30))  # a code works once
        return self.post("/console/sign-in/code", code=make_code(world))

    def sign_in(self, login: str = LOGIN, password: str = PASSWORD, **fields: str) -> TestResponse:
        token = self.token()
        return self.client.post("/console/sign-in", data={"csrf_token": token, "login": login, "password": password, **fields})


@pytest.fixture
def estate(database: Database, loaded: tuple[Content, Understander], tmp_path: Path) -> World:
    """Give a world whose files lie in the test's folder."""
    return build_world(database, *loaded, tmp_path)


@pytest.fixture(scope="session")
def console_access() -> ConsoleAccess:
    return ConsoleAccess(LOGIN, quick_hash(PASSWORD), is_sandbox=True, hasher=QUICK)


def lend_app(runtime: Runtime, access: ConsoleAccess, **settings: bool) -> Flask:
    """Give the console over a runtime; one app a process, because making one costs more than most tests' requests."""
    key = frozenset(settings.items())
    if key not in APPS:
        APPS[key] = Flask("console", static_folder=None)
        APPS[key].config.update(SECRET_KEY="a secret for tests only", **settings)
        register(APPS[key], runtime, access)
    APPS[key].extensions[EXTENSION] = Room(runtime, access)
    return APPS[key]


@pytest.fixture
def app(estate: World, console_access: ConsoleAccess) -> Flask:
    """Give an app like the product's: without static files of its own."""
    return lend_app(estate.runtime, console_access, TESTING=True)


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    """Give somebody who has not signed in."""
    return Visitor(app.test_client())


@pytest.fixture
def other(app: Flask) -> Visitor:
    """Give another browser."""
    return Visitor(app.test_client())


@pytest.fixture
def staff(visitor: Visitor) -> Visitor:
    """Give somebody who has."""
    assert visitor.sign_in().status_code == 302
    return visitor


ON_ONE_DATABASE = (
    "test_accounts",
    "test_browser",
    "test_guards",
    "test_importing",
    "test_roles",
    "test_second_factor",
    "test_sign_in",
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Ask once, on SQLite, what has nothing to do with the database: doors, roles, tokens, looks."""
    left = [
        each
        for each in items
        if "console" in each.path.parts and each.path.stem in ON_ONE_DATABASE and "postgresql" in each.name
    ]
    items[:] = [each for each in items if each not in set(left)]
    config.hook.pytest_deselected(items=left)

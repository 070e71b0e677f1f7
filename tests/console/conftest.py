"""A console in a small Flask app over a real database and the real content, and a person who uses it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bot.content import load_content
from bot.tokenizer import build_tokenizer
from console.access import ConsoleAccess, hash_password
from console.app import register
from dialogs.intents.understander import Understander, words_of
from handlers.content import Content
from models.database import Database
from tests.world import World, build_world

LOGIN, PASSWORD = "admin", "correct horse"
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@dataclass
class Visitor:
    """A browser without JavaScript."""

    client: FlaskClient

    def get(self, path: str) -> TestResponse:
        return self.client.get(path, buffered=True)

    def read(self, path: str) -> str:
        """Return a page's text; it must be there."""
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.status
        return answer.text

    def token(self, path: str = "/console/sign-in") -> str:
        found = TOKEN.search(self.client.get(path).text)
        assert found
        return found[1]

    def sign_in(self, login: str = LOGIN, password: str = PASSWORD, **fields: str) -> TestResponse:
        token = self.token()
        return self.client.post("/console/sign-in", data={"csrf_token": token, "login": login, "password": password, **fields})


@pytest.fixture(scope="session")
def console_content() -> tuple[Content, Understander]:
    content, lexicon = load_content()
    return content, Understander(lexicon, build_tokenizer(words_of(lexicon)))


@pytest.fixture
def estate(database: Database, console_content: tuple[Content, Understander], tmp_path: Path) -> World:
    """Give a world whose files lie in the test's folder."""
    return build_world(database, *console_content, tmp_path)


@pytest.fixture(scope="session")
def console_access() -> ConsoleAccess:
    return ConsoleAccess(LOGIN, hash_password(PASSWORD, PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)))


@pytest.fixture
def app(estate: World, console_access: ConsoleAccess) -> Flask:
    """Give an app like the product's: without static files of its own."""
    app = Flask("guanjia", static_folder=None)
    app.config.update(SECRET_KEY="a secret for tests only", TESTING=True)
    register(app, estate.runtime, console_access)
    return app


@pytest.fixture
def visitor(app: Flask) -> Iterator[Visitor]:
    """Give somebody who has not signed in."""
    with app.test_client() as client:
        yield Visitor(client)


@pytest.fixture
def staff(visitor: Visitor) -> Visitor:
    """Give somebody who has."""
    assert visitor.sign_in().status_code == 302
    return visitor

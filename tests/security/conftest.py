"""An estate of two houses, the console over it, and people with every role who answer for the first house alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from console.access import ConsoleAccess
from console.permissions import GUARDED, find_permissions
from dialogs.intents.understander import Understander
from handlers.content import Content
from models.database import Database
from models.staff import StaffBuilding
from models.tables import METADATA
from tests.console.conftest import LOGIN, QUICK, Visitor, give_account, lend_app, quick_hash
from tests.console.estate import write_file
from tests.databases import Sqlite
from tests.security.forms import find_forms
from tests.security.seeds import plant
from tests.security.walk import Listening, Words
from tests.world import World, build_world

MARK = "囍"  # begins every text of the second house; a masked name still shows it
TAIL = "9753"  # ends every number of it
KNOWN = "邻"  # stands in every text of it too: what a search would be given
Rows = dict[str, list[dict[str, Any]]]
FORMS: dict[str, dict[str, str]] = {}


@pytest.fixture
def database_url(sqlite_files: Sqlite) -> str:
    """Give one database: what is asked here are doors and pages, their SQL is tested on both elsewhere."""
    return sqlite_files.lend()


@pytest.fixture(scope="session")
def access() -> ConsoleAccess:
    return ConsoleAccess(LOGIN, quick_hash("correct horse"), is_sandbox=True, hasher=QUICK)


@pytest.fixture
def estate(database: Database, loaded: tuple[Content, Understander], tmp_path: Path) -> World:
    return build_world(database, *loaded, tmp_path)


@pytest.fixture
def houses(estate: World) -> World:
    """Give an estate in which everything there can be is there twice: for the first house and for the second."""
    plant(estate, 1, write_own, is_shared=True)
    plant(estate, 2, write_other, is_shared=False)
    for number, word in ((1, "自家"), (2, MARK)):
        for name in (f"media/{number}.png", f"jobs/job{number}/result.csv", f"jobs/job{number}-also/result.csv"):
            write_file(estate, name, word.encode())
    return estate


def write_own(place: str) -> str:
    """Return a text of the first house."""
    table, _, column = place.partition(".")
    known = {"phone": "13800001111", "path": "media/1.png", "no": f"{table.upper()}1111"}
    known |= {"job.by": "console:supervisor.1", "token": f"{table}1"}
    return known.get(place) or known.get(column) or f"自家{place}1111"


def write_other(place: str) -> str:
    """Return a text of the second house; a number of it ends with the tail."""
    table, _, column = place.partition(".")
    known = {"phone": f"1390000{TAIL}", "path": "media/2.png", "no": f"{table.upper()}{TAIL}"}
    known |= {"job.by": "console:supervisor.0", "token": f"{table}2"}  # who sees every house asked for this job
    return known.get(place) or known.get(column) or f"{MARK}{KNOWN}{place}{TAIL}"


@pytest.fixture
def app(estate: World, access: ConsoleAccess) -> Flask:
    """Give the console as the product builds it."""
    app = lend_app(estate.runtime, access, TESTING=False, PROPAGATE_EXCEPTIONS=False)
    app.request_class = Listening
    return app


def enter(app: Flask, world: World, role: str, *, house: int | None = 1, login: str = "") -> Visitor:
    """Return a browser in which somebody of a role has signed in; she answers for a house, None for every one."""
    visitor, login = Visitor(app.test_client()), login or f"{role}.{house or 0}"
    has_factor = bool(find_permissions(role) & GUARDED)
    staff_id = give_account(world, login, role, has_factor=has_factor)
    if house is not None:
        with world.runtime.transaction() as tx:
            tx.session.add(StaffBuilding(staff_id=staff_id, building_id=house))
    if has_factor:
        visitor.enter(world, login)
    else:
        assert visitor.sign_in(login).status_code == 302
    return visitor


def forms_of(app: Flask, world: World, words: Words) -> dict[str, dict[str, str]]:
    """Return what every form sends, as who sees both houses finds it; read once, the houses are always the same."""
    if not FORMS:
        FORMS.update(find_forms(enter(app, world, "supervisor", house=None, login="forms"), app, words))
    return FORMS


def send(visitor: Visitor, method: str, path: str, token: str = "", **fields: Any) -> TestResponse:
    """Send a request as a page would, its token with it where there is one."""
    data = {**({"csrf_token": token} if token else {}), **fields}
    return visitor.client.open(path, method=method, data=None if method == "GET" else data, buffered=True)


def read_rows(world: World, *, without: tuple[str, ...] = ("audit", "audit_chain")) -> Rows:
    """Return every row of every table; the audit grows with every reading, so it is left out unless asked for."""
    with world.runtime.database.reading() as tx:
        return {
            table.name: [dict(row) for row in tx.connection.execute(select(table)).mappings()]
            for table in METADATA.sorted_tables
            if table.name not in without
        }

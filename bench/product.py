"""The product inside this process: its wiring over a database of the benchmark, without a server and without a Redis."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from bench.community import fill, open_database
from bench.servers import our_environ
from bench.talk import Turn
from bot.runtime import Wiring, build_wiring
from bot.settings import load_settings
from handlers.inbound import handle
from handlers.ports import Inbound
from handlers.runtime import Runtime
from models.database import Database

_NUMBERS = itertools.count(1)


@contextmanager
def open_product(folder: Path) -> Iterator[Wiring]:
    """Build what a web process builds, over an empty data folder."""
    folder.mkdir(parents=True, exist_ok=True)
    wiring = build_wiring(load_settings(our_environ(folder, 8000)))
    try:
        yield wiring
    finally:
        wiring.close()


@contextmanager
def open_community(folder: Path, owners: int) -> Iterator[Database]:
    """Open a database with that many owners, filled the first time a benchmark of this run asks for it."""
    home = folder / f"owners-{owners}"
    if not home.exists():
        home.mkdir()
        with open_database(home) as database:
            fill(database, owners)
    database = Database(f"sqlite:///{home / 'guanjia.db'}")
    try:
        yield database
    finally:
        database.close()


def put_over(runtime: Runtime, database: Database) -> Runtime:
    """Return the same runtime over another database."""
    return replace(runtime, database=database)


def talk(runtime: Runtime, openid: str, turn: Turn) -> None:
    """Take one turn with a new message and compare the answer with what must come."""
    key = f"bench-{next(_NUMBERS)}"
    inbound = Inbound(key=key, openid=openid, kind="text", sent_at=runtime.now(), text=turn.said)
    answer = handle(runtime, inbound)
    if turn.answered not in (answer.text or ""):
        raise ValueError(f"{turn.said} was answered {answer.text!r}")

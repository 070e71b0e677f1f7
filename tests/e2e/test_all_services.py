"""A stranger books every service over the real protocol: she binds her home once and only answers what is asked."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import Request

import pytest

from bench.resident import IMAGE, answer
from handlers.content import Content
from handlers.conversations import describe
from models.database import Database
from tests.e2e.system import HTTP, System, wait_for
from tests.world import World, build_world

pytestmark = pytest.mark.xdist_group("e2e")

STRANGER, PHONE, ROOM, SERVICE = "oSTRANGER_all", "13800000018", "2栋1单元1102", "mutual_fund"
MOST_TURNS = 16  # binding included


class Caller:
    """A person at a phone, who reads what the account shows and types."""

    def __init__(self, system: System, world: World, openid: str) -> None:
        self.system, self.world, self.openid = system, world, openid
        self.seen = 0
        self.post("people", openid=openid, name="新邻居", following=True)

    def post(self, path: str, **body: object) -> None:
        """Do something in the sandbox."""
        address = f"{self.system.address}/sandbox/api/{path}"
        request = Request(address, json.dumps(body).encode(), {"Content-Type": "application/json"})
        HTTP.open(request, timeout=20).close()

    def say(self, text: str) -> str:
        """Send a text or a picture and return what the account answered."""
        kind = {"kind": "image", "sample": "leak"} if text == IMAGE else {"kind": "text", "text": text}
        self.post("send", openid=self.openid, **kind)
        wait_for(lambda: not self.system.ask("messages", openid=self.openid, after=self.seen)["pending"], 30)
        shown = self.system.ask("messages", openid=self.openid, after=self.seen)["messages"]
        self.seen = max(each["id"] for each in shown)
        return "\n".join(_read(each["body"]) for each in shown if each["side"] == "account")

    def stands(self) -> dict[str, object]:
        """Return where the conversation stands."""
        self.world.clock.advance(datetime.now(UTC) - self.world.clock.now())
        return describe(self.world.runtime, self.openid)

    def book(self, label: str) -> str:
        """Ask for a service by its name and answer until nothing is asked any more; returns all that was said."""
        self.say("菜单")  # she may still be talking to a person
        said = [self.say(f"我想办{label}")]
        tries, step = 0, None
        for _ in range(MOST_TURNS):
            stand = self.stands()
            tries = tries + 1 if stand.get("step") == step else 0
            step = stand.get("step")
            words = self._find_words(stand, label, said[-1], tries)
            if not words:
                break
            said.append(self.say(words))
        return "\n".join(said)

    def _find_words(self, stand: dict[str, object], label: str, question: str, tries: int) -> str:
        if stand["script"] is None:
            return ""
        if stand["script"] == "bind":
            return PHONE if stand["step"] == "phone" else ROOM
        awaiting = stand["awaiting"]
        assert isinstance(awaiting, dict)
        own = [option for option in awaiting["options"] if option["label"] == label]
        if stand["script"] == "menu.main" and not own:
            return ""
        return str(own[0]["number"]) if own else answer(awaiting, question, tries)


def _read(body: dict[str, str]) -> str:
    return re.sub(r"<[^>]+>", "", body.get("text", ""))


@pytest.fixture(scope="module")
def caller(system: System, loaded: tuple[Content, object], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    """Give a newcomer at her phone."""
    database = Database(f"sqlite:///{system.folder / 'guanjia.db'}")
    folder: Path = tmp_path_factory.mktemp("witness")
    yield Caller(system, build_world(database, *loaded, folder), STRANGER)  # type: ignore[arg-type]
    database.close()


def _list_orders(system: System) -> set[str]:
    with closing(sqlite3.connect(system.folder / "guanjia.db")) as database:
        return {service for (service,) in database.execute('SELECT service FROM "order" WHERE openid = ?', (STRANGER,))}


def test_a_stranger_books_each_of_the_services_by_answering_what_is_asked(
    caller: Caller, system: System, loaded: tuple[Content, object]
) -> None:
    for code, service in loaded[0].services.items():
        talk = caller.book(service.label)
        assert (code in _list_orders(system)) == (SERVICE not in code), f"{code}\n{talk}"
    assert not (errors := system.find_errors()), "\n\n".join(errors)

"""A stranger books every service over the real protocol: she binds her home once and only answers what is asked."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from bench.resident import answer
from dialogs.intents.understander import Understander
from handlers.content import Content
from tests.e2e.caller import Caller, open_witness
from tests.e2e.system import System

STRANGER, PHONE, ROOM, SERVICE = "oSTRANGER_all", "13800000018", "2栋1单元1102", "mutual_fund"
MOST_TURNS = 16  # binding included


class Booker(Caller):
    """Somebody who books what she is offered."""

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


@pytest.fixture(scope="module")
def caller(system: System, loaded: tuple[Content, Understander], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Booker]:
    """Give a newcomer at her phone."""
    with open_witness(system, loaded, tmp_path_factory.mktemp("witness")) as world:
        yield Booker(system, world, STRANGER)


def _list_orders(system: System) -> set[str]:
    with closing(sqlite3.connect(system.folder / "guanjia.db")) as database:
        return {service for (service,) in database.execute('SELECT service FROM "order" WHERE openid = ?', (STRANGER,))}


def test_a_stranger_books_each_of_the_services_by_answering_what_is_asked(
    caller: Booker, system: System, loaded: tuple[Content, object]
) -> None:
    for code, service in loaded[0].services.items():
        talk = caller.book(service.label)
        assert (code in _list_orders(system)) == (SERVICE not in code), f"{code}\n{talk}"
    assert not (errors := system.find_errors()), "\n\n".join(errors)

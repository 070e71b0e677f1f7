"""A person at a phone of the sandbox, who types and reads; and a witness that looks at the product's own database."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.request import Request

from bench.resident import IMAGE, answer
from bot.clock import SystemClock
from bot.sealing import SealingCipher
from dialogs.intents.understander import Understander
from handlers.content import Content
from handlers.conversations import describe
from models.database import Database
from tests.e2e.system import HTTP, System, wait_for
from tests.world import World, build_world

MOST_TURNS = 40
SITTING_OVER = "今天先聊到这儿"
ENOUGH = ("改天吧", "就到这儿")  # or a survey that leads to the next would go on and on


@contextmanager
def open_witness(system: System, loaded: tuple[Content, Understander], folder: Path) -> Iterator[World]:
    """Give a world over the database of a system that runs, with its key and its time."""
    secrets = json.loads((system.folder / "secrets.json").read_text(encoding="utf-8"))
    database = Database(f"sqlite:///{system.folder / 'guanjia.db'}", cipher=SealingCipher(secrets["seal_key"]))
    world = build_world(database, *loaded, folder)
    world.runtime = replace(world.runtime, clock=SystemClock())
    yield world
    database.close()


class Caller:
    """One person. The world is a witness over the same database; the product answers her."""

    def __init__(self, system: System, world: World, openid: str, name: str = "新邻居") -> None:
        self.system, self.world, self.openid = system, world, openid
        self.seen = 0
        self.post("people", openid=openid, name=name, following=True)

    def post(self, path: str, **body: object) -> None:
        """Do something in the sandbox."""
        address = f"{self.system.address}/sandbox/api/{path}"
        request = Request(address, json.dumps(body).encode(), {"Content-Type": "application/json"})
        HTTP.open(request, timeout=60).close()

    def say(self, text: str) -> str:
        """Send a text or a picture and return what the account answered."""
        return self.do("image", sample="leak") if text == IMAGE else self.do("text", text=text)

    def do(self, kind: str, **fields: object) -> str:
        """Do one thing of a kind and return what the account showed since she last looked.

        An answer that the product could not give in time comes as a message of its own: then she waits for that.
        """
        self.post("send", openid=self.openid, kind=kind, **fields)
        said = self._read(wait_for(self._find_answered, 60))
        return said if said or not self.system.was_late() else str(wait_for(self.look, 60))

    def _find_answered(self) -> dict[str, Any] | None:
        found: dict[str, Any] = self.system.ask("messages", openid=self.openid, after=self.seen)
        return None if found["pending"] else found

    def look(self) -> str:
        """Return what the account has shown since she last looked."""
        return self._read(self.system.ask("messages", openid=self.openid, after=self.seen))

    def _read(self, found: dict[str, Any]) -> str:
        shown = found["messages"]
        self.seen = max((each["id"] for each in shown), default=self.seen)
        return "\n".join(_read(each["body"]) for each in shown if each["side"] == "account")

    def hears(self, text: str) -> str:
        """Wait until the account has shown a text of its own accord, and return all it has shown since she last looked."""
        said = ""

        def has_come() -> bool:
            nonlocal said
            said += self.look()
            return text in said

        wait_for(has_come, 120, lambda: f"{text} did not come, but: {said}")
        return said

    def stands(self) -> dict[str, Any]:
        """Return where the conversation stands."""
        return describe(self.world.runtime, self.openid)

    def answer_on(self, said: str, own: Mapping[str, str] | None = None) -> str:
        """Answer what is asked until nothing is, some steps in words of her `own`; returns all that was said."""
        heard, tries, step = [said], 0, ""
        for _ in range(MOST_TURNS):
            stand = self.stands()
            if stand["script"] is None:
                return "\n".join(heard)
            tries, step = (tries + 1 if stand["step"] == step else 0), stand["step"]
            heard.append(self.say((own or {}).get(step) or _choose(stand["awaiting"], heard[-1], tries)))
            if SITTING_OVER in heard[-1]:
                heard.append(self.say("继续"))
        raise AssertionError("\n".join(heard[-8:]))


def _choose(awaiting: Mapping[str, Any], question: str, tries: int) -> str:
    enough = [option["number"] for option in awaiting["options"] if option["label"] in ENOUGH]
    return str(enough[0]) if enough else answer({**awaiting, "required": True}, question, tries)


def _read(body: dict[str, Any]) -> str:
    return re.sub(r"<[^>]+>", "", body["text"]) if "text" in body else json.dumps(body, ensure_ascii=False)

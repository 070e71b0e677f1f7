"""The platform's end of the wire in a test: letters posted to a webhook by hand, and the sandbox's JSON."""

from __future__ import annotations

import http.client
import json
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from sandbox.courier import exchange, open_connection
from sandbox.envelope import seal
from sandbox.replies import read_reply
from sandbox.settings import SandboxConfig

PATIENCE_SECONDS = 20.0  # the platform waits five; a busy build machine may be four times slower


@dataclass(frozen=True)
class Told:
    """What a webhook answered: the status, the body as it came, the text a person reads ("" for success)."""

    status: int
    body: bytes
    text: str
    seconds: float


@dataclass
class Door:
    """The webhook of one web process, spoken to as the platform does."""

    config: SandboxConfig
    last_id: list[int] = field(default_factory=lambda: [time.time_ns() // 1000])

    @property
    def base(self) -> str:
        """Return the address of the web process."""
        return self.config.webhook_url.removesuffix("/wechat")

    def message(self, openid: str, text: str) -> dict[str, Any]:
        """Return the fields of a new text message."""
        self.last_id[0] += 1
        return {**self._head(openid, "text"), "Content": text, "MsgId": self.last_id[0]}

    def event(self, openid: str, event: str, key: str = "") -> dict[str, Any]:
        """Return the fields of a new event, which has no id."""
        return {**self._head(openid, "event"), "Event": event, "EventKey": key}

    def deliver(self, fields: dict[str, Any]) -> Told:
        """Deliver a message as its mode says and read the answer as strictly as the platform does."""
        letter = seal(self.config, fields)
        status, body, seconds = self.post(letter.url, letter.body)
        assert status == 200, body
        reply = read_reply(self.config, fields, body, lambda _media_id: True)
        return Told(status, body, reply.body.get("text", ""), seconds)

    def say(self, openid: str, text: str) -> Told:
        """Deliver a new text message."""
        return self.deliver(self.message(openid, text))

    def post(self, url: str, body: bytes) -> tuple[int, bytes, float]:
        """Post bytes and return status, body and seconds."""
        connection = open_connection(url, 20)
        began = time.monotonic()
        try:
            status, answer = exchange(connection, "POST", url, body)
        finally:
            connection.close()
        return status, answer, time.monotonic() - began

    def get(self, path: str) -> tuple[int, str]:
        """Get a page."""
        url = f"{self.base}{path}"
        connection = open_connection(url, 5)
        try:
            status, body = exchange(connection, "GET", url, None)
        except (OSError, http.client.HTTPException):
            return 0, ""
        finally:
            connection.close()
        return status, body.decode()

    def _head(self, openid: str, kind: str) -> dict[str, Any]:
        head = {"ToUserName": self.config.account, "FromUserName": openid}
        return {**head, "CreateTime": int(time.time()), "MsgType": kind}


@dataclass(frozen=True)
class Platform:
    """A sandbox that runs alone: its JSON for doing things, its file for counting."""

    base: str
    folder: Path

    def call(self, path: str, body: dict[str, Any] | None = None, **query: Any) -> Any:
        """Call the sandbox's JSON and return the answer."""
        parts = urlsplit(self.base)
        with closing(http.client.HTTPConnection(parts.netloc, timeout=60)) as connection:
            content = None if body is None else json.dumps(body)
            headers = {"Content-Type": "application/json"}
            connection.request("GET" if body is None else "POST", f"/api/{path}?{urlencode(query)}", content, headers)
            answer = connection.getresponse()
            value = json.loads(answer.read())
        assert answer.status < 300, value
        return value

    def meet(self, openid: str) -> None:
        """Add a follower whose window is open."""
        self.call("people", {"openid": openid, "name": openid, "following": True})
        self.call("knobs", {"open_window": openid})

    def fail(self, path: str, **fault: Any) -> None:
        """Arrange what the next call of an API meets."""
        self.call("knobs", {"fail": {"path": f"/cgi-bin/{path}", **fault}})

    def seen(self, openid: str) -> list[str]:
        """Return the bodies of everything the account showed to a person, whatever the way."""
        return [body for _, body in self._select("openid = ?", openid)]

    def receivers(self, part: str) -> list[str]:
        """Return who got a bubble that holds this text, once for each time."""
        return [openid for openid, _ in self._select("body LIKE ?", f"%{part}%")]

    def _select(self, condition: str, value: str) -> list[tuple[str, str]]:
        statement = f"SELECT openid, body FROM messages WHERE side = 'account' AND {condition} ORDER BY id"
        with closing(sqlite3.connect(f"file:{self.folder / 'sandbox.db'}?mode=ro", uri=True, timeout=60)) as connection:
            return list(connection.execute(statement, (value,)))

"""A tiny platform: answers the server calls that the bot makes and writes each one down. It must not import the project."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Call:
    """One call that came in."""

    method: str
    path: str
    query: dict[str, str]
    body: Any

    @property
    def words(self) -> str:
        """Everything in it, to look for a word."""
        return json.dumps([self.query, self.body], ensure_ascii=False)


@dataclass
class Tencent:
    """The server with its memory; `answers` maps a path to what it answers next."""

    calls: list[Call] = field(default_factory=list)
    menu: Any = None
    errors: dict[tuple[str, str], int] = field(default_factory=dict)
    url: str = ""

    def answer(self, call: Call) -> dict[str, Any]:
        """Answer one call."""
        self.calls.append(call)
        if call.path in ("/cgi-bin/stable_token", "/cgi-bin/token"):
            return {"access_token": "T" * 64, "expires_in": 7200}
        if call.query.get("access_token") != "T" * 64:
            return {"errcode": 40001, "errmsg": "invalid credential rid: 1"}
        touser = call.body.get("touser", "") if isinstance(call.body, dict) else ""
        if code := self.errors.get((call.path.rsplit("/", 2)[-2], touser)):
            return {"errcode": code, "errmsg": "as the case wants rid: 2"}
        if call.path == "/cgi-bin/menu/create":
            self.menu = call.body
        if call.path in ("/cgi-bin/menu/get", "/cgi-bin/get_current_selfmenu_info"):
            return {"menu": self.menu} if self.menu else {"errcode": 46003, "errmsg": "menu no exist rid: 3"}
        return {"errcode": 0, "errmsg": "ok", "msgid": 1000 + len(self.calls)}

    def sent(self, openid: str = "", path: str = "message/") -> list[Call]:
        """Messages that went out, to one person if named."""
        return [c for c in self.calls if path in c.path and (not openid or c.body.get("touser") == openid)]

    def wait(self, what: Callable[[], Any], seconds: float = 90) -> Any:
        """Wait until a condition holds and give its value."""
        until = time.monotonic() + seconds
        while not (value := what()):
            assert time.monotonic() < until, f"nothing in {seconds} s; last calls: {[c.words for c in self.calls[-5:]]}"
            time.sleep(0.05)
        return value


def open_tencent() -> tuple[Tencent, ThreadingHTTPServer]:
    """Start the platform on a free port."""
    platform = Tencent()

    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            try:
                body = json.loads(raw) if raw else {}
            except ValueError:
                body = {"raw": raw.decode("utf-8", "replace")}
            query = {k: v[0] for k, v in parse_qs(parts.query).items()}
            said = json.dumps(platform.answer(Call(self.command, parts.path, query, body))).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_GET = do_POST = _serve  # noqa: N815  the names that http.server looks for

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    platform.url = f"http://127.0.0.1:{server.server_address[1]}"
    return platform, server

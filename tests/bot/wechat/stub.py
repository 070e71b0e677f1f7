"""A tiny platform on a local port: scripted answers by path, and a record of what was asked. Not the sandbox."""

from __future__ import annotations

import json
import threading
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

TOKEN_PATH = "stable_token"


@dataclass
class Answer:
    """What the stub says: a JSON object or raw bytes, after a delay; `hangs_up` closes without a word."""

    body: Any = None
    status: int = 200
    kind: str = "application/json; encoding=utf-8"
    delay_seconds: float = 0.0
    hangs_up: bool = False


@dataclass(frozen=True)
class Asked:
    """One request as the stub saw it."""

    method: str
    path: str
    query: dict[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content)


@dataclass
class Platform:
    """The other side of the wire. Answers are used up in order; the last one of a path stays."""

    asked: list[Asked] = field(default_factory=list)
    answers: dict[str, deque[Answer]] = field(default_factory=lambda: defaultdict(deque))
    tokens_given: int = 0
    refused_tokens: dict[str, int] = field(default_factory=dict)  # token -> the errcode it meets
    token_delay_seconds: float = 0.0
    lifetime_seconds: int = 7200
    closing: threading.Event = field(default_factory=threading.Event)
    gate: threading.Lock = field(default_factory=threading.Lock)
    busy: int = 0
    connections: int = 0
    busiest: int = 0

    def __post_init__(self) -> None:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def setup(self) -> None:
                super().setup()
                outer.connections += 1

            def log_message(self, *_: object) -> None:
                pass

            def do_GET(self) -> None:
                outer.serve(self)

            do_POST = do_GET  # noqa: N815

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128  # the default of 5 drops connections that come at once

        self.server = Server(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def say(self, path: str, *answers: Any) -> None:
        """Script the answers of a path: Answer objects or JSON objects."""
        self.answers[path].extend(each if isinstance(each, Answer) else Answer(each) for each in answers)

    def calls(self, path: str) -> list[Asked]:
        return [each for each in self.asked if each.path == path]

    def counts(self) -> Counter[str]:
        return Counter(each.path for each in self.asked)

    def close(self) -> None:
        self.closing.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        content = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        asked = Asked(handler.command, parts.path.removeprefix("/cgi-bin/"), dict(parse_qsl(parts.query)), content)
        with self.gate:
            self.asked.append(asked)
            self.busy += 1
            self.busiest = max(self.busiest, self.busy)
            answer = self._answer(asked)
        self.closing.wait(answer.delay_seconds)
        with self.gate:
            self.busy -= 1
        if answer.hangs_up:
            handler.close_connection = True
            return
        try:
            self._write(handler, answer)
        except OSError:
            handler.close_connection = True  # the caller has given up

    def _answer(self, asked: Asked) -> Answer:
        refusal = self.refused_tokens.get(asked.query.get("access_token", ""))
        if refusal:
            return Answer({"errcode": refusal, "errmsg": "invalid credential rid: 66bd-1"})
        scripted = self.answers.get(asked.path)
        if scripted:
            return scripted.popleft() if len(scripted) > 1 else scripted[0]
        if asked.path == TOKEN_PATH:
            if asked.json["force_refresh"] or not self.tokens_given:
                self.tokens_given += 1
            body = {"access_token": f"token-{self.tokens_given}", "expires_in": self.lifetime_seconds}
            return Answer(body, delay_seconds=self.token_delay_seconds)
        return Answer({"errcode": 0, "errmsg": "ok", "msgid": 7})

    def _write(self, handler: BaseHTTPRequestHandler, answer: Answer) -> None:
        body = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body, ensure_ascii=False).encode()
        handler.send_response(answer.status)
        handler.send_header("Content-Type", answer.kind)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

"""A tiny webhook in a thread: it keeps what is posted to it and answers as the test says."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import xmltodict

from sandbox.crypto import check, decrypt, encrypt, sign
from sandbox.settings import SandboxConfig


@dataclass
class Webhook:
    """What arrived, in order, and the answer to give: a status with bytes, or a function of the message's fields."""

    url: str = ""
    answer: Callable[[dict[str, Any]], bytes | tuple[int, bytes]] = lambda _fields: b"success"
    queries: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    config: SandboxConfig | None = None

    def receive(self, query: dict[str, str], body: bytes) -> tuple[int, bytes]:
        """Keep one push, decrypted, and answer it."""
        assert self.config is not None
        check(query["signature"], self.config.token, query["timestamp"], query["nonce"])
        fields = xmltodict.parse(body)["xml"]
        if "Encrypt" in fields:
            sealed = fields["Encrypt"]
            check(query["msg_signature"], self.config.token, query["timestamp"], query["nonce"], sealed)
            fields = xmltodict.parse(decrypt(sealed, self.config.aes_key, self.config.app_id))["xml"]
        self.queries.append(query)
        self.bodies.append(body)
        self.messages.append(fields)
        said = self.answer(fields)
        return said if isinstance(said, tuple) else (200, said)

    def reply(self, inner: str, *, sealed: bool = True) -> Callable[[dict[str, Any]], bytes]:
        """Make an answer that swaps the ends and carries `inner`, encrypted where the mode wants it."""

        def answer(fields: dict[str, Any]) -> bytes:
            assert self.config is not None
            ends = f"<ToUserName>{fields['FromUserName']}</ToUserName><FromUserName>{fields['ToUserName']}</FromUserName>"
            xml = f"<xml>{ends}<CreateTime>1714037059</CreateTime>{inner}</xml>"
            return seal_reply(self.config, xml) if sealed and self.config.mode != "plain" else xml.encode()

        return answer


def seal_reply(config: SandboxConfig, xml: str, token: str | None = None) -> bytes:
    """Encrypt a reply as the bot would; another token gives a wrong signature."""
    sealed = encrypt(xml, config.aes_key, config.app_id)
    signature = sign(token or config.token, "1714037059", "n", sealed)
    return (
        f"<xml><Encrypt><![CDATA[{sealed}]]></Encrypt><MsgSignature>{signature}</MsgSignature>"
        "<TimeStamp>1714037059</TimeStamp><Nonce>n</Nonce></xml>"
    ).encode()


def text_reply(content: str) -> str:
    """Return the inner XML of a text reply."""
    return f"<MsgType>text</MsgType><Content><![CDATA[{content}]]></Content>"


def serve(webhook: Webhook) -> ThreadingHTTPServer:
    """Serve a webhook on a free port in a thread and write its url down."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, said = webhook.receive(dict(parse_qsl(urlsplit(self.path).query)), body)
            try:
                self.send_response(status)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)
            except OSError:  # the platform did not wait
                self.close_connection = True

        def do_GET(self) -> None:
            echo = dict(parse_qsl(urlsplit(self.path).query))["echostr"].encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(echo)))
            self.end_headers()
            self.wfile.write(echo)

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    webhook.url = f"http://127.0.0.1:{server.server_port}/wechat"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    return server


def wait_for(condition: Callable[[], Any], seconds: float = 120.0) -> Any:
    """Return the first true value of a condition; fail when none comes in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.01)
    raise AssertionError("it did not happen in time")

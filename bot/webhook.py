"""The webhook: verify, decrypt, parse, answer. It decides who may speak and in which dress, never what is said."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from flask import Blueprint, Response, request

from bot.metrics import Metrics
from bot.spool import AWAY_ERRORS, Spool
from bot.wechat.account import Account
from bot.wechat.crypto import BadEnvelopeError, Envelope, verify_signature
from bot.wechat.fields import BadMessageError, read_encrypted
from bot.wechat.messages import parse_message
from bot.wechat.replies import render_text
from handlers.inbound import Answer, handle
from handlers.ports import Inbound
from handlers.runtime import Runtime

LOG = logging.getLogger(__name__)
WAIT_SECONDS = 0.5
MAX_BYTES = 64 * 1024
SUCCESS = "success"
Query = Mapping[str, str]
Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]
ENCRYPTED_MODES = ("compatible", "safe")
_STATUS_LINES = {each.value: f"{each.value} {each.phrase}" for each in HTTPStatus}


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back over HTTP, whoever serves it."""

    body: str = ""
    status: int = 200
    mimetype: str = "text/plain"


class Webhook:
    """One account's webhook. `mode` is plain, compatible or safe (facts A2)."""

    def __init__(self, runtime: Runtime, account: Account, mode: str, metrics: Metrics, spool: Spool) -> None:
        self._runtime, self._account, self._mode = runtime, account, mode
        self._metrics, self._spool = metrics, spool
        self._turnstile = threading.Lock() if runtime.database.is_sqlite else None
        self._envelope = Envelope.of(account) if mode in ENCRYPTED_MODES else None

    def blueprint(self) -> Blueprint:
        """Return the routes."""
        blueprint = Blueprint("webhook", __name__)
        blueprint.add_url_rule("/wechat", "verify", lambda: _respond(self.verify(request.args)), methods=["GET"])
        blueprint.add_url_rule("/wechat", "receive", self._receive, methods=["POST"])
        return blueprint

    def _receive(self) -> Response:
        return _respond(self.receive(request.args, request.content_length or 0, request.stream.read))

    def verify(self, given: Query) -> Reply:
        """Answer the platform's check of the address: `echostr` as it came, or 403."""
        return Reply(given.get("echostr", "")) if self._is_signed(given) else Reply(status=403)

    def receive(self, given: Query, length: int, read: Callable[[int], bytes]) -> Reply:
        """Answer a message or event within 5 s (contract section 3). `length` is what the sender says, `read` the body."""
        started = time.monotonic()
        if not self._is_signed(given):
            return Reply(status=403)
        if length > MAX_BYTES:
            return Reply(status=413)
        body = read(MAX_BYTES + 1)
        if len(body) > MAX_BYTES:
            return Reply(status=413)
        with self._one_by_one():
            return self._take(given, body, started)

    @contextmanager
    def _one_by_one(self) -> Iterator[None]:
        """Let one message after another in where the database has one writer, as long as they go quickly.

        Threads that open and seal while another writes take the interpreter from it each time it waits for the file: that
        was a third of a turn's cost. Behind a slow one nobody waits here: the database's own queue knows when to give up.
        """
        is_ours = self._turnstile is not None and self._turnstile.acquire(timeout=WAIT_SECONDS)
        try:
            yield
        finally:
            if is_ours and self._turnstile is not None:
                self._turnstile.release()

    def _take(self, given: Query, body: bytes, started: float) -> Reply:
        """Open a message and answer it."""
        try:
            xml, key = self._open(given, body)
        except BadEnvelopeError as error:
            LOG.warning("refused an envelope reason=%s", error.reason)
            return Reply(status=403)
        except BadMessageError as error:
            LOG.warning("ignored a malformed body reason=%s", error)
            return Reply(SUCCESS)
        try:
            inbound = parse_message(xml)
        except BadMessageError as error:
            LOG.warning("ignored a malformed message reason=%s", error)
            return Reply(SUCCESS)
        return self._answer(inbound, key, started)

    def _is_signed(self, given: Query) -> bool:
        signature, timestamp, nonce = given.get("signature", ""), given.get("timestamp", ""), given.get("nonce", "")
        return verify_signature(self._account.token, signature, timestamp, nonce)

    def _open(self, given: Query, body: bytes) -> tuple[bytes, str]:
        """Return (trusted XML, key it was sealed with or ""). An encrypted body counts by its decrypted part only."""
        encrypted = read_encrypted(body) if self._envelope else None
        if encrypted is None or self._envelope is None:
            if self._mode == "plain":
                return body, ""
            raise BadEnvelopeError("a plain body where an encrypted one must be")
        signature, timestamp, nonce = given.get("msg_signature", ""), given.get("timestamp", ""), given.get("nonce", "")
        if not verify_signature(self._account.token, signature, timestamp, nonce, encrypted):
            raise BadEnvelopeError("msg_signature")
        return self._envelope.open(encrypted)

    def _answer(self, inbound: Inbound, key: str, started: float) -> Reply:
        answer = self._handle(inbound)
        seconds = time.monotonic() - started
        self._metrics.turn(seconds, answer.script)
        LOG.info(
            "turn key=%s kind=%s script=%s ms=%.1f",
            inbound.key[:24],
            inbound.event or inbound.kind,
            answer.script,
            seconds * 1e3,
        )
        if answer.text is None:
            return Reply(SUCCESS)
        # The message's own time, so that a re-delivery gets the first answer again, byte for byte.
        xml = render_text(inbound.openid, self._account.name, answer.text, inbound.sent_at)
        if key and self._envelope:
            xml = self._envelope.seal(xml, key, int(time.time()), secrets.token_hex(8), self._account.token)
        return Reply(xml, mimetype="text/xml")

    def _handle(self, inbound: Inbound) -> Answer:
        """Handle the message; a database that is away or held keeps it for later, a fault of ours is owned up to."""
        try:
            return handle(self._runtime, inbound)
        except AWAY_ERRORS as error:
            LOG.exception("the database did not take a message; it is spooled error=%s", type(error).__name__)
            self._spool.keep(inbound)
            self._metrics.late()
            return Answer(None if inbound.kind == "event" else self._runtime.say("host.wait"))
        except Exception:
            reference = secrets.token_hex(3)
            LOG.exception("a turn failed reference=%s kind=%s", reference, inbound.event or inbound.kind)
            return Answer(None if inbound.kind == "event" else self._runtime.say("host.error", reference=reference))


def _respond(reply: Reply) -> Response:
    return Response(reply.body, status=reply.status, mimetype=reply.mimetype)


def read_query(text: str) -> Query:
    """Return a query's values by name; the platform's own need no decoding, and the library's way costs ten times as much."""
    if "%" in text or "+" in text:
        return dict(parse_qsl(text, keep_blank_values=True))
    return {name: value for name, _, value in (pair.partition("=") for pair in text.split("&") if pair)}


def build_fast_door(webhook: Webhook, others: Wsgi) -> Wsgi:
    """Return a WSGI app that hands messages straight to the webhook and everything else to `others`.

    The same answers as by the Flask routes, without the framework's part of the time, which was a tenth of a turn.
    """

    def serve(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        is_message = environ["REQUEST_METHOD"] == "POST" and environ["PATH_INFO"] == "/wechat"
        if not is_message or environ.get("HTTP_TRANSFER_ENCODING"):
            return others(environ, start_response)
        given = read_query(environ.get("QUERY_STRING", ""))
        length = environ.get("CONTENT_LENGTH") or "0"
        size = int(length) if length.isascii() and length.isdigit() else 0
        reply = webhook.receive(given, size, lambda most: environ["wsgi.input"].read(min(size, most)))
        body = reply.body.encode()
        headers = [("Content-Type", f"{reply.mimetype}; charset=utf-8"), ("Content-Length", str(len(body)))]
        start_response(_STATUS_LINES[reply.status], headers)
        return [body]

    return serve

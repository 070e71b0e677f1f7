"""Carries the queued pushes to the webhook: one at a time per person, several people at once, three times at most.

What is not settled stays a pending row, so a restart goes on where this one stopped. One process at a time carries:
it holds a file lock beside the database.
"""

import fcntl
import http.client
import json
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Any
from urllib.parse import urlsplit

from sandbox.calls import log_call
from sandbox.chat import FAULT_LINE, show, show_line
from sandbox.envelope import Letter, seal
from sandbox.pictures import has_media
from sandbox.posting import is_silent
from sandbox.replies import Reply, ReplyRefusedError, read_reply
from sandbox.world import World

PARALLEL = 24
POLL_SECONDS = 0.1


@dataclass(frozen=True)
class Answer:
    """What one delivery brought back; status 0 when nothing came in time, with the reason in the body."""

    status: int
    body: bytes
    ms: float


class Courier:
    """A dispatcher thread and one short-lived thread per delivery under way."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._stopping = threading.Event()
        self._woken = threading.Event()
        self._busy: set[str] = set()
        self._open: set[http.client.HTTPConnection] = set()
        self._threads: set[threading.Thread] = set()
        self._guard = threading.Lock()
        self._dispatcher: threading.Thread | None = None

    def start(self) -> None:
        """Begin carrying; calling it twice changes nothing."""
        if self._dispatcher is None:
            self._stopping.clear()
            self._dispatcher = threading.Thread(target=self._dispatch, name="sandbox-courier", daemon=True)
            self._dispatcher.start()

    def wake(self) -> None:
        """Look at the queue now instead of at the next round."""
        self._woken.set()

    def stop(self) -> None:
        """Stop within a second; a delivery under way is cut off and stays pending."""
        deadline = time.monotonic() + 0.9
        self._stopping.set()
        self._woken.set()
        if self._dispatcher:
            self._dispatcher.join(deadline - time.monotonic())
            self._dispatcher = None
        with self._guard:
            for connection in self._open:
                _cut(connection)
            waiting = list(self._threads)
        for thread in waiting:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _dispatch(self) -> None:
        lock = self._become_the_only_one()
        while lock and not self._stopping.is_set():
            self._woken.clear()
            for row in self._ready():
                self._hand_over(row)
            self._woken.wait(POLL_SECONDS)
        if lock:
            lock.close()

    def _become_the_only_one(self) -> IO[str] | None:
        lock = (self._world.config.data_dir / "sandbox.lock").open("w", encoding="utf-8")
        while not self._stopping.is_set():
            with suppress(OSError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return lock
            self._stopping.wait(0.1)
        lock.close()
        return None

    def _ready(self) -> list[dict[str, Any]]:
        with self._guard:
            busy = set(self._busy)  # asked before the rows: what is delivered meanwhile looks pending in them, and is not free
        heads = self._world.store.rows(
            "SELECT * FROM deliveries WHERE id IN"
            " (SELECT min(id) FROM deliveries WHERE state = 'pending' GROUP BY openid) AND due_at <= ? ORDER BY id",
            time.time(),
        )
        free = [row for row in heads if row["openid"] not in busy]
        return free[: max(0, PARALLEL - len(busy))]

    def _hand_over(self, row: dict[str, Any]) -> None:
        thread = threading.Thread(target=self._carry, args=(row,), name=f"sandbox-delivery-{row['id']}", daemon=True)
        with self._guard:
            self._busy.add(row["openid"])
            self._threads.add(thread)
            thread.start()

    def _carry(self, row: dict[str, Any]) -> None:
        try:
            fields = json.loads(row["fields"])
            letter = seal(self._world.config, fields)
            began = time.time()
            answer = self._post(letter)
            if not self._stopping.is_set():
                settle(self._world, row, letter, answer, began)
        finally:
            with self._guard:
                self._busy.discard(row["openid"])
                self._threads.discard(threading.current_thread())
            self.wake()

    def _post(self, letter: Letter) -> Answer:
        began = time.monotonic()
        connection = open_connection(letter.url, self._world.config.redeliver_after_seconds)
        with self._guard:
            self._open.add(connection)
        try:
            status, body = exchange(connection, "POST", letter.url, letter.body)
        except (OSError, http.client.HTTPException) as error:
            status, body = 0, (str(error) or type(error).__name__).encode()
        finally:
            with self._guard:
                self._open.discard(connection)
            connection.close()
        return Answer(status, body, (time.monotonic() - began) * 1000)


def open_connection(url: str, seconds: float) -> http.client.HTTPConnection:
    """Return an unconnected client for the url's host that waits `seconds` for each answer."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    return kind(parts.hostname or "", parts.port, timeout=seconds)


def exchange(connection: http.client.HTTPConnection, method: str, url: str, body: bytes | None) -> tuple[int, bytes]:
    """Send one request and return the status and the whole body."""
    parts = urlsplit(url)
    headers = {"Content-Type": "text/xml", "User-Agent": "Mozilla/4.0", "Connection": "close"}
    connection.request(method, f"{parts.path or '/'}?{parts.query}", body=body, headers=headers)
    answer = connection.getresponse()
    return answer.status, answer.read()


def _cut(connection: http.client.HTTPConnection) -> None:
    with suppress(OSError):
        if connection.sock:
            connection.sock.shutdown(2)


def settle(world: World, row: dict[str, Any], letter: Letter, answer: Answer, began: float) -> None:
    """Write down what one delivery brought: the bubble, the fault line, or when to try again."""
    fields = json.loads(row["fields"])
    attempts = row["attempts"] + 1
    reply, reason = _judge(world, fields, answer)
    if reply is None and answer.status != 200 and attempts < world.config.deliveries:
        state, due_at = "pending", began + world.config.redeliver_after_seconds
    else:
        state, due_at = ("done" if reply else "failed"), 0.0
    with world.store.writing():
        world.store.run(
            "UPDATE deliveries SET state = ?, attempts = ?, due_at = ?, outcome = ? WHERE id = ?",
            *(state, attempts, due_at, reason or (reply.kind if reply else ""), row["id"]),
        )
        if state == "failed" and not is_silent(fields):
            show_line(world, row["openid"], FAULT_LINE, delivery_id=row["id"])
        if reply and reply.kind not in {"none", "transfer"} and not is_silent(fields):
            show(world, row["openid"], "account", reply.kind, reply.body, "reply", delivery_id=row["id"])
        _log(world, row, letter, answer, reply.xml or reply.kind if reply else reason)


def _judge(world: World, fields: dict[str, Any], answer: Answer) -> tuple[Reply | None, str]:
    if answer.status == 0:
        return None, f"no answer: {answer.body.decode(errors='replace')}"
    if answer.status != 200:
        return None, f"HTTP {answer.status}"
    try:
        return read_reply(world.config, fields, answer.body, lambda media_id: has_media(world, media_id)), ""
    except ReplyRefusedError as refused:
        return None, str(refused)


def _log(world: World, row: dict[str, Any], letter: Letter, answer: Answer, verdict: str) -> None:
    log_call(
        world,
        "webhook",
        method="POST",
        path=letter.url,
        openid=row["openid"],
        status=answer.status,
        ms=answer.ms,
        sent=letter.body.decode(),
        answer=answer.body.decode(errors="replace"),
        decoded=f"→ 第 {row['attempts'] + 1} 次\n{letter.plain}\n← {verdict}",
    )

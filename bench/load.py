"""The load generator, a process of its own: `python -m bench.load` reads a job from stdin and prints what it saw, both JSON.

Requests are made before the clock starts and replies are checked after it has stopped, so that only the wire is timed.
"""

from __future__ import annotations

import asyncio
import gc
import json
import socket
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field

from bench.envelope import BadReplyError, Wire
from bench.talk import STEPS, Turn, choose_people, plan

Check = Callable[[Turn, str], bool]
CHECKS: dict[str, Check] = {
    "dialog": lambda turn, words: turn.answered in words,
    "echo": lambda turn, words: words == turn.said,
    "session": lambda turn, words: words.endswith(f": {turn.said}"),
}


@dataclass(frozen=True)
class Job:
    """What to send: `people` of `owners` over `connections`, each through `talk` once; `check` says how to judge answers."""

    port: int
    check: str
    keep_alive: bool
    wire: dict[str, str]
    talk: str = STEPS
    owners: int = 2_000
    people: int = 200
    connections: int = 8


@dataclass(frozen=True)
class Report:
    """What came back. Latencies in milliseconds; `faults` has the first few bad answers."""

    messages: int
    seconds: float
    median_ms: float
    p99_ms: float
    connects: int
    bad: int
    faults: list[str]

    @property
    def per_second(self) -> float:
        """Return messages per second."""
        return self.messages / self.seconds


@dataclass
class Line:
    """One connection: sends its next request when the last answer is whole."""

    job: Job
    requests: Sequence[bytes]
    answers: list[bytes] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    connects: int = 0

    async def run(self) -> None:
        """Send everything."""
        connection: socket.socket | None = None
        for request in self.requests:
            started = time.perf_counter()
            if connection is None:  # a connection that has to be made is part of the answer's time
                connection = await self._connect()
            answer = await exchange(connection, request)
            self.seconds.append(time.perf_counter() - started)
            self.answers.append(answer)
            if not self.job.keep_alive or b"connection: close" in answer[:400].lower():
                connection.close()
                connection = None
        if connection is not None:
            connection.close()

    async def _connect(self) -> socket.socket:
        connection = socket.socket()
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", self.job.port))
        self.connects += 1
        return connection


async def exchange(connection: socket.socket, request: bytes) -> bytes:
    """Send one request and return its whole answer."""
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(connection, request)
    answer = b""
    while True:
        piece = await loop.sock_recv(connection, 65536)
        if not piece:
            raise ConnectionError(f"the server hung up after {len(answer)} bytes")
        answer += piece
        end = answer_length(answer)
        if end is not None and len(answer) >= end:
            return answer


def answer_length(buffer: bytes) -> int | None:
    """Return how long the HTTP answer at the start of `buffer` is, None while its head is not complete."""
    end = buffer.find(b"\r\n\r\n")
    if end < 0:
        return None
    for line in buffer[:end].split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            return end + 4 + int(value)
    raise BadReplyError("an answer without Content-Length")


async def send(job: Job) -> Report:
    """Send a job's messages and judge every answer."""
    wire = Wire(**job.wire)
    openids = choose_people(job.owners, job.people)
    plans = [list(plan(openids[number :: job.connections], job.talk)) for number in range(job.connections)]
    base, now = time.time_ns() // 1000, int(time.time())
    lines = []
    for talk in plans:
        requests = []
        for openid, turn in talk:
            base += 1
            requests.append(wire.render_post(openid, turn.said, base, now, keep_alive=job.keep_alive))
        lines.append(Line(job, requests))
    gc.collect()
    gc.disable()
    started = time.perf_counter()
    await asyncio.gather(*(line.run() for line in lines))
    seconds = time.perf_counter() - started
    gc.enable()
    faults = [fault for talk, line in zip(plans, lines, strict=True) for fault in judge(wire, job.check, talk, line.answers)]
    latencies = [each * 1e3 for line in lines for each in line.seconds]
    return Report(
        messages=len(latencies),
        seconds=seconds,
        median_ms=statistics.median(latencies),
        p99_ms=statistics.quantiles(latencies, n=100)[98],
        connects=sum(line.connects for line in lines),
        bad=len(faults),
        faults=faults[:3],
    )


def judge(wire: Wire, check: str, talk: Sequence[tuple[str, Turn]], answers: Sequence[bytes]) -> list[str]:
    """Return what is wrong with answers: not 200, not a sealed reply to this person, or not the words that must come."""
    faults = []
    for (openid, turn), answer in zip(talk, answers, strict=True):
        head, _, body = answer.partition(b"\r\n\r\n")
        status = head.split(b"\r\n")[0]
        if b" 200 " not in status:
            faults.append(status.decode("latin-1"))
            continue
        try:
            words = wire.open_reply(body, openid)
        except BadReplyError as error:
            faults.append(f"{turn.said}: {error}")
            continue
        if not CHECKS[check](turn, words):
            faults.append(f"{turn.said} was answered {words[:60]!r}")
    return faults


def main() -> None:
    """Do the job that stands on stdin."""
    report = asyncio.run(send(Job(**json.load(sys.stdin))))
    json.dump(asdict(report), sys.stdout)


if __name__ == "__main__":
    main()

"""Starts, kills and cleans up the real processes of a fault test, and waits for conditions with a deadline."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis

from bot.redis_server import find_program

ROOT = Path(__file__).resolve().parents[2]


def wait_for(condition: Callable[[], Any], seconds: float = 120.0, what: str = "it") -> Any:
    """Return the first true value of a condition; fail when none comes in time."""
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < deadline, f"{what} did not happen in {seconds:g} s"
        time.sleep(0.02)


def find_port() -> int:
    """Return a port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Role:
    """One running role: it leads a process group of its own."""

    name: str
    pid: int
    log: Path

    def is_alive(self) -> bool:
        """Tell whether the process is there."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, 0)
            return True
        return False

    def kill(self) -> None:
        """End it and what it started as `kill -9` does, and wait until it is gone."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        wait_for(lambda: not self.is_alive(), 5, f"the end of {self.name}")


class Nursery:
    """The fork server's other end. Everything it started ends with the block."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.forkserver"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={key: value for key, value in os.environ.items() if not key.startswith("GUANJIA")},
            text=True,
        )
        assert "ready" in self._read()

    def start(self, role: str, environ: Mapping[str, str], arguments: Sequence[str] = (), name: str = "") -> Role:
        """Start a role of the project, or `sandbox`, with these settings."""
        log = self._folder / f"{name or role}.log"
        order = {"role": role, "arguments": list(arguments), "environ": dict(environ), "log": str(log)}
        assert self._process.stdin is not None
        self._process.stdin.write(f"{json.dumps(order)}\n")
        self._process.stdin.flush()
        return Role(name or role, self._read()["pid"], log)

    def close(self) -> None:
        """End everything."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(60)
        self._process.stdout.close()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        answer: dict[str, Any] = json.loads(self._process.stdout.readline() or "{}")
        return answer


@contextmanager
def open_nursery(folder: Path) -> Iterator[Nursery]:
    """Give a nursery that takes everything along when the block ends."""
    nursery = Nursery(folder)
    try:
        yield nursery
    finally:
        nursery.close()


class OwnRedis:
    """A Redis that may be killed and started again at the same address, with nothing in it."""

    def __init__(self, folder: Path) -> None:
        self._socket = folder / "redis.sock"
        self._folder = folder
        self.url = f"unix://{self._socket}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait for its answer."""
        options = ("--port", "0", "--unixsocket", str(self._socket), "--save", "", "--dir", str(self._folder))
        self._process = subprocess.Popen([find_program(), *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        client = redis.Redis.from_url(self.url)
        wait_for(lambda: _answers(client), what="the answer of Redis")
        client.close()

    def kill(self) -> None:
        """End it as `kill -9` does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(60)
            self._process = None


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False

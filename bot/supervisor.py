"""`python -m bot run`: everything in one. Checks first, then Redis, schema and demo, then the roles as child processes.

The roles are forked from what has been read by then: reading it three times more was most of a start. Restarts what
crashes, says so, and takes everything along when it ends. Holds no logic of the bot itself, and no thread: a fork takes
none along, and would keep the locks that they held.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import TextIO

from bot.lifetime import become_role, hold_signals
from bot.redis_server import RedisError, RedisServer, ensure_redis
from bot.secrets import load_secrets
from bot.settings import Settings

LOG = logging.getLogger(__name__)
ROLES = ("web", "worker", "scheduler")
STOP_SECONDS = 3.5  # all ends within 5 s; the rest is for Redis
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS, STEADY_SECONDS = 0.5, 30.0, 60.0
LOOK_SECONDS = 0.1
CHUNK = 65536
# Elsewhere a system's own libraries do not outlive a fork; there a role reads everything for itself.
PROCESSES = get_context("fork" if sys.platform.startswith("linux") else "spawn")


class StartError(Exception):
    """Nothing was started; `problems` has one clear line per reason."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass
class Child:
    """A role, the process that plays it, and the pipe on which its lines come; `prefix` stands before each."""

    role: str
    prefix: str
    process: BaseProcess | None = None
    lines: Connection | None = None
    started_at: float = 0.0
    wait_seconds: float = FIRST_WAIT_SECONDS
    start_again_at: float = 0.0
    _rest: bytes = b""

    def listen(self, lines: Connection) -> None:
        """Take the lines from a new pipe."""
        if self.lines is not None:
            self.lines.close()
        self.lines, self._rest = lines, b""

    def read_lines(self) -> str:
        """Return the whole lines that have come; closes the pipe at its end. Waits for some when there are none."""
        came = os.read(self.lines.fileno(), CHUNK)
        *whole, self._rest = (self._rest + came).split(b"\n")
        if not came:
            self.lines.close()
            self.lines = None
            whole += [self._rest] if self._rest else []
        return "".join(f"{self.prefix}{line.decode(errors='replace').rstrip()}\n" for line in whole)


@dataclass
class Supervisor:
    """Keeps the roles running until it is told to stop. `play` plays a role in a process of its own and ends with it.

    `say` is for people; children's lines go through `output`.
    """

    settings: Settings
    environ: Mapping[str, str]
    say: Callable[[str], None]
    play: Callable[[str], None]
    output: TextIO = field(default_factory=lambda: sys.stderr)
    redis: RedisServer | None = None
    should_stop: threading.Event = field(default_factory=threading.Event)
    children: list[Child] = field(default_factory=list)
    is_announced: bool = False
    redis_again_at: float = 0.0

    def run(self) -> None:
        """Start every role, keep it running, and stop all once `should_stop` is set. Call from the main thread."""
        previous = {each: signal.signal(each, self._on_signal) for each in (signal.SIGINT, signal.SIGTERM)}
        try:
            for role in ROLES:  # a line of JSON names its role itself
                self.children.append(Child(role, "" if self.settings.log.format == "json" else f"{role:<9} | "))
                self._start(self.children[-1])
            self._watch()
        finally:
            self._stop_children()
            for number, handler in previous.items():
                signal.signal(number, handler)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.should_stop.set()

    def _start(self, child: Child) -> None:
        lines, writing = PROCESSES.Pipe(duplex=False)
        child.listen(lines)
        child.started_at = time.monotonic()
        child.process = PROCESSES.Process(target=become_role, args=(child.role, writing, dict(self.environ), self.play))
        with hold_signals():  # else one that came before the role has its own handlers would be lost
            child.process.start()
        writing.close()

    def _pass_on(self, seconds: float) -> bool:
        """Write what the children say within a time; returns at once when one has spoken, False when none has."""
        ready = wait([child.lines for child in self.children if child.lines is not None], seconds)
        for child in self.children:
            if child.lines in ready:
                self.output.write(child.read_lines())
        self.output.flush()
        return bool(ready)

    def _watch(self) -> None:
        look_at = 0.0
        while not self.should_stop.is_set():
            self._pass_on(LOOK_SECONDS)
            if time.monotonic() >= look_at:
                self._look()
                look_at = time.monotonic() + LOOK_SECONDS

    def _look(self) -> None:
        self._watch_redis()
        for child in self.children:
            self._watch_child(child)
        if not self.is_announced and is_healthy(self.settings):
            self.is_announced = True
            self._announce()

    def _watch_child(self, child: Child) -> None:
        now = time.monotonic()
        if child.process is None:
            if now >= child.start_again_at:
                self._start(child)
            return
        code = child.process.exitcode
        if code is None:
            return
        if now - child.started_at > STEADY_SECONDS:
            child.wait_seconds = FIRST_WAIT_SECONDS
        self.say(f"{child.role} ended with code {code}; starting it again in {child.wait_seconds:g} s")
        child.process, child.start_again_at = None, now + child.wait_seconds
        child.wait_seconds = min(child.wait_seconds * 2, LONGEST_WAIT_SECONDS)

    def _watch_redis(self) -> None:
        """Start our Redis again when it died; its file and its address are the same."""
        process = self.redis.process if self.redis else None
        if process is None or process.poll() is None:
            return
        if time.monotonic() < self.redis_again_at:
            return
        self.redis_again_at = time.monotonic() + LONGEST_WAIT_SECONDS
        self.say(f"redis ended with code {process.returncode}; starting it again")
        try:
            self.redis = ensure_redis(self.settings)
        except RedisError as error:
            self.say(f"{error}; trying again in {LONGEST_WAIT_SECONDS:g} s")

    def _announce(self) -> None:
        address = self.settings.web.public_url
        if self.settings.is_sandbox:
            self.say(f"Sandbox  {address}/sandbox/")
        console = self.settings.console
        is_ours = load_secrets(self.settings.data_dir).staff_password == console.password
        password = console.password if is_ours else "as you set it"
        self.say(f"Console  {address}/console/   login {console.login}   password {password}")
        self.say("Ready. Ctrl-C stops everything.")

    def _stop_children(self) -> None:
        for process in self._list_living():
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        while self._list_living() and time.monotonic() < deadline:
            self._pass_on(LOOK_SECONDS / 2)
        for process in self._list_living():
            LOG.warning("a role did not stop in time and was ended pid=%s", process.pid)
            _kill_group(process)
        while self._pass_on(0):
            pass

    def _list_living(self) -> list[BaseProcess]:
        return [child.process for child in self.children if child.process is not None and child.process.is_alive()]


def _kill_group(process: BaseProcess) -> None:
    """End a child with its own children; it leads a session of its own."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        process.kill()
    process.join()


def check_start(settings: Settings, check_content: Callable[[], Sequence[object]]) -> None:
    """Raise StartError with every reason not to start: folder, port, content."""
    problems = [*_check_folder(settings), *check_port(settings), *(str(each) for each in check_content())]
    if problems:
        raise StartError(*problems)


def _check_folder(settings: Settings) -> list[str]:
    probe = settings.data_dir / ".probe"
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        return [f"cannot write to the data folder {settings.data_dir} ({error.strerror}); set GUANJIA__DATA_DIR"]
    return []


def check_port(settings: Settings) -> list[str]:
    """Return one line when somebody else already listens there."""
    web = settings.web
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(web.host, web.port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except OSError as error:
        return [f"cannot listen on {web.host}:{web.port} ({error.strerror}); set GUANJIA__WEB__HOST or GUANJIA__WEB__PORT"]
    return []


def is_healthy(settings: Settings) -> bool:
    """Tell whether the web role answers."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.web.host, settings.web.host)  # noqa: S104
    address = f"http://{f'[{host}]' if ':' in host else host}:{settings.web.port}/healthz"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(address, timeout=1) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError, ValueError):
        return False

"""`python -m bot run`: everything in one. Checks first, then Redis, schema and demo, then the roles as child processes.

Restarts what crashes, says so, and takes everything along when it ends. Holds no logic of the bot itself.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import TextIO

from bot.lifetime import PARENT_VARIABLE
from bot.redis_server import RedisError, RedisServer, ensure_redis
from bot.secrets import load_secrets
from bot.settings import PROJECT_ROOT, Settings

LOG = logging.getLogger(__name__)
ROLES = ("web", "worker", "scheduler")
STOP_SECONDS = 3.5  # all ends within 5 s; the rest is for Redis
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS, STEADY_SECONDS = 0.5, 30.0, 60.0
LOOK_SECONDS = 0.1


class StartError(Exception):
    """Nothing was started; `problems` has one clear line per reason."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass
class Child:
    """A role and the process that plays it."""

    role: str
    command: Sequence[str]
    process: subprocess.Popen[str] | None = None
    started_at: float = 0.0
    wait_seconds: float = FIRST_WAIT_SECONDS
    start_again_at: float = 0.0
    pump: threading.Thread | None = None


@dataclass
class Supervisor:
    """Keeps the roles running until it is told to stop. `say` is for people; children's lines go through `output`."""

    settings: Settings
    environ: Mapping[str, str]
    say: Callable[[str], None]
    output: TextIO = field(default_factory=lambda: sys.stderr)
    commands: Mapping[str, Sequence[str]] = field(default_factory=dict)
    redis: RedisServer | None = None
    should_stop: threading.Event = field(default_factory=threading.Event)
    children: list[Child] = field(default_factory=list)
    is_announced: bool = False
    redis_again_at: float = 0.0

    def run(self) -> None:
        """Start every role, keep it running, and stop all once `should_stop` is set. Call from the main thread."""
        previous = {each: signal.signal(each, self._on_signal) for each in (signal.SIGINT, signal.SIGTERM)}
        try:
            for role in ROLES:
                command = self.commands.get(role, (sys.executable, "-m", "bot", role))
                self.children.append(Child(role, command))
                self._start(self.children[-1])
            self._watch()
        finally:
            self._stop_children()
            for number, handler in previous.items():
                signal.signal(number, handler)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.should_stop.set()

    def _start(self, child: Child) -> None:
        child.process = subprocess.Popen(  # noqa: S603
            list(child.command),
            cwd=PROJECT_ROOT,
            env={**self.environ, PARENT_VARIABLE: str(os.getpid()), "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,  # Ctrl-C at the terminal reaches us alone; we tell the children in our order
        )
        child.started_at = time.monotonic()
        child.pump = threading.Thread(target=self._pump, args=(child.role, child.process), daemon=True)
        child.pump.start()

    def _pump(self, role: str, process: subprocess.Popen[str]) -> None:
        """Pass a child's lines on, each with its role in front; JSON lines already name it."""
        prefix = "" if self.settings.log.format == "json" else f"{role:<9} | "
        if process.stdout is None:
            return
        with process.stdout as lines:
            for line in lines:
                self.output.write(f"{prefix}{line.rstrip()}\n")
                self.output.flush()

    def _watch(self) -> None:
        while not self.should_stop.wait(LOOK_SECONDS):
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
        code = child.process.poll()
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
        living = [child.process for child in self.children if child.process and child.process.poll() is None]
        for process in living:
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for process in living:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                LOG.warning("a role did not stop in time and was ended pid=%s", process.pid)
                _kill_group(process)
        for child in self.children:
            if child.pump:
                child.pump.join(0.2)


def _kill_group(process: subprocess.Popen[str]) -> None:
    """End a child with its own children; it leads a session of its own."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        process.kill()
    process.wait()


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

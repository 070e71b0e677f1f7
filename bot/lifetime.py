"""How a process of ours begins and ends: as a role with a name, no later than who started it, and at once when it is done."""

from __future__ import annotations

import ctypes
import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from typing import NoReturn

STOPS = (signal.SIGTERM, signal.SIGINT)
LOOK_SECONDS = 1.0
END_SECONDS = 2.0  # for work in flight; the supervisor waits a little longer for the process

_LIBC = ctypes.CDLL(None)  # loaded before any fork, where loading is not safe


def die_with_parent(parent: int, number: int = signal.SIGTERM) -> None:
    """Ask Linux to end this process when the thread that started it ends. Fit for use between fork and exec."""
    if not sys.platform.startswith("linux"):
        return
    _LIBC.prctl(1, number)  # PR_SET_PDEATHSIG
    if os.getppid() != parent:
        os.kill(os.getpid(), number)  # the parent ended before we asked


def follow_parent() -> None:
    """End this process soon after the one that made it by multiprocessing does, on any system; others follow nobody."""
    parent = getattr(multiprocessing.parent_process(), "pid", None)
    if parent is None:
        return
    if sys.platform.startswith("linux"):
        die_with_parent(parent)
        return
    threading.Thread(target=_watch, args=(parent,), name="parent-watch", daemon=True).start()


@contextmanager
def hold_signals() -> Iterator[None]:
    """Have the signals that end a process wait; what is forked meanwhile is born with them waiting."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def become_role(role: str, lines: Connection, environ: Mapping[str, str], play: Callable[[str], None]) -> None:
    """Make this new process one that plays a role: with a name, a session and an environment of its own.

    Everything said goes into the pipe. Ends with the process that started it.
    """
    os.setsid()  # Ctrl-C at the terminal is for the supervisor alone, which tells the roles in its order
    for number in STOPS:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
    follow_parent()
    _name_process(role)
    for number in (1, 2):
        os.dup2(lines.fileno(), number)
    lines.close()
    # New streams: the old ones may know a place in a file, and there is none in a pipe.
    sys.stdout, sys.stderr = (os.fdopen(number, "w", 1, "utf-8", "replace", closefd=False) for number in (1, 2))
    os.environ.update(environ)
    play(role)


def _name_process(name: str) -> None:
    """Have lists of processes tell the role, on Linux; the command is that of the process it was forked from."""
    if sys.platform.startswith("linux"):
        _LIBC.prctl(15, f"bot {name}".encode(), 0, 0, 0)  # PR_SET_NAME


def catch_stop() -> threading.Event:
    """Return an event that SIGTERM and SIGINT set from now on. Call from the main thread."""
    stopping = threading.Event()
    for number in STOPS:
        signal.signal(number, lambda *_: stopping.set())
    return stopping


def end_in_time(end: Callable[[], object], seconds: float = END_SECONDS) -> bool:
    """End something that waits for its work in flight; tell whether it was done in time. It is left alone otherwise."""
    ending = threading.Thread(target=end, daemon=True)
    ending.start()
    ending.join(seconds)
    return not ending.is_alive()


def leave() -> NoReturn:
    """End this process with code 0 at once; everything that must be kept has been.

    The interpreter's own end takes all content apart, which costs seconds on a busy machine, and waits for every thread.
    """
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(0)


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)

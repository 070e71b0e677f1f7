"""How a process ends: when the one that started it is gone, so that no role runs on unwatched, and at once when it is done."""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

PARENT_VARIABLE = "GUANJIA_PARENT"  # set by the supervisor to its own id; one underscore, so no setting
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


def follow_parent(parent: int) -> None:
    """End this process soon after `parent` does, on any system."""
    if sys.platform.startswith("linux"):
        die_with_parent(parent)
        return
    threading.Thread(target=_watch, args=(parent,), name="parent-watch", daemon=True).start()


def follow_supervisor() -> None:
    """Follow the supervisor when it is one that started this process; a lone role follows nobody."""
    parent = os.environ.get(PARENT_VARIABLE, "")
    if parent.isdigit():
        follow_parent(int(parent))


def catch_stop() -> threading.Event:
    """Return an event that SIGTERM and SIGINT set from now on. Call from the main thread."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
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

"""Ends a process when the one that started it is gone, so that no role runs on unwatched after a hard kill."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time

PARENT_VARIABLE = "GUANJIA_PARENT"  # set by the supervisor to its own id; one underscore, so no setting
LOOK_SECONDS = 1.0

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


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)

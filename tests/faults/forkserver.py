"""Loads the project once and forks its roles from there, because a dozen cold starts would take most of a minute.

A line of JSON on stdin starts a role (`role`, `arguments`, `environ`, `log`), the answer is its process id. What was
started ends with this process, and this process with its stdin. A role runs by the same command as `python -m bot ROLE`.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from contextlib import suppress
from typing import Any

from sqlalchemy.orm import configure_mappers

from bot.cli import cli
from bot.memory import keep_all
from sandbox.__main__ import main as run_sandbox
from tests.faults import traps
from tests.loaded import CONTENT, lend


def main() -> None:
    """Serve until stdin ends."""
    traps.install()
    lend()
    configure_mappers()
    keep_all()  # else every fork's collector walks, and so copies, all that was loaded
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the dead
    started = []
    _answer({"ready": len(CONTENT.scripts)})
    for line in sys.stdin:
        started.append(_fork(json.loads(line)))
        _answer({"pid": started[-1]})
    for pid in started:
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)


def _answer(value: object) -> None:
    sys.stdout.write(f"{json.dumps(value)}\n")
    sys.stdout.flush()


def _fork(order: dict[str, Any]) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        _become(order)
    except BaseException:  # a fork must never go back into the loop above
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(1)


def _become(order: dict[str, Any]) -> None:
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    log = os.open(order["log"], os.O_CREAT | os.O_APPEND | os.O_WRONLY)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.environ.update(order["environ"])
    sys.argv = [order["role"], *order["arguments"]]
    if order["role"] == "sandbox":
        run_sandbox()
    else:
        cli.main(sys.argv, standalone_mode=False)
    os._exit(0)


if __name__ == "__main__":
    main()

"""Keeps the program loaded and forks one process a command from there: a hundred cold starts would take minutes.

A line of JSON on stdin (`words`, `environ`, `out`, `err`) runs `python -m bot WORDS` in a process of its own, with its own
environment and files for what it says; the answer is its exit code. Settings are read anew in every process.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import tempfile
import traceback
from typing import Any

from bot.cli import main as run_cli
from bot.commands import chats, checks, platform, pushes, registers, roles
from bot.memory import keep_all
from handlers import conversations, exports, imports, inbound, menus, schedules, slots, tags, ticks
from handlers import pushes as push_cases
from tests.loaded import CONTENT, lend

LOADED = (chats, checks, platform, pushes, registers, roles)
CASES = (conversations, exports, imports, inbound, menus, push_cases, schedules, slots, tags, ticks)


def main() -> None:
    """Serve until stdin ends."""
    lend()
    rehearse(("migrate",), ("say", "oFIRST", "你好"), ("say", "oFIRST", "我家厨房水管漏水了"))
    keep_all()  # else every fork's collector walks, and so copies, all that was loaded
    answer({"ready": len(CONTENT.scripts)})
    for line in sys.stdin:
        answer({"code": run(json.loads(line))})


def rehearse(*commands: tuple[str, ...]) -> None:
    """Run commands here, in a folder that goes again: what is made at first use is then there in every fork."""
    before = dict(os.environ)
    with tempfile.TemporaryDirectory(prefix="gj-warm-") as folder, contextlib.redirect_stdout(io.StringIO()):
        for name in [name for name in os.environ if name.startswith("GUANJIA__")]:
            del os.environ[name]
        os.environ["GUANJIA__DATA_DIR"] = folder
        for words in commands:
            sys.argv = ["bot", *words]
            with contextlib.suppress(SystemExit):
                run_cli()
    os.environ.clear()
    os.environ.update(before)


def answer(value: object) -> None:
    sys.stdout.write(f"{json.dumps(value)}\n")
    sys.stdout.flush()


def run(order: dict[str, Any]) -> int:
    """Fork, run the command, wait for its end."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            become(order)
            run_cli()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        except BaseException:  # a fork must never go back into the loop above
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def become(order: dict[str, Any]) -> None:
    """Take on the command's words, environment and files."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(order[name], os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), number)
    os.environ.clear()
    os.environ.update(order["environ"])
    sys.argv = ["bot", *order["words"]]


if __name__ == "__main__":
    main()

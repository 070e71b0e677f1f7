"""The running product: `python -m bot run` in a folder of its own, its command line, and the sandbox's JSON as a witness."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import ProxyHandler, build_opener

from tests.contract.program import WARM

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 240  # ten of them on an idle machine
HTTP = build_opener(ProxyHandler({}))


class System:
    """Everything that one `run` starts, and what it said."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = _find_free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.said: list[str] = []
        self.late = 0.0  # answers that missed the webhook's time
        self.process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None

    @property
    def environ(self) -> dict[str, str]:
        """What every process of this system is started with; nothing of the developer's own settings."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("GUANJIA__")}
        return own | {"GUANJIA__DATA_DIR": str(self.folder), "GUANJIA__WEB__PORT": str(self.port)}

    def start(self) -> None:
        """Start as a user does and wait until the address is printed and everything is ready."""
        self.said.clear()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bot", "run"],
            cwd=ROOT,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, args=(self.process,), daemon=True)
        self._reader.start()
        wait_for(self._is_up, READY_SECONDS, lambda: "\n".join(self.said[-30:]))

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout as lines:
            self.said.extend(line.rstrip() for line in lines)

    def _is_up(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, "\n".join(self.said)
        said = "\n".join(self.said)
        return "Ready." in said and "worker serves" in said and "the clock ticks" in said

    def find_errors(self) -> list[str]:
        """Return what was logged as a fault since the start, each with the lines after it."""
        places = [number for number, line in enumerate(self.said) if " ERROR " in line or "Traceback" in line]
        return ["\n".join(self.said[number : number + 40]) for number in places]

    def stop(self) -> tuple[int, float]:
        """Press Ctrl-C; returns the exit code and the seconds until everything had ended."""
        assert self.process is not None
        began = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        try:
            code = self.process.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            code = self.process.wait()
        seconds = time.monotonic() - began
        assert self._reader is not None
        self._reader.join(5)
        self.process = None
        return code, seconds

    def run(self, *arguments: str) -> str:
        """Run one command beside the system; returns what it printed."""
        done = WARM.run(arguments, self.environ)
        assert done.code == 0, done.err
        return done.out

    def ask(self, path: str, **query: Any) -> Any:
        """Return JSON of the sandbox."""
        with HTTP.open(f"{self.address}/sandbox/api/{path}?{urlencode(query)}", timeout=60) as answer:
            return json.load(answer)

    def was_late(self) -> bool:
        """Tell whether an answer has missed the webhook's time since this was last asked."""
        with HTTP.open(f"{self.address}/metrics", timeout=60) as answer:
            counted = re.search(r"^guanjia_replies_late_total (\S+)", answer.read().decode(), re.MULTILINE)
        before, self.late = self.late, float(counted[1]) if counted else 0.0
        return self.late > before

    def list_openids(self) -> list[str]:
        """Return everybody who has a phone in the sandbox."""
        return [each["openid"] for each in self.ask("people")["people"]]

    def list_messages(self, openid: str) -> list[dict[str, Any]]:
        """Return what one phone shows, without marking it as seen."""
        messages: list[dict[str, Any]] = self.ask("messages", openid=openid)["messages"]
        return messages

    def find_receivers(self, text: str) -> dict[str, list[float]]:
        """Return every phone that the account showed a text on, with the times it came."""
        found: dict[str, list[float]] = {}
        for openid in self.list_openids():
            for each in self.list_messages(openid):
                if each["side"] == "account" and text in json.dumps(each["body"], ensure_ascii=False):
                    found.setdefault(openid, []).append(each["at"])
        return found


def wait_for(condition: Callable[[], Any], seconds: float, tell: Callable[[], str] = lambda: "") -> Any:
    """Return the condition's value soon after it is true, asking ever less often; fail after `seconds`."""
    deadline, pause = time.monotonic() + seconds, 0.02
    while not (value := condition()):
        assert time.monotonic() < deadline, tell() or "it did not come true"
        time.sleep(pause)
        pause = min(pause * 1.4, 0.3)
    return value


def _find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

from __future__ import annotations

import io
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot import supervisor as module
from bot.settings import PROJECT_ROOT, Settings, load_settings
from bot.supervisor import StartError, Supervisor, check_start, is_healthy

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('here', flush=True); time.sleep(60)"
SLEEPY = "import time; print('hello', flush=True); time.sleep(60)"
BRIEF = "print('said and', end=' ', flush=True); print('done', end='')"
# What is forked here becomes another program at once, whatever threads a process of tests has.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
HINT = "set GUANJIA__WEB__HOST or GUANJIA__WEB__PORT"
BROKEN = "import sys; sys.exit(3)"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environ_of(folder: Path, port: int, **more: str) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GUANJIA__")}
    return clean | {"GUANJIA__DATA_DIR": str(folder), "GUANJIA__WEB__PORT": str(port)} | more


def settings_of(folder: Path, port: int, **more: str) -> Settings:
    return load_settings(environ_of(folder, port, **more), folder / "none.yaml")


def wait_for(condition: Callable[[], bool], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def children_of(pid: int) -> dict[int, str]:
    """Return every process below a process and its name."""
    found = subprocess.run(["ps", "-eo", "pid=,ppid=,comm="], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in found.splitlines()]
    below = {pid}
    for _ in range(4):
        below |= {int(row[0]) for row in rows if int(row[1]) in below}
    return {int(row[0]): row[2] for row in rows if int(row[0]) in below - {pid}}


@contextmanager
def running(folder: Path, port: int, **more: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """Run `python -m bot run` and gather its lines."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "run"],
        cwd=PROJECT_ROOT,
        env=environ_of(folder, port, **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    lines: list[str] = []
    reader = threading.Thread(target=lambda: lines.extend(process.stdout), daemon=True)
    reader.start()
    try:
        yield process, lines
    finally:
        below = children_of(process.pid)
        process.kill()
        process.wait()
        for pid in below:
            if is_running(pid):
                os.kill(pid, signal.SIGKILL)
        reader.join(5)
        process.stdout.close()


def test_everything_starts_heals_and_leaves_nothing_behind_when_it_is_killed(tmp_path):
    port = free_port()
    with running(tmp_path, port) as (process, lines):
        wait_for(lambda: any(line.startswith("Ready") for line in lines))
        wait_for(lambda: any("worker serves" in line for line in lines))  # Ready tells of the web only
        told = "".join(lines)
        assert f"Sandbox  http://127.0.0.1:{port}/sandbox/\n" in told
        assert re.search(rf"Console  http://127\.0\.0\.1:{port}/console/   login \S+   password \S+\n", told)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz") as answer:
            assert answer.status == 200
        below = children_of(process.pid)
        assert len(below) >= 4
        (worker,) = [pid for pid, command in below.items() if command == "bot worker"]
        os.kill(worker, signal.SIGKILL)
        wait_for(lambda: "worker ended with code -9; starting it again in 0.5 s\n" in lines)
        wait_for(lambda: sum("worker serves" in line for line in lines) == 2)
        below |= children_of(process.pid)
        process.kill()  # how it ends when it is asked to: tests/e2e/test_the_next_start.py
        wait_for(lambda: not any(is_running(pid) for pid in below))


def test_an_interrupt_while_starting_is_no_failure(tmp_path):
    with running(tmp_path, free_port()) as (process, lines):
        wait_for((tmp_path / "redis").exists)
        process.send_signal(signal.SIGTERM)
        assert process.wait(90) == 0, lines


def test_a_port_in_use_is_one_clear_line(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with running(tmp_path, port) as (process, lines):
            assert process.wait(90) == 1, lines
            wait_for(lambda: bool(lines))
    assert lines == [f"cannot listen on 127.0.0.1:{port} (Address already in use); {HINT}\n"]


def test_a_wrong_setting_is_one_clear_line(tmp_path):
    with running(tmp_path, free_port(), GUANJIA__WEB__PRT="1") as (process, lines):
        assert process.wait(90) == 1, lines
        wait_for(lambda: bool(lines))
    assert lines == ["GUANJIA__WEB__PRT: unknown setting\n"]


def test_all_reasons_not_to_start_are_told(tmp_path):
    with pytest.raises(StartError) as raised:
        check_start(settings_of(tmp_path, free_port()), lambda: ["a.yaml:1:1: wrong", "b.yaml:2:1: wrong"])
    assert raised.value.problems == ("a.yaml:1:1: wrong", "b.yaml:2:1: wrong")


def test_nobody_listening_is_not_healthy(tmp_path):
    assert not is_healthy(settings_of(tmp_path, free_port()))


def supervise(
    tmp_path: Path, until: Callable[[Supervisor, list[str]], bool], commands: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> tuple[list[str], str, float]:
    """Run roles that are little programs until a condition holds; return what was said, the output, and the stop's seconds."""
    said: list[str] = []
    output = io.StringIO()
    stopped: list[float] = []

    def play(role: str) -> None:
        os.execv(sys.executable, (sys.executable, "-c", commands.get(role, SLEEPY)))

    def look(_settings: Settings) -> bool:
        if until(watched, said) and not stopped:
            stopped.append(time.monotonic())
            watched.should_stop.set()
        return False

    monkeypatch.setattr(module, "is_healthy", look)
    watched = Supervisor(settings_of(tmp_path, free_port()), {}, said.append, play, output)
    watched.run()
    assert all(child.process is None or child.process.exitcode is not None for child in watched.children)
    return said, output.getvalue(), time.monotonic() - stopped[0]


def test_a_role_that_crashes_is_started_again_ever_more_slowly(tmp_path, monkeypatch):
    said, _, _ = supervise(tmp_path, lambda _, said: len(said) == 2, {"worker": BROKEN}, monkeypatch)
    assert said == [
        "worker ended with code 3; starting it again in 0.5 s",
        "worker ended with code 3; starting it again in 1 s",
    ]


def test_lines_of_the_roles_carry_their_names(tmp_path, monkeypatch):
    def all_spoke(watched: Supervisor, _: list[str]) -> bool:
        return watched.output.getvalue().count("hello") == 3

    _, output, _ = supervise(tmp_path, all_spoke, {}, monkeypatch)
    assert sorted(output.splitlines()) == ["scheduler | hello", "web       | hello", "worker    | hello"]


def test_a_last_line_is_told_though_it_does_not_end(tmp_path, monkeypatch):
    def has_ended(_: Supervisor, said: list[str]) -> bool:
        return bool(said)

    said, output, _ = supervise(tmp_path, has_ended, {"web": BRIEF}, monkeypatch)
    assert said[0] == "web ended with code 0; starting it again in 0.5 s"
    assert output.splitlines().count("web       | said and done") >= 1


def test_a_role_that_does_not_stop_is_ended_in_time(tmp_path, monkeypatch):
    def spoke(watched: Supervisor, _: list[str]) -> bool:
        return "here" in watched.output.getvalue()

    _, _, seconds = supervise(tmp_path, spoke, {"web": STUBBORN}, monkeypatch)
    assert seconds < 30

"""Starts the servers that are compared, each on one and the same core, and stops only those that it started."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.envelope import Wire
from bench.machine import ROOT, list_family, read_cpu_seconds

PEER_PYTHON = ROOT / ".venv-bench" / "bin" / "python"
PEERS = Path(__file__).resolve().parent / "peers"
WIRE = Wire("gh_bench00000000", "wxbench0000000000", "benchtoken", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG")
START_SECONDS = 30.0


class BenchError(Exception):
    """The benchmark cannot be run; the text is one clear line."""


@dataclass
class Server:
    """A running server: `name` for people, `check` is how the generator judges its answers."""

    name: str
    port: int
    check: str
    process: subprocess.Popen[bytes]
    log: Path
    keeps_alive: bool = False

    def cpu_seconds(self) -> float:
        """Return what the server and its children have used so far."""
        return read_cpu_seconds(list_family(self.process.pid)) if Path("/proc").exists() else 0.0


def find_port() -> int:
    """Return a port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def pin(core: int | None) -> Callable[[], None] | None:
    """Return what binds a new process, and all that it starts, to one core."""
    if core is None:
        return None
    return lambda: os.sched_setaffinity(0, {core})


@contextmanager
def run_process(
    command: Sequence[str], log: Path, core: int | None, environ: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program in a group of its own until the block ends."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **environ},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=pin(core),  # noqa: PLW1509 - this process has no threads
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(8)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def our_environ(data_dir: Path, port: int, **more: str) -> dict[str, str]:
    """Return the settings of our own processes: safe mode, everything else as delivered."""
    return {
        "GUANJIA__DATA_DIR": str(data_dir),
        "GUANJIA__WEB__PORT": str(port),
        "GUANJIA__WECHAT__MODE": "safe",
        "GUANJIA__WECHAT__ACCOUNT": WIRE.account,
        "GUANJIA__WECHAT__APP_ID": WIRE.app_id,
        "GUANJIA__WECHAT__APP_SECRET": "0" * 32,
        "GUANJIA__WECHAT__TOKEN": WIRE.token,
        "GUANJIA__WECHAT__AES_KEY": WIRE.aes_key,
        "GUANJIA__WECHAT__API_BASE": "http://127.0.0.1:9",  # nobody: a benchmark must never reach the platform
        **more,
    }


@contextmanager
def run_ours(data_dir: Path, core: int | None) -> Iterator[Server]:
    """Run `python -m bot web` as it is delivered (one worker, eight threads), with its Redis, all on one core."""
    port, log = find_port(), data_dir / "web.log"
    command = [sys.executable, "-m", "bot", "web"]
    with run_process(command, log, core, our_environ(data_dir, port)) as process:
        server = Server("guanjia", port, "dialog", process, log, keeps_alive=True)
        wait_ready(server, "/readyz")
        yield server


@contextmanager
def run_peer(name: str, module: str, check: str, folder: Path, core: int | None, **environ: str) -> Iterator[Server]:
    """Run a peer under gunicorn with one sync worker, on one core."""
    if not PEER_PYTHON.exists():
        raise BenchError("the peers are missing: run `make bench` (it installs bench/requirements-peers.txt into .venv-bench)")
    port, log = find_port(), folder / f"{name.replace(' ', '-')}.log"
    command = [str(PEER_PYTHON), "-m", "gunicorn", "--workers=1", "--worker-class=sync", f"--bind=127.0.0.1:{port}"]
    wire = {f"PEER_{key.upper()}": value for key, value in asdict(WIRE).items()}
    with run_process([*command, f"--chdir={PEERS}", f"{module}:app"], log, core, wire | environ) as process:
        server = Server(name, port, check, process, log)
        wait_ready(server, "/wechat")
        yield server


def wait_ready(server: Server, path: str) -> None:
    """Wait until a server answers; below 500 counts, since the peers refuse an unsigned visitor."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            break
        if ask(server.port, path) < 500:
            return
        time.sleep(0.02)
    raise BenchError(f"{server.name} did not start; the end of its log:\n{server.log.read_text(errors='replace')[-2000:]}")


def ask(port: int, path: str) -> int:
    """Return the HTTP status of a GET, 599 when nobody answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 599

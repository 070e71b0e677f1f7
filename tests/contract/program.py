"""The program as those who run it meet it: `python -m bot` in a process of its own, with settings in the environment."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.contract import wire

ROOT = Path(__file__).resolve().parents[2]
COMMUNITY = "阳光花园"
SURNAMES = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"


@dataclass
class Ran:
    """What one command did."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Its JSON Lines."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def json(self) -> dict[str, Any]:
        """Its only JSON document."""
        return dict(json.loads(self.out))


class Warm:
    """The process that commands are forked from; started at the first command, ended with the tests."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="gj-warm-", ignore_cleanup_errors=True)

    def run(self, words: tuple[str, ...], environ: dict[str, str]) -> Ran:
        """Run one command in a process of its own and return what it did."""
        process = self._process or self._start()
        assert process.stdin
        assert process.stdout
        out, err = Path(self._folder.name) / "out", Path(self._folder.name) / "err"
        order = {"words": words, "environ": environ, "out": str(out), "err": str(err)}
        process.stdin.write(f"{json.dumps(order)}\n")
        process.stdin.flush()
        code = json.loads(process.stdout.readline())["code"]
        return Ran(code, out.read_text(encoding="utf-8"), err.read_text(encoding="utf-8"))

    def _start(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.contract.warm"]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout
        assert json.loads(self._process.stdout.readline())["ready"]
        atexit.register(self.stop)
        return self._process

    def stop(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.communicate(timeout=60)
            self._process = None
        self._folder.cleanup()


WARM = Warm()


@dataclass
class Program:
    """One installation: a data folder and its settings."""

    home: Path
    env: dict[str, str]

    def environment(self) -> dict[str, str]:
        """Give the environment: nothing of the caller's own GUANJIA__ settings remains."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("GUANJIA__")}
        return kept | {"GUANJIA__DATA_DIR": str(self.home)} | self.env

    def run(self, *words: str, code: int = 0) -> Ran:
        """Run one command and insist on its exit code."""
        ran = WARM.run(words, self.environment())
        assert ran.code == code, f"{words}: {ran.code}\n{ran.out}\n{ran.err}"
        assert "Traceback" not in ran.err, ran.err
        if code and words[0] != "check":
            assert ran.out == "", f"words for people belong on stderr: {ran.out!r}"
            assert ran.err.strip()
        return ran

    def copy(self, home: Path, **env: str) -> Program:
        """Give a copy of the data folder with its own settings."""
        shutil.copytree(self.home, home)
        return Program(home, self.env | env)

    @contextmanager
    def serving(self, role: str = "web") -> Iterator[str]:
        """Start a role that listens and give its address; it is stopped with SIGTERM."""
        port = free_port()
        env = self.environment() | {"GUANJIA__WEB__PORT": str(port)}
        with (self.home.parent / f"{role}-{port}.log").open("w+") as log:
            process = subprocess.Popen([sys.executable, "-m", "bot", role], cwd=ROOT, env=env, stdout=log, stderr=log)
            try:
                await_ready(f"http://127.0.0.1:{port}", process, log)
                yield f"http://127.0.0.1:{port}"
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(60)
                log.seek(0)
                sys.stdout.write(log.read()[-20000:])


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def await_ready(base: str, process: subprocess.Popen[bytes], log: Any) -> None:
    """Wait for /readyz."""
    until = time.monotonic() + 120
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(base + "/readyz", timeout=10) as reply:
                if reply.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    log.seek(0)
    raise AssertionError(f"not ready: {log.read()}")


def official(api: str) -> dict[str, str]:
    """Give the settings of a real account in plain mode."""
    return {
        "GUANJIA__WECHAT__MODE": "plain",
        "GUANJIA__WECHAT__ACCOUNT": wire.ACCOUNT,
        "GUANJIA__WECHAT__APP_ID": wire.APP_ID,
        "GUANJIA__WECHAT__APP_SECRET": "s" * 32,
        "GUANJIA__WECHAT__TOKEN": wire.TOKEN,
        "GUANJIA__WECHAT__AES_KEY": wire.AES_KEY,
        "GUANJIA__WECHAT__API_BASE": api,
        "GUANJIA__WECHAT__TEMPLATES__TASK": "tpl-task",
        "GUANJIA__WECHAT__TEMPLATES__NOTICE": "tpl-notice",
        "GUANJIA__PUSH__QUIET_HOURS": "",
    }


HEADER = "community,building,unit,room,name,phone,relation,moved_in_on,birthday,openid,tags"


def owner_rows(count: int = 40) -> list[str]:
    """Give owners o01.. of one community: odd ones in building 1, even ones in building 2; and one the chat does not know."""
    newcomer = f"{COMMUNITY},5,1,501,新来的,13811111111,租客,,,,"
    return [newcomer] + [
        f"{COMMUNITY},{1 + (n + 1) % 2},1,{n:02}01,{SURNAMES[n]}小{SURNAMES[-n]},138{n:08},业主,2020-05-01,1980-03-02,o{n:02},"
        for n in range(1, count + 1)
    ]


STAFF = f"""name,phone,role,openid,buildings
李管家,13900000001,butler,s-butler,{COMMUNITY}/1;{COMMUNITY}/2
周客服,13900000002,service_desk,s-desk,
张师傅,13900000003,technician,s-zhang,{COMMUNITY}/1;{COMMUNITY}/2
赵师傅,13900000004,technician,s-zhao,{COMMUNITY}/1;{COMMUNITY}/2
钱主管,13900000005,supervisor,s-boss,
"""

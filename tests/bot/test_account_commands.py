"""The commands about the account's tags: one comparison from end to end, what differs, and who decides it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import bot.runtime
from bot.cli import cli
from tests.account import OnAccount
from tests.bot.test_owner_commands import HEADER
from tests.databases import Sqlite
from tests.loaded import lend
from tests.world import FakeGateway

ROWS = "阳光,1栋,1单元,101,王伟,13800000001,,,,o1,pet.kind=犬\n阳光,1栋,1单元,102,李娜,13800000002,,,,o2,\n"


@pytest.fixture
def gateway() -> FakeGateway:
    gateway = FakeGateway()
    gateway.people = {"o1": OnAccount(), "o2": OnAccount(remark="李老师")}
    return gateway


@pytest.fixture
def run(
    sqlite_files: Sqlite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gateway: FakeGateway
) -> Iterator[Callable[..., Any]]:
    lend(monkeypatch.setattr)
    monkeypatch.setattr(bot.runtime, "WeChatGateway", lambda *_: gateway)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    monkeypatch.setenv("GUANJIA__DATA_DIR", str(tmp_path))
    monkeypatch.setenv("GUANJIA__DATABASE__URL", sqlite_files.create(tmp_path / "guanjia.sqlite"))

    def call(*words: str) -> tuple[int, list[dict[str, Any]], str]:
        result = CliRunner().invoke(cli, list(words))
        return (
            result.exit_code,
            [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")],
            result.stderr,
        )

    yield call
    root.handlers[:] = handlers
    root.setLevel(level)


def test_the_account_is_compared_shown_and_decided(run, gateway: FakeGateway, tmp_path: Path) -> None:
    (tmp_path / "owners.csv").write_text(HEADER + ROWS, encoding="utf-8")
    assert run("import", "owners", str(tmp_path / "owners.csv"))[0] == 0
    code, (told,), _ = run("account", "sync")
    assert (code, told["followers"], told["listed"]["followers"], told["paused"]) == (0, {"idle": 2}, 2, [])
    assert {tag["status"] for tag in told["tags"]} == {"standing"}
    assert (gateway.names("o1"), gateway.person("o1").remark) == (["养犬"], "1栋-1单元-101-王伟")
    gateway.unknown = {"o1"}
    run("account", "sync")
    assert run("account", "show")[1][0]["followers"] == {"held": 1, "idle": 1}
    _, (changed, held), _ = run("account", "differences")
    assert (changed["what"], changed["ours"], changed["theirs"]) == ("remark", "1栋-1单元-102-李娜", "李老师")
    assert held == {"held": "o1", "reason": "bad_openid", "owner_id": 1, "room": "1栋-1单元-101"}
    assert run("account", "decide", str(changed["id"]), "--take")[0] == 0
    code, _, words = run("account", "decide", str(changed["id"]), "--restore")
    assert (code, "decided already" in words) == (1, True)
    gateway.unknown = set()
    assert run("account", "retry", "o1", "--let-be")[0] == 0
    assert run("account", "retry", "o1")[0] == 1
    assert (run("account", "differences")[1], gateway.person("o2").remark) == ([], "李老师")

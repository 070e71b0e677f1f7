"""The commands about people of the register speak JSON and refuse in one line."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bot.cli import cli
from tests.databases import Sqlite
from tests.loaded import lend

HEADER = "community,building,unit,room,name,phone,relation,moved_in_on,birthday,openid,tags\n"
ROWS = (
    "阳光,1栋,1单元,101,王伟,13800000001,,2024-01-01,,,\n"
    "阳光,1栋,1单元,102,王伟伟,13800000001,,,,,\n"
    "阳光,2栋,1单元,101,李娜,13800000002,,,,,\n"
)


@pytest.fixture
def run(sqlite_files: Sqlite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    lend(monkeypatch.setattr)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    monkeypatch.setenv("GUANJIA__DATA_DIR", str(tmp_path))
    monkeypatch.setenv("GUANJIA__DATABASE__URL", sqlite_files.create(tmp_path / "guanjia.sqlite"))
    (tmp_path / "owners.csv").write_text(HEADER + ROWS, encoding="utf-8")
    (tmp_path / "staff.csv").write_text("name,phone,role,openid,buildings\n小陈,,butler,,\n", encoding="utf-8")

    def call(*words: str) -> tuple[int, list[dict[str, object]], str]:
        result = CliRunner().invoke(cli, [word.replace("DIR", str(tmp_path)) for word in words])
        lines = [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]
        return result.exit_code, lines, result.stderr

    assert call("import", "owners", "DIR/owners.csv")[0] == 0
    assert call("import", "staff", "DIR/staff.csv")[0] == 0
    yield call
    root.handlers[:] = handlers
    root.setLevel(level)


def test_doubles_are_listed_and_merged(run) -> None:
    _, (double,), _ = run("owners", "doubles")
    assert double == {"keep": 1, "drop": 2, "names": ["王伟", "王伟伟"], "reasons": ["phone"]}
    code, (report,), _ = run("owners", "merge", "1", "2", "--by", "cli:me")
    assert (code, report["moved"]) == (0, {"residence": 1})
    code, lines, words = run("owners", "merge", "3", "2")
    assert (code, lines) == (1, [])
    assert "was merged into 1 already" in words


def test_a_home_ends_today_and_never_in_the_future(run) -> None:
    code, (row,), _ = run("owners", "move-out", "1", "--on", "2025-06-30")
    assert (code, row) == (0, {"owner": 1, "room": "1栋-1单元-101", "ended_on": "2025-06-30"})
    assert run("owners", "move-out", "1")[0] == 1
    assert "lies in the future" in run("owners", "move-out", "3", "--on", "2999-01-01")[2]
    assert "does not live in 9栋-1单元-101" in run("owners", "move-out", "3", "9栋-1单元-101")[2]


def test_a_code_is_printed_once_for_a_colleague(run) -> None:
    code, (row,), words = run("staff", "code", "小陈")
    assert (code, row["name"], len(str(row["code"]))) == (0, "小陈", 6)
    assert f"员工 {row['code']}" in words
    assert "no working staff member is 小赵" in run("staff", "code", "小赵")[2]


def test_phones_are_counted_by_building(run) -> None:
    _, rows, _ = run("report", "phones")
    assert [(row["building"], row["people"], row["待核"]) for row in rows] == [("1栋", 2, 2), ("2栋", 1, 1), ("*", 3, 3)]


def test_a_preview_prints_a_table_and_writes_nothing(run, tmp_path: Path) -> None:
    path = tmp_path / "owners.csv"
    path.write_text(HEADER + ROWS.replace("13800000002", "13900000009") + "阳光,3栋,1单元,101,赵敏,,,,,,\n", encoding="utf-8")
    result = CliRunner().invoke(cli, ["import", "owners", str(path), "--dry-run"])
    assert result.exit_code == 0
    words = [line.split() for line in result.stdout.splitlines()]
    assert words[:6] == [
        ["created", "1"],
        ["updated", "1"],
        ["phone", "1"],
        ["unchanged", "2"],
        ["conflicts", "0"],
        ["bad", "0"],
    ]
    assert ["4", "李娜", "phone", "138****0002", "139****0009"] in words
    assert "a dry run" in result.stderr
    assert run("report", "phones")[1][-1]["people"] == 3

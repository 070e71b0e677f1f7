"""`audit verify` and `audit report` as somebody at a terminal sees them, on a database file of its own."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli import cli
from tests.loaded import lend

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Give a runner over a migrated database with three audited exports that a tick has sealed."""
    monkeypatch.setenv("GUANJIA__DATA_DIR", str(tmp_path))
    monkeypatch.setenv("USER", "wang")
    lend(monkeypatch.setattr)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(cli, arguments)

    for command in ("migrate", *["export owners --unmask"] * 3, "tick --at 2026-11-21T12:00"):
        assert invoke(*command.split()).exit_code == 0
    yield invoke
    root.handlers[:] = handlers
    root.setLevel(level)


def test_a_whole_audit_is_verified_and_a_changed_row_is_named_with_exit_code_one(run, tmp_path):
    answer = run("audit", "verify")
    told = json.loads(answer.stdout)
    assert (answer.exit_code, told["whole"], told["sealed"], told["row"]) == (0, True, 3, None)
    with sqlite3.connect(tmp_path / "guanjia.db") as door:
        door.execute("DROP TRIGGER audit_update")
        door.execute("UPDATE audit SET by = 'cli:li' WHERE id = 2")
    door.close()
    answer = run("audit", "verify")
    assert (answer.exit_code, json.loads(answer.stdout)["row"]) == (1, 2)
    assert "row 2" in answer.stderr


def test_the_report_counts_by_person_and_action_within_the_days(run):
    answer = run("audit", "report")
    assert json.loads(answer.stdout)["people"] == [{"by": "cli:wang", "total": 3, "actions": {"export": 3}}]
    answer = run("audit", "report", "--from", "2020-01-01", "--to", "2020-01-31")
    told = json.loads(answer.stdout)
    assert told == {"from": "2020-01-01T00:00:00+08:00", "to": "2020-02-01T00:00:00+08:00", "people": []}
    for option in ("--from", "--to"):
        refused = run("audit", "report", option, "soon")
        assert (refused.exit_code, f"Invalid value for {option}: soon" in refused.stderr) == (2, True)

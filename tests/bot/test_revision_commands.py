"""The commands for those who edit live scripts: data on stdout, words on stderr, exit code 1 for what differs or would hurt."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import bot.content
import bot.runtime
from bot.cli import cli
from bot.commands.opening import open_runtime
from bot.runtime import Loaded
from dialogs.script import Upgrade
from handlers.revisions import store_revisions
from tests.loaded import CONTENT, UNDERSTANDER, lend

Run = Callable[..., Result]
SCRIPT = "suggestion"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Give a runner on a migrated database in a new folder."""
    monkeypatch.setenv("GUANJIA__DATA_DIR", str(tmp_path / "data"))
    lend(monkeypatch.setattr)
    monkeypatch.setattr(bot.content, "check_content", list)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(cli, list(arguments))

    assert invoke("migrate").exit_code == 0
    with open_runtime() as runtime:
        store_revisions(runtime)
    yield invoke
    root.handlers[:] = handlers
    root.setLevel(level)


def edit(monkeypatch: pytest.MonkeyPatch, **changes: object) -> None:
    """Publish the script with other values, as a new revision."""
    script = replace(CONTENT.scripts[SCRIPT], revision="edited", **changes)
    changed = replace(CONTENT, scripts={**CONTENT.scripts, SCRIPT: script})
    monkeypatch.setattr(bot.runtime, "SHARED", [Loaded(changed, UNDERSTANDER)])


def test_who_waits_where_is_one_json_line_a_step(run: Run) -> None:
    assert run("waiting").stdout == ""
    run("say", "o1", "我想提个建议")
    (line,) = run("waiting").stdout.splitlines()
    found = json.loads(line)
    assert (found["script"], found["is_current"], found["conversations"]) == (SCRIPT, True, 1)
    assert set(found) >= {"revision", "step", "oldest"}


def test_the_last_conversations_are_replayed_and_a_difference_is_exit_code_1(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run("say", "o1", "我想提个建议")
    run("say", "o1", "我的电话是13800138000")
    result = run("replay", SCRIPT)
    assert (result.exit_code, result.stderr) == (0, "1 conversation: 1 same, 0 different\n")
    assert "o1" not in result.stdout
    content = CONTENT
    steps = content.scripts[SCRIPT].steps
    edit(monkeypatch, steps=(replace(steps[0], text=steps[-1].text), *steps[1:]))
    result = run("replay", SCRIPT, "--last", "5")
    assert result.exit_code == 1
    assert "+++ now" in result.stdout
    assert "13800138000" not in result.output


def test_transcripts_of_a_file_are_replayed(run: Run, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text("- {name: 问问, turns: [{owner: 我想提个建议}, {bot: 好主意}]}\n", encoding="utf-8")
    bad.write_text("- {name: 问问, turns: [{owner: 我想提个建议}, {bot: 三千元}]}\n", encoding="utf-8")
    assert run("replay", SCRIPT, "--file", str(good)).stdout == "问问: same\n"
    result = run("replay", SCRIPT, "--file", str(bad))
    assert (result.exit_code, "-bot: 三千元" in result.stdout) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "words"), [(("nonsense",), "there is no script"), ((SCRIPT, "--against", "abc"), "no revision abc")]
)
def test_wrong_names_are_wrong_usage(run: Run, arguments: tuple[str, ...], words: str) -> None:
    result = run("replay", *arguments)
    assert (result.exit_code, words in result.stderr) == (2, True)


def test_the_live_check_names_what_an_edit_would_do(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run("say", "o1", "我想提个建议")
    assert run("check", "--live").exit_code == 0
    steps = CONTENT.scripts[SCRIPT].steps
    edit(monkeypatch, steps=(replace(steps[0], id="other"), *steps[1:]), upgrade=Upgrade.MIGRATE)
    result = run("check", "--live")
    assert result.exit_code == 1
    assert "[waiting_step]" in result.stdout


def test_without_a_database_the_live_check_says_so_in_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUANJIA__DATABASE__URL", "postgresql+psycopg://nobody@127.0.0.1:1/none")
    result = run("check", "--live")
    assert result.exit_code == 1
    assert "--live needs the database" in result.stderr
    assert len(result.stderr.splitlines()) == 1

"""Settings and the commands that look at them: all problems at once, exit codes, stdout for data and stderr for people."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.contract.program import ROOT, Program

COMMANDS = [
    "run", "web", "worker", "scheduler", "migrate", "check", "import owners", "import staff", "export", "understand",
    "conversation", "say", "audience", "push", "tag", "tick", "menu publish", "menu show",
]  # fmt: skip


def test_every_wrong_setting_is_told_at_once(tmp_path: Path) -> None:
    wrong = {
        "GUANJIA__WEB__PORT": "many",
        "GUANJIA__WECHAT__MODE": "secret",
        "GUANJIA__WECHAT__WINDOW_MESSAGES": "-3",
        "GUANJIA__NO__SUCH_KEY": "1",
    }
    told = Program(tmp_path, wrong).run("check", code=1).out.lower()
    for word in ("port", "mode", "window_messages", "no"):
        assert word in told
    assert len([line for line in told.splitlines() if line.strip()]) >= 4, told


def test_a_real_account_without_its_secrets_does_not_start(tmp_path: Path) -> None:
    told = Program(tmp_path, {"GUANJIA__WECHAT__MODE": "safe"}).run("web", code=1).err.lower()
    for word in ("app_id", "app_secret", "token", "aes_key"):
        assert word in told, told


@pytest.mark.parametrize("key", ["GUANJIA__WEB__PROT", "GUANJIA__WEBB"])
def test_a_mistyped_key_is_refused(tmp_path: Path, key: str) -> None:
    assert key.rsplit("__", 1)[-1].lower() in Program(tmp_path, {key: "1"}).run("migrate", code=1).err.lower()


def test_a_database_that_is_not_there_is_one_clear_line(tmp_path: Path) -> None:
    env = {"GUANJIA__DATABASE__URL": "postgresql+psycopg://nobody:hidden@127.0.0.1:1/none"}
    told = Program(tmp_path, env).run("migrate", code=1).err
    assert len(told.strip().splitlines()) == 1
    assert "hidden" not in told


def test_an_unwritable_data_folder_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    told = Program(tmp_path / "file" / "data", {}).run("migrate", code=1).err
    assert len(told.strip().splitlines()) == 1, told


def test_a_port_in_use_is_one_clear_line(program: Program) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        told = Program(program.home, program.env | {"GUANJIA__WEB__PORT": port}).run("web", code=1).err
    assert port in told


def test_migrating_twice_and_checking_a_fresh_folder_are_fine(tmp_path: Path) -> None:
    fresh = Program(tmp_path / "data", {})
    fresh.run("check")
    fresh.run("migrate")
    fresh.run("migrate")


def test_a_command_on_a_folder_that_was_never_migrated_says_so(tmp_path: Path) -> None:
    told = Program(tmp_path / "data", {}).run("export", "owners", code=1).err
    assert "migrate" in told


@pytest.mark.parametrize("words", [["frobnicate"], ["export"], ["export", "cats"], ["push"], ["tick"], ["say", "o01"]])
def test_wrong_usage_is_exit_code_2(tmp_path: Path, words: list[str]) -> None:
    Program(tmp_path, {}).run(*words, code=2)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(tmp_path: Path, command: str) -> None:
    told = Program(tmp_path, {}).run(*command.split(), "--help")
    assert told.out.startswith("Usage: python -m bot " + command)
    assert told.err == ""


def test_make_help_lists_the_targets() -> None:
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    for target in ("make run", "make test", "make bench", "make lint", "make help"):
        assert target in done.stdout

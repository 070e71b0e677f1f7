from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

import bot.content
from bot.cli import cli
from dialogs.diagram import draw_script
from tests.loaded import CONTENT, LEXICON


@pytest.fixture(autouse=True)
def read_content_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.content, "load_content", lambda: (CONTENT, LEXICON))


def play(*args: str, lines: str = "") -> Result:
    return CliRunner().invoke(cli, ["play", *args], input=lines)


def test_a_script_is_talked_to_and_its_effects_are_shown_and_answered() -> None:
    result = play("finance.mutual_fund", lines="好的\n")
    assert result.exit_code == 0
    assert "[effect] HandOver(" in result.stdout
    assert "[result] {'no': 'T2611210001', 'assignee': '王管家'}" in result.stdout
    assert result.stdout.endswith("[ended] completed\n")


def test_a_question_mark_shows_the_state_and_takes_no_turn() -> None:
    shown = play("finance.mutual_fund", lines="?\n").stdout.splitlines()[-1]
    assert (json.loads(shown)["step"], json.loads(shown)["turn"]) == ("talk", 0)


def test_a_tap_and_a_picture_are_written_in_brackets() -> None:
    shown = play("finance.mutual_fund", lines="[image]\n[tap] no\n").stdout
    assert "[effect]" not in shown
    assert "[ended] completed" in shown


def test_facts_and_variables_are_given_by_name() -> None:
    assert "[ended]" in play("bind").stdout
    assert "[ended]" not in play("bind", "--fact", "owner.bound=false").stdout
    told = play("booking.general", "--set", "service=car.purchase").stdout
    assert CONTENT.services["car.purchase"].label in told


def test_a_phone_number_that_is_handed_in_stays_text() -> None:
    told = play("bind", "--fact", "owner.bound=false", "--set", "phone=13800138000", lines="1栋2单元301\n").stdout
    assert "BindRoom(phone='13800138000', room='1栋-2单元-301'" in told


def test_the_first_sentence_is_taken_apart_as_the_host_would() -> None:
    assert (
        "TransferTask(no='D2611210001', name='李强')"
        in play("staff.transfer", "--set", "sentence=转派 D2611210001 李强").stdout
    )


def test_what_the_host_is_asked_for_and_where_a_script_leads_is_told() -> None:
    assert "[asked] handoff" in play("finance.mutual_fund", lines="人工\n").stdout
    assert "[start] travel.domestic" in play("menu.main", lines="1\n1\n").stdout


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("pionts",), "did you mean 'points'"),
        (("points", "--fact", "bound=true"), "has no dot"),
        (("points", "--set", "phone"), "is not NAME=VALUE"),
    ],
)
def test_wrong_usage_is_named_and_is_exit_code_2(args: tuple[str, ...], words: str) -> None:
    result = play(*args)
    assert (result.exit_code, words in result.stderr) == (2, True)


def test_a_script_is_drawn_to_stdout() -> None:
    result = CliRunner().invoke(cli, ["draw", "points"])
    assert (result.exit_code, result.stdout) == (0, draw_script(CONTENT.scripts["points"]))

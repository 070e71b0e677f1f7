from __future__ import annotations

import json
import logging
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import bot.content
import bot.runtime
from bot.cli import cli
from bot.settings import PROJECT_ROOT
from handlers.import_staff import STAFF_COLUMNS
from handlers.import_tags import TAG_COLUMNS
from tests.handlers.registers import PERSON, write_rows
from tests.loaded import lend

Run = Callable[..., Result]
OWNER = PERSON | {"phone": "13812345678", "openid": "o_wang", "tags": "pet.kind=犬"}
COMMANDS = sorted(cli.commands)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    """Give a runner whose data folder is new."""
    with open_runner(tmp_path / "data") as run:
        yield run


@contextmanager
def open_runner(folder: Path) -> Iterator[Run]:
    """Run commands over a data folder, in this process."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level

    def invoke(*arguments: str, **options: Any) -> Result:
        return CliRunner().invoke(cli, [str(each) for each in arguments], **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GUANJIA__DATA_DIR", str(folder))
        lend(patch.setattr)
        yield invoke
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a data folder with one owner and one butler; copy it, do not change it."""
    folder = tmp_path_factory.mktemp("prepared")
    staff = {"name": "赵敏", "role": "butler", "openid": "o_zhao", "buildings": "阳光/1栋"}
    with open_runner(folder / "data") as run:
        assert run("migrate").exit_code == 0
        assert run("import", "owners", write_rows(folder / "owners.csv", OWNER)).exit_code == 0
        assert run("import", "staff", write_rows(folder / "staff.csv", staff, columns=STAFF_COLUMNS)).exit_code == 0
    return folder / "data"


@pytest.fixture
def ready(run: Run, prepared: Path, tmp_path: Path) -> Run:
    """Give a runner whose database has one owner and one butler."""
    shutil.copytree(prepared, tmp_path / "data")
    return run


def data(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.mark.parametrize("command", [[], *([each] for each in COMMANDS), ["import", "owners"], ["menu", "publish"]])
def test_every_command_has_help(run, command):
    result = run(*command, "--help")
    assert result.exit_code == 0
    assert result.stdout.startswith("Usage: ")
    assert len(result.stdout.splitlines()) > 3


@pytest.mark.parametrize("words", [["nonsense"], ["understand"], ["export", "cats"], ["push", "--text", "x"], ["say", "o_1"]])
def test_wrong_usage_is_exit_code_2(run, words):
    result = run(*words)
    assert result.exit_code == 2
    assert result.stdout == ""


def test_it_runs_as_a_module_and_answers_soon():
    command = [sys.executable, "-X", "importtime", "-m", "bot", "--help"]
    done = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert loaded.isdisjoint({"sqlalchemy", "pydantic", "flask", "jieba", "redis", "granian"})


def test_wrong_settings_are_all_told(run, monkeypatch):
    monkeypatch.setenv("GUANJIA__WEB__PRT", "1")
    monkeypatch.setenv("GUANJIA__WEB__PORT", "x")
    result = run("migrate")
    assert (result.exit_code, result.stdout) == (1, "")
    assert [line.split(":")[0] for line in result.stderr.splitlines()] == ["GUANJIA__WEB__PRT", "GUANJIA__WEB__PORT"]


def test_check_tells_that_all_is_well(run):
    result = run("check")
    assert (result.exit_code, result.stdout) == (0, "")


def test_check_tells_settings_and_content_with_their_places(run, monkeypatch):
    monkeypatch.setenv("GUANJIA__WEB__PRT", "1")
    monkeypatch.setattr(bot.content, "check_content", lambda: ["content/a.yaml:3:1: wrong [code]"])
    result = run("check")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == ["GUANJIA__WEB__PRT: unknown setting", "content/a.yaml:3:1: wrong [code]"]


def test_migrate_runs_once(run):
    assert run("migrate").stdout == "0001_first\n"
    assert run("migrate").stdout == ""


def test_a_database_without_schema_is_one_clear_line(run):
    result = run("export", "owners")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "run `python -m bot migrate`" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_owners_go_in_and_come_out(ready):
    row = data(ready("export", "owners"))
    assert (row["name"], row["phone"], row["tags"]) == ("王伟", "138****5678", {"pet.kind": ["犬"]})
    assert data(ready("export", "owners", "--unmask"))["phone"] == "13812345678"
    audits = [json.loads(line) for line in ready("export", "audit").stdout.splitlines()]
    assert audits[-1]["detail"] == {"count": 1, "unmask": True}


def test_bad_rows_are_told_and_nothing_is_imported(ready, tmp_path):
    path = write_rows(tmp_path / "bad.csv", PERSON | {"name": "李娜"}, OWNER | {"phone": "1", "birthday": "x"})
    result = ready("import", "owners", path)
    assert (result.exit_code, result.stdout) == (1, "")
    assert [line[:8] for line in result.stderr.splitlines()[:2]] == ["line 3: ", "line 3: "]
    assert len(ready("export", "owners").stdout.splitlines()) == 1


def test_bad_rows_can_be_left_out(ready, tmp_path):
    path = write_rows(tmp_path / "bad.csv", PERSON | {"name": "李娜"}, OWNER | {"phone": "1"})
    report = data(ready("import", "owners", path, "--skip-bad"))
    assert report == {"rows": 2, "created": 1, "updated": 0, "unchanged": 0, "rejected": 1}
    assert (tmp_path / "bad.rejected.csv").exists()


def test_a_header_that_is_wrong_tells_all_of_it(ready, tmp_path):
    (tmp_path / "x.csv").write_text("name,age\n", encoding="utf-8")
    result = ready("import", "staff", tmp_path / "x.csv")
    assert result.exit_code == 1
    assert "line 1: the column role is missing, add it" in result.stderr.splitlines()


def test_texts_are_understood_in_order(run, tmp_path):
    path = tmp_path / "texts.txt"
    path.write_text("厨房漏水了\n你好\n", encoding="utf-8")
    lines = [json.loads(line) for line in run("understand", "--file", path).stdout.splitlines()]
    assert [sorted(line) for line in lines] == [["candidates", "confidence", "intent", "slots"]] * 2
    assert lines[0] == data(run("understand", "厨房漏水了"))
    assert 0 <= lines[0]["confidence"] <= 1


def test_a_conversation_can_be_held_and_looked_at(ready):
    assert data(ready("conversation", "o_wang"))["script"] is None
    result = ready("say", "o_wang", "家里水管漏水，请派人维修")
    assert result.exit_code == 0, result.output
    assert result.stdout.strip()
    assert data(ready("conversation", "o_wang"))["script"]


def test_audiences_are_counted_and_listed(ready):
    assert data(ready("audience", "pet.kind = 犬")) == {"count": 1}
    owner_id = data(ready("export", "owners"))["id"]
    assert data(ready("audience", "pet.kind = 犬", "--ids")) == {"count": 1, "ids": [owner_id]}


def test_a_wrong_audience_is_one_line_with_the_position(ready):
    result = ready("audience", "pet.kind = 犬 且且")
    assert (result.exit_code, result.stdout) == (1, "")
    assert len(result.stderr.splitlines()) == 1
    assert any(character.isdigit() for character in result.stderr)


def test_a_push_is_planned_and_told(ready):
    plan = data(ready("push", "--audience", "pet.kind = 犬", "--text", "周末遛狗活动", "--dry-run"))
    assert plan["matched"] == 1
    assert {"campaign", "matched", "planned", "skipped"} <= plan.keys()
    assert ready("export", "campaigns").stdout == ""


def test_a_time_that_is_none_is_wrong_usage(ready):
    result = ready("tick", "--at", "soon")
    assert result.exit_code == 2
    assert "--at" in result.stderr


def test_tags_come_and_go(ready):
    result = ready("tag", "o_wang", "+car.count=1", "-pet.kind=犬", "--by", "o_zhao")
    assert result.exit_code == 0, result.output
    assert data(ready("export", "owners"))["tags"] == {"car.count": ["1"]}


def test_a_tick_does_nothing_the_second_time(ready):
    at = "2030-01-01T09:00"
    first, second = data(ready("tick", "--at", at)), data(ready("tick", "--at", at))
    assert first.keys() == second.keys()
    assert set(second.values()) == {0}


def test_an_audience_is_counted_before_it_is_tagged_and_all_of_it_is_undone(ready):
    words = ("tag", "--audience", "养犬", "+hobby=太极", "--by", "o_zhao")
    counted = ready(*words)
    assert data(counted) == {"matched": 1, "tags": {"written": 1}, "batch": None}
    assert "--yes" in counted.stderr
    batch = data(ready(*words, "--yes"))["batch"]
    assert data(ready("export", "owners"))["tags"] == {"pet.kind": ["犬"], "hobby": ["太极"]}
    assert data(ready("tags", "undo", batch, "--by", "o_zhao")) == {"undone": 1}
    assert data(ready("export", "owners"))["tags"] == {"pet.kind": ["犬"]}
    assert ready("tags", "undo", batch + "0").exit_code == 1


def test_tags_come_from_a_file_after_a_look_and_tell_where_they_are_from(ready, tmp_path):
    path = write_rows(tmp_path / "tags.csv", {"openid_or_phone": "o_wang", "tags": "car.count=1"}, columns=TAG_COLUMNS)
    looked = ready("import", "tags", path, "--dry-run")
    assert data(looked)["tags"] == {"written": 1, "unchanged": 0, "conflict": 0, "refused": 0}
    assert "nothing is written" in looked.stderr
    assert ready("import", "tags", path).exit_code == 0
    shown = data(ready("tags", "show", "o_wang"))
    assert {(tag["key"], tag["evidence"]) for tag in shown["tags"]} == {("pet.kind", "owners.csv"), ("car.count", "tags.csv:2")}
    assert data(ready("tags", "undo", shown["changes"][0]["id"])) == {"undone": 1}
    assert ready("tags", "conflicts").stdout == ""
    assert ready("tags", "decide", "7", "--keep").exit_code == 1


@pytest.mark.parametrize("openid", ["", " ", "o" * 65])
def test_a_word_of_nobody_is_refused(ready: Run, openid: str) -> None:
    result = ready("say", openid, "你好")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "1 to 64 characters" in result.stderr


def test_texts_of_a_spreadsheet_are_understood_and_what_is_no_text_is_refused(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "texts.txt"
    path.write_bytes("你好\r\n\r\n厨房漏水了".encode("gbk"))
    intents = [json.loads(line)["intent"] for line in run("understand", "--file", str(path)).stdout.splitlines()]
    assert intents == ["menu", "none", "housekeeping.utilities"]
    path.write_bytes(b"\xff\xff\xff")
    result = run("understand", "--file", str(path))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "neither UTF-8 nor GBK" in result.stderr


def test_a_platform_that_is_away_is_one_clear_line(ready: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUANJIA__WECHAT__API_BASE", "http://127.0.0.1:9")
    result = ready("menu", "show")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "the platform cannot be reached; in sandbox mode it is there while `python -m bot run` runs\n"


def test_an_estate_turns_services_off_and_a_menu_says_why_it_is_as_it_is(ready: Run) -> None:
    told = data(ready("menu", "explain", "o_wang"))
    assert (told["openid"], told["off"]) == ("o_wang", [])
    assert {each["rule"] for each in told["rules"] if each["holds"]}
    estate = told["community"]
    refused = ready("services", estate, "+finance.mutual_fund")
    assert refused.exit_code == 1
    assert "--evidence" in refused.stderr
    assert ready("services", estate, "base.taxi").exit_code == 2
    assert data(ready("services", estate, "-base.taxi", "--by", "赵敏")) == {"community": estate, "changed": ["base.taxi"]}
    assert data(ready("menu", "explain", "o_wang"))["off"] == ["base.taxi"]
    listed = [json.loads(line) for line in ready("services", estate).stdout.splitlines()]
    assert [row["service"] for row in listed if not row["offered"]] == ["base.taxi"]

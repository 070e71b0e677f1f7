"""What is written about the project is true: settings, commands, packages, examples, links and pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import yaml
from pydantic import BaseModel

from bot.cli import cli
from bot.rules import parse_push_rule
from bot.settings import Settings
from dialogs import parse, parse_asks, parse_blocks, parse_conduct, parse_steps, parse_tests, transcript
from dialogs.answers.base import AnswerType
from dialogs.check import FACTS, Names, check_script
from dialogs.parse import parse_script
from dialogs.tree import ARITY
from handlers import imports
from models.audience.parse import parse_audience
from tests.loaded import CONTENT
from tests.world import World

ROOT = Path(__file__).resolve().parent.parent
README, CONFIG = ROOT / "README.md", ROOT / "config.yaml"
SCRIPTS, AUDIENCE, GUIDE = (ROOT / "docs" / name for name in ("scripts.md", "audience.md", "快速上手.md"))
PAGES = (README, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", SCRIPTS, AUDIENCE, GUIDE)


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def blocks(path: Path, kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", read(path), re.MULTILINE | re.DOTALL)


def list_settings(part: type[BaseModel] = Settings, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, field in part.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from list_settings(kind, (*path, name))
        else:
            yield (*path, name)


def list_commands(group: click.Group = cli, path: tuple[str, ...] = ()) -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from list_commands(command, (*path, name))
        else:
            yield " ".join((*path, name))


def list_commented() -> set[tuple[str, ...]]:
    """Return the paths of config.yaml with a comment above, in the line or, for secrets, instead of them."""
    found: set[tuple[str, ...]] = set()
    section, is_told = "", False
    for line in read(CONFIG).splitlines():
        key = re.match(r"(?P<indent> *)(?P<secret># )?(?P<name>[a-z_]+):(?P<rest>.*)", line)
        if key and key["secret"] and key["rest"].startswith(" secret"):
            found.add((section, key["name"]))
        elif not key or key["secret"]:
            is_told = line.lstrip().startswith("#")
            continue
        elif not key["indent"] and not key["rest"].strip():
            section, is_told = key["name"], False
        elif is_told or "#" in key["rest"]:
            found.add((section, key["name"]) if key["indent"] else (key["name"],))
        is_told = is_told or bool(key["secret"])
    return found


def test_every_setting_stands_in_config_yaml_with_a_comment() -> None:
    assert set(list_settings()) - list_commented() == set()


def test_config_yaml_has_no_key_that_is_no_setting() -> None:
    given = yaml.safe_load(read(CONFIG))
    paths = {(name, key) for name, part in given.items() if isinstance(part, dict) for key in part}
    assert paths - set(list_settings()) == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_variable_that_is_named_is_a_setting(page: Path) -> None:
    known = {"GUANJIA__" + "__".join(path).upper() for path in list_settings()}
    named = set(re.findall(r"GUANJIA__[A-Z_]+[A-Z]", read(page)))
    assert {name for name in named if name not in known and not name.startswith("GUANJIA__WECHAT__TEMPLATES__")} == set()


@pytest.mark.parametrize("command", list(list_commands()))
def test_every_command_stands_in_the_readme(command: str) -> None:
    table = read(README).split("## Commands")[1].split("\n## ")[0]
    assert re.search(rf"`{command}[ `]", table)


def test_every_option_the_readme_names_exists() -> None:
    table = read(README).split("## Commands")[1].split("\n## ")[0]
    known = {option for command in walk(cli) for parameter in command.params for option in parameter.opts} | {"--help"}
    assert set(re.findall(r"--[a-z][a-z-]*", table)) - known == set()


def walk(command: click.Command) -> Iterator[click.Command]:
    yield command
    if isinstance(command, click.Group):
        for each in command.commands.values():
            yield from walk(each)


def test_every_package_has_its_reason_in_the_readme() -> None:
    reasons = read(README).split("## Dependencies")[1]
    lines = [line for line in read(ROOT / "requirements.txt").splitlines() if line and not line.startswith("#")]
    packages = {re.split(r"[=\[;<>~ ]", line)[0].lower() for line in lines}
    told = set(re.findall(r"`([a-z0-9-]+)`", "".join(re.findall(r"^\| (`[^|]+)\|", reasons, re.MULTILINE))))
    assert (packages - told, told - packages) == (set(), set())


def test_the_readme_is_at_most_200_lines() -> None:
    assert read(README).count("\n") <= 200


def test_every_target_that_is_named_can_be_made() -> None:
    targets = set(re.findall(r"^([a-z-]+):", read(ROOT / "Makefile"), re.MULTILINE))
    named = {name for page in PAGES for name in re.findall(r"(?:^    |`)make ([a-z-]+)", read(page), re.MULTILINE)}
    assert named - targets == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", read(page))
    assert [target for target in targets if "://" not in target and not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_and_folders_that_are_named_exist(page: Path) -> None:
    named = set(re.findall(r"`([\w.]+/(?:[\w.]+/?)*)`", read(page)))
    lasting = {name for name in named if not name.startswith("data/") and not re.search("[A-Z]{4}", name)}
    assert {name for name in lasting if not (ROOT / name).exists()} == set()


def test_pictures_are_small_and_every_one_is_shown() -> None:
    shown = {(page.parent / target).resolve() for page in PAGES for target in re.findall(r"!\[[^]]*\]\(([^)]+)\)", read(page))}
    kept = [path for path in (ROOT / "docs" / "pictures").iterdir() if not path.name.startswith("console-")]
    assert [path.name for path in kept if path.stat().st_size > 250_000 or path.resolve() not in shown] == []


def test_the_script_of_the_guide_is_right_and_passes_its_tests() -> None:
    script = parse_script(blocks(SCRIPTS, "yaml")[0], "docs/scripts.md")
    others = {each.id: each.vars for each in CONTENT.scripts.values()}
    names = Names(others, services=frozenset(CONTENT.labels), words=CONTENT.words, forbidden=CONTENT.forbidden.words)
    assert check_script(script, names) == []
    faults = [transcript.run_test(script, test, CONTENT.texts, CONTENT.words, CONTENT.calendar) for test in script.tests]
    assert faults == [[], [], []]


def test_the_push_rule_of_the_guide_can_be_read() -> None:
    rule = parse_push_rule(yaml.safe_load(blocks(SCRIPTS, "yaml")[1]))
    assert parse_audience(rule.audience, CONTENT.vocabulary).source == "养犬"


def test_the_guide_of_scripts_names_every_key_function_type_and_fact() -> None:
    words = {key for keys in parse_steps._KINDS.values() for key in keys} | {*parse_steps._KINDS, *parse_asks.OPTION_KEYS}
    words |= {*parse.SCRIPT_KEYS, *parse_asks.LIST_KEYS, *parse_blocks.CALL_KEYS, *parse_blocks.REPEAT_KEYS}
    words |= {*parse_conduct.SESSION_KEYS, *parse_conduct.QUOTA_KEYS, *parse_conduct.TIMEOUT_KEYS}
    words |= {*parse_tests._SPEAKERS, *ARITY, *AnswerType, *FACTS}
    text = read(SCRIPTS)
    assert {word for word in words if not re.search(rf"(?<![\w.]){re.escape(word)}(?![\w])", text)} == set()


@pytest.mark.parametrize("text", blocks(AUDIENCE, "audience")[0].splitlines())
def test_an_audience_of_the_guide_can_be_read(text: str) -> None:
    assert parse_audience(text, CONTENT.vocabulary).source == text


@pytest.mark.parametrize("text", re.findall(r"^\| [^|]+ \| `([^`]+)` \|$", read(GUIDE), re.MULTILINE))
def test_an_audience_of_the_staff_guide_can_be_read(text: str) -> None:
    assert parse_audience(text, CONTENT.vocabulary).source == text


def test_the_commands_of_the_staff_guide_are_those_that_scripts_listen_to() -> None:
    told = re.findall(r"^\| `([^ `]+)[^`]*` \|", read(GUIDE).split("## 三")[1].split("## 四")[0], re.MULTILINE)
    assert set(told) - set(CONTENT.by_command) == set()
    assert len(told) == 7


def test_the_registers_of_the_staff_guide_go_in(world: World, tmp_path: Path) -> None:
    for kind, import_file, rows in (("owners", imports.import_owners, 3), ("staff", imports.import_staff, 3)):
        path = tmp_path / f"{kind}.csv"
        path.write_text(blocks(GUIDE, f"csv {kind}")[0], encoding="utf-8")
        report = import_file(world.runtime, path)
        assert (report.problems, report.created) == ([], rows)

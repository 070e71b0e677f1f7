"""The content that is shipped: it is valid, every script passes its own tests, and every phrase the code says exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.content import check_content, load_parts
from dialogs.parse import parse_script
from dialogs.script import ScriptKind
from dialogs.transcript import run_test
from handlers.wording import LIMIT_BYTES
from tests.loaded import CONTENT

ROOT = Path(__file__).resolve().parent.parent
PARTS = load_parts()
TALKING = [*CONTENT.scripts.values(), *PARTS.values()]
TESTS = [(script, test) for script in TALKING for test in script.tests]


def test_every_file_is_valid() -> None:
    assert [str(problem) for problem in check_content()] == []


@pytest.mark.parametrize(("script", "test"), TESTS, ids=[f"{script.id}: {test.name}" for script, test in TESTS])
def test_a_script_passes_its_own_transcript(script, test) -> None:
    assert run_test(script, test, CONTENT.texts, CONTENT.words, CONTENT.calendar) == []


@pytest.mark.parametrize("script", TALKING, ids=[script.id for script in TALKING])
def test_every_script_has_a_transcript(script) -> None:
    assert script.tests


def test_what_is_kept_of_a_script_reads_as_the_same_revision_without_the_parts_of_today() -> None:
    kept = {script_id: parse_script(source, file).revision for script_id, (file, source) in CONTENT.sources.items()}
    assert kept == {script.id: script.revision for script in CONTENT.scripts.values()}


def test_the_catalogue_holds_eight_butlers_33_services_and_9_base_services() -> None:
    of_butlers = [service for service in CONTENT.services.values() if service.butler]
    assert (len(CONTENT.butlers), len(of_butlers), len(CONTENT.services) - len(of_butlers)) == (8, 33, 9)


def test_the_menu_calls_every_service_by_a_name_of_its_own() -> None:
    own = {code: entry.label for code, entry in CONTENT.menus.services.items()}
    names = [own.get(code) or CONTENT.label(code) for code in CONTENT.services]
    words = [word for entry in CONTENT.menus.services.values() for word in entry.words]
    assert len({*names, *words}) == len(names) + len(words)


def test_every_key_of_the_accounts_menu_starts_a_script() -> None:
    keys = [sub["key"] for button in CONTENT.menu["button"] for sub in button["sub_button"] if sub["type"] == "click"]
    assert [key for key in keys if key not in CONTENT.by_click] == []
    assert len(keys) == 15


def test_every_phrase_the_code_says_is_written_down() -> None:
    said = set()
    for path in (ROOT / "handlers").glob("*.py"):
        said |= set(re.findall(r'say\(\s*"([a-z_.]+)"', path.read_text(encoding="utf-8")))
    assert said
    assert {key for key in said if not CONTENT.texts.has(key)} == set()


def test_no_phrase_is_written_that_nobody_says() -> None:
    files = [path for room in ("handlers", "dialogs", "bot", "console") for path in (ROOT / room).rglob("*.py")]
    code = "".join(path.read_text(encoding="utf-8") for path in files)
    families = set(re.findall(r"\b([a-z_]+(?:\.[a-z_]+)*\.)\{", code))
    unsaid = [
        key
        for key in CONTENT.texts.phrases
        if not re.search(rf"[\"']{re.escape(key)}[\"']", code)
        and not any(key.startswith(family) for family in families - {"host."})
        and not key.endswith("_unasked")
    ]
    assert unsaid == []


def test_no_text_holds_a_forbidden_word_or_is_too_long() -> None:
    sources = {key: phrase.source for key, phrase in CONTENT.texts.phrases.items()}
    assert [key for key, text in sources.items() if CONTENT.forbidden.find(text)] == []
    assert [key for key, text in sources.items() if len(text.encode()) > LIMIT_BYTES] == []


def test_staff_scripts_are_started_by_commands_only() -> None:
    staff = [script for script in CONTENT.scripts.values() if script.kind is ScriptKind.STAFF]
    assert staff
    assert all(script.triggers.commands and not script.triggers.intents for script in staff)

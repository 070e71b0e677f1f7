"""Guards of the house: imports point one way, files and functions stay small, no drawer, no mark of unfinished work."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MAY_IMPORT = {
    "dialogs": {"dialogs"},
    "models": {"models"},
    "handlers": {"handlers", "models", "dialogs"},
    "console": {"console", "handlers", "models", "dialogs"},
    "sandbox": {"sandbox"},
    "bot": {"bot", "console", "handlers", "models", "dialogs", "sandbox", "migrations", "scheduler"},
    "migrations": {"migrations", "models"},
}
OUTSIDE = {
    "dialogs": {"yaml"},
    "models": {"sqlalchemy"},
    "handlers": {"sqlalchemy"},
    "console": {
        "flask",
        "flask_login",
        "flask_wtf",
        "flask_bootstrap",
        "wtforms",
        "sqlalchemy",
        "argon2",
        "pyotp",
        "segno",
        "markupsafe",
        "werkzeug",
    },
}
ROOMS = (*MAY_IMPORT, "scheduler")
DRAWERS = re.compile(r"(^|/)(utils?|misc|common|helpers?|services?|managers?)(\.py|/)")
HEARD = ("messages.py",)  # the platform's own words, known by their text
LONGEST_FILE, LONGEST_FUNCTION = 300, 50


def list_files(room: str) -> list[Path]:
    path = ROOT / room
    return sorted(path.rglob("*.py")) if path.is_dir() else [ROOT / f"{room}.py"]


@cache
def list_nodes(path: Path) -> Sequence[ast.AST]:
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def list_imports(path: Path) -> Iterator[str]:
    for node in list_nodes(path):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_imports_point_one_way(room: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in list_files(room)
        for name in list_imports(path)
        if name.split(".")[0] in {*MAY_IMPORT, "scheduler", "tests", "bench"} - MAY_IMPORT[room]
    ]
    assert wrong == []


@pytest.mark.parametrize("room", OUTSIDE)
def test_a_room_knows_only_the_libraries_it_may_know(room: str) -> None:
    standard = __import__("sys").stdlib_module_names
    known = {*MAY_IMPORT, *OUTSIDE[room], *standard}
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in list_files(room)
        for name in list_imports(path)
        if name.split(".")[0] not in known
    ]
    assert wrong == []


@pytest.mark.parametrize("room", ROOMS)
def test_files_and_functions_stay_small(room: str) -> None:
    wrong = []
    for path in list_files(room):
        if "versions" in path.parts:
            continue
        text = path.read_text(encoding="utf-8")
        if text.count("\n") > LONGEST_FILE:
            wrong.append(f"{path.relative_to(ROOT)} has {text.count(chr(10))} lines")
        for node in list_nodes(path):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
                length = node.end_lineno - node.lineno + 1
                if length > LONGEST_FUNCTION:
                    wrong.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name} has {length} lines")
    assert wrong == []


def test_no_room_is_a_drawer_and_nothing_is_marked_unfinished() -> None:
    files = [path for room in ROOMS for path in list_files(room)]
    drawers = [str(path.relative_to(ROOT)) for path in files if DRAWERS.search(str(path.relative_to(ROOT)))]
    marks = [
        str(path.relative_to(ROOT))
        for path in files
        if re.search(r"\b(TODO|FIXME|XXX|NotImplementedError)\b", path.read_text(encoding="utf-8"))
    ]
    assert drawers == marks == []


@pytest.mark.parametrize("room", ["bot", "handlers", "models"])  # dialogs holds the words it hears; console's are templates
def test_words_a_resident_reads_are_not_written_in_python(room: str) -> None:
    wrong = []
    for path in list_files(room):
        docs = {id(node.value) for node in list_nodes(path) if isinstance(node, ast.Expr)}
        found = [
            node.value
            for node in list_nodes(path)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs
            if re.search(r"[\u4e00-\u9fff]{6,}", node.value)
        ]
        if found and path.name not in HEARD:
            wrong.append(f"{path.relative_to(ROOT)}: {found[:3]}")
    assert wrong == []


def test_the_scheduler_only_ticks() -> None:
    assert (ROOT / "scheduler.py").read_text(encoding="utf-8").count("\n") < 100

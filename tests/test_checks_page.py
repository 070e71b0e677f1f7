"""The page of all problems tells each code that the code can print, and no other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "checks.md"
# which argument of a call is the code of a problem: Problem(place, code, message), fields.note(place, code, message) ...
PLACES = {"Problem": 1, "note": 1, "_note": 1, "_problem": 2, "_find": 2}
FILES = (*(ROOT / "dialogs").glob("*.py"), ROOT / "bot" / "content_checks.py")
LIBRARY = ROOT / "bot" / "content.py"  # its note(path, message, code, ...) has a default


def list_codes(path: Path, places: dict[str, int], default: str = "") -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name not in places:
            continue
        given = [each.value for each in node.keywords if each.arg == "code"]
        found = given or node.args[places[name] : places[name] + 1]
        code = found[0] if found else None
        if isinstance(code, ast.Constant) and isinstance(code.value, str):
            yield code.value
        elif code is None and default:
            yield default


def list_codes_of_tables() -> set[str]:
    from dialogs.check_head import _TWICE

    return set(_TWICE.values())


def test_every_code_has_its_line_on_the_page_and_the_page_has_no_other() -> None:
    used = {code for path in FILES for code in list_codes(path, PLACES)}
    used |= set(list_codes(LIBRARY, {"note": 2}, "content")) | list_codes_of_tables()
    used |= set(list_codes(LIBRARY, {"Problem": 1}))
    told = re.findall(r"^\| `([a-z_0-9]+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(told) == len(set(told)), "a code stands twice"
    assert (used - set(told), set(told) - used) == (set(), set()), "add the missing to docs/checks.md, take the other out"
    assert all(re.fullmatch("[a-z][a-z_]*", code) for code in used)


def test_every_line_tells_what_it_means_and_what_to_do() -> None:
    rows = [line.split(" | ") for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    assert [row[0] for row in rows if len(row) != 3 or any(len(cell.strip(" |")) < 3 for cell in row)] == []

"""The transcripts at the end of a script file -> ScriptTest. Reads the lines; running them is transcript.py's."""

from __future__ import annotations

import re
from typing import Any

from dialogs.fields import Fields
from dialogs.places import Problem
from dialogs.script import ScriptTest, Turn
from dialogs.source import Node, read_yaml

_SPEAKERS = ("owner", "staff", "bot", "not", "effect", "result", "refused", "ended", "asked", "start", "step")
_NAMED = re.compile(r"(?P<name>\w+)\s*(?P<given>\{.*\})?\s*", re.DOTALL)


def parse_test(node: Node, problems: list[Problem]) -> ScriptTest:
    """Read one transcript; mistakes are noted."""
    fields = Fields(node, "a test", problems)
    fields.check_keys(("name", "facts", "vars", "start", "turns"))
    start = fields.word("start", ("menu", "sentence"), "sentence")
    return ScriptTest(
        name=fields.text("name", required=True),
        place=node.place,
        turns=tuple(turn for item in fields.maps("turns", required=True) if (turn := _read_turn(item, fields))),
        facts={key: value.to_plain() for key, value in fields.mapping("facts").items()},
        vars={key: value.to_plain() for key, value in fields.mapping("vars").items()},
        starts_silent=start == "menu",
    )


def _read_turn(node: Node, parent: Fields) -> Turn | None:
    fields = Fields(node, "a line of a test", parent.problems)
    fields.check_keys(_SPEAKERS)
    if len(node.entries) != 1 or node.entries[0][0].text not in _SPEAKERS:
        if len(node.entries) != 1:
            fields.note(node.place, "test_line", "a line of a test is one speaker and what is said")
        return None
    key, value = node.entries[0]
    if key.text in ("effect", "refused"):
        name, given = _read_named(value, fields)
        return Turn(key.text, name, node.place, given)
    if value.kind == "map":
        return Turn(key.text, "", node.place, value.to_plain())
    if value.kind != "scalar":
        fields.note(value.place, "wrong_type", "what is said is one text")
    return Turn(key.text, value.text, node.place)


def _read_named(value: Node, fields: Fields) -> tuple[str, dict[str, Any]]:
    """Return name and values of `book_order {urgent: true}`, or of the mapping `{book_order: {urgent: true}}`."""
    if value.kind == "map" and len(value.entries) == 1:
        name, given = value.entries[0]
        plain = given.to_plain()
        return name.text, plain if isinstance(plain, dict) else {}
    found = _NAMED.fullmatch(value.text) if value.kind == "scalar" else None
    if found is None:
        fields.note(value.place, "test_line", "this line is a name and, if wanted, {its: values}")
        return "", {}
    if not found["given"]:
        return found["name"], {}
    plain = read_yaml(found["given"], value.place.file).to_plain()
    return found["name"], plain if isinstance(plain, dict) else {}

"""A content file -> Script, or every problem with its place. Knows the keys, not whether they make sense together."""

from __future__ import annotations

import hashlib
import json
import re

from dialogs.fields import Fields
from dialogs.parse_steps import parse_step
from dialogs.parse_tests import parse_test
from dialogs.places import Place, Problem
from dialogs.script import OnBusy, Script, ScriptError, ScriptKind, Step, Triggers
from dialogs.source import Node, read_yaml

_SCRIPT_KEYS = (
    "id", "kind", "title", "needs", "triggers", "vars", "on_busy", "aliases", "max_turns", "steps", "tests",
)  # fmt: skip
_TRIGGER_KEYS = ("words", "clicks", "events", "intents", "commands")
_SCRIPT_ID = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
_REVISION_LENGTH = 12


def parse_script(text: str, file: str) -> Script:
    """Read one script file. Raises ScriptError with every problem found, in the order of the file."""
    return parse_node(read_yaml(text, file))


def parse_node(node: Node) -> Script:
    """Read one script from its root node. Raises ScriptError with every problem found."""
    problems: list[Problem] = []
    if node.kind != "map":
        raise ScriptError((Problem(node.place, "wrong_type", "a script is a mapping of keys"),))
    fields = Fields(node, "a script", problems)
    script = _read(fields)
    if problems:
        raise ScriptError(tuple(sorted(problems, key=lambda problem: (problem.place.line, problem.place.column))))
    return script


def _read(fields: Fields) -> Script:
    fields.check_keys(_SCRIPT_KEYS)
    kind = ScriptKind(fields.word("kind", ScriptKind, ScriptKind.SERVICE, required=True))
    script_id = _read_id(fields)
    return Script(
        id=script_id,
        kind=kind,
        title=fields.text("title", required=True),
        revision=_hash(fields.node),
        place=fields.node.place,
        steps=_read_steps(fields),
        triggers=_read_triggers(fields, script_id, kind),
        needs=fields.texts("needs"),
        vars=fields.texts("vars"),
        on_busy=OnBusy(fields.word("on_busy", OnBusy, OnBusy.ASK)),
        aliases={old: new.text for old, new in fields.mapping("aliases").items()},
        max_turns=fields.count("max_turns", 200, 1, 1000),
        tests=tuple(parse_test(node, fields.problems) for node in fields.maps("tests")),
    )


def _read_id(fields: Fields) -> str:
    script_id = fields.text("id", required=True)
    if script_id and not _SCRIPT_ID.fullmatch(script_id):
        fields.note(fields.place_of("id"), "bad_id", f"'{script_id}': an id is small letters, digits, _ and dots")
    return script_id


def _read_triggers(fields: Fields, script_id: str, kind: ScriptKind) -> Triggers:
    default = (script_id,) if kind is ScriptKind.SERVICE else ()
    found = fields.node.get("triggers")
    if found is None:
        return Triggers(intents=default)
    if found.kind != "map":
        fields.note(found.place, "wrong_type", "'triggers' must be a mapping of keys")
        return Triggers(intents=default)
    inner = Fields(found, "triggers", fields.problems)
    inner.check_keys(_TRIGGER_KEYS)
    read = {key: inner.texts(key) for key in _TRIGGER_KEYS}
    return Triggers(**read | ({} if inner.has("intents") else {"intents": default}))


def _read_steps(fields: Fields) -> tuple[Step, ...]:
    steps: list[Step] = []
    seen: dict[str, Place] = {}
    for node in fields.maps("steps", required=True):
        step = parse_step(node, fields.problems)
        if step is None:
            continue
        if step.id in seen:
            fields.note(node.place, "duplicate_id", f"the step id '{step.id}' stands in line {seen[step.id].line} already")
        seen.setdefault(step.id, node.place)
        steps.append(step)
    found = fields.node.get("steps")
    if found is not None and not found.items:
        fields.note(fields.place_of("steps"), "no_steps", "a script has at least one step")
    return tuple(steps)


def _hash(node: Node) -> str:
    """Return the short hash of what decides how the script runs; its tests do not."""
    content = {key: value for key, value in node.to_plain().items() if key != "tests"}
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:_REVISION_LENGTH]

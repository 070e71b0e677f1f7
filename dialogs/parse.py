"""A content file -> Script, or every problem with its place. Knows the keys, not whether they make sense together."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from dialogs.bundles import list_called, split_source
from dialogs.fields import Fields
from dialogs.parse_blocks import Level, Writer
from dialogs.parse_conduct import read_once, read_quota, read_sitting
from dialogs.parse_steps import RESERVED, is_name
from dialogs.parse_tests import parse_test
from dialogs.places import Place, Problem
from dialogs.script import End, OnBusy, Script, ScriptError, ScriptKind, Start, Step, Triggers, Upgrade
from dialogs.source import Node, read_yaml
from dialogs.survey_keys import read_survey
from dialogs.survey_steps import read_additions

SCRIPT_KEYS = (
    "id", "kind", "title", "needs", "triggers", "vars", "on_busy", "aliases", "max_turns", "session", "once", "quota",
    "upgrade", "purpose", "sources", "sitting", "steps", "tests",
)  # fmt: skip
PART_KEYS = ("id", "kind", "title", "vars", "steps", "tests")
_PART_END = "over"  # where a part that is tested by itself comes to its end
_NO_PARTS: Mapping[str, Node] = {}
_TRIGGER_KEYS = ("words", "clicks", "events", "intents", "commands")
_SCRIPT_ID = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
_REVISION_LENGTH = 12


def parse_script(text: str, file: str, parts: Mapping[str, Node] = _NO_PARTS) -> Script:
    """Read one script file; `parts` are the steps it may call, by id, besides those that stand behind it in the file.

    Raises ScriptError with every problem found, in the order of the file.
    """
    own, behind = split_source(text, file)
    return parse_node(read_yaml(own, file), {**parts, **behind})


def parse_node(node: Node, parts: Mapping[str, Node] = _NO_PARTS) -> Script:
    """Read one script, or a part as a script of its own, from its root node. Raises ScriptError with every problem found."""
    problems: list[Problem] = []
    if node.kind != "map":
        raise ScriptError((Problem(node.place, "wrong_type", "a script is a mapping of keys"),))
    writer = Writer(parts, problems, additions=read_additions(node, problems))
    naming = writer.name_steps(item for key in ("steps",) if (found := node.get(key)) for item in found.items)
    script = _read(Fields(node, "a script", problems, naming), writer)
    if problems:
        unique = dict.fromkeys(problems)  # what is written out more than once is wrong more than once
        raise ScriptError(tuple(sorted(unique, key=lambda problem: (problem.place.line, problem.place.column))))
    return script


def _read(fields: Fields, writer: Writer) -> Script:
    is_part = fields.text("kind") == ScriptKind.PART
    if is_part:
        fields.what = "a part"
    fields.check_keys(PART_KEYS if is_part else SCRIPT_KEYS)
    kind = ScriptKind(fields.word("kind", ScriptKind, ScriptKind.SERVICE, required=True))
    script_id, survey = _read_id(fields), None if is_part else read_survey(fields, kind)
    return Script(
        id=script_id,
        kind=kind,
        title=fields.text("title", required=True),
        revision=_hash(fields.node, writer.parts),
        place=fields.node.place,
        steps=_read_steps(fields, writer, is_part),
        triggers=_read_triggers(fields, script_id, kind),
        needs=fields.texts("needs"),
        vars=_read_vars(fields, is_part),
        on_busy=OnBusy(fields.word("on_busy", OnBusy, OnBusy.ASK)),
        aliases={old: fields.naming.target(new.text) for old, new in fields.mapping("aliases").items()},
        max_turns=fields.count("max_turns", 200, 1, 1000),
        sitting=read_sitting(fields, kind),
        once=read_once(fields),
        quota=read_quota(fields),
        upgrade=Upgrade(fields.word("upgrade", Upgrade, Upgrade.PIN)),
        survey=survey,
        tests=tuple(parse_test(node, fields.problems) for node in fields.maps("tests")),
    )


def _read_vars(fields: Fields, is_part: bool) -> tuple[str, ...]:
    """Return the names that are handed in; a part's must fit among the names of its callers."""
    found = fields.scalars("vars")
    for node in found if is_part else ():
        if node.text in RESERVED or not is_name(node.text):
            fields.note(node.place, "bad_id", f"'{node.text}' cannot name what a part is handed")
    return tuple(node.text for node in found)


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


def _read_steps(fields: Fields, writer: Writer, is_part: bool) -> tuple[Step, ...]:
    nodes = fields.maps("steps", required=True)
    writer.write(nodes, Level(fields.naming))
    if is_part and writer.steps and _runs_out(writer.steps[-1]):
        writer.steps.append(End(_PART_END, fields.node.place))
    seen: dict[str, Place] = {}
    for step in writer.steps:
        if step.id in seen:
            fields.note(step.place, "duplicate_id", f"the step id '{step.id}' stands in line {seen[step.id].line} already")
        seen.setdefault(step.id, step.place)
    found = fields.node.get("steps")
    if found is not None and not found.items:
        fields.note(fields.place_of("steps"), "no_steps", "a script has at least one step")
    return tuple(writer.steps)


def _runs_out(last: Step) -> bool:
    return not isinstance(last, End | Start) and (not last.next or last.next[-1].condition is not None)


def _hash(node: Node, parts: Mapping[str, Node]) -> str:
    """Return the short hash of what decides how the script runs, the parts it calls included; its tests do not."""
    content = _list_content(node)
    called = {part_id: _list_content(parts[part_id]) for part_id in list_called(node, parts)}
    if called:
        content["parts"] = called
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:_REVISION_LENGTH]


def _list_content(node: Node) -> dict[str, Any]:
    return {key: value for key, value in node.to_plain().items() if key != "tests"}

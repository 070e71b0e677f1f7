"""One step's mapping -> Ask, Say, Compute, Do, Start or End; every mistake is noted and reading goes on."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from dialogs.expressions import Expression
from dialogs.fields import Fields, suggest
from dialogs.parse_asks import read_ask
from dialogs.script import Branch, Compute, Do, End, Say, Start, Step, Template
from dialogs.survey_keys import ASK_KEYS
from dialogs.tree import Literal

NULL = Expression("null", Literal(None, 1))
_STEP_ID = re.compile(r"[a-z][a-z0-9_]*")
SHARED = ("id", "ask_if", "next")
_KINDS: dict[str, tuple[str, ...]] = {
    "ask": (
        "type", "options", "required", "name", "prefill", "default", "min", "max", "unit", "check", "invalid",
        "unrecognised", "retries", "sensitive", "page", "past", "whole", "elsewhere", "options_from", "interrupt", "timeout",
        "pattern", *ASK_KEYS,
    ),
    "say": (),
    "set": ("name", "label"),
    "do": ("args", "save", "on_refused"),
    "start": ("args",),
    "end": ("result",),
}  # fmt: skip
_BLOCKS = ("call", "repeat")  # written out before they come here
RESERVED = frozenset({"v", "sentence", "owner", "staff", "args", "now", "service", "and", "or", "not", "in"})
_RESULTS = ("completed", "refused", "cancelled")
_EMPTY = Template("", ())


def parse_step(fields: Fields) -> Step | None:
    """Read one step; None when it cannot be told what kind it is (noted)."""
    kinds = [kind for kind in _KINDS if fields.has(kind)]
    if len(kinds) != 1:
        _note_kind(fields, kinds)
        return None
    kind = kinds[0]
    fields.what = f"a step with '{kind}'"
    fields.check_keys((*SHARED, kind, *_KINDS[kind]))
    return _READERS[kind](fields, read_shared(fields))


def read_shared(fields: Fields) -> dict[str, Any]:
    """Return what every step has, by the names of its values."""
    return {
        "id": fields.naming.define(_read_id(fields)),
        "place": fields.node.place,
        "ask_if": fields.expression("ask_if"),
        "next": _read_next(fields),
    }


def _note_kind(fields: Fields, kinds: list[str]) -> None:
    if kinds:
        fields.note(fields.node.place, "step_kind", f"a step is one of {', '.join(_KINDS)}, not both {' and '.join(kinds)}")
        return
    known = (*_KINDS, *_BLOCKS)
    near = next((suggest(key.text, known) for key, _ in fields.node.entries if suggest(key.text, known)), "")
    fields.note(fields.node.place, "step_kind", f"a step needs one of {', '.join(known)}{near}")


def _read_id(fields: Fields) -> str:
    step_id = fields.text("id", required=True)
    if step_id in RESERVED:
        fields.note(fields.place_of("id"), "reserved_name", f"'{step_id}' means something else in expressions")
    elif step_id and not is_name(step_id):
        fields.note(fields.place_of("id"), "bad_id", f"'{step_id}': a step id is small letters, digits and _")
    return step_id


def is_name(text: str) -> bool:
    """Say whether a text can name a step or a value."""
    return _STEP_ID.fullmatch(text) is not None


def read_save(fields: Fields) -> str:
    """Return the name under which a result is kept, "" for none."""
    save = fields.text("save")
    if save and (save in RESERVED or not is_name(save)):
        fields.note(fields.place_of("save"), "bad_id", f"'{save}' cannot name a result")
    return fields.naming.define(save) if save else ""


def _read_next(fields: Fields) -> tuple[Branch, ...]:
    found = fields.node.get("next")
    if found is None:
        return ()
    if found.kind == "scalar":
        return (Branch(fields.naming.target(found.text), None, found.place),)
    read = (_read_branch(fields.inner(node, "a way on")) for node in fields.maps("next"))
    return tuple(branch for branch in read if branch is not None)


def _read_branch(fields: Fields) -> Branch | None:
    fields.check_keys(("if", "goto", "else"))
    if fields.has("else"):
        if fields.has("if") or fields.has("goto"):
            fields.note(fields.node.place, "branch", "a way on is {if: ..., goto: ...} or {else: ...}")
        return Branch(fields.target("else"), None, fields.place_of("else"))
    condition = fields.expression("if")
    if not fields.has("if"):
        fields.note(fields.node.place, "missing_key", "a way on needs 'if' and 'goto', or 'else'")
    target = fields.target("goto", required=True)
    return None if condition is None else Branch(target, condition, fields.place_of("goto"))


def _read_say(fields: Fields, shared: dict[str, Any]) -> Say:
    return Say(**shared, text=fields.template("say") or _EMPTY)


def _read_set(fields: Fields, shared: dict[str, Any]) -> Compute:
    value = fields.expression("set") or NULL
    return Compute(**shared, value=value, name=fields.naming.count(fields.text("name")), label=fields.template("label"))


def _read_do(fields: Fields, shared: dict[str, Any]) -> Do:
    return Do(
        **shared,
        effect=fields.text("do"),
        args=fields.expressions("args"),
        save=read_save(fields),
        on_refused=fields.target("on_refused") or None,
    )


def _read_start(fields: Fields, shared: dict[str, Any]) -> Start:
    return Start(**shared, script=fields.template("start") or _EMPTY, args=fields.expressions("args"))


def _read_end(fields: Fields, shared: dict[str, Any]) -> End:
    result = fields.word("result", _RESULTS, "completed")
    return End(**shared, text=fields.template("end"), result=result)


_READERS: dict[str, Callable[[Fields, dict[str, Any]], Step]] = {
    "ask": read_ask,
    "say": _read_say,
    "set": _read_set,
    "do": _read_do,
    "start": _read_start,
    "end": _read_end,
}

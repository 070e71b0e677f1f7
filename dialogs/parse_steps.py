"""One step's mapping -> Ask, Say, Do, Start or End; every mistake is noted and reading goes on."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dialogs.answers.base import AnswerType
from dialogs.expressions import Expression
from dialogs.fields import Fields, suggest
from dialogs.places import Place, Problem
from dialogs.script import Ask, Branch, Check, Do, End, Option, Retries, Say, Start, Step, Template
from dialogs.source import Node

_STEP_ID = re.compile(r"[a-z][a-z0-9_]*")
_SHARED = ("id", "ask_if", "next")
_KINDS: dict[str, tuple[str, ...]] = {
    "ask": (
        "type", "options", "required", "name", "prefill", "default", "min", "max", "unit", "check", "invalid",
        "unrecognised", "retries", "sensitive", "page", "past", "whole",
    ),
    "say": (),
    "do": ("args", "save", "on_refused"),
    "start": ("args",),
    "end": ("result",),
}  # fmt: skip
_OPTION_KEYS = ("key", "label", "say", "when", "goto", "start", "args")
_RESERVED = frozenset({"v", "sentence", "owner", "staff", "args", "now", "service", "and", "or", "not", "in"})
_RESULTS = ("completed", "refused", "cancelled")
_EMPTY = Template("", ())


@dataclass(frozen=True, slots=True)
class _Base:
    """What every step has."""

    id: str
    place: Place
    ask_if: Expression | None
    next: tuple[Branch, ...]

    def to_keywords(self) -> dict[str, Any]:
        return {"id": self.id, "place": self.place, "ask_if": self.ask_if, "next": self.next}


def parse_step(node: Node, problems: list[Problem]) -> Step | None:
    """Read one step; None when it cannot be told what kind it is (noted)."""
    fields = Fields(node, "a step", problems)
    kinds = [kind for kind in _KINDS if fields.has(kind)]
    if len(kinds) != 1:
        _note_kind(fields, kinds)
        return None
    kind = kinds[0]
    fields.what = f"a step with '{kind}'"
    fields.check_keys((*_SHARED, kind, *_KINDS[kind]))
    base = _Base(_read_id(fields), node.place, fields.expression("ask_if"), _read_next(fields))
    return _READERS[kind](fields, base)


def _note_kind(fields: Fields, kinds: list[str]) -> None:
    if kinds:
        fields.note(fields.node.place, "step_kind", f"a step is one of {', '.join(_KINDS)}, not both {' and '.join(kinds)}")
        return
    near = next((suggest(key.text, _KINDS) for key, _ in fields.node.entries if suggest(key.text, _KINDS)), "")
    fields.note(fields.node.place, "step_kind", f"a step needs one of {', '.join(_KINDS)}{near}")


def _read_id(fields: Fields) -> str:
    step_id = fields.text("id", required=True)
    if step_id in _RESERVED:
        fields.note(fields.place_of("id"), "reserved_name", f"'{step_id}' means something else in expressions")
    elif step_id and not _STEP_ID.fullmatch(step_id):
        fields.note(fields.place_of("id"), "bad_id", f"'{step_id}': a step id is small letters, digits and _")
    return step_id


def _read_next(fields: Fields) -> tuple[Branch, ...]:
    found = fields.node.get("next")
    if found is None:
        return ()
    if found.kind == "scalar":
        return (Branch(found.text, None, found.place),)
    return tuple(branch for node in fields.maps("next") if (branch := _read_branch(node, fields)) is not None)


def _read_branch(node: Node, parent: Fields) -> Branch | None:
    fields = Fields(node, "a way on", parent.problems)
    fields.check_keys(("if", "goto", "else"))
    if fields.has("else"):
        if fields.has("if") or fields.has("goto"):
            fields.note(node.place, "branch", "a way on is {if: ..., goto: ...} or {else: ...}")
        return Branch(fields.text("else"), None, fields.place_of("else"))
    condition = fields.expression("if")
    if not fields.has("if"):
        fields.note(node.place, "missing_key", "a way on needs 'if' and 'goto', or 'else'")
    target = fields.text("goto", required=True)
    return None if condition is None else Branch(target, condition, fields.place_of("goto"))


def _read_ask(fields: Fields, base: _Base) -> Ask:
    kind = AnswerType(fields.word("type", AnswerType, AnswerType.TEXT, required=True))
    low, high = fields.number("min"), fields.number("max")
    if low is not None and high is not None and low > high:
        fields.note(fields.place_of("max"), "out_of_range", f"'max' ({high}) is smaller than 'min' ({low})")
    return Ask(
        **base.to_keywords(),
        text=fields.template("ask") or _EMPTY,
        type=kind,
        options=_read_options(fields, kind),
        page=fields.count("page", 9, 2, 20),
        required=fields.flag("required", True),
        prefill=fields.flag("prefill", True),
        default=fields.expression("default"),
        checks=tuple(check for node in fields.maps("check") if (check := _read_check(node, fields)) is not None),
        invalid=fields.template("invalid"),
        unrecognised=fields.template("unrecognised"),
        retries=_read_retries(fields),
        sensitive=fields.flag("sensitive", False),
        min=low,
        max=high,
        unit=fields.text("unit"),
        name=fields.text("name"),
        is_past_allowed=fields.flag("past", False),
        is_whole=fields.flag("whole", False),
    )


def _read_options(fields: Fields, kind: AnswerType) -> tuple[Option, ...]:
    may_have = kind in (AnswerType.CHOICE, AnswerType.MULTI, AnswerType.YESNO)
    if may_have and kind is not AnswerType.YESNO and not fields.has("options"):
        fields.note(fields.node.place, "missing_key", f"a {kind} needs 'options'")
    if fields.has("options") and not may_have:
        fields.note(fields.place_of("options"), "options", f"a {kind} has no options; only choice, multi and yesno do")
    return tuple(_read_option(node, fields) for node in fields.maps("options"))


def _read_option(node: Node, parent: Fields) -> Option:
    fields = Fields(node, "an option", parent.problems)
    fields.check_keys(_OPTION_KEYS)
    if fields.has("goto") and fields.has("start"):
        fields.note(fields.place_of("start"), "option_target", "an option goes on by 'goto' or by 'start', not both")
    return Option(
        key=fields.text("key", required=True),
        label=fields.template("label", required=True) or _EMPTY,
        say=fields.texts("say"),
        when=fields.expression("when"),
        goto=fields.text("goto") or None,
        start=fields.text("start") or None,
        args=fields.expressions("args"),
        place=node.place,
    )


def _read_check(node: Node, parent: Fields) -> Check | None:
    fields = Fields(node, "a check", parent.problems)
    fields.check_keys(("if", "else"))
    condition, message = fields.expression("if"), fields.template("else", required=True)
    if not fields.has("if"):
        fields.note(node.place, "missing_key", "a check needs the key 'if'")
    return None if condition is None or message is None else Check(condition, message)


def _read_retries(fields: Fields) -> Retries:
    found = fields.node.get("retries")
    if found is None:
        return Retries()
    if found.kind != "map":
        fields.note(found.place, "wrong_type", "'retries' is {limit: number, then: word}")
        return Retries()
    inner = Fields(found, "retries", fields.problems)
    inner.check_keys(("limit", "then"))
    then = inner.text("then", "handoff")
    if then not in ("handoff", "skip", "cancel") and not re.fullmatch(r"goto:\s*\w+", then):
        inner.note(inner.place_of("then"), "unknown_word", f"'then' is handoff, skip, cancel or goto:step, not '{then}'")
        then = "handoff"
    return Retries(inner.count("limit", 3, 1, 20), then.replace(" ", ""), inner.place_of("then"))


def _read_say(fields: Fields, base: _Base) -> Say:
    return Say(**base.to_keywords(), text=fields.template("say") or _EMPTY)


def _read_do(fields: Fields, base: _Base) -> Do:
    save = fields.text("save")
    if save and (save in _RESERVED or not _STEP_ID.fullmatch(save)):
        fields.note(fields.place_of("save"), "bad_id", f"'{save}' cannot name a result")
    return Do(
        **base.to_keywords(),
        effect=fields.text("do"),
        args=fields.expressions("args"),
        save=save,
        on_refused=fields.text("on_refused") or None,
    )


def _read_start(fields: Fields, base: _Base) -> Start:
    return Start(**base.to_keywords(), script=fields.template("start") or _EMPTY, args=fields.expressions("args"))


def _read_end(fields: Fields, base: _Base) -> End:
    result = fields.word("result", _RESULTS, "completed")
    return End(**base.to_keywords(), text=fields.template("end"), result=result)


_READERS: dict[str, Callable[[Fields, _Base], Step]] = {
    "ask": _read_ask,
    "say": _read_say,
    "do": _read_do,
    "start": _read_start,
    "end": _read_end,
}

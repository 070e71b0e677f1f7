"""A question's mapping -> Ask: its type, options, rules and patience; every mistake is noted and reading goes on."""

from __future__ import annotations

import re
from typing import Any

from dialogs.answers.base import AnswerType
from dialogs.conduct import Interrupt
from dialogs.fields import Fields
from dialogs.naming import ITEM
from dialogs.parse_conduct import read_timeout
from dialogs.script import Ask, Check, Option, OptionsFrom, Retries, Template
from dialogs.source import Node
from dialogs.survey_keys import read_inquiry

OPTION_KEYS = ("key", "label", "say", "when", "goto", "start", "args", "value")
LIST_KEYS = ("list", "where", "key", "label", "say")
_EMPTY = Template("", ())
_LISTED = (AnswerType.CHOICE, AnswerType.MULTI)
_NO_TYPES = {
    "note": "a note is a `say` step",
    "computed": "a computed value is a `set` step",
}


def read_ask(fields: Fields, shared: dict[str, Any]) -> Ask:
    """Read a question; `shared` is what every step has."""
    kind = _read_type(fields)
    low, high = fields.number("min"), fields.number("max")
    if low is not None and high is not None and low > high:
        fields.note(fields.place_of("max"), "out_of_range", f"'max' ({high}) is smaller than 'min' ({low})")
    return Ask(
        **shared,
        text=fields.template("ask") or _EMPTY,
        type=kind,
        options=_read_options(fields, kind),
        options_from=_read_options_from(fields),
        page=fields.count("page", 9, 2, 20),
        required=fields.flag("required", True),
        prefill=fields.flag("prefill", True),
        default=fields.expression("default"),
        checks=tuple(
            check for node in fields.maps("check") if (check := _read_check(fields.inner(node, "a check"))) is not None
        ),
        invalid=fields.template("invalid"),
        unrecognised=fields.template("unrecognised"),
        retries=_read_retries(fields),
        sensitive=fields.flag("sensitive", False),
        min=low,
        max=high,
        unit=fields.text("unit"),
        name=fields.naming.count(fields.text("name")),
        is_past_allowed=fields.flag("past", False),
        is_whole=fields.flag("whole", False),
        is_elsewhere=fields.flag("elsewhere", False),
        interrupt=Interrupt(fields.word("interrupt", Interrupt, Interrupt.ALLOW)),
        timeout=read_timeout(fields),
        pattern=_read_pattern(fields, kind),
        inquiry=read_inquiry(fields),
    )


def _read_type(fields: Fields) -> AnswerType:
    hint = _NO_TYPES.get(fields.text("type"))
    if hint is not None:
        fields.note(fields.place_of("type"), "unknown_word", f"'type' cannot be '{fields.text('type')}'; {hint}")
        return AnswerType.TEXT
    return AnswerType(fields.word("type", AnswerType, AnswerType.TEXT, required=True))


def _read_options(fields: Fields, kind: AnswerType) -> tuple[Option, ...]:
    written = [key for key in ("options", "options_from") if fields.has(key)]
    if kind in _LISTED and not written:
        fields.note(fields.node.place, "missing_key", f"a {kind} needs 'options' or 'options_from'")
    if len(written) == 2:
        fields.note(fields.place_of("options_from"), "options", "options are written out or read from a list, not both")
    for key in written:
        if kind not in _LISTED and not (key == "options" and kind is AnswerType.YESNO):
            which = "choice, multi and yesno do" if key == "options" else "choice and multi do"
            fields.note(fields.place_of(key), "options", f"a {kind} has no {key}; only {which}")
    return tuple(_read_option(fields.inner(node, "an option")) for node in fields.maps("options"))


def _read_option(fields: Fields) -> Option:
    fields.check_keys(OPTION_KEYS)
    if fields.has("goto") and fields.has("start"):
        fields.note(fields.place_of("start"), "option_target", "an option goes on by 'goto' or by 'start', not both")
    return Option(
        key=fields.text("key", required=True),
        label=fields.template("label", required=True) or _EMPTY,
        say=fields.texts("say"),
        when=fields.expression("when"),
        goto=fields.target("goto") or None,
        start=fields.text("start") or None,
        args=fields.expressions("args"),
        value=fields.text("value"),
        place=fields.node.place,
    )


def _read_options_from(fields: Fields) -> OptionsFrom | None:
    inner = fields.within("options_from", "options_from", "a mapping such as {list: lists.goods, label: '{{ item.label }}'}")
    if inner is None:
        return None
    inner.check_keys(LIST_KEYS)
    if not inner.has("list"):
        inner.note(inner.node.place, "missing_key", "options_from needs the key 'list'")
    items = inner.expression("list")
    inner.naming = inner.naming.shade(ITEM)
    condition, label = inner.expression("where"), inner.template("label", required=True)
    if items is None or label is None:
        return None
    return OptionsFrom(items, label, inner.text("key", "key"), condition, inner.text("say"), inner.node.place)


def _read_check(fields: Fields) -> Check | None:
    fields.check_keys(("if", "else"))
    condition, message = fields.expression("if"), fields.template("else", required=True)
    if not fields.has("if"):
        fields.note(fields.node.place, "missing_key", "a check needs the key 'if'")
    return None if condition is None or message is None else Check(condition, message)


def _read_retries(fields: Fields) -> Retries:
    inner = fields.within("retries", "retries", "{limit: number, then: word}")
    if inner is None:
        return Retries()
    inner.check_keys(("limit", "then"))
    then = inner.reaction("then", ("handoff", "skip", "cancel"), "handoff")
    return Retries(inner.count("limit", 3, 1, 20), then, inner.place_of("then"))


def _read_pattern(fields: Fields, kind: AnswerType) -> str:
    pattern = fields.text("pattern")
    if not pattern:
        return ""
    if kind is not AnswerType.TEXT:
        fields.note(fields.place_of("pattern"), "bad_pattern", f"a {kind} has no pattern; only a text does")
        return ""
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        fields.note(fields.place_of("pattern"), "bad_pattern", f"the pattern cannot be read: {error}")
        return ""
    return pattern


def list_item_names(node: Node) -> tuple[str, ...]:
    """Return the names that hold what was chosen from a list: goods_item for a choice, goods_items for several."""
    if node.get("options_from") is None:
        return ()
    return (f"{node.text_of('id')}_item{'s' if node.text_of('type') == AnswerType.MULTI else ''}",)

"""Content files as text -> nodes that know their place. Reads YAML safely and narrowly; knows nothing of scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import yaml

from dialogs.places import Place, Problem, ScriptError


class _Mark(Protocol):
    """Where PyYAML stands, counted from 0; its two loaders have two classes for it."""

    line: int
    column: int


Scalar = str | int | float | bool | None

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# `- effect: book_order {urgent: true}` reads well but is no YAML (': ' in a plain scalar), so such lines are quoted
_TRANSCRIPT_LINE = re.compile(r"^(\s*-\s+(?:effect|refused):\s+)(\w+\s*\{.*\})\s*$", re.MULTILINE)
_TAGS = frozenset({"str", "int", "float", "bool", "null", "timestamp", "merge", "value", "seq", "map"})
_INTEGER = re.compile(r"-?(?:0|[1-9]\d{0,15})")
_DECIMAL = re.compile(r"-?\d{1,15}\.\d{1,15}")
_WORDS: dict[str, Scalar] = {"true": True, "false": False, "null": None, "~": None, "": None}


@dataclass(frozen=True, slots=True)
class Node:
    """One value of a content file: `scalar` with its text, a list, or a mapping in file order."""

    place: Place
    kind: str  # scalar, list, map
    text: str = ""
    value: Scalar = None
    items: tuple[Node, ...] = ()
    entries: tuple[tuple[Node, Node], ...] = ()
    is_quoted: bool = False

    @property
    def start(self) -> Place:
        """Return where the text itself begins, behind an opening quote."""
        return self.place.shift(1 if self.is_quoted else 0)

    def get(self, key: str) -> Node | None:
        """Return the value of a mapping's key, None when there is none."""
        return next((value for name, value in self.entries if name.text == key), None)

    def text_of(self, key: str) -> str:
        """Return the text of a mapping's key, "" when it is absent."""
        found = self.get(key)
        return "" if found is None else found.text

    def to_plain(self) -> Any:
        """Return the value as plain Python: str, int, float, bool, None, list, dict."""
        if self.kind == "map":
            return {key.text: value.to_plain() for key, value in self.entries}
        if self.kind == "list":
            return [item.to_plain() for item in self.items]
        return self.value


def read_yaml(text: str, file: str) -> Node:
    """Return the root node of a content file.

    Plain words follow YAML 1.2 (`yes`, `off`, `15:00` and dates are text). Raises ScriptError with every duplicate key,
    anchor and tag, or with the one mistake that stops the reading.
    """
    quoted = _TRANSCRIPT_LINE.sub(_quote_line, text)
    anchors = tuple(_find_anchors(quoted, file))
    if anchors:
        raise ScriptError(anchors)
    try:
        root = yaml.compose(quoted, Loader=_LOADER)
    except yaml.YAMLError as error:
        raise ScriptError((_explain(error, file),)) from None
    except RecursionError:
        raise ScriptError((Problem(Place(file, 1, 1), "yaml", "the file is nested too deeply"),)) from None
    if root is None:
        raise ScriptError((Problem(Place(file, 1, 1), "empty", "the file is empty"),))
    problems: list[Problem] = []
    node = _convert(root, file, problems)
    if problems:
        raise ScriptError(tuple(problems))
    return node


def _quote_line(line: re.Match[str]) -> str:
    return line[1] + "'" + line[2].replace("'", "''") + "'"


def _find_anchors(text: str, file: str) -> Iterator[Problem]:
    if "&" not in text:  # an alias without its anchor is told by compose; this spares most files a second reading
        return
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            if getattr(event, "anchor", None) is not None:
                yield Problem(_place(event.start_mark, file), "anchor", "anchors and aliases are not used here; write it out")
    except (yaml.YAMLError, RecursionError):
        return  # compose tells it with its place


def _place(mark: _Mark | None, file: str) -> Place:
    return Place(file, 1, 1) if mark is None else Place(file, mark.line + 1, mark.column + 1)


def _explain(error: yaml.YAMLError, file: str) -> Problem:
    mark = getattr(error, "problem_mark", None)
    message = str(getattr(error, "problem", None) or error).splitlines()[0]
    if "mapping values" in message:
        message += " (a text with ': ' inside must stand in quotes)"
    if "flow mapping" in str(getattr(error, "context", "")):
        message += " (a text that begins with '{{' must stand in quotes)"
    return Problem(_place(mark, file), "yaml", message)


def _convert(node: yaml.Node, file: str, problems: list[Problem]) -> Node:
    place = _place(node.start_mark, file)
    if node.tag.removeprefix("tag:yaml.org,2002:") not in _TAGS:
        problems.append(Problem(place, "tag", f"the tag {node.tag} is not used here"))
    if isinstance(node, yaml.ScalarNode):
        is_exact = node.style not in ("|", ">") and place.line == _place(node.end_mark, file).line
        place = Place(place.file, place.line, place.column, is_exact)
        value = _read_scalar(node)
        return Node(place, "scalar", node.value, value, is_quoted=node.style in ("'", '"'))
    if isinstance(node, yaml.SequenceNode):
        return Node(place, "list", items=tuple(_convert(item, file, problems) for item in node.value))
    entries: list[tuple[Node, Node]] = []
    seen: dict[str, Place] = {}
    for key_node, value_node in node.value:
        key = _convert(key_node, file, problems)
        if key.kind != "scalar":
            problems.append(Problem(key.place, "yaml", "a key is one word (a text that begins with '{{' must be quoted)"))
        elif key.text in seen:
            problems.append(
                Problem(key.place, "duplicate_key", f"'{key.text}' stands here already, line {seen[key.text].line}")
            )
        seen.setdefault(key.text, key.place)
        entries.append((key, _convert(value_node, file, problems)))
    return Node(place, "map", entries=tuple(entries))


def _read_scalar(node: yaml.ScalarNode) -> Scalar:
    if node.style in ("'", '"', "|", ">"):
        return str(node.value)
    text = str(node.value)
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else text

"""Texts with `{{ expression }}` holes: read once, rendered often. No loops, no escapes, nothing else inside."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from dialogs.expressions import LABELS, Expression, ExpressionError, HasNow, Scope, parse_expression
from dialogs.functions import to_text
from dialogs.places import NOWHERE, Place
from dialogs.tree import Name, Rename

_HOLE = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_LINK = re.compile(r"<(?=[\s/]*a\b)", re.IGNORECASE)


class Link(str):
    """A text with a link of ours in it. In any other value a link is what somebody wrote, and stays text."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Template:
    """A text with `{{ expression }}` holes; `parts` alternate as written."""

    source: str
    parts: tuple[str | Expression, ...]
    place: Place = field(default=NOWHERE, repr=False, compare=False)
    is_fixed: bool = field(init=False, compare=False, default=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "is_fixed", all(isinstance(part, str) for part in self.parts))

    def render(self, scope: Scope, world: HasNow) -> str:
        """Return the text: labels shown for answers, values for the rest, nothing for what is missing."""
        if self.is_fixed:
            return self.source
        return "".join([part if isinstance(part, str) else show(part, scope, world) for part in self.parts])

    def list_expressions(self) -> Iterator[Expression]:
        """Yield the expressions in the holes, left to right."""
        return (part for part in self.parts if isinstance(part, Expression))


def show(hole: Expression, scope: Scope, world: HasNow) -> str:
    """Return how a value is read: an answer named alone by its label, anything else as text; foreign links stay text."""
    if isinstance(hole.node, Name) and len(hole.node.path) == 1:
        label = scope.get(LABELS, {}).get(hole.node.path[0])
        if label is not None:
            return disarm(str(label))
    value = hole.evaluate(scope, world)
    return value if isinstance(value, Link) else disarm(to_text(value))


def disarm(text: str) -> str:
    """Return a text that the chat window shows as it is: a link in it would send words in the name of who taps it."""
    return _LINK.sub("＜", text) if "<" in text else text


def parse_template(source: str, place: Place = NOWHERE, rename: Rename | None = None) -> Template:
    """Read a text with holes, their names renamed. Raises ExpressionError with the column within the text."""
    parts: list[str | Expression] = []
    at = 0
    for hole in _HOLE.finditer(source):
        if hole.start() > at:
            parts.append(source[at : hole.start()])
        parts.append(_parse_hole(hole, place, rename))
        at = hole.end()
    rest = source[at:]
    if "{{" in rest:
        raise ExpressionError("'{{' is not closed by '}}'", at + rest.index("{{") + 1)
    if rest:
        parts.append(rest)
    return Template(source, tuple(parts), place)


def _parse_hole(hole: re.Match[str], place: Place, rename: Rename | None) -> Expression:
    try:
        return parse_expression(hole[1], place.shift(hole.start(1)), rename)
    except ExpressionError as error:
        raise ExpressionError(error.message, hole.start(1) + error.column) from None

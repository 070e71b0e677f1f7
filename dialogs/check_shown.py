"""What the holes of a text may show: the words written inside them, and the names whose values appear. Runs nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from dialogs.expressions import Expression
from dialogs.templates import Template
from dialogs.tree import Binary, Call, Literal, Name, Node, walk

UNKNOWN = "\N{WHITE SQUARE}"  # stands for a value that is known at run time only
_USUAL = UNKNOWN * 4  # what such a value is counted as
_SAME = ("text", "trim", "upper", "lower", "label", "coalesce")
_MAX_FORMS = 8


@dataclass(frozen=True, slots=True)
class Shown:
    """A name whose value appears in a text. `guards`: names that a condition around it asks about first."""

    name: Name
    guards: frozenset[str]
    is_bare: bool  # the whole hole is this name: an answer then shows its readable form, a sensitive one its mask


def list_shown(hole: Expression) -> Iterator[Shown]:
    """Yield every name whose value a hole may show; names that are only compared or asked about are not shown."""
    for name, guards in _walk_shown(hole.node, frozenset()):
        yield Shown(name, guards, name is hole.node)


def _walk_shown(node: Node, guards: frozenset[str]) -> Iterator[tuple[Name, frozenset[str]]]:
    match node:
        case Name():
            yield node, guards
        case Call(function="if", args=(condition, yes, no)):
            asked = guards | {each.path[0] for each in walk(condition) if isinstance(each, Name)}
            yield from (*_walk_shown(yes, asked), *_walk_shown(no, asked))
        case Call(function="coalesce", args=args):
            absent = guards | {each.path[0] for each in args[:-1] if isinstance(each, Name)}
            yield from (found for each in args for found in _walk_shown(each, absent))
        case Call(function="text" | "trim" | "upper" | "lower" | "join" | "first" | "last", args=args):
            yield from (found for each in args for found in _walk_shown(each, guards))
        case Binary(operator="+", left=left, right=right):
            yield from (*_walk_shown(left, guards), *_walk_shown(right, guards))


def list_forms(template: Template) -> list[str]:
    """Return a text as it may be read, every wording inside its holes at least once; unknown values as squares."""
    ways = [[part] if isinstance(part, str) else _list_alternatives(part.node) for part in template.parts]
    return _join(ways)


def _list_alternatives(node: Node) -> list[str]:
    match node:
        case Literal(value=value):
            return [value if isinstance(value, str) else "" if value is None else UNKNOWN]
        case Call(function="if", args=(_, yes, no)):
            return [*_list_alternatives(yes), *_list_alternatives(no)][:_MAX_FORMS]
        case Call(function=function, args=args) if function in _SAME:
            return [form for each in args for form in _list_alternatives(each)][:_MAX_FORMS]
        case Binary(operator="+", left=left, right=right):
            return _join([_list_alternatives(left), _list_alternatives(right)])
    return [_USUAL]


def _join(ways: list[list[str]]) -> list[str]:
    """Put the parts together so that each alternative is in some form, the longest of each part in the first."""
    ordered = [sorted(way, key=len, reverse=True) for way in ways]
    forms = ["".join(row) for row in zip_longest(*(_repeat(way, ordered) for way in ordered))]
    return list(dict.fromkeys(forms)) or [""]


def _repeat(way: list[str], ways: list[list[str]]) -> list[str]:
    longest = max(map(len, ways))
    return [*way, *way[-1:] * (longest - len(way))]

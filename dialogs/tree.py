"""The tree of an expression: what a parser makes and a compiler reads. Values only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

ARITY: dict[str, tuple[int, int]] = {
    "len": (1, 1),
    "lower": (1, 1),
    "upper": (1, 1),
    "trim": (1, 1),
    "contains": (2, 2),
    "starts_with": (2, 2),
    "round": (1, 2),
    "floor": (1, 1),
    "ceil": (1, 1),
    "abs": (1, 1),
    "min": (1, 20),
    "max": (1, 20),
    "number": (1, 1),
    "text": (1, 1),
    "label": (1, 1),
    "coalesce": (1, 20),
    "is_empty": (1, 1),
    "if": (3, 3),
    "days_until": (1, 1),
    "hours_until": (1, 1),
    "hour": (1, 1),
    "weekday": (1, 1),
    "age": (1, 1),
    "year": (1, 1),
    "month": (1, 1),
    "day": (1, 1),
    "join": (1, 2),
    "first": (1, 1),
    "last": (1, 1),
    "count": (1, 1),
    "matches_phone": (1, 1),
}


@dataclass(frozen=True, slots=True)
class Literal:
    """A string, number, true, false or null."""

    value: str | int | float | bool | None
    column: int


@dataclass(frozen=True, slots=True)
class Name:
    """A name, dotted or not: `owner.name` is ("owner", "name")."""

    path: tuple[str, ...]
    column: int


@dataclass(frozen=True, slots=True)
class Items:
    """A list in square brackets."""

    items: tuple[Node, ...]
    column: int


@dataclass(frozen=True, slots=True)
class Unary:
    """`not x` or `-x`."""

    operator: str
    operand: Node
    column: int


@dataclass(frozen=True, slots=True)
class Binary:
    """Two operands and what stands between them."""

    operator: str
    left: Node
    right: Node
    column: int


@dataclass(frozen=True, slots=True)
class Call:
    """One of the functions of ARITY."""

    function: str
    args: tuple[Node, ...]
    column: int


Node = Literal | Name | Items | Unary | Binary | Call


def list_children(node: Node) -> tuple[Node, ...]:
    """Return the operands of a node, left to right."""
    match node:
        case Items(items=items):
            return items
        case Unary(operand=operand):
            return (operand,)
        case Binary(left=left, right=right):
            return (left, right)
        case Call(args=args):
            return args
    return ()


def walk(node: Node) -> Iterator[Node]:
    """Yield the node and everything below it."""
    yield node
    for child in list_children(node):
        yield from walk(child)

"""The tree of an expression: what a parser makes and a compiler reads. Values only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

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


@dataclass(frozen=True, slots=True)
class Record:
    """A mapping of named values. No script writes it; the answers of a block are handed on as one."""

    entries: tuple[tuple[str, Node], ...]
    column: int = 1


@dataclass(frozen=True, slots=True)
class Rows:
    """Pairs of condition and value: the list of the values up to the first condition that does not hold. Never written."""

    rows: tuple[tuple[Node, Node], ...]
    column: int = 1


Node = Literal | Name | Items | Unary | Binary | Call | Record | Rows
Rename = Callable[[Name], Node]


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
        case Record(entries=entries):
            return tuple(value for _, value in entries)
        case Rows(rows=rows):
            return tuple(part for row in rows for part in row)
    return ()


def walk(node: Node) -> Iterator[Node]:
    """Yield the node and everything below it."""
    yield node
    for child in list_children(node):
        yield from walk(child)


def rename_names(node: Node, rename: Rename) -> Node:
    """Return the tree with every name replaced by what `rename` returns for it."""
    match node:
        case Name():
            return rename(node)
        case Items(items=items):
            return replace(node, items=tuple(rename_names(item, rename) for item in items))
        case Unary(operand=operand):
            return replace(node, operand=rename_names(operand, rename))
        case Binary(left=left, right=right):
            return replace(node, left=rename_names(left, rename), right=rename_names(right, rename))
        case Call(args=args):
            return replace(node, args=tuple(rename_names(arg, rename) for arg in args))
    return node

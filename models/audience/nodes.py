"""The tree of an expression: plain frozen values. Two texts that mean the same in the same form have equal trees."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Operator(StrEnum):
    """What a test does with a field and its values."""

    EQUAL = "="
    NOT_EQUAL = "!="
    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="
    IN = "in"
    NOT_IN = "not in"
    BETWEEN = "between"
    CONTAINS = "~"
    PREFIX = "^="
    HAS = "has"


NEGATIVE = {Operator.NOT_EQUAL: Operator.EQUAL, Operator.NOT_IN: Operator.IN}
TEXTUAL = frozenset((Operator.CONTAINS, Operator.PREFIX))


@dataclass(frozen=True, slots=True)
class Relative:
    """A day counted from today."""

    days: int

    def resolve(self, today: date) -> date:
        """Return the day."""
        return today + timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the year, 1 to 12; a relative one counts from this month."""

    number: int
    is_relative: bool = False

    def resolve(self, today: date) -> int:
        """Return the month, 1 to 12."""
        return (today.month - 1 + self.number) % 12 + 1 if self.is_relative else self.number


Value = str | int | float | bool | date | Relative | Month


@dataclass(frozen=True, slots=True)
class Everyone:
    """All owners."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A field against values: one, two for between, many for in, none for has."""

    field: str
    operator: Operator
    values: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """Has written within so many days."""

    days: int


@dataclass(frozen=True, slots=True)
class Sample:
    """A fixed share of all people; `share` is in hundredths of a percent, another seed gives other people."""

    share: int
    seed: str


@dataclass(frozen=True, slots=True)
class And:
    """All of them; never holds an And itself."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of them; never holds an Or itself."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    item: Node


Leaf = Everyone | Condition | Seen | Sample
Node = Leaf | And | Or | Not


def join(kind: type[And] | type[Or], items: list[Node]) -> Node:
    """Return the items joined; a nested one of the same kind is opened, a single item stays itself."""
    flat: list[Node] = []
    for item in items:
        flat.extend(item.items if isinstance(item, And | Or) and isinstance(item, kind) else (item,))
    return flat[0] if len(flat) == 1 else kind(tuple(flat))


def list_leaves(node: Node) -> Iterator[Leaf]:
    """Yield the conditions, left to right."""
    match node:
        case And(items=items) | Or(items=items):
            for item in items:
                yield from list_leaves(item)
        case Not(item=item):
            yield from list_leaves(item)
        case _:
            yield node


@dataclass(frozen=True, slots=True)
class Audience:
    """An expression that was read: as written, and as a tree."""

    source: str
    node: Node

"""The small closed language of conditions: compiled once to closures, evaluated without ever raising.

Null rules: any comparison with null is false, a sum with null is null, a value of the wrong type counts as null.
No clock of its own, no randomness, no loops; what it may see is the scope and `world.now`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import takewhile
from typing import Any, Protocol

from dialogs.functions import MAX_TEXT, PLAIN, TIMED, bound_number, is_number, to_text
from dialogs.places import NOWHERE, Place
from dialogs.syntax import ExpressionError, parse_tree
from dialogs.tree import Binary, Call, Items, Literal, Name, Node, Record, Rename, Rows, Unary, walk

__all__ = ["FACTS", "LABELS", "MAPPINGS", "Expression", "ExpressionError", "HasNow", "parse_expression"]

LABELS = "$labels"  # scope entry: how each answer is read, by name; no script can write this name
FACTS = "$facts"  # scope entry: the facts of the world, for dotted names
MAPPINGS = (dict, Mapping)  # the first is cheap to ask, and nearly always it


class HasNow(Protocol):
    """What an expression needs of the world: the estate's local time."""

    @property
    def now(self) -> datetime:
        """The instant of this turn."""


Scope = Mapping[str, Any]
Run = Callable[[Scope, HasNow], Any]


@dataclass(frozen=True, slots=True)
class Expression:
    """A condition or value as written, with its tree; `evaluate` runs the closure made from it once."""

    source: str
    node: Node
    place: Place = field(default=NOWHERE, repr=False, compare=False)
    _run: Run = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_run", _compile(self.node))

    def evaluate(self, scope: Scope, world: HasNow) -> Any:
        """Return the value; null (None) where types or limits do not fit. Never raises on data."""
        try:
            return self._run(scope, world)
        except (ArithmeticError, TypeError, ValueError, LookupError, RecursionError):
            return None

    def holds(self, scope: Scope, world: HasNow) -> bool:
        """Return whether the condition is true; null is not."""
        return is_true(self.evaluate(scope, world))

    def names(self) -> frozenset[str]:
        """Return every name used, dotted names in full."""
        return frozenset(".".join(node.path) for node in walk(self.node) if isinstance(node, Name))


def parse_expression(source: str, place: Place = NOWHERE, rename: Rename | None = None) -> Expression:
    """Read and compile an expression that begins at `place`. Raises ExpressionError with the column of the mistake.

    `rename` says how its names are called where a block of steps is written out.
    """
    return Expression(source, parse_tree(source, rename), place)


def is_true(value: Any) -> bool:
    """Return how a value counts as a condition: null, false, 0, "" and [] do not hold."""
    return bool(value)


def _compile(node: Node) -> Run:
    match node:
        case Literal(value=value):
            return lambda scope, world: value
        case Name(path=path):
            return _compile_name(path)
        case Items(items=items):
            runs = tuple(_compile(item) for item in items)
            return lambda scope, world: [run(scope, world) for run in runs]
        case Unary(operator=sign, operand=operand):
            return _compile_unary(sign, _compile(operand))
        case Binary(operator=sign, left=left, right=right):
            return _compile_binary(sign, _compile(left), _compile(right))
        case Call():
            return _compile_call(node)
        case Record(entries=entries):
            named = tuple((name, _compile(value)) for name, value in entries)
            return lambda scope, world: {name: run(scope, world) for name, run in named}
        case Rows():
            return _compile_rows(node)


def _compile_rows(node: Rows) -> Run:
    pairs = tuple((_compile(condition), _compile(value)) for condition, value in node.rows)

    def collect(scope: Scope, world: HasNow) -> Any:
        held = takewhile(lambda pair: is_true(pair[0](scope, world)), pairs)
        return [value(scope, world) for _, value in held]

    return collect


def _compile_name(path: tuple[str, ...]) -> Run:
    first, rest = path[0], path[1:]
    if not rest:
        return lambda scope, world: scope.get(first)

    def dotted(scope: Scope, world: HasNow) -> Any:
        value = scope.get(first)
        if not isinstance(value, MAPPINGS):
            # a word handed in (vars: service) hides the fact of that name, not its parts (service.label)
            value = scope.get(FACTS, {}).get(first)
        for part in rest:
            if not isinstance(value, MAPPINGS):
                return None
            value = value.get(part)
        return value

    return dotted


def _compile_unary(sign: str, run: Run) -> Run:
    if sign == "not":
        return lambda scope, world: not is_true(run(scope, world))

    def negate(scope: Scope, world: HasNow) -> Any:
        value = run(scope, world)
        return -value if is_number(value) else None

    return negate


def _compile_binary(sign: str, left: Run, right: Run) -> Run:
    if sign == "and":
        return lambda scope, world: is_true(left(scope, world)) and is_true(right(scope, world))
    if sign == "or":
        return lambda scope, world: is_true(left(scope, world)) or is_true(right(scope, world))
    combine = _COMBINE[sign]
    return lambda scope, world: combine(left(scope, world), right(scope, world))


def _equal(a: Any, b: Any) -> bool:
    return a is not None and b is not None and _same(a, b)


def _unequal(a: Any, b: Any) -> bool:
    return a is not None and b is not None and not _same(a, b)


def _same(a: Any, b: Any) -> bool:
    # True == 1 in Python; here a yes is not a number
    return isinstance(a, bool) == isinstance(b, bool) and bool(a == b)


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def ordered(a: Any, b: Any) -> bool:
        both_numbers = is_number(a) and is_number(b)
        both_texts = isinstance(a, str) and isinstance(b, str)
        return (both_numbers or both_texts) and compare(a, b)

    return ordered


def _is_in(item: Any, whole: Any) -> bool:
    if item is None or whole is None:
        return False
    if isinstance(whole, str):
        return isinstance(item, str) and item in whole
    return isinstance(whole, list | tuple) and any(_equal(item, other) for other in whole)


def _calculate(sign: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def calculate(a: Any, b: Any) -> Any:
        return bound_number(sign(a, b)) if is_number(a) and is_number(b) else None

    return calculate


def _add(a: Any, b: Any) -> Any:
    if isinstance(a, str) and isinstance(b, str):
        return (a + b)[:MAX_TEXT]
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        return [*a, *b][:MAX_TEXT]
    return bound_number(a + b) if is_number(a) and is_number(b) else None


_COMBINE: dict[str, Callable[[Any, Any], Any]] = {
    "==": _equal,
    "!=": _unequal,
    "<": _ordered(operator.lt),
    "<=": _ordered(operator.le),
    ">": _ordered(operator.gt),
    ">=": _ordered(operator.ge),
    "in": _is_in,
    "+": _add,
    "-": _calculate(operator.sub),
    "*": _calculate(operator.mul),
    "/": _calculate(operator.truediv),
}


def _compile_call(node: Call) -> Run:
    runs = tuple(_compile(arg) for arg in node.args)
    if node.function == "if":
        condition, yes, no = runs
        return lambda scope, world: yes(scope, world) if is_true(condition(scope, world)) else no(scope, world)
    if node.function == "coalesce":
        return _compile_coalesce(runs)
    if node.function == "label":
        return _compile_label(node.args[0], runs[0])
    if node.function in TIMED:
        timed, only = TIMED[node.function], runs[0]
        return lambda scope, world: timed(only(scope, world), world.now)
    plain = PLAIN[node.function]
    if len(runs) == 1:
        one = runs[0]
        return lambda scope, world: plain(one(scope, world))
    return lambda scope, world: plain(*(run(scope, world) for run in runs))


def _compile_coalesce(runs: tuple[Run, ...]) -> Run:
    def coalesce(scope: Scope, world: HasNow) -> Any:
        for run in runs:
            value = run(scope, world)
            if value is not None:
                return value
        return None

    return coalesce


def _compile_label(arg: Node, run: Run) -> Run:
    name = ".".join(arg.path) if isinstance(arg, Name) else ""

    def label(scope: Scope, world: HasNow) -> Any:
        found = scope.get(LABELS, {}).get(name)
        return to_text(run(scope, world)) if found is None else found

    return label

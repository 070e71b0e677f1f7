"""Checks the expressions of a script: names that exist, that may be known by then, and types that can be compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dialogs.answers.base import AnswerType
from dialogs.expressions import Expression
from dialogs.fields import suggest
from dialogs.functions import TIMED
from dialogs.naming import ITEM
from dialogs.places import Place, Problem
from dialogs.script import Ask, Compute, Do, End, Say, Script, Start, Step, Template
from dialogs.tree import Binary, Call, Items, Literal, Name, Node, walk

_TYPES: dict[AnswerType, str] = {
    **dict.fromkeys((AnswerType.NUMBER, AnswerType.AMOUNT, AnswerType.RATING), "number"),
    **dict.fromkeys((AnswerType.IMAGE, AnswerType.VOICE, AnswerType.VIDEO, AnswerType.FILE), "media"),
    AnswerType.CHOICE: "choice",
    AnswerType.MULTI: "list",
    AnswerType.DATE: "date",
    AnswerType.TIME: "time",
    AnswerType.DATETIME: "datetime",
    AnswerType.TIMERANGE: "timerange",
    AnswerType.YESNO: "yes or no",
    AnswerType.LOCATION: "media",
}
_WITH_PARTS = ("media", "datetime", "timerange")
_LIKE_TEXT = ("text", "choice", "date", "time")
_ORDER_SIGNS = ("<", "<=", ">", ">=")
_RESULTS: dict[str, str] = {
    **dict.fromkeys(("len", "round", "floor", "ceil", "abs", "number", "count", *TIMED), "number"),
    **dict.fromkeys(("lower", "upper", "trim", "text", "label", "join"), "text"),
    **dict.fromkeys(("contains", "starts_with", "is_empty", "matches_phone"), "yes or no"),
}
_UNORDERED = ("choice", "list", "yes or no", "media", "datetime", "timerange")


@dataclass(frozen=True, slots=True)
class Use:
    """One expression in its step. `own`: the step's own answer is known by then; `checks`: it may speak of `v`."""

    step: Step
    expression: Expression
    in_text: bool = False
    own: bool = False
    is_check: bool = False
    is_item: bool = False  # it may speak of `item`


def list_uses(step: Step) -> Iterator[Use]:
    """Yield every expression of a step."""
    if step.ask_if is not None:
        yield Use(step, step.ask_if)
    yield from (Use(step, branch.condition, own=True) for branch in step.next if branch.condition is not None)
    match step:
        case Ask():
            yield from _list_ask_uses(step)
        case Say() | End():
            yield from _in_template(step, step.text)
        case Compute():
            yield Use(step, step.value)
            if step.label is not None:
                yield from (Use(step, each, own=True) for each in step.label.list_expressions())
        case Do():
            yield from (Use(step, expression) for expression in step.args.values())
        case Start():
            yield from _in_template(step, step.script)
            yield from (Use(step, expression) for expression in step.args.values())


def _list_ask_uses(step: Ask) -> Iterator[Use]:
    yield from _in_template(step, step.text)
    if step.default is not None:
        yield Use(step, step.default)
    if step.options_from is not None:
        yield Use(step, step.options_from.items)
        yield from (Use(step, each, is_item=True) for each in step.options_from.list_expressions())
    for option in step.options:
        yield from _in_template(step, option.label)
        if option.when is not None:
            yield Use(step, option.when)
        yield from (Use(step, expression, own=True) for expression in option.args.values())
    for check in step.checks:
        yield Use(step, check.condition, own=True, is_check=True)
        yield from (Use(step, each, in_text=True, own=True, is_check=True) for each in check.message.list_expressions())


def _in_template(step: Step, template: Template | None) -> Iterator[Use]:
    if template is not None:
        yield from (Use(step, expression, in_text=True) for expression in template.list_expressions())


@dataclass(frozen=True, slots=True)
class NameCheck:
    """What a script's expressions may speak of, and how far it is known at each step."""

    script: Script
    facts: frozenset[str]  # dotted names
    asks: Mapping[str, Ask]
    saves: frozenset[str]
    possible: Mapping[str, frozenset[str]]

    def check(self, use: Use) -> Iterator[Problem]:
        """Yield every problem of one expression."""
        for node in walk(use.expression.node):
            if isinstance(node, Name):
                yield from self._check_name(use, node)
            elif isinstance(node, Binary):
                yield from self._check_binary(use, node)
            elif isinstance(node, Call) and node.function in TIMED:
                yield from self._check_timed(use, node)

    def _check_name(self, use: Use, name: Name) -> Iterator[Problem]:
        root, dotted = name.path[0], ".".join(name.path)
        if (root == "v" and use.is_check) or (root == ITEM and use.is_item):
            return
        if dotted in self.facts or root in self.script.vars or root == "sentence":
            return
        if root in self.asks and len(name.path) > 1 and self._type_of_answer(root) not in _WITH_PARTS:
            kind = self.asks[root].type
            yield _problem(use, name, "dotted_answer", f"'{root}' is a {kind}; it has no part '{name.path[1]}'")
        elif root in self.asks or root in self.saves:
            yield from self._check_order(use, name)
        else:
            known = {*self.facts, *self.script.vars, *self.asks, *self.saves, "sentence"}
            yield _problem(use, name, "unknown_name", f"nothing is called '{dotted}'{suggest(dotted, sorted(known))}")

    def _check_order(self, use: Use, name: Name) -> Iterator[Problem]:
        root = name.path[0]
        is_own = use.own and root == use.step.id
        if not is_own and use.step.id in self.possible and root not in self.possible[use.step.id]:
            yield _problem(use, name, "used_too_early", f"'{root}' is not known yet on any way to '{use.step.id}'")

    def _check_binary(self, use: Use, node: Binary) -> Iterator[Problem]:
        if node.operator in ("==", "!=", *_ORDER_SIGNS) and any(_is_null(side) for side in (node.left, node.right)):
            yield _problem(use, node, "compare_null", "a comparison with null is always false; use is_empty()")
            return
        yield from self._check_options(use, node)
        left, right = self._type_of(node.left), self._type_of(node.right)
        message = _explain_clash(node.operator, left, right)
        if message:
            yield _problem(use, node, "type_clash", message)

    def _check_options(self, use: Use, node: Binary) -> Iterator[Problem]:
        for name, other in ((node.left, node.right), (node.right, node.left)):
            ask = self.asks.get(".".join(name.path)) if isinstance(name, Name) else None
            if ask is None or ask.options_from is not None or ask.type not in (AnswerType.CHOICE, AnswerType.MULTI):
                continue
            keys = [option.key for option in ask.options]
            for literal in other.items if isinstance(other, Items) else (other,):
                if isinstance(literal, Literal) and isinstance(literal.value, str) and literal.value not in keys:
                    message = f"'{ask.id}' has no option '{literal.value}'{suggest(literal.value, keys)}"
                    yield _problem(use, literal, "unknown_option", message)

    def _check_timed(self, use: Use, call: Call) -> Iterator[Problem]:
        found = self._type_of(call.args[0])
        if found in ("number", "choice", "list", "yes or no", "media"):
            yield _problem(use, call, "type_clash", f"{call.function}() takes a time, not a {found}")

    def type_of(self, expression: Expression) -> str:
        """Return the type of an expression's value, "" when it can only be told at run time."""
        return self._type_of(expression.node)

    def _type_of_answer(self, name: str) -> str:
        return _TYPES.get(self.asks[name].type, "text")

    def _type_of(self, node: Node) -> str:
        """Return the type of a value, "" when it can only be told at run time."""
        match node:
            case Literal(value=bool()):
                return "yes or no"
            case Literal(value=value):
                return "text" if isinstance(value, str) else "" if value is None else "number"
            case Items():
                return "list"
            case Name(path=(name,)) if name in self.asks and name not in self.script.vars:
                return self._type_of_answer(name)
            case Call(function=function):
                return _RESULTS.get(function, "")
            case Binary(operator=sign, left=left, right=right):
                sides = {self._type_of(left), self._type_of(right)}
                return ("number" if sides == {"number"} else "") if sign in "+-*/" else "yes or no"
        return ""


def _explain_clash(sign: str, left: str, right: str) -> str:
    if not left or not right or sign in ("and", "or"):
        return ""
    clash = f"a {left} and a {right} cannot be joined by '{sign}'"
    if sign in _ORDER_SIGNS:
        is_ordered = left not in _UNORDERED and right not in _UNORDERED
        return "" if is_ordered and _are_alike(left, right) else clash
    if sign == "in":
        return "" if right == "list" or (right in _LIKE_TEXT and left in _LIKE_TEXT) else clash
    if sign in ("-", "*", "/"):
        return "" if left == right == "number" else clash
    return "" if _are_alike(left, right) else clash


def _are_alike(left: str, right: str) -> bool:
    return left == right or (left in _LIKE_TEXT and right in _LIKE_TEXT)


def _is_null(node: Node) -> bool:
    return isinstance(node, Literal) and node.value is None


def _problem(use: Use, node: Node, code: str, message: str) -> Problem:
    place: Place = use.expression.place.shift(node.column - 1)
    return Problem(place, code, message)

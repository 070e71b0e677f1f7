"""Text of an expression -> its tree. Knows the grammar and its limits, nothing about values, and runs nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dialogs.tree import ARITY, Binary, Call, Items, Literal, Name, Node, Rename, Unary, list_children, rename_names

MAX_LENGTH = 10_000
MAX_DEPTH = 100
MAX_COST = 2_000  # nodes of one tree, calls counted five times


class ExpressionError(ValueError):
    """An expression that cannot be read; `column` counts from 1 within it."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message)
        self.message = message
        self.column = column


_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>\d+(?:\.\d+)?)
    | (?P<string>'[^'\\]*(?:\\.[^'\\]*)*')
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)
    | (?P<sign>==|!=|<=|>=|[<>+\-*/()\[\],])
    )""",
    re.VERBOSE,
)
_WORDS = {"and", "or", "not", "in"}
_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_BINDING = {
    "or": 1,
    "and": 2,
    "in": 4,
    "==": 4,
    "!=": 4,
    "<": 4,
    "<=": 4,
    ">": 4,
    ">=": 4,
    "+": 5,
    "-": 5,
    "*": 6,
    "/": 6,
}
_NOT_BINDING = 3
_MINUS_BINDING = 7
_MAX_DIGITS = 15


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # number, string, name, sign, end
    text: str
    column: int


def _tokenize(source: str) -> list[_Token]:
    tokens: list[_Token] = []
    at = 0
    end = len(source.rstrip())
    while at < end:
        found = _TOKEN.match(source, at)
        if found is None or found.lastgroup is None:
            column = at + len(source[at:]) - len(source[at:].lstrip()) + 1
            raise ExpressionError(_explain_stray(source[column - 1]), column)
        kind, text = found.lastgroup, found[found.lastgroup]
        if kind == "name" and text in _WORDS:
            kind = "sign"
        tokens.append(_Token(kind, text, found.start(found.lastgroup) + 1))
        at = found.end()
    tokens.append(_Token("end", "", end + 1))
    return tokens


def _explain_stray(character: str) -> str:
    if character == "=":
        return "'=' is not an operator; compare with '=='"
    if character == "'":
        return "a string in single quotes is not closed"
    if character == '"':
        return "strings stand in single quotes"
    if character in "“”‘’，（）":
        return f"'{character}' is a full-width sign; write the ASCII one"
    return f"'{character}' does not belong here"


class _Reader:
    """A Pratt parser: one loop, binding powers decide what belongs together."""

    def __init__(self, source: str) -> None:
        self.tokens = _tokenize(source)
        self.at = 0
        self.depth = 0

    @property
    def current(self) -> _Token:
        return self.tokens[self.at]

    def take(self) -> _Token:
        token = self.current
        self.at += 1
        return token

    def expect(self, sign: str) -> None:
        token = self.current
        if token.kind != "sign" or token.text != sign:
            raise ExpressionError(f"'{sign}' is missing", token.column)
        self.at += 1

    def is_sign(self, sign: str) -> bool:
        return self.current.kind == "sign" and self.current.text == sign

    def read(self, binding: int = 0) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ExpressionError(f"nested deeper than {MAX_DEPTH}", self.current.column)
        left = self.read_operand()
        while self.current.kind == "sign":
            power, operator, width = self.peek_operator()
            if power <= binding:
                break
            column = self.current.column
            self.at += width
            right = self.read(power)
            if _is_negated_in(operator):
                left = Unary("not", Binary("in", left, right, column), column)
            else:
                left = Binary(operator, left, right, column)
        self.depth -= 1
        return left

    def peek_operator(self) -> tuple[int, str, int]:
        """Return (binding power, operator, tokens it takes); `not in` is one operator of two tokens."""
        text = self.current.text
        following = self.tokens[self.at + 1] if self.at + 1 < len(self.tokens) else None
        if text == "not" and following is not None and following.text == "in" and following.kind == "sign":
            return _BINDING["in"], "not in", 2
        return _BINDING.get(text, 0), text, 1

    def read_operand(self) -> Node:
        token = self.take()
        if token.kind == "number":
            return Literal(_read_number(token), token.column)
        if token.kind == "string":
            return Literal(re.sub(r"\\(.)", r"\1", token.text[1:-1]), token.column)
        if token.kind == "name":
            return self.read_name(token)
        if token.text == "(":
            inner = self.read()
            self.expect(")")
            return inner
        if token.text == "[":
            return Items(self.read_list("]"), token.column)
        if token.text == "not":
            return Unary("not", self.read(_NOT_BINDING), token.column)
        if token.text == "-":
            return Unary("-", self.read(_MINUS_BINDING), token.column)
        said = f"'{token.text}' does not belong here" if token.text else "the expression ends too early"
        raise ExpressionError(said, token.column)

    def read_name(self, token: _Token) -> Node:
        if self.is_sign("("):
            return self.read_call(token)
        if token.text in _CONSTANTS:
            return Literal(_CONSTANTS[token.text], token.column)
        return Name(tuple(token.text.split(".")), token.column)

    def read_call(self, token: _Token) -> Node:
        if token.text not in ARITY:
            raise ExpressionError(f"there is no function '{token.text}'", token.column)
        self.take()
        args = self.read_list(")")
        low, high = ARITY[token.text]
        if not low <= len(args) <= high:
            wanted = str(low) if low == high else f"{low} to {high}"
            raise ExpressionError(f"{token.text}() takes {wanted} values, not {len(args)}", token.column)
        return Call(token.text, args, token.column)

    def read_list(self, closing: str) -> tuple[Node, ...]:
        items: list[Node] = []
        while not self.is_sign(closing):
            items.append(self.read())
            if not self.is_sign(","):
                break
            self.take()
        self.expect(closing)
        return tuple(items)


def _is_negated_in(operator: str) -> bool:
    return operator == "not in"


def _read_number(token: _Token) -> int | float:
    if len(token.text.replace(".", "")) > _MAX_DIGITS:
        raise ExpressionError(f"a number has at most {_MAX_DIGITS} digits", token.column)
    return float(token.text) if "." in token.text else int(token.text)


def _measure(node: Node) -> tuple[int, int]:
    """Return (depth, cost). The tree is at most as deep as the check below lets it grow, so recursion is safe."""
    children = [_measure(child) for child in list_children(node)]
    own = 5 if isinstance(node, Call) else 1
    return 1 + max((depth for depth, _ in children), default=0), own + sum(cost for _, cost in children)


def parse_tree(source: str, rename: Rename | None = None) -> Node:
    """Read an expression into its tree, its names renamed. Raises ExpressionError with the column of the first mistake."""
    if len(source) > MAX_LENGTH:
        raise ExpressionError(f"longer than {MAX_LENGTH} characters", MAX_LENGTH)
    if not source.strip():
        raise ExpressionError("the expression is empty", 1)
    reader = _Reader(source)
    if len(reader.tokens) > MAX_COST:
        raise ExpressionError(f"has more than {MAX_COST} parts", reader.tokens[MAX_COST].column)
    tree = reader.read()
    if reader.current.kind != "end":
        raise ExpressionError(f"'{reader.current.text}' does not belong here", reader.current.column)
    try:
        depth, cost = _measure(tree)
    except RecursionError:
        depth, cost = MAX_DEPTH + 1, 0
    if depth > MAX_DEPTH:
        raise ExpressionError(f"nested deeper than {MAX_DEPTH}", 1)
    if cost > MAX_COST:
        raise ExpressionError(f"costs {cost}, more than {MAX_COST}", 1)
    return tree if rename is None else rename_names(tree, rename)

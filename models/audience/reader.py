"""The cursor of the parser: takes tokens, cuts Chinese runs where the grammar allows it, keeps the limits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from models.audience.errors import AudienceError, Code
from models.audience.nodes import Node, Operator, list_leaves
from models.audience.tokens import Mark, Token, tokenize
from models.audience.words import OPERATORS, Lexicon, starts_with_any

MAX_DEPTH = 100
MAX_CONDITIONS = 250


class Reader:
    """Where the parser stands in one text."""

    def __init__(self, source: str, lexicon: Lexicon) -> None:
        self.tokens = tokenize(source)
        self.lexicon = lexicon
        self.at = 0
        self.depth = 0
        self.conditions = 0

    @property
    def current(self) -> Token:
        """Return the token to come."""
        return self.tokens[self.at]

    @property
    def following(self) -> Token:
        """Return the token after it."""
        return self.tokens[min(self.at + 1, len(self.tokens) - 1)]

    def take(self) -> Token:
        """Return the token and step over it; the end stays."""
        token = self.current
        self.at = min(self.at + 1, len(self.tokens) - 1)
        return token

    def expect(self, mark: Mark) -> Token:
        """Step over a sign that must be here."""
        if self.current.mark is not mark:
            raise self.complain(f"'{mark.value}'")
        return self.take()

    def take_mark(self, mark: Mark) -> bool:
        """Step over a sign if it is here."""
        if self.current.mark is not mark:
            return False
        self.take()
        return True

    def complain(self, wanted: str, suggestion: str = "") -> AudienceError:
        """Return the error that something else is wanted here."""
        shown = f"not '{self.current.text}'" if self.current.mark is not Mark.END else "but the text ends"
        return AudienceError(Code.EXPECTED, self.current.position, f"{wanted} is expected here, {shown}", suggestion)

    def cut(self, length: int) -> None:
        """Cut the run that comes in two."""
        token = self.current
        head = Token(Mark.RUN, token.text[:length], token.position)
        tail = Token(Mark.RUN, token.text[length:], token.position + length)
        self.tokens[self.at : self.at + 1] = [head, tail]

    def take_word(self, words: tuple[str, ...]) -> bool:
        """Step over one of the words; a Chinese one may be joined to what follows."""
        token = self.current
        if token.mark is not Mark.RUN:
            return False
        if token.text.lower() not in words:
            word = starts_with_any(token.text, words)
            if not word:
                return False
            self.cut(len(word))
        self.take()
        return True

    def take_operator(self) -> Operator | None:
        """Step over an operator and return it, None when there is none."""
        token = self.current
        if token.mark is Mark.SIGN:
            return Operator(self.take().text)
        if token.mark is Mark.RUN and token.text.lower() == "not" and self.following.text.lower() == "in":
            self.take()
            self.take()
            return Operator.NOT_IN
        for word, operator in OPERATORS.items():
            if self.take_word((word,)):
                return operator
        return None

    def is_operator_next(self) -> bool:
        """Tell whether a comparison stands after the current token."""
        text = self.following.text.lower()
        return self.following.mark is Mark.SIGN or (self.following.mark is Mark.RUN and text in OPERATORS)

    def take_text(self, is_value: Callable[[str], bool] | None = None, ends: tuple[str, ...] = ()) -> Token:
        """Step over a value. A run that is none is cut before a connective with something known, or before `ends`."""
        token = self.current
        if token.mark is Mark.STRING or (token.mark is Mark.RUN and is_value is not None and is_value(token.text)):
            return self.take()
        if token.mark is not Mark.RUN:
            raise self.complain("a value")
        length = next((at for at in range(1, len(token.text)) if self._may_end(token.text[at:], ends)), 0)
        if length:
            self.cut(length)
        return self.take()

    def _may_end(self, rest: str, ends: tuple[str, ...]) -> bool:
        return bool(starts_with_any(rest, ends)) or self.lexicon.is_tail(rest)

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """Go one level down; at most MAX_DEPTH of them."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise AudienceError(Code.TOO_DEEP, self.current.position, f"at most {MAX_DEPTH} levels")
        yield
        self.depth -= 1

    def count(self, node: Node, position: int) -> Node:
        """Count the conditions of a node; at most MAX_CONDITIONS in one text."""
        self.conditions += len(list(list_leaves(node)))
        if self.conditions > MAX_CONDITIONS:
            raise AudienceError(Code.TOO_MANY, position, f"at most {MAX_CONDITIONS} conditions")
        return node

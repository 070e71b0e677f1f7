"""What is wrong with an expression, and where. Says it; repairs nothing."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from enum import StrEnum
from unicodedata import east_asian_width


class Code(StrEnum):
    """Everything that can be wrong."""

    UNKNOWN_FIELD = "unknown_field"
    UNKNOWN_VALUE = "unknown_value"
    UNKNOWN_WORD = "unknown_word"
    EXPECTED = "expected"
    TOO_LONG = "too_long"
    TOO_DEEP = "too_deep"
    TOO_MANY = "too_many"
    BAD_DATE = "bad_date"
    BAD_NUMBER = "bad_number"
    FORBIDDEN_FIELD = "forbidden_field"
    SEALED_FIELD = "sealed_field"


class AudienceError(ValueError):
    """An expression that cannot be used. `position` counts characters from 0; `suggestion` may be empty."""

    def __init__(self, code: Code, position: int, message: str, suggestion: str = "") -> None:
        super().__init__(code, position, message, suggestion)
        self.code = code
        self.position = position
        self.message = message
        self.suggestion = suggestion

    def __str__(self) -> str:
        hint = f"; did you mean {self.suggestion}?" if self.suggestion else ""
        return f"{self.code.value} at {self.position}: {self.message}{hint}"

    def render(self, source: str) -> str:
        """Return the message, the line it is about, and a caret under the place (wide characters count two)."""
        start = source.rfind("\n", 0, self.position) + 1
        line = source[start:].split("\n", 1)[0].replace("\t", " ")
        before = line[: self.position - start]
        width = sum(2 if east_asian_width(character) in "WF" else 1 for character in before)
        return f"{self}\n{line}\n{' ' * width}^"


def suggest(word: str, known: Iterable[str]) -> str:
    """Return the known word that looks most like this one, empty when none does."""
    found = get_close_matches(word, list(known), n=1, cutoff=0.5)
    return found[0] if found else ""

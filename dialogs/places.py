"""Where a thing stands in a content file, and what is wrong with it. Values only."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Place:
    """Where a thing stands in a content file, for messages: `file:line:column`.

    `is_exact` is false inside a text of several lines, where columns cannot be counted on.
    """

    file: str
    line: int
    column: int
    is_exact: bool = field(default=True, compare=False)

    def shift(self, columns: int) -> Place:
        """Return the place some columns further right."""
        return Place(self.file, self.line, self.column + columns) if self.is_exact else self

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a content file: where, a stable code, and what to do about it."""

    place: Place
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message} [{self.code}]"


class ScriptError(Exception):
    """Raised at start-up when content is wrong; carries every problem."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


NOWHERE = Place("", 0, 0)

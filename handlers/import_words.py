"""What is wrong with a row of a register: an English line for the terminal that knows its parts, and the same for a page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Self

from handlers.runtime import Runtime


class Said(str):
    """A line that says what is wrong and what to do; `code` and `given` say it again in the words of content/texts.yaml."""

    code: str
    given: Mapping[str, Any]

    def __new__(cls, text: str, code: str, **given: Any) -> Self:
        """Keep the parts beside the line."""
        made = super().__new__(cls, text)
        made.code, made.given = code, given
        return made


def explain(runtime: Runtime, problem: str) -> str:
    """Return a problem in the staff's words; one that has none stays as it is."""
    if not isinstance(problem, Said):
        return problem
    given = dict(problem.given)
    if "column" in given:
        given["column"] = name_column(runtime, str(given["column"]))
    return runtime.say(f"import.{problem.code}", **given)


def explain_all(runtime: Runtime, problems: Iterable[str]) -> str:
    """Return several problems of one row as one text."""
    return "；".join(explain(runtime, each) for each in problems)


def name_column(runtime: Runtime, column: str) -> str:
    """Return what staff call a column."""
    key = f"import_column.{column}"  # a column of a file of another kind keeps its own name
    return runtime.say(key) if runtime.content.texts.has(key) else column

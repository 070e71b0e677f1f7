"""Read the keys of one mapping in a content file; every mistake is noted with its place and reading goes on."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from dialogs.expressions import Expression, ExpressionError, parse_expression
from dialogs.naming import TOP, Naming
from dialogs.places import Place, Problem
from dialogs.source import Node
from dialogs.templates import Template, parse_template


def suggest(word: str, known: Iterable[str]) -> str:
    """Return "; did you mean 'x'?" when a known word is near, else nothing."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean '{near[0]}'?" if near else ""


@dataclass(slots=True)
class Fields:
    """A mapping being read. `what` names it in messages; `problems` is shared by the whole file.

    `naming` says how names and targets are called where a block of steps is written out.
    """

    node: Node
    what: str
    problems: list[Problem]
    naming: Naming = TOP

    def inner(self, node: Node, what: str) -> Fields:
        """Return the reader of a mapping inside this one."""
        return replace(self, node=node, what=what)

    def within(self, key: str, what: str, shape: str) -> Fields | None:
        """Return the reader of the key's mapping; None when it is absent or no mapping (noted, `shape` tells one)."""
        found = self.node.get(key)
        if found is None:
            return None
        if found.kind != "map":
            self.note(found.place, "wrong_type", f"'{key}' is {shape}")
            return None
        return self.inner(found, what)

    def note(self, place: Place, code: str, message: str) -> None:
        """Keep one problem."""
        self.problems.append(Problem(place, code, message))

    def check_keys(self, known: Iterable[str]) -> None:
        """Note every key that is not known, with the nearest one that is."""
        allowed = tuple(known)
        for key, _ in self.node.entries:
            if key.text not in allowed:
                self.note(key.place, "unknown_key", f"{self.what} has no key '{key.text}'{suggest(key.text, allowed)}")

    def has(self, key: str) -> bool:
        """Say whether the key is written."""
        return self.node.get(key) is not None

    def place_of(self, key: str) -> Place:
        """Return where the key's value stands, or the mapping itself."""
        found = self.node.get(key)
        return self.node.place if found is None else found.place

    def scalar(self, key: str, *, required: bool = False) -> Node | None:
        """Return the key's scalar; None when it is absent or no scalar (noted)."""
        found = self.node.get(key)
        if found is None:
            if required:
                self.note(self.node.place, "missing_key", f"{self.what} needs the key '{key}'")
            return None
        if found.kind != "scalar":
            self.note(found.place, "wrong_type", f"'{key}' must be one value, not a {found.kind}")
            return None
        return found

    def text(self, key: str, default: str = "", *, required: bool = False) -> str:
        """Return the key's text as written."""
        found = self.scalar(key, required=required)
        return default if found is None else found.text

    def target(self, key: str, *, required: bool = False) -> str:
        """Return the step a key leads to, as it is called in the whole script; "" when it is absent."""
        step_id = self.text(key, required=required)
        return self.naming.target(step_id) if step_id else ""

    def reaction(self, key: str, words: Iterable[str], default: str, code: str = "unknown_word") -> str:
        """Return one of the words or `goto:<step>`."""
        allowed, then = tuple(words), self.text(key, default).replace(" ", "")
        if then in allowed:
            return then
        head, sign, step_id = then.partition(":")
        if head == "goto" and sign and step_id.isidentifier():
            return f"goto:{self.naming.target(step_id)}"
        known = ", ".join(allowed)
        message = f"'{key}' is {known} or goto:step, not '{then}'{suggest(then, allowed)}"
        self.note(self.place_of(key), code, message)
        return default

    def flag(self, key: str, default: bool) -> bool:
        """Return true or false."""
        found = self.scalar(key)
        if found is None:
            return default
        if isinstance(found.value, bool):
            return found.value
        self.note(found.place, "wrong_type", f"'{key}' must be true or false, not '{found.text}'")
        return default

    def number(self, key: str) -> float | None:
        """Return a number or None."""
        found = self.scalar(key)
        if found is None:
            return None
        if isinstance(found.value, int | float) and not isinstance(found.value, bool):
            return found.value
        self.note(found.place, "wrong_type", f"'{key}' must be a number, not '{found.text}'")
        return None

    def count(self, key: str, default: int, low: int, high: int) -> int:
        """Return a whole number between low and high."""
        number = self.number(key)
        if number is None:
            return default
        if number != int(number) or not low <= number <= high:
            self.note(self.place_of(key), "out_of_range", f"'{key}' must be a whole number from {low} to {high}")
            return default
        return int(number)

    def word(self, key: str, known: Iterable[str], default: str, *, required: bool = False) -> str:
        """Return one of the known words."""
        found = self.scalar(key, required=required)
        allowed = tuple(known)
        if found is None:
            return default
        if found.text in allowed:
            return found.text
        hint = suggest(found.text, allowed) or f"; it is one of {', '.join(allowed)}"
        self.note(found.place, "unknown_word", f"'{key}' cannot be '{found.text}'{hint}")
        return default

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts; one text alone counts as a list of one."""
        return tuple(node.text for node in self.scalars(key))

    def scalars(self, key: str) -> tuple[Node, ...]:
        """Return the scalars of a list; one alone counts as a list of one."""
        found = self.node.get(key)
        if found is None:
            return ()
        items = found.items if found.kind == "list" else (found,)
        for item in items:
            if item.kind != "scalar":
                self.note(item.place, "wrong_type", f"'{key}' lists single words")
        return tuple(item for item in items if item.kind == "scalar")

    def maps(self, key: str, *, required: bool = False) -> tuple[Node, ...]:
        """Return the mappings of a list."""
        found = self.node.get(key)
        if found is None:
            if required:
                self.note(self.node.place, "missing_key", f"{self.what} needs the key '{key}'")
            return ()
        if found.kind != "list":
            self.note(found.place, "wrong_type", f"'{key}' must be a list")
            return ()
        for item in found.items:
            if item.kind != "map":
                self.note(item.place, "wrong_type", f"every item of '{key}' is a mapping of keys")
        return tuple(item for item in found.items if item.kind == "map")

    def mapping(self, key: str) -> Mapping[str, Node]:
        """Return a mapping's values by key."""
        found = self.node.get(key)
        if found is None:
            return {}
        if found.kind != "map":
            self.note(found.place, "wrong_type", f"'{key}' must be a mapping of keys")
            return {}
        return {name.text: value for name, value in found.entries}

    def expression(self, key: str) -> Expression | None:
        """Return a compiled expression or None."""
        found = self.scalar(key)
        return None if found is None else self.read_expression(found)

    def read_expression(self, node: Node) -> Expression | None:
        """Compile a scalar's text; a mistake is noted with its column."""
        if node.kind != "scalar":
            self.note(node.place, "wrong_type", "an expression is one text")
            return None
        try:
            return parse_expression(node.text, node.start, self.naming.for_parser())
        except ExpressionError as error:
            self.note(node.start.shift(error.column - 1), "expression", error.message)
            return None

    def expressions(self, key: str) -> dict[str, Expression]:
        """Return compiled expressions by key."""
        read = {name: self.read_expression(node) for name, node in self.mapping(key).items()}
        return {name: expression for name, expression in read.items() if expression is not None}

    def template(self, key: str, *, required: bool = False) -> Template | None:
        """Return a text with holes or None."""
        found = self.scalar(key, required=required)
        if found is None:
            return None
        try:
            return parse_template(found.text.strip(), found.start, self.naming.for_parser())
        except ExpressionError as error:
            self.note(found.start.shift(error.column - 1), "expression", error.message)
            return Template(found.text, ("?",), found.start)

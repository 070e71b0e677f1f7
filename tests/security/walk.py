"""Walks an app by its own url map: every route, with ids made from its converters, and every name that a view asks for."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import product
from typing import ClassVar

from flask import Flask, Request, request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.routing import Rule

READING = {"GET", "HEAD", "OPTIONS"}
NUMBERS = {"IntegerConverter"}
WORDS = {"UnicodeConverter", "PathConverter"}
Words = Callable[[str], list[str]]  # from the name of a part to what it may be
ENDS_THE_WALK = ("console.sign_in.sign_out", "console.my_account.end_sessions")


def list_routes(app: Flask, *, start: str = "/") -> list[tuple[Rule, str]]:
    """Return every rule with every method that does something of its own."""
    rules = sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint))
    return [
        (rule, method)
        for rule in rules
        if rule.rule.startswith(start)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def list_changing(app: Flask) -> list[tuple[Rule, str]]:
    """Return the routes that may change something."""
    return [(rule, method) for rule, method in list_routes(app) if method not in READING]


def build_path(rule: Rule, parts: dict[str, int | str]) -> str:
    """Return the address of a rule with these parts."""
    return rule.map.bind("localhost").build(rule.endpoint, parts)


def fill(rule: Rule, numbers: Iterable[int], words: Words) -> Iterator[str]:
    """Return the addresses of a rule with all these numbers and words; a part of a kind unknown here is a fault of the walk."""
    choices: list[list[int | str]] = []
    names = sorted(rule.arguments)
    for name in names:
        kind = type(rule._converters[name]).__name__
        assert kind in NUMBERS | WORDS, f"teach the walk to fill <{kind}:{name}> of {rule.rule}"
        choices.append(list(numbers) if kind in NUMBERS else list(words(name)))
        assert choices[-1], f"teach the walk a word for <{name}> of {rule.rule}"
    for values in product(*choices):
        yield build_path(rule, dict(zip(names, values, strict=True)))


class Listening(Request):
    """A request that remembers which names its view asked for."""

    asked: ClassVar[dict[str, set[str]]] = defaultdict(set)

    class Names(ImmutableMultiDict):  # type: ignore[type-arg]
        """Fields of an address line or a form."""

        def get(self, key, default=None, type=None):  # noqa: A002
            _remember(key)
            return super().get(key, default, type)

        def __contains__(self, key) -> bool:
            _remember(key)
            return super().__contains__(key)

        def getlist(self, key, type=None):  # noqa: A002
            _remember(key)
            return super().getlist(key, type)

    parameter_storage_class = Names


def _remember(name: str) -> None:
    if request and isinstance(name, str) and re.fullmatch(r"[\w.-]+", name):
        Listening.asked[request.endpoint or ""].add(name)


def names_of(endpoint: str) -> list[str]:
    """Return the names that a view asked for so far, without the token of forms."""
    return sorted(Listening.asked[endpoint] - {"csrf_token", "_method"})

"""Who answers for the first house sees and changes nothing of the second: by no id, no field, no search, no export, no file.

Everything there can be is there twice; every text of the second house carries a mark, and every id of its is 2.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from html import escape
from urllib.parse import quote, quote_plus, urlencode

import pytest
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from console.permissions import ROLES, Permission, find_permission
from models.staff import Role
from tests.console.conftest import Visitor
from tests.security.conftest import KNOWN, MARK, TAIL, Rows, enter, forms_of, read_rows, send
from tests.security.seeds import LATER, SECRET, SHARED, openid_of
from tests.security.walk import ENDS_THE_WALK, Words, fill, list_changing, list_routes, names_of
from tests.world import World

LEAK = re.compile(f"{MARK}|{TAIL}|{openid_of(2)}|{SECRET}".encode())
TYPED = (KNOWN, "2")
MOST_RIGHTS = (
    "supervisor"  # everything that can be asked is asked with her; a butler, who has a veil too, asks for ids and words
)


def list_words(world: World) -> Words:
    """Return for the name of a part of an address every word of the second house that may stand there, or of the content."""
    rows, content = read_rows(world), world.runtime.content
    found: dict[str, set[str]] = defaultdict(set)
    for of_table in rows.values():
        for row in of_table:
            for column, value in row.items():
                if isinstance(value, str) and LEAK.search(value.encode()):
                    found[column].add(value)
    named = {"_rest": ["nothing"], **{key: ["survey.needs", "complaint"] for key in ("survey", "script", "script_id")}}
    return lambda part: sorted(found[part]) or named.get(part) or [*content.vocabulary.keys][:3]


def strip_typed(answer: TestResponse, *typed: str) -> bytes:
    """Return a page without what the reader herself had typed."""
    data = answer.data + answer.headers.get("Location", "").encode()
    for each in typed:
        for form in (each, escape(each), quote(each), quote_plus(each)):
            data = data.replace(form.encode(), b"")
    return data


def ask(visitor: Visitor, app: Flask, words: Words, role: str) -> Iterator[tuple[str, bytes]]:
    """Give every page there is for the second house's ids, and for its words in every field that a view asks for."""
    for rule, method in list_routes(app, start="/console"):
        if method != "GET" or rule.endpoint == "console.static" or not is_open(app, rule, role):
            continue
        typed = [word for part in rule.arguments for word in words(part)]
        for path in fill(rule, (1, 2) if len(rule.arguments) > 1 else (2, 2 + LATER), words):
            yield path, strip_typed(visitor.get(path), *typed)
        own = next(fill(rule, (1,), words))
        for name in names_of(rule.endpoint):
            for value in TYPED if role == MOST_RIGHTS else TYPED[:1]:
                asked = f"{own}?{urlencode({name: value})}"
                yield asked, strip_typed(visitor.get(asked), value)


@pytest.mark.parametrize("role", ["butler", MOST_RIGHTS])
def test_no_page_shows_anything_of_another_house(app: Flask, houses: World, role: str) -> None:
    visitor, before = enter(app, houses, role), read_rows(houses)
    pages = dict(ask(visitor, app, list_words(houses), role))
    leaks = {path: found for path, data in pages.items() if (found := LEAK.search(data))}
    assert {
        path: each.string[each.start() - 60 : each.end() + 30].decode(errors="replace") for path, each in leaks.items()
    } == {}
    assert sum("自家".encode() in data for data in pages.values()) > 15
    after = read_rows(houses)
    assert [name for name in before if after[name] != before[name]] in ([], ["console_account"])  # a second factor begun


def test_the_walk_fills_every_route_and_would_find_a_leak(app: Flask, houses: World) -> None:
    visitor, words = enter(app, houses, "supervisor", house=None), list_words(houses)
    leaky = set()
    for rule, method in list_routes(app, start="/console"):
        if method != "GET" or rule.endpoint in ("console.static", "console.unknown"):
            continue
        answers = [visitor.get(path) for path in fill(rule, (2, 1, 2 + LATER), words)]
        assert not rule.arguments or any(answer.status_code == 200 for answer in answers), f"nothing is at {rule.rule}"
        leaky |= {rule.endpoint for answer in answers if LEAK.search(answer.data)}
        assert not any(SECRET.encode() in answer.data for answer in answers), rule.rule
    assert len(leaky) > 12, leaky


def touching(rows: Rows, number: int, *, by_words: bool = True) -> Rows:
    """Return the rows that belong to a house: those that name one of its ids, and those that carry its mark."""
    houses = set(rows) - set(SHARED) - {"sign_in_attempt"}
    return {name: [row for row in rows[name] if _belongs(row, number, by_words=by_words)] for name in sorted(houses)}


def _belongs(row: dict[str, object], number: int, *, by_words: bool) -> bool:
    return any(
        (value == number and (name == "id" or name.endswith("_id"))) or (by_words and isinstance(value, str) and MARK in value)
        for name, value in row.items()
    )


@pytest.mark.parametrize("role", ["butler", MOST_RIGHTS])
def test_no_form_changes_or_tells_anything_of_another_house(app: Flask, houses: World, role: str) -> None:
    visitor = enter(app, houses, role)
    token, words = visitor.token("/console/account"), list_words(houses)
    forms = forms_of(app, houses, words)
    before, faults = touching(read_rows(houses), 2), []
    for rule, method in list_changing(app):
        if rule.endpoint in ENDS_THE_WALK or not is_open(app, rule, role):
            continue
        own = forms.get(rule.endpoint, {})
        tries = [(path, own) for path in fill(rule, (1, 2) if len(rule.arguments) > 1 else (2, 2 + LATER), words)]
        if role == MOST_RIGHTS:
            names = sorted({*own, *names_of(rule.endpoint)} - {"csrf_token"})
            tries += [(next(fill(rule, (1,), words)), {**own, name: value}) for name in names for value in TYPED]
        for path, fields in tries:
            answer = send(visitor, method, path, token, **fields)
            if LEAK.search(strip_typed(answer, *fields.values())):
                faults.append((path, fields))
    assert faults == []
    after = touching(read_rows(houses), 2)
    assert {name: rows for name, rows in after.items() if rows != before[name]} == {}


def is_open(app: Flask, rule: Rule, role: str) -> bool:
    """Tell whether a role may ask at all; that nobody else may is asked elsewhere."""
    return find_permission(app, rule.endpoint) in {Permission.PUBLIC, *ROLES[Role(role)]}

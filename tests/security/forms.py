"""Finds the forms of the console: on every page that can be opened, and on those that a form leads to."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask
from werkzeug.exceptions import HTTPException

from tests.console.conftest import Visitor
from tests.security.pages import Form, Page
from tests.security.walk import Words, fill, list_routes

WORD = "试"  # stands in a field that a page leaves empty
AUDIENCE = "养犬"  # in one that wants an audience
FILL = {"audience": ""}  # what says something when it is empty


def read_pages(visitor: Visitor, app: Flask, words: Words) -> list[Page]:
    """Return every page that the reader may open, with the rows of the first house."""
    paths = [
        path
        for rule, method in list_routes(app, start="/console")
        if method == "GET" and rule.endpoint != "console.static"
        for path in fill(rule, (1,), words)
    ]
    answers = [visitor.get(path) for path in [*paths, f"/console/owners?audience={AUDIENCE}"]]
    return [Page(answer.text) for answer in answers if answer.mimetype == "text/html"]


def find_forms(visitor: Visitor, app: Flask, words: Words) -> dict[str, dict[str, str]]:
    """Return by endpoint what its form sends when nothing is changed, with a word in each empty field."""
    found: dict[str, dict[str, str]] = {}
    for page in read_pages(visitor, app, words):
        for form in page.forms:
            endpoint = find_endpoint(app, form)
            if endpoint and form.method == "post":
                filled = {name: value or FILL.get(name, WORD) for name, value in form.fields.items() if name != "csrf_token"}
                found[endpoint] = {**filled, **found.get(endpoint, {})}
    return found


def find_endpoint(app: Flask, form: Form) -> str | None:
    """Return the endpoint that a form goes to."""
    try:
        endpoint, _ = app.url_map.bind("localhost").match(urlsplit(form.action).path, method=form.method.upper())
    except HTTPException:
        return None
    return endpoint

"""Every route there is: who may, and that no form does anything without its token. Routes to come are asked too."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from flask import Flask
from werkzeug.routing import Rule

from console.permissions import GUARDED, ROLES, Permission, find_permission
from models.staff import Role
from tests.console.conftest import Visitor, give_account
from tests.security.conftest import enter, read_rows, send
from tests.security.walk import ENDS_THE_WALK, fill, list_changing, list_routes
from tests.world import World

NOWHERE = (10**6,)


def name_nothing(part: str) -> list[str]:
    """Return a word that nothing is called; files of the pages are there for everybody."""
    return ["console.css" if part == "filename" else "D9"]


def find_nowhere(rule: Rule) -> str:
    """Return an address of a rule behind which nothing is."""
    return next(fill(rule, NOWHERE, name_nothing))


@pytest.mark.parametrize("role", [role for role in Role if ROLES[role]])
def test_a_role_is_let_in_exactly_where_the_table_says_and_a_refused_request_changes_nothing(
    app: Flask, houses: World, role: Role
) -> None:
    visitor = enter(app, houses, role.value, house=None)
    token, before = visitor.token("/console/account"), read_rows(houses)
    routes = [each for each in list_routes(app, start="/console") if each[0].endpoint not in ENDS_THE_WALK]
    assert len(routes) > 40
    open_to_all = {Permission.PUBLIC, *ROLES[role]}
    refused = [each for each in routes if find_permission(app, each[0].endpoint) not in open_to_all]
    for wanted, asked in ((True, refused), (False, [each for each in routes if each not in refused])):
        answers = {(rule.rule, method): send(visitor, method, find_nowhere(rule), token) for rule, method in asked}
        assert [each for each, answer in answers.items() if (answer.status_code == 403) != wanted] == []
        assert not wanted or read_rows(houses) == before


def test_a_role_without_a_permission_has_no_way_in(app: Flask, estate: World) -> None:
    for role in (role for role in Role if not ROLES[role]):
        give_account(estate, role.value, role.value)
        assert Visitor(app.test_client()).sign_in(role.value).status_code == 422


def test_a_guarded_route_lets_nobody_in_without_a_second_factor(app: Flask, estate: World) -> None:
    visitor = Visitor(app.test_client())
    give_account(estate, "feng", "supervisor")
    visitor.sign_in("feng")
    token = visitor.token("/console/account")
    guarded = [each for each in list_routes(app) if find_permission(app, each[0].endpoint) in GUARDED]
    assert len(guarded) > 5
    before = read_rows(estate)
    for rule, method in guarded:
        answer = send(visitor, method, find_nowhere(rule), token)
        assert urlsplit(answer.location).path == "/console/account/second-factor", rule.rule
    assert read_rows(estate) == before


def test_a_form_without_its_token_is_refused_and_changes_nothing(app: Flask, houses: World) -> None:
    visitor = enter(app, houses, "supervisor", house=None)
    changing = list_changing(app)
    assert len(changing) > 20
    before = read_rows(houses, without=())
    for rule, method in changing:
        for path in fill(rule, (1,), name_nothing):
            for token in ("", "wrong", "IjAi.wrong.wrong"):
                answer = send(visitor, method, path, token)
                assert answer.status_code == 400, (rule.rule, method)
    assert read_rows(houses, without=()) == before
    assert visitor.get("/console/").status_code == 200


def test_a_stranger_is_led_to_the_door_from_every_route_and_changes_nothing(app: Flask, houses: World) -> None:
    stranger, before = Visitor(app.test_client()), read_rows(houses, without=())
    token = stranger.token()
    for rule, method in list_routes(app, start="/console"):
        if find_permission(app, rule.endpoint) is Permission.PUBLIC:
            continue
        answer = send(stranger, method, next(fill(rule, (1,), name_nothing)), token)
        assert (answer.status_code, urlsplit(answer.location or "").path) == (302, "/console/sign-in"), rule.rule
    assert read_rows(houses, without=()) == before


def test_a_method_no_route_knows_is_refused_and_none_is_made_up_by_a_header_or_a_field(app: Flask, houses: World) -> None:
    visitor = enter(app, houses, "supervisor", house=None)
    token, before = visitor.token("/console/account"), read_rows(houses)
    for method in ("PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"):
        for path in ("/console/", "/console/owners/1", "/console/orders", "/console/owners/1/tags"):
            assert send(visitor, method, path, token).status_code in (400, 404, 405), (method, path)
    for rule, method in list_changing(app):
        told = dict.fromkeys(("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"), method)
        fields = {"_method": method, "csrf_token": token}
        answer = visitor.client.get(next(fill(rule, (1,), name_nothing)), headers=told, query_string=fields, buffered=True)
        assert answer.status_code in (200, 302, 404, 405), rule.rule
    after = read_rows(houses)
    assert [name for name in before if after[name] != before[name]] in ([], ["console_account"])  # a second factor begun

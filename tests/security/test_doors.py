"""Doors: guessing, planted and stolen sessions, what ends one, and that nobody is sent elsewhere or gets in halfway."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from posixpath import normpath
from urllib.parse import unquote, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from console.access import ConsoleAccess
from console.app import register
from console.permissions import Permission, find_permission
from console.sign_in import safe_target
from console.throttle import MOST_OF_A_LOGIN, MOST_OF_AN_ADDRESS, MOST_TRIES, WAIT, begin_try
from handlers import accounts
from models.accounts import ConsoleAccount
from models.database import Database
from models.sign_ins import ConsoleSession
from models.staff import Staff
from tests.console.conftest import PASSWORD, Visitor, give_account, make_code
from tests.security.conftest import enter, send
from tests.security.walk import fill, list_routes
from tests.world import World

HOME = "/console/"
COOKIE = "guanjia_console"


def copy_of(visitor: Visitor, app: Flask) -> Visitor:
    """Return a thief's browser: it has the same cookie."""
    cookie = visitor.client.get_cookie(COOKIE, path="/console")
    assert cookie is not None
    thief = Visitor(app.test_client())
    thief.client.set_cookie(COOKIE, cookie.value, path="/console")
    return thief


def is_in(visitor: Visitor) -> bool:
    return visitor.get(HOME).status_code == 200


def try_from(client: FlaskClient, login: str, **told: str) -> int:
    token = Visitor(client).token()
    data = {"csrf_token": token, "login": login, "password": "wrong"}
    return client.post("/console/sign-in", data=data, headers=told, buffered=True).status_code


def test_guessing_ends_for_a_login_and_for_an_address(estate: World) -> None:
    runtime = estate.runtime
    assert [begin_try(runtime, "a", "203.0.113.1") for _ in range(MOST_TRIES + 1)] == [True] * MOST_TRIES + [False]
    others = [begin_try(runtime, "a", f"198.51.100.{number}") for number in range(MOST_OF_A_LOGIN)]
    assert others.count(True) == MOST_OF_A_LOGIN - MOST_TRIES
    spray = [begin_try(runtime, f"login{number}", "192.0.2.9") for number in range(MOST_OF_AN_ADDRESS + 5)]
    assert spray == [True] * MOST_OF_AN_ADDRESS + [False] * 5
    assert begin_try(runtime, "b", "192.0.2.10")


def test_a_restart_forgets_no_try_and_a_proxy_hides_nobody(app: Flask, estate: World, access: ConsoleAccess) -> None:
    client = app.test_client()
    assert [try_from(client, "wang", **{"X-Forwarded-For": "203.0.113.5"}) for _ in range(5)] == [422] * 5
    fresh = Database(str(estate.runtime.database.engine.url))
    again = Flask("console", static_folder=None)
    again.config.update(SECRET_KEY="another secret")
    register(again, replace(estate.runtime, database=fresh), access)
    client = again.test_client()
    assert try_from(client, "wang", **{"X-Forwarded-For": "203.0.113.5"}) == 429
    assert try_from(client, "wang", **{"X-Forwarded-For": "203.0.113.5, 203.0.113.6"}) == 422  # the last stop counts
    far = {"REMOTE_ADDR": "203.0.113.5"}  # nobody but a proxy of our own is believed
    answer = client.get("/console/sign-in", environ_base=far)
    assert answer.status_code == 200
    fresh.close()
    estate.clock.advance(WAIT)
    assert try_from(app.test_client(), "wang", **{"X-Forwarded-For": "203.0.113.5"}) == 422


def test_a_planted_session_is_worth_nothing_after_the_sign_in_nor_one_from_before_the_code(app: Flask, estate: World) -> None:
    give_account(estate, "feng", "supervisor", has_factor=True)
    victim = Visitor(app.test_client())
    victim.token()
    planted = copy_of(victim, app)
    assert victim.sign_in("feng").status_code == 302
    half = copy_of(victim, app)
    assert not is_in(planted)
    assert not is_in(half)
    estate.clock.advance(timedelta(seconds=30))
    assert victim.post("/console/sign-in/code", code=make_code(estate)).status_code == 302
    assert is_in(victim)
    assert not is_in(planted)
    assert not is_in(half)
    stolen = copy_of(victim, app)
    estate.clock.advance(timedelta(minutes=31))
    assert is_in(stolen)
    victim.post("/console/prove", code=make_code(estate))
    assert is_in(victim)
    assert not is_in(stolen)  # the number changed with the second factor


def leave(visitor: Visitor, _world: World) -> None:
    visitor.client.post("/console/sign-out", data={"csrf_token": visitor.token("/console/account")})


def end_everywhere(visitor: Visitor, _world: World) -> None:
    visitor.client.post("/console/account/end-sessions", data={"csrf_token": visitor.token("/console/account")})


def change_own_password(visitor: Visitor, _world: World) -> None:
    fields = {"current": PASSWORD, "wanted": "a long walk by the sea 7", "again": "a long walk by the sea 7"}
    assert visitor.post("/console/account/password", **fields).status_code == 302


def change_role(_visitor: Visitor, world: World) -> None:
    with world.runtime.transaction() as tx:
        tx.session.query(Staff).update({"role": "technician"})


def dismiss(_visitor: Visitor, world: World) -> None:
    with world.runtime.transaction() as tx:
        tx.session.query(Staff).update({"is_active": False})


def lock(_visitor: Visitor, world: World) -> None:
    with world.runtime.transaction() as tx:
        tx.session.query(ConsoleAccount).update({"is_locked": True})


def renew_key(_visitor: Visitor, world: World) -> None:
    with world.runtime.transaction() as tx:
        tx.session.query(ConsoleAccount).update({"session_key": accounts.new_session_key()})


def go_to_lunch(_visitor: Visitor, world: World) -> None:
    world.clock.advance(timedelta(hours=1))


ENDS = (leave, end_everywhere, change_own_password, change_role, dismiss, lock, renew_key, go_to_lunch)


@pytest.mark.parametrize("end", ENDS, ids=lambda each: each.__name__)
def test_a_copied_session_ends_with(app: Flask, houses: World, end: Callable[[Visitor, World], None]) -> None:
    visitor = enter(app, houses, "butler")
    thief = copy_of(visitor, app)
    assert is_in(thief)
    end(visitor, houses)
    assert not is_in(thief)
    assert is_in(visitor) == (end is change_own_password)  # who changes it stays


def test_a_session_in_use_does_not_idle_and_a_forged_one_is_none(app: Flask, estate: World) -> None:
    visitor = enter(app, estate, "butler", house=None)
    for _ in range(3):
        estate.clock.advance(timedelta(minutes=50))
        assert is_in(visitor)
    assert estate.count(ConsoleSession) == 1
    thief = Visitor(app.test_client())
    here = f"http://localhost{HOME}"
    with thief.client.session_transaction(base_url=here) as forged, visitor.client.session_transaction(base_url=here) as real:
        forged.update({**real, "number": "guessed"})  # as with a key that leaked
    assert not is_in(thief)
    assert is_in(visitor)


def test_the_cookie_travels_on_https_alone_where_the_site_has_it(estate: World, access: ConsoleAccess) -> None:
    app = Flask("console", static_folder=None)
    app.config.update(SECRET_KEY="x" * 20)
    register(app, estate.runtime, replace(access, is_secure=True))
    answer = app.test_client().get("/console/sign-in", base_url="https://estate.test/")
    cookie = answer.headers["Set-Cookie"]
    assert all(part in cookie for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/console"))
    assert "Domain" not in cookie
    assert "max-age" in answer.headers["Strict-Transport-Security"]


ELSEWHERE = (
    *("https://evil.test/", "//evil.test/console/", "/\\evil.test", "\\\\evil.test/console/", "javascript:alert(1)", "data:x"),
    *("/console/../x", "/console/%2e%2e/x", "/console/%2E./%2e%2e/x", "/console/..%2f..%2fx", "/console/..\\x", "/sandbox/"),
    *("/console//evil.test", "///evil.test", "http:evil.test", "/console/\r\nX-X7: 1", "/console/\x00", "/console@evil.test"),
    *(" //evil.test", "\t//evil.test", "/console/?next=//evil.test", "/console/#//evil.test", "/consolex"),
)


def test_nobody_is_sent_elsewhere_by_what_stands_behind_next(app: Flask, estate: World) -> None:
    with app.test_request_context("/console/sign-in"):
        for wanted in ELSEWHERE:
            assert is_ours(safe_target(wanted)), wanted
    visitor, paths = enter(app, estate, "butler", house=None), ("/console/sign-in", "/console/sign-in/code", "/console/prove")
    for wanted in ELSEWHERE[:3]:
        for path in paths:
            answer = visitor.client.get(path, query_string={"next": wanted}, buffered=True)
            assert is_ours(answer.headers.get("Location", HOME)), (path, wanted)
        assert Visitor(app.test_client()).sign_in("butler.0", next=wanted).location == HOME


def is_ours(target: str) -> bool:
    parts = urlsplit(target)
    path = unquote(unquote(parts.path))
    is_plain = "\\" not in path and path.isprintable()
    return not parts.scheme and not parts.netloc and is_plain and f"{normpath(path)}/".startswith(HOME)


def test_a_made_up_host_is_never_believed(app: Flask, houses: World) -> None:
    visitor = enter(app, houses, "butler")
    for told in ({"Host": "evil.test"}, {"X-Forwarded-Host": "evil.test", "X-Forwarded-Proto": "gopher"}):
        for rule, method in list_routes(app, start="/console"):
            if method == "GET" and rule.endpoint != "console.static":
                path = next(fill(rule, (1,), lambda _part: ["D9"]))
                for browser in (visitor, Visitor(app.test_client())):
                    answer = browser.client.get(path, headers=told, buffered=True)
                    assert b"evil.test" not in answer.data + str(answer.headers).encode(), path


def test_halfway_in_is_outside(app: Flask, estate: World) -> None:
    give_account(estate, "feng", "supervisor", has_factor=True)
    give_account(estate, "xin", "supervisor", must_change=True)
    half, new = Visitor(app.test_client()), Visitor(app.test_client())
    half.sign_in("feng")
    new.sign_in("xin")
    token = new.token("/console/account/password")
    for rule, method in list_routes(app, start="/console"):
        if find_permission(app, rule.endpoint) is Permission.PUBLIC:
            continue
        path = next(fill(rule, (1,), lambda _part: ["D9"]))
        answer = send(half, method, path, half.token())
        assert urlsplit(answer.location or "").path == "/console/sign-in", path
        if rule.endpoint not in ("console.my_account.change_password", "console.sign_in.sign_out"):
            answer = send(new, method, path, token)
            assert urlsplit(answer.location or "").path == "/console/account/password", path


OUTSIDE = (
    "../app.py",
    "..%2fapp.py",
    "%2e%2e/app.py",
    "..\\app.py",
    "/etc/passwd",
    "....//app.py",
    "%00",
    "console.css%00.txt",
)


@pytest.mark.parametrize("folder", ["/console/static/", "/bootstrap/static/", "/bootstrap/static/css/", "/console/pictures/"])
def test_no_address_leads_out_of_a_folder_of_files(app: Flask, houses: World, folder: str) -> None:
    visitor = enter(app, houses, "butler")
    for name in OUTSIDE:
        answer = visitor.client.get(folder + name, buffered=True)
        assert answer.status_code in (302, 400, 404), folder + name
        assert b"import" not in answer.data

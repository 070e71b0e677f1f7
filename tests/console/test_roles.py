"""Every route with every role, every form without its token, and every page for a butler who must not see the next house.

The walks read the routes and the pages themselves, so what comes later is walked too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from urllib.parse import urlsplit

import pytest
from flask import Flask
from werkzeug.routing import Rule

from console.permissions import GUARDED, ROLES, Permission, find_permission
from models.conversations import InboundMessage
from models.staff import Role
from tests.console.conftest import Visitor, give_account
from tests.console.estate import add_campaign, add_complaint, add_order, add_picture, add_task, write_file
from tests.world import World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # the scope's SQL runs on both in test_pages
NOWHERE = {int: 10**6, str: "D9"}
MARK = "囍"  # begins every word of the other house; a masked name still shows it
STAFF_ROLES = [role for role in Role if ROLES[role]]


def list_routes(app: Flask) -> Iterator[tuple[Rule, str]]:
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/console"):
            yield from ((rule, method) for method in sorted(rule.methods & {"GET", "POST"}))


def build_path(rule: Rule, **known: object) -> str:
    """Return an address of a route; a part that nobody names leads to what is not there."""
    parts = {}
    for name in rule.arguments:
        number = type(rule._converters[name]).__name__ == "IntegerConverter"
        parts[name] = known.get(name, NOWHERE[int if number else str])
    if rule.endpoint == "console.static":
        parts["filename"] = "console.css"
    adapter = rule.map.bind("localhost")
    return adapter.build(rule.endpoint, parts)


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_every_route_lets_a_role_in_exactly_where_the_table_says(app, visitor, estate, role):
    give_account(estate, "wang", role.value, ("1栋",), has_factor=bool(ROLES[role] & GUARDED))
    visitor.enter(estate, "wang") if ROLES[role] & GUARDED else visitor.sign_in("wang")
    token = visitor.token("/console/account")
    asked = 0
    for rule, method in list_routes(app):
        permission = find_permission(app, rule.endpoint)
        if rule.endpoint in ("console.sign_in.sign_out", "console.my_account.end_sessions"):
            continue  # they would end the walk; both only ask for a session
        data = {"csrf_token": token} if method == "POST" else None
        answer = visitor.client.open(build_path(rule), method=method, data=data, buffered=True)
        is_closed = answer.status_code == 403
        assert is_closed == (permission is not Permission.PUBLIC and permission not in ROLES[role]), (rule.rule, method)
        asked += 1
    assert asked > 25


def test_a_guarded_route_lets_nobody_in_without_a_second_factor(app, visitor, estate):
    give_account(estate, "feng", "supervisor")
    visitor.sign_in("feng")
    token = visitor.token("/console/account")
    guarded = [(rule, method) for rule, method in list_routes(app) if find_permission(app, rule.endpoint) in GUARDED]
    assert len(guarded) > 5
    for rule, method in guarded:
        answer = visitor.client.open(build_path(rule), method=method, data={"csrf_token": token}, buffered=True)
        assert answer.location.startswith("/console/account/second-factor"), rule.rule


def test_every_form_without_its_token_is_refused_before_it_does_anything(app, staff):
    forms = [rule for rule, method in list_routes(app) if method == "POST"]
    assert len(forms) > 12
    for rule in forms:
        for data in ({}, {"csrf_token": "wrong"}):
            answer = staff.client.post(build_path(rule), data=data, buffered=True)
            assert answer.status_code == 400, rule.rule
    assert staff.get("/console/").status_code == 200


def test_a_stranger_is_led_to_the_door_from_every_route(app, visitor):
    for rule, method in list_routes(app):
        if find_permission(app, rule.endpoint) is Permission.PUBLIC:
            continue
        answer = visitor.client.open(build_path(rule), method=method, buffered=True)
        assert (answer.status_code, urlsplit(answer.location).path) == (302, "/console/sign-in"), rule.rule


@pytest.fixture
def houses(estate: World) -> World:
    """Give an estate with a house of the reader's and one that is not: everything in it begins with the mark."""
    now = estate.clock.now()
    for building, word in ((1, "自家"), (2, MARK)):
        room, tags = f"{building}栋-1单元-101", {"reach.hours": f"{word}时"}
        owner = estate.owner(f"{word}人", room=room, phone=f"1380000000{building}", tags=tags, openid=f"o{building}")
        write_message(estate, f"o{building}", f"{word}话")
        holder = estate.staff(f"{word}管家", buildings=(f"{building}栋",))
        placed = {"building_id": building, "community_id": 1, "room_label": f"{word}{building}栋-1单元-101", "owner_id": owner}
        said = {"what": {"label": f"{word}答"}}
        order = add_order(estate, building, note=f"{word}单", slots=said, assignee_id=holder, **placed)
        complaint = add_complaint(estate, building, text=f"{word}投诉", slots=said, assignee_id=holder, **placed)
        late = {"created_at": now - timedelta(days=2), "reminders": 1, "building_id": building, "assignee_id": holder}
        add_task(estate, order.no, order_id=order.id, summary=f"{word}任务", **late)
        add_task(estate, complaint.no, kind="complaint", complaint_id=complaint.id, summary=f"{word}任务", **late)
        for given in ({"order_id": order.id}, {"complaint_id": complaint.id}):
            write_file(estate, f"media/{building}.png", word.encode())
            add_picture(estate, path=f"media/{building}.png", **given)
        add_campaign(
            estate, [(owner, "skipped", "opted_out")], name=f"{word}推送", text=f"{word}文", audience=word, status="running"
        )
    return estate


def write_message(world: World, openid: str, text: str) -> None:
    with world.runtime.transaction() as tx:
        tx.session.add(InboundMessage(key=text, openid=openid, kind="text", text=text, at=world.clock.now()))


IDS = {int: [str(number) for number in range(1, 9)], str: ["D2611210002", "T2611210002", MARK, "D2611210001", "T2611210001"]}
WORDS = (MARK, f"{MARK}人", "2栋", "D2611210002", "13800000002", "2")


def list_guesses(app: Flask) -> Iterator[str]:
    """Return every page with every id that somebody of the other house has."""
    for rule, method in list_routes(app):
        if method != "GET":
            continue
        if not rule.arguments or rule.endpoint == "console.static":
            yield build_path(rule)
            continue
        for name in rule.arguments:
            number = type(rule._converters[name]).__name__ == "IntegerConverter"
            for given in IDS[int if number else str]:
                yield build_path(rule, **{name: int(given) if number else given})


SCRIPTS = "/console/content/scripts/"  # a hundred pages of what we wrote ourselves, nobody's rows in them


def crawl(visitor: Visitor, starts: list[str], most: int = 400) -> dict[str, bytes]:
    """Return every page that can be reached by links and by filling in the search forms of pages."""
    found: dict[str, bytes] = {}
    waiting = list(starts)
    while waiting and len(found) < most:
        path = waiting.pop()
        if path in found:
            continue
        answer = visitor.get(path)
        found[path] = answer.data
        if answer.status_code != 200 or "html" not in answer.mimetype:
            continue
        links = [unescape(link) for link in re.findall(r'(?:href|src)="(/console/[^"#]*)"', answer.text)]
        waiting += [link for link in links if not link.startswith(SCRIPTS)]
        for form in re.findall(r'<form[^>]*method="get".*?</form>', answer.text, re.DOTALL):
            here = urlsplit(path).path
            waiting += [f"{here}?{name}={word}" for name in re.findall(r'name="(\w+)"', form) for word in WORDS]
            for name, options in re.findall(r'<select[^>]*name="(\w+)"(.*?)</select>', form, re.DOTALL):
                waiting += [f"{here}?{name}={value}" for value in re.findall(r'value="([^"]+)"', options)[:8]]
    assert len(found) < most
    return found


@pytest.mark.parametrize("role", ["butler", "service_desk", "technician", "supervisor"])
def test_who_answers_for_one_house_finds_nothing_of_the_next_by_link_id_or_search(app, visitor, houses, role):
    give_account(houses, "wang", role, ("1栋",), has_factor=role == "supervisor")
    visitor.enter(houses, "wang") if role == "supervisor" else visitor.sign_in("wang")
    pages = crawl(visitor, ["/console/", *list_guesses(app)])
    mark = MARK.encode()
    typed = re.compile(rf'value="{MARK}[^"]*"|<p class="echo">.*?</p>'.encode())  # what the reader wrote herself
    leaks = [path for path, data in pages.items() if mark in typed.sub(b"", data)]
    assert leaks == []
    own = "自家".encode()
    for path in ("/console/", "/console/orders", "/console/orders/D2611210001", "/console/complaints/T2611210001"):
        assert own in pages[path], path
    if role != "technician":
        assert own in pages["/console/owners/1"]
        assert "自＊＊".encode() in pages["/console/owners"]
    for path in ("/console/tasks", "/console/campaigns", "/console/campaigns/1", "/console/pictures/1"):
        assert own in pages[path], path


def test_the_walk_would_find_a_leak(app, staff, houses):
    pages = crawl(staff, ["/console/", *list_guesses(app)])
    leaky = {path for path, data in pages.items() if MARK.encode() in data}
    assert leaky >= {
        "/console/",
        "/console/orders",
        "/console/tasks",
        "/console/campaigns/2",
        "/console/pictures/3",
        "/console/owners",
        "/console/owners/2",
    }


def test_a_butler_without_a_building_sees_nothing_and_a_supervisor_without_one_everything(visitor, other, houses):
    give_account(houses, "wang", "butler")
    visitor.sign_in("wang")
    assert "没有这样的工单" in visitor.read("/console/orders")
    assert visitor.get("/console/orders/D2611210001").status_code == 404
    give_account(houses, "feng", "supervisor", has_factor=True)
    other.enter(houses, "feng")
    page = other.read("/console/orders")
    assert "自家单" in page
    assert f"{MARK}单" in page


@pytest.mark.parametrize("role", ["operations", "finance"])
def test_the_first_page_shows_nothing_that_its_reader_may_not_open(visitor, houses, role):
    give_account(houses, "qian", role, has_factor=True)
    visitor.enter(houses, "qian")
    page = visitor.read("/console/")
    assert "任务" not in re.sub(r"<nav.*?</nav>", "", page, flags=re.DOTALL)
    assert ("推送</strong>" in page or "正在推送" in page) == (role == "operations")
    assert ("今天的工单" in page) == (role == "finance")
    assert "今天的投诉" not in page
    pages = crawl(visitor, ["/console/"])
    assert len(pages) > 3

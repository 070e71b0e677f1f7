"""What a role finds by following links: two houses, one of them not hers. Every route and id is walked in tests/security."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from urllib.parse import urlsplit

import pytest

from models.conversations import InboundMessage
from tests.console.conftest import Visitor, give_account
from tests.console.estate import add_campaign, add_complaint, add_order, add_picture, add_task, write_file
from tests.world import World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # the scope's SQL runs on both in test_pages
SCRIPTS = "/console/content/scripts/"  # a hundred pages of what we wrote ourselves, nobody's rows in them
MARK = "囍"  # begins every word of the other house; a masked name still shows it


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


WORDS = (MARK, f"{MARK}人", "2栋", "D2611210002", "13800000002", "2")


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

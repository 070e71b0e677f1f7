"""The pages in a real browser without JavaScript: they can be reached by keyboard, fit a phone, and obey their own policy."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect
from werkzeug.serving import make_server

from handlers.phone_states import set_phone_state
from tests.chromium import open_browser, open_window
from tests.console.conftest import LOGIN, PASSWORD
from tests.console.estate import add_campaign, add_complaint, add_order, add_picture, add_task, write_file

PHONE = {"width": 360, "height": 740}
pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),  # what a page looks like is no matter of databases
]


@pytest.fixture
def address(app: Flask, estate) -> Iterator[str]:
    """Serve an estate with something on every page; give the address of the console."""
    tags = {"pet.kind": "犬", "car.count": "1", "house.use": "自住", "reach.hours": "工作日晚上七点以后，周末全天都可以"}
    owner = estate.owner("张秀英", phone="13800000001", openid="o1", tags=tags)
    twin = estate.owner("张秀英", phone="13800000001", room="1栋-2单元-1002", tags={"house.use": "出租"})
    with estate.runtime.transaction() as tx:
        set_phone_state(estate.runtime, tx, twin, "空号", "staff:1")
    long = "厨房水管一直在漏，地上都是水，麻烦快一点" * 4
    order = add_order(estate, owner_id=owner, room_label="1栋-2单元-301", note=long, is_urgent=True)
    for number in range(2, 40):
        add_order(estate, number, note="x" * 120)
    complaint = add_complaint(estate, owner_id=owner, text=long)
    add_task(estate, order.no, order_id=order.id, reminders=1, summary=long, created_at=estate.clock.now() - timedelta(days=4))
    add_task(estate, complaint.no, kind="complaint", complaint_id=complaint.id)
    write_file(estate, "media/ab/p.png")
    add_picture(estate, path="media/ab/p.png", order_id=order.id)
    estate.staff("王管家")
    add_campaign(estate, [(owner, "failed", "user_blocked")], audience="building = 1栋 and " + "pet.kind = 犬 or " * 20)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/console"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as chromium:
        yield chromium


def test_every_page_fits_a_phone_without_javascript_and_breaks_no_policy(address, browser, tmp_path):
    complaints: list[str] = []
    page = open_window(browser, viewport=PHONE, java_script_enabled=False)
    page.on("console", lambda message: complaints.append(message.text) if "422" not in message.text else None)
    page.on("requestfailed", lambda request: complaints.append(request.url))
    page.goto(f"{address}/orders/D2611210001")
    expect(page.locator("#login")).to_be_focused()
    page.keyboard.type(LOGIN)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/orders/D2611210001")
    assert page.locator(".pictures img").evaluate("picture => picture.decode().then(() => picture.naturalWidth)") == 1
    paths = (
        "",
        "orders",
        "orders/D2611210001",
        "complaints",
        "complaints/T2611210001",
        "tasks",
        "campaigns",
        "campaigns/1",
        "owners",
        "owners?audience=养犬",
        "owners?audience=养犬 且 养恐龙",
        "owners/1",
        "transfers/owners",
        "surveys",
        "surveys/coverage",
        "audit",
        "accounts",
        "accounts/1",
        "account",
        "account/second-factor",
        "content",
        "content/scripts/booking.general",
        "content/scripts/survey.owner/try?sentence=业主调研",
        "content/tags",
        "content/menus?owner=1",
        "doubles",
        "doubles/2/1",
        "phones",
        "staff-codes",
    )
    for number, path in enumerate(paths):
        page.goto(f"{address}/{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
        picture = page.screenshot(path=tmp_path / f"{number}.png")
        assert len(picture) > 5000, path
    assert complaints == []


def test_bootstrap_and_our_own_colours_have_arrived(address, browser):
    page = open_window(browser)
    page.goto(f"{address}/sign-in")
    button = page.locator("button.btn-primary")
    assert button.evaluate("each => getComputedStyle(each).backgroundColor") == "rgb(47, 107, 90)"
    assert button.evaluate("each => getComputedStyle(each).display") == "inline-block"


def test_the_first_tab_leads_past_the_navigation(address, browser):
    page = open_window(browser)
    page.goto(f"{address}/sign-in")
    page.fill("#login", LOGIN)
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_url(f"{address}/")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("跳到正文")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/#main")

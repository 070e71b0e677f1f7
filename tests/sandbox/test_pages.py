from __future__ import annotations

import re
import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, Route, expect
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.chromium import open_browser, open_window
from tests.sandbox.webhook import text_reply

TAP = '<a href="weixin://bizmsgmenu?msgmenucontent=明天上午&msgmenuid=2">明天上午</a>'


class Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


def test_pages_load_nothing_from_elsewhere_and_run_nothing_inline(phone):
    for path in ("/", "/calls"):
        page = phone.get(path)
        assert page.status_code == 200
        assert "default-src 'self'" in page.headers["Content-Security-Policy"]
        assert not re.search(r"<script(?![^>]*\bsrc=)", page.text)
        assert not re.search(r"\son\w+=|\sstyle=", page.text)
        assert not re.search(r'(?:src|href)="https?:', page.text)


def test_another_site_may_not_act_as_a_resident(phone):
    answer = phone.post("/api/send", json={"openid": "oANN"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


def test_links_work_where_the_sandbox_is_mounted(phone):
    page = phone.get("/", environ_overrides={"SCRIPT_NAME": "/sandbox"})
    assert 'data-root="/sandbox/"' in page.text
    assert 'src="/sandbox/static/js/phone.js"' in page.text


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    server = make_server(
        "127.0.0.1",
        0,
        DispatcherMiddleware(Flask("front"), {"/sandbox": app}),
        threaded=True,
        request_handler=Quiet,
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/sandbox/"
    server.shutdown()
    server.server_close()


@pytest.fixture
def page(address) -> Iterator[Page]:
    """Give a window; nothing may fail in it."""
    problems: list[str] = []
    with open_browser() as browser:
        page = open_window(browser, viewport={"width": 1240, "height": 900})
        page.on("pageerror", lambda error: problems.append(str(error)))
        yield page
    assert problems == []


@pytest.mark.browser
def test_a_resident_talks_taps_and_sends_a_picture_in_the_browser(page, address, webhook):
    webhook.answer = webhook.reply(text_reply(f"哪个时间方便?\n{TAP}\n<img src=x onerror=alert(1)>"))
    page.goto(f"{address}#oANN")
    page.fill("#text", "厨房漏水 <b>")
    page.press("#text", "Enter")
    expect(page.locator(".bubble[data-side=me]")).to_have_text("厨房漏水 <b>")
    page.locator(".tap[data-content=明天上午]").first.click()
    expect(page.locator(".bubble[data-side=me]").nth(1)).to_have_text("明天上午")
    page.click("#plus")
    page.click("[data-tool=picture]")
    page.click("[data-sample=leak]")
    expect(page.locator(".bubble[data-kind=image] img")).to_be_visible()
    expect(page.locator(".bubble[data-side=account]")).to_have_count(3)
    assert page.locator("#chat img[src=x]").count() == 0
    assert webhook.messages[1]["bizmsgmenuid"] == "2"
    assert webhook.messages[2]["PicUrl"].startswith(address)


@pytest.mark.browser
def test_a_call_opened_in_the_record_stays_open_while_others_come_and_the_list_is_filtered(page, address, phone, webhook):
    webhook.answer = webhook.reply(text_reply("在的"))
    phone.post("/api/send", json={"openid": "oANN", "kind": "text", "text": "您好"})
    page.goto(f"{address}calls")
    row = page.locator("#calls li", has_text="您好")
    row.locator("summary").click()
    expect(row.locator("pre").first).to_contain_text("MsgId")
    phone.post("/api/send", json={"openid": "oANN", "kind": "text", "text": "漏水"})
    expect(page.locator("#calls li", has_text="漏水")).to_be_visible()
    page.fill("#q", "您好")
    expect(page.locator("#calls li", has_text="漏水")).to_have_count(0)
    expect(row.locator("pre").first).to_be_visible()


@pytest.mark.browser
def test_what_could_not_be_sent_is_still_there_and_a_new_menu_does_not_take_the_keys_away(page, address, app, webhook):
    webhook.answer = webhook.reply(text_reply("在的"))
    page.goto(f"{address}#oANN")
    page.fill("#text", "水管漏了")
    page.route("**/api/send", lambda route: route.abort())
    page.press("#text", "Enter")
    expect(page.locator("#toast")).to_be_visible()
    expect(page.locator("#text")).to_have_value("水管漏了")
    app.extensions["world"].store.put("menu", [{"type": "click", "name": "报修", "key": "REPAIR"}])
    expect(page.locator("#to-menu")).to_be_visible()
    page.unroute("**/api/send")
    page.press("#text", "Enter")
    expect(page.locator(".bubble[data-side=me]")).to_have_text("水管漏了")
    page.click("#to-menu")
    expect(page.locator("#menu [data-key=REPAIR]")).to_be_visible()


@pytest.mark.browser
def test_what_one_person_could_not_send_is_not_put_into_another_persons_mouth(page, address):
    page.goto(f"{address}#oANN")
    page.fill("#text", "水管漏了")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/api/send", hold)
    with page.expect_request("**/api/send"):
        page.press("#text", "Enter")
    page.locator("#list .person:not([data-openid=oANN])").first.click()
    expect(page.locator("#phone")).not_to_have_attribute("data-openid", "oANN")
    held[0].abort()
    expect(page.locator("#toast")).to_be_visible()
    expect(page.locator("#text")).to_have_value("")

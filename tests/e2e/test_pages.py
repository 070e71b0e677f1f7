"""The pages themselves: the account's menu, the record of the wire, and a narrow screen."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.conftest import POCKET
from tests.e2e.phone import Phone
from tests.e2e.system import System

pytestmark = pytest.mark.browser

FU, XU = "oDEMO_0012", "oDEMO_0013"


def test_the_published_menu_has_three_times_five_entries_and_a_tap_starts_its_script(phone: Phone, system: System) -> None:
    system.run("menu", "publish")
    phone.be(FU)
    phone.page.click("#to-menu")
    tops = phone.page.locator("#menu > div")
    expect(tops).to_have_count(3)
    for number in range(3):
        expect(tops.nth(number).locator(".subs button")).to_have_count(5)
    tops.first.locator(".has-sub").click()
    phone.page.click("#menu [data-key=REPAIR]")
    phone.is_answered("家里是哪儿出了问题")
    phone.show_keys()
    phone.say("取消")
    phone.is_answered("已经取消了")


def test_the_record_shows_signed_and_encrypted_pushes_and_server_calls_in_clear(phone: Phone) -> None:
    phone.be(FU)
    phone.say("您好，在吗")
    expect(phone.page.locator("#chat .bubble").last).to_have_attribute("data-side", "account")
    page = phone.page
    page.goto(f"{phone.address}calls")
    page.fill("#q", "您好，在吗")
    push = page.locator("#calls li[data-kind=webhook]", has_text="您好，在吗").filter(has_text=FU).first
    push.locator("summary").click()
    parts = push.locator("pre")
    expect(parts.nth(0)).to_contain_text("<Content><![CDATA[您好，在吗]]></Content>")
    expect(parts.nth(0)).to_contain_text(f"<ToUserName><![CDATA[{FU}]]></ToUserName>")
    expect(parts.nth(1)).to_contain_text("msg_signature=")
    expect(parts.nth(2)).to_contain_text("<Encrypt>")
    expect(parts.nth(2)).not_to_contain_text("您好")
    expect(parts.nth(3)).to_contain_text("<Encrypt>")
    page.fill("#q", "menu/create")
    page.select_option("#kind", "api")
    call = page.locator("#calls li[data-kind=api]", has_text="/cgi-bin/menu/create").first
    call.locator("summary").click()
    expect(call.locator("pre").filter(has_text="家里报修")).to_be_visible()
    expect(call.locator("pre").last).to_contain_text('"errcode": 0')
    page.click("#verify")
    expect(page.locator("#toast")).to_have_text("回调地址验证通过")


@pytest.mark.parametrize("phone", [POCKET], indirect=True)
def test_everything_can_be_reached_on_a_narrow_phone(phone: Phone) -> None:
    page = phone.page
    expect(page.locator("#people")).to_be_visible()
    expect(page.locator("#phone")).to_be_hidden()
    phone.be(XU)
    phone.say("菜单")
    phone.is_answered("您需要哪一样")
    for part in ("#text", "#plus", "#chat", "#more", "#back", ".tap >> nth=-1"):
        _is_inside(page.locator(part))
    page.locator(".tap").last.click()
    expect(page.locator("#chat .bubble").last).to_have_attribute("data-side", "account")
    page.click("#plus")
    _is_inside(page.locator("[data-tool=bell]"))
    page.click("#back")
    expect(page.locator("#people")).to_be_visible()
    _is_inside(page.locator(f".person[data-openid={XU}]"))
    page.goto(f"{phone.address}calls")
    for part in ("#q", "#calls li >> nth=0", "[data-knob] >> nth=-1"):
        _is_inside(page.locator(part))


def _is_inside(part: Locator) -> None:
    expect(part).to_be_visible()
    box = part.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= POCKET["width"]
    assert box["y"] + box["height"] <= POCKET["height"]

"""Somebody's hands and eyes on the sandbox's phone page: picks a person, types, taps, sends, and reads what is shown."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect


class Phone:
    """The phone page in a browser. Faults of the page's scripts are kept in `faults`."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = f"{address}/sandbox/"
        self.faults: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))

    def open(self) -> None:
        """Open the page, as whoever it shows first."""
        self.page.goto(self.address)
        expect(self.page.locator("#list .person[aria-current=true]")).to_be_attached()

    def be(self, openid: str) -> None:
        """Pick a person from the list; a follower turns from the account's menu to the keys."""
        if not self.page.locator("#people").is_visible():
            self.page.click("#back")
        self.page.fill("#search", openid)
        self.page.click(f".person[data-openid={openid}]")
        self.is_ready(openid)
        if self.page.locator("#strip").is_hidden():
            self.show_keys()

    def is_ready(self, openid: str) -> None:
        """Wait until the phone is this person's, her messages and her menu on it."""
        phone = self.page.locator("#phone")
        expect(phone).to_have_attribute("data-openid", openid)
        expect(phone).to_have_attribute("aria-busy", "false")
        expect(self.page.locator("#list .person[aria-current=true]")).to_have_attribute("data-openid", openid)

    def show_keys(self) -> None:
        """Turn from the account's menu to the keys, once the menu is there."""
        self.page.click("#to-keys")
        expect(self.page.locator("#composer")).to_be_visible()

    def say(self, text: str) -> None:
        """Type a text and send it."""
        self.page.fill("#text", text)
        self.page.press("#text", "Enter")
        expect(self.mine.last).to_have_text(text)

    def speak(self, text: str) -> None:
        """Send a voice message that the platform recognises as `text`."""
        self.open_tool("mic", text)

    def tap(self, label: str) -> None:
        """Tap the newest link with this label."""
        self.page.locator(f".tap[data-content='{label}']").last.click()
        expect(self.mine.last).to_have_text(label)

    def send_picture(self, sample: str) -> None:
        """Send one of the sample pictures."""
        sent = self.mine.count()
        self.page.click("#plus")
        self.page.click("[data-tool=picture]")
        self.page.click(f"[data-sample={sample}]")
        expect(self.mine).to_have_count(sent + 1)
        expect(self.mine.last).to_have_attribute("data-kind", "image")

    def open_tool(self, tool: str, value: str | None = None) -> None:
        """Use a tool behind the plus that asks for one value; None takes what is proposed."""
        self.page.click("#plus")
        self.page.click(f"[data-tool={tool}]")
        if value is not None:
            self.page.locator("#panel input").first.fill(value)
        self.page.click("#panel .go")

    def pick_from_sheet(self, act: str) -> None:
        """Use an entry of the sheet in the upper corner."""
        self.page.click("#more")
        self.page.click(f"#sheet [data-act={act}]")

    def scan(self, scene: str) -> None:
        """Scan a QR code with this scene."""
        self.pick_from_sheet("scan")
        self.page.fill("#panel [name=scene]", scene)
        self.page.press("#panel [name=scene]", "Enter")

    def hears(self, words: str | re.Pattern[str], kind: str = "") -> str:
        """Wait for the newest bubble of the account that holds these words; returns its whole text."""
        wanted = self.bubbles("account", kind).filter(has_text=words).last
        expect(wanted).to_be_visible()
        return wanted.inner_text()

    def is_answered(self, words: str | re.Pattern[str]) -> str:
        """Wait until the last thing on the screen is an answer with these words; returns its text."""
        last = self.page.locator("#chat .bubble").last
        expect(last).to_have_attribute("data-side", "account")
        expect(last).to_contain_text(words)
        return last.inner_text()

    def bubbles(self, side: str, kind: str = "") -> Locator:
        """Return the bubbles of one side."""
        return self.page.locator(f".bubble[data-side={side}]" + (f"[data-kind={kind}]" if kind else ""))

    @property
    def mine(self) -> Locator:
        """The bubbles of the person herself."""
        return self.bubbles("me")


def find_no(letter: str, text: str) -> str:
    """Return the number of an order (D), complaint (T) or hand-over (H) in a text."""
    found = re.search(rf"{letter}\d{{10}}", text)
    assert found, f"no number {letter}... in: {text}"
    return found[0]

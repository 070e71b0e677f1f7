"""The running product, once per test process; a browser, once per file; a phone in a window of its own, per test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.e2e.phone import Phone
from tests.e2e.system import System

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESK, POCKET = {"width": 1240, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture(scope="session")
def program() -> str:
    """Give the path of a Chromium; without one the tests are skipped, or fail where one is required."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        if os.environ.get("GUANJIA_REQUIRE_BROWSER") == "1":
            pytest.fail("GUANJIA_REQUIRE_BROWSER=1, but no Chromium is on PATH")
        pytest.skip("no Chromium on PATH")
    return found


@pytest.fixture(scope="session")
def system(program: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """Give the running product with its demo community."""
    folder: Path = tmp_path_factory.mktemp("estate")
    system = System(folder)
    try:
        system.start()
        yield system
    finally:
        if system.process is not None:
            system.stop()


@pytest.fixture(scope="module")
def browser(program: str) -> Iterator[Browser]:
    """Give a browser; not longer than a file, because its event loop would stand in the way of other tests."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def phone(system: System, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Phone]:
    """Give the phone page in a fresh window; `indirect` parameters are other sizes. Nothing may fail behind it."""
    page = browser.new_page(viewport=getattr(request, "param", DESK), timezone_id="Asia/Shanghai", locale="zh-CN")
    phone = Phone(page, system.address)
    phone.open()
    yield phone
    page.close()
    assert phone.faults == []
    assert not (errors := system.find_errors()), "\n\n".join(errors)

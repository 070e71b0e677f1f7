"""The running product, once per test process; a browser, once per file; a phone in a window of its own, per test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.chromium import find_chromium, open_browser, open_window
from tests.e2e.phone import Phone
from tests.e2e.system import System

DESK, POCKET = {"width": 1240, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """Give the running product with its demo community."""
    find_chromium()  # without one nothing here can run
    folder: Path = tmp_path_factory.mktemp("estate")
    system = System(folder)
    try:
        system.start()
        yield system
    finally:
        if system.process is not None:
            system.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give a browser."""
    with open_browser() as browser:
        yield browser


@pytest.fixture
def phone(system: System, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Phone]:
    """Give the phone page in a fresh window; `indirect` parameters are other sizes. Nothing may fail behind it."""
    page = open_window(browser, viewport=getattr(request, "param", DESK), timezone_id="Asia/Shanghai", locale="zh-CN")
    phone = Phone(page, system.address)
    phone.open()
    yield phone
    page.close()
    assert phone.faults == []
    assert not (errors := system.find_errors()), "\n\n".join(errors)

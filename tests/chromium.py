"""A real browser for tests: the Chromium that is on PATH. Without one they are skipped, or fail where one is required."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 90_000


def find_chromium() -> str:
    """Return the path of a Chromium."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None and os.environ.get("GUANJIA_REQUIRE_BROWSER") == "1":
        pytest.fail("GUANJIA_REQUIRE_BROWSER=1, but no Chromium is on PATH")
    return found or pytest.skip("no Chromium on PATH")


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Give a browser; not for longer than a file, because its event loop would stand in the way of other tests."""
    program = find_chromium()
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


def open_window(browser: Browser, **how: Any) -> Page:
    """Open a window with a memory of its own, for somebody as patient as a busy machine needs; `how` as the library says."""
    page = browser.new_page(**how)
    page.set_default_timeout(PATIENCE_MS)
    return page

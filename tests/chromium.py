"""A real browser for tests: the Chromium that is on PATH. Without one they are skipped, or fail where one is required."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

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
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()

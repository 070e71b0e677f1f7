"""The outer edge: what is open to everybody, that it tells nothing, and that the sandbox is not there outside its mode."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from flask import Flask
from werkzeug.test import Client

import bot.app
import sandbox.app
from bot.files import FileLinks
from bot.metrics import Metrics
from bot.queue import NullQueue
from bot.runtime import Wiring, read_account
from bot.settings import Settings, load_settings
from handlers.personal_export import FOLDER
from tests.quiet_sandbox import make_quiet_config
from tests.security.conftest import MARK, TAIL, read_rows
from tests.security.seeds import openid_of
from tests.security.walk import fill, list_changing, list_routes
from tests.world import World

LEAK = re.compile(f"{MARK}|{TAIL}|{openid_of(2)}|自家".encode())
OPEN = {"/wechat", "/files/<token>/<name>", "/healthz", "/readyz", "/metrics"}
REAL = {"ACCOUNT": "gh_real", "APP_ID": "wx0123456789abcdef", "APP_SECRET": "s" * 32, "TOKEN": "t" * 16}


def read_settings(folder: Path, mode: str) -> Settings:
    """Return the settings of a mode, as the environment would give them."""
    environ = {"GUANJIA__DATA_DIR": str(folder / mode), "GUANJIA__WECHAT__MODE": mode}
    return load_settings(environ | {f"GUANJIA__WECHAT__{name}": value for name, value in REAL.items()}, folder / "none.yaml")


@pytest.fixture
def wiring(houses: World) -> Iterator[Wiring]:
    """Give the wiring of a process over the two houses; nothing behind it is reached."""
    links = FileLinks("http://localhost", "s" * 32)
    with httpx.Client() as http:
        settings = read_settings(houses.runtime.options.data_dir, "plain")
        yield Wiring(replace(houses.runtime, links=links), Metrics(), read_account(settings), http, NullQueue())


def build(wiring: Wiring, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Return the whole site of a web process."""
    settings = settings.model_copy(update={"redis": settings.redis.model_copy(update={"url": "redis://localhost:1"})})
    monkeypatch.setattr(bot.app, "load_settings", lambda: settings)
    monkeypatch.setattr(bot.app, "build_wiring", lambda each: replace(wiring, account=read_account(each)))
    monkeypatch.setattr(bot.app, "store_revisions", lambda _runtime: None)
    monkeypatch.setattr(bot.app, "keep_all", lambda: None)
    monkeypatch.setattr(bot.app.atexit, "register", lambda _close: None)
    monkeypatch.setattr(sandbox.app, "start", lambda _app: None)
    return Client(bot.app.build_wsgi())


@pytest.fixture
def playground(tmp_path: Path) -> Iterator[Flask]:
    """Give the sandbox, delivering nothing."""
    app = sandbox.app.create_sandbox(make_quiet_config(tmp_path))
    yield app
    sandbox.app.stop(app)


def test_what_is_open_to_everybody_tells_nothing_and_does_nothing(wiring: Wiring, houses: World) -> None:
    settings = read_settings(houses.runtime.options.data_dir, "plain")
    app = bot.app.create_app(wiring, settings, bot.app.create_webhook(wiring, settings))
    assert {rule.rule for rule, _ in list_routes(app)} == OPEN
    client, before = app.test_client(), read_rows(houses, without=())
    for rule, method in list_routes(app):
        for path in fill(rule, (1, 2), lambda _part: ["x", "自家personal_export.name1111", "1.html"]):
            answer = client.open(path, method=method, data=b"<xml><FromUserName>o1</FromUserName></xml>", buffered=True)
            assert answer.status_code in ((200, 503) if rule.rule in ("/healthz", "/readyz", "/metrics") else (403, 404)), path
            assert not LEAK.search(answer.data), path
    assert read_rows(houses, without=()) == before


def test_the_sandbox_is_not_there_outside_its_mode(
    wiring: Wiring, houses: World, playground: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = houses.runtime.options.data_dir
    real = build(wiring, read_settings(folder, "plain"), monkeypatch)
    paths = {f"/sandbox{path}" for rule, _ in list_routes(playground) for path in fill(rule, (1,), lambda _part: ["x"])}
    assert len(paths) > 10
    for path in sorted(paths):
        for method in ("GET", "POST"):
            assert real.open(path, method=method).status_code == 404, path
    local = build(wiring, read_settings(folder, "sandbox"), monkeypatch)
    assert local.get("/sandbox/").status_code == 200
    for site in (real, local):
        for path in (
            "//console/",
            "/wechat/../console/owners",
            "/console/../sandbox/x",
            "/wechat/console/",
            "/sandbox/console/",
        ):
            answer = site.get(path)
            assert answer.status_code in (302, 308, 404), path
            assert not LEAK.search(answer.data), path
        assert site.get("/console/owners").headers["Location"].startswith("/console/sign-in")


def test_another_site_cannot_act_in_the_sandbox(playground: Flask) -> None:
    """The platform's own part asks for its token; the phone's asks where a request comes from."""
    client, asked = playground.test_client(), 0
    for rule, method in list_changing(playground):
        for path in fill(rule, (1,), lambda _part: ["message/custom/send"]):
            answer = client.open(path, method=method, json={"openid": "oANN"}, headers={"Sec-Fetch-Site": "cross-site"})
            is_refused = answer.status_code == 403 or (path.startswith("/cgi-bin/") and answer.get_json()["errcode"] == 41001)
            assert is_refused, (path, answer.status_code)
            asked += 1
    assert asked >= 5


def test_the_address_of_a_copy_is_its_own_persons_for_a_day_and_leads_nowhere_else(wiring: Wiring, houses: World) -> None:
    settings = read_settings(houses.runtime.options.data_dir, "plain")
    app = bot.app.create_app(wiring, settings, bot.app.create_webhook(wiring, settings))
    client, links, folder = app.test_client(), wiring.runtime.links, settings.data_dir.resolve() / FOLDER
    hers, his, day = f"{'h' * 32}.json", f"{'m' * 32}.json", datetime.now(UTC) + timedelta(hours=24)
    folder.mkdir(parents=True)
    for name in (hers, his):
        (folder / name).write_text(name)
    (folder.parent / "secrets.json").write_text("ours")
    assert links is not None
    address = links.link(hers, day).removeprefix("http://localhost")
    assert client.get(address).data == hers.encode()
    assert client.get(address.replace(hers, his)).status_code == 404
    assert client.get(links.link(hers, datetime.now(UTC) - timedelta(hours=1))).status_code == 404
    for name in ("../secrets.json", "..%2fsecrets.json", "%2e%2e/secrets.json", "/etc/passwd", f"{hers}/../../secrets.json"):
        assert client.get(links.link(name, day).removeprefix("http://localhost")).status_code == 404, name

"""A sandbox with two followers and a stranger, its client, and a webhook that listens."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from sandbox.app import create_sandbox, start, stop
from sandbox.people import add_person
from sandbox.settings import SandboxConfig
from sandbox.world import World
from tests.sandbox.webhook import Webhook, serve

AES_KEY = base64.b64encode(bytes(range(32))).decode().rstrip("=")


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    """Give a webhook that answers success until told otherwise."""
    hook = Webhook()
    server = serve(hook)
    yield hook
    server.shutdown()
    server.server_close()


@pytest.fixture
def patience() -> float:
    """Give the seconds after which the platform delivers again; a test of just that sets a short time."""
    return 8.0


@pytest.fixture
def config(tmp_path: Path, webhook: Webhook, patience: float) -> SandboxConfig:
    """Give settings without a demo community."""
    return SandboxConfig(
        data_dir=tmp_path / "sandbox",
        webhook_url=webhook.url,
        account="gh_test",
        app_id="wxtest",
        app_secret="secret",
        token="AAAAA",
        aes_key=AES_KEY,
        redeliver_after_seconds=patience,
        template_ids={"task": "T-task", "notice": "T-notice"},
        people_dir=tmp_path / "nobody",
    )


Make = Callable[..., Flask]


@pytest.fixture
def make(config: SandboxConfig, webhook: Webhook) -> Iterator[Make]:
    """Give a maker of sandboxes on the same data; all are stopped at the end."""
    made: list[Flask] = []

    def build(*, started: bool = True, **changes: Any) -> Flask:
        webhook.config = replace(config, **changes)
        app = create_sandbox(webhook.config)
        world: World = app.extensions["world"]
        add_person(world.store, "oANN", "安安", "业主", "甲园", following=1)
        add_person(world.store, "oBOB", "波波", "业主", "甲园", following=1)
        add_person(world.store, "oSTRANGER", "路人", "路人", "陌生人")
        if started:
            start(app)
        made.append(app)
        return app

    yield build
    for app in made:
        stop(app)


@pytest.fixture
def app(make: Make) -> Flask:
    """Give a running sandbox."""
    return make()


@pytest.fixture
def phone(app: Flask) -> FlaskClient:
    """Give a client of the page's JSON."""
    return app.test_client()


@pytest.fixture
def say(phone: FlaskClient) -> Callable[..., Any]:
    """Give a function that does one thing as one person."""

    def do(openid: str, kind: str = "text", **fields: Any) -> Any:
        return phone.post("/api/send", json={"openid": openid, "kind": kind, **fields})

    return do


@pytest.fixture
def api(app: Flask) -> Callable[..., dict[str, Any]]:
    """Give a function that makes an authorised server-API call and returns its JSON."""
    client = app.test_client()

    def call(name: str, body: Any = None, **query: Any) -> dict[str, Any]:
        token = client.post("/cgi-bin/stable_token", json=credentials()).get_json()["access_token"]
        query = {"access_token": token, **query}
        if body is None:
            return client.get(f"/cgi-bin/{name}", query_string=query).get_json()
        return client.post(f"/cgi-bin/{name}", json=body, query_string=query).get_json()

    return call


def credentials(**more: Any) -> dict[str, Any]:
    """Return the body of a token call."""
    return {"grant_type": "client_credential", "appid": "wxtest", "secret": "secret", **more}


def bubbles(client: FlaskClient, openid: str) -> list[dict[str, Any]]:
    """Return what a person sees."""
    return client.get("/api/messages", query_string={"openid": openid}).get_json()["messages"]

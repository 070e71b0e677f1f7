"""The door to people's copies: only a signed address that has not ended opens it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from bot.files import FileLinks, build_door
from bot.spool import Spool
from handlers.ports import Inbound

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
NAME = "abcdefghijklmnopqrstuvwxyz-_0123.html"
LINKS = FileLinks("https://estate.example/", "s" * 32)


@pytest.fixture
def clock() -> list[float]:
    return [NOW.timestamp()]


@pytest.fixture
def client(tmp_path: Path, clock: list[float]) -> FlaskClient:
    (tmp_path / NAME).write_text("hers", encoding="utf-8")
    (tmp_path / "secrets.json").write_text("ours", encoding="utf-8")
    app = Flask("test")
    app.register_blueprint(build_door(LINKS, tmp_path, lambda: clock[0]))
    return app.test_client()


def path_of(name: str, until: datetime = NOW + timedelta(hours=24)) -> str:
    return LINKS.link(name, until).removeprefix("https://estate.example")


def test_a_signed_address_gives_the_file_and_asks_nobody_to_keep_it(client: FlaskClient) -> None:
    answer = client.get(path_of(NAME))
    assert (answer.status_code, answer.text) == (200, "hers")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_an_address_ends_after_a_day(client: FlaskClient, clock: list[float]) -> None:
    clock[0] += 24 * 3600 + 1
    assert client.get(path_of(NAME)).status_code == 404


@pytest.mark.parametrize("name", ["secrets.json", "..%2Fsecrets.json", "abcdefghijklmnopqrstuvwxyz-_0124.html", ""])
def test_no_other_file_is_given_even_with_a_signature(client: FlaskClient, name: str) -> None:
    assert client.get(path_of(name)).status_code == 404


def test_a_signature_is_good_for_its_own_file_and_time_alone(client: FlaskClient) -> None:
    token = path_of(NAME).split("/")[2]
    ends, _, signature = token.partition(".")
    wrong = [f"{int(ends) + 60}.{signature}", f"{ends}.{signature[:-1]}0", f"{ends}.", ends, "", "x.y", f"{ends}.é"]
    assert [client.get(f"/files/{each}/{NAME}").status_code for each in wrong] == [404] * len(wrong)
    other = FileLinks("https://estate.example", "t" * 32).link(NAME, NOW + timedelta(hours=1))
    assert client.get(other.removeprefix("https://estate.example")).status_code == 404


def test_a_kept_message_of_somebody_forgotten_is_thrown_away(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    for key, openid in (("a", "hers"), ("b", "another")):
        spool.keep(Inbound(key=key, openid=openid, kind="text", sent_at=NOW, text="漏水"))
    assert spool.forget(["hers"]) == 1
    seen: list[str] = []
    assert spool.drain(lambda inbound: seen.append(inbound.openid)) == 1
    assert seen == ["another"]

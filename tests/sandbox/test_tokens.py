from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tests.sandbox.conftest import credentials

SHANGHAI = ZoneInfo("Asia/Shanghai")


def call(client, token):
    query = {"access_token": token} if token else {}
    return client.get("/cgi-bin/user/get", query_string=query).get_json().get("errcode", 0)


def plain(client, **more):
    return client.get("/cgi-bin/token", query_string=credentials(**more)).get_json()


def stable(client, **more):
    return client.post("/cgi-bin/stable_token", json=credentials(**more)).get_json()


def advance(client, seconds):
    assert client.post("/api/knobs", json={"advance_seconds": seconds}).status_code == 200


def test_a_missing_and_a_made_up_token_are_told_apart(phone):
    assert call(phone, "") == 41001
    assert call(phone, "made-up") == 40014


def test_the_old_token_lives_five_minutes_beside_the_new_one_and_then_dies(phone):
    old, new = plain(phone)["access_token"], plain(phone)["access_token"]
    assert old != new
    assert (call(phone, old), call(phone, new)) == (0, 0)
    advance(phone, 301)
    assert (call(phone, old), call(phone, new)) == (40001, 0)


def test_a_token_expires_after_two_hours(phone):
    token = plain(phone)
    assert token["expires_in"] == 7200
    advance(phone, 7201)
    assert call(phone, token["access_token"]) == 42001


def test_tokens_can_be_made_to_expire(phone):
    token = stable(phone)["access_token"]
    phone.post("/api/knobs", json={"expire_tokens": True})
    assert call(phone, token) == 42001


def test_the_stable_token_stays_until_its_last_five_minutes_and_then_both_work(phone):
    first = stable(phone)
    advance(phone, 6000)
    again = stable(phone)
    assert again["access_token"] == first["access_token"]
    assert 300 <= again["expires_in"] <= 1200
    advance(phone, 1000)
    renewed = stable(phone)
    assert renewed["access_token"] != first["access_token"]
    assert (call(phone, first["access_token"]), call(phone, renewed["access_token"])) == (0, 0)


def test_a_forced_refresh_kills_the_old_token_but_not_twice_in_half_a_minute(phone):
    old = stable(phone)["access_token"]
    new = stable(phone, force_refresh=True)["access_token"]
    assert (call(phone, old), call(phone, new)) == (40001, 0)
    assert stable(phone, force_refresh=True)["access_token"] == new
    advance(phone, 31)
    assert stable(phone, force_refresh=True)["access_token"] != new


def test_forcing_is_allowed_twenty_times_a_day(phone):
    now = datetime.now(SHANGHAI)
    morning = now.replace(hour=8, minute=0) + timedelta(days=1)
    advance(phone, int((morning - now).total_seconds()))  # else a test begun before midnight would end on another day
    stable(phone)
    for _ in range(20):
        assert "access_token" in stable(phone, force_refresh=True)
        advance(phone, 31)
    assert stable(phone, force_refresh=True)["errcode"] == 45009


def test_the_two_kinds_of_token_do_not_touch_each_other(phone):
    one, other = plain(phone)["access_token"], stable(phone)["access_token"]
    plain(phone)
    stable(phone, force_refresh=True)
    assert call(phone, one) == 0
    assert call(phone, other) == 40001


def test_wrong_credentials_have_their_own_numbers(phone):
    assert stable(phone, appid="wxother")["errcode"] == 40013
    assert stable(phone, secret="no")["errcode"] == 40125
    assert plain(phone, grant_type="password")["errcode"] == 40002
    assert phone.post("/cgi-bin/token", json={}).get_json()["errcode"] == 43001
    assert phone.get("/cgi-bin/stable_token").get_json()["errcode"] == 43002


def test_a_token_survives_a_restart(make):
    token = stable(make(started=False).test_client())["access_token"]
    assert call(make(started=False).test_client(), token) == 0

from __future__ import annotations

import pytest

from tests.sandbox.conftest import bubbles
from tests.sandbox.webhook import wait_for


@pytest.fixture
def push(api):
    def send(openid="oANN", text="您好"):
        return api("message/custom/send", {"touser": openid, "msgtype": "text", "text": {"content": text}})["errcode"]

    return send


def test_nobody_is_written_to_before_speaking(push):
    assert push() == 45015


def test_a_message_allows_five_within_two_days(push, say, phone):
    say("oANN", text="在")
    assert [push() for _ in range(6)] == [0, 0, 0, 0, 0, 45047]
    say("oANN", text="还在")
    assert push() == 0
    phone.post("/api/knobs", json={"advance_seconds": 48 * 3600 + 1})
    assert push() == 45015


def test_a_follow_and_a_scan_allow_three_in_one_minute(push, say, phone):
    assert say("oSTRANGER", "follow").status_code == 200
    assert [push("oSTRANGER") for _ in range(4)] == [0, 0, 0, 45047]
    say("oBOB", "scan", scene="house-1")
    assert push("oBOB") == 0
    phone.post("/api/knobs", json={"advance_seconds": 61})
    assert push("oBOB") == 45015


def test_a_tap_on_a_message_menu_is_a_click_and_carries_its_id(push, say, phone, webhook):
    say("oANN", text="满意", bizmsgmenuid="101")
    message = wait_for(lambda: webhook.messages)[0]
    assert (message["Content"], message["bizmsgmenuid"]) == ("满意", "101")
    assert [push() for _ in range(4)] == [0, 0, 0, 45047]


def test_a_short_window_is_used_before_a_long_one(push, say, phone):
    say("oANN", text="在")
    say("oANN", text="满意", bizmsgmenuid="1")
    assert [push() for _ in range(3)] == [0, 0, 0]
    phone.post("/api/knobs", json={"advance_seconds": 61})
    assert [push() for _ in range(6)] == [0, 0, 0, 0, 0, 45047]


def test_unfollowing_closes_the_window_and_following_again_works(push, say):
    say("oANN", text="在")
    say("oANN", "unfollow")
    assert push() == 45015
    assert say("oANN", text="在").status_code == 409
    say("oANN", "follow")
    assert push() == 0


def test_the_number_of_messages_is_a_setting(make):
    client = make(window_messages=20, started=False).test_client()
    client.post("/api/send", json={"openid": "oANN", "text": "在"})
    state = client.get("/api/messages?openid=oANN").get_json()["window"]
    assert state["remaining"] == 20
    assert 48 * 3600 - 5 < state["seconds"] <= 48 * 3600


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({"touser": "oNOBODY", "msgtype": "text", "text": {"content": "x"}}, 40003),
        ({"touser": "oANN", "msgtype": "text", "text": {"content": ""}}, 44004),
        ({"touser": "oANN", "msgtype": "text", "text": {"content": "长" * 683}}, 45002),
        ({"touser": "oANN", "msgtype": "news", "news": {"articles": [{"title": "a"}, {"title": "b"}]}}, 45008),
        ({"touser": "oANN", "msgtype": "image", "image": {"media_id": "nope"}}, 40007),
        ({"touser": "oANN", "msgtype": "msgmenu", "msgmenu": {"list": []}}, 45099),
        ({"touser": "oANN", "msgtype": "poem"}, 40008),
    ],
)
def test_a_message_that_is_not_right_costs_nothing(api, say, phone, body, errcode):
    say("oANN", text="在")
    answer = api("message/custom/send", body)
    assert answer["errcode"] == errcode
    assert " rid: " in answer["errmsg"]
    assert phone.get("/api/messages?openid=oANN").get_json()["window"]["remaining"] == 5


def test_every_kind_of_message_shows_as_a_bubble(api, say, phone, app):
    from sandbox.pictures import keep_sample

    world = app.extensions["world"]
    media_id = keep_sample(world, "leak")
    parts = {
        "text": {"content": "好"},
        "image": {"media_id": media_id},
        "news": {"articles": [{"title": "通知", "url": "http://example.com"}]},
        "msgmenu": {"head_content": "满意吗", "list": [{"id": "1", "content": "满意"}], "tail_content": "谢谢"},
        "miniprogrampage": {"title": "小程序", "pagepath": "a"},
    }
    say("oANN", text="在")
    for kind, part in parts.items():
        assert api("message/custom/send", {"touser": "oANN", "msgtype": kind, kind: part})["errcode"] == 0
    assert [bubble["kind"] for bubble in bubbles(phone, "oANN")][1:] == list(parts)


def test_the_typing_sign_needs_a_fresh_word_and_shows_once(api, say):
    body = {"touser": "oANN", "command": "Typing"}
    assert api("message/custom/typing", body)["errcode"] == 45080
    say("oANN", text="在")
    assert api("message/custom/typing", body)["errcode"] == 0
    assert api("message/custom/typing", body)["errcode"] == 45081
    assert api("message/custom/typing", {**body, "command": "CancelTyping"})["errcode"] == 0

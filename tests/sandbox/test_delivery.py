from __future__ import annotations

import threading
import time

import pytest

from sandbox import phone_api
from sandbox.chat import FAULT_LINE
from sandbox.posting import post_event
from tests.sandbox.conftest import bubbles
from tests.sandbox.webhook import seal_reply, text_reply, wait_for

impatient = pytest.mark.parametrize("patience", [0.4])


def faulted(phone, openid="oANN"):
    return any(bubble["body"].get("text") == FAULT_LINE for bubble in bubbles(phone, openid))


def test_a_text_arrives_sealed_and_its_reply_becomes_a_bubble(phone, say, webhook):
    webhook.answer = webhook.reply(text_reply("您好 & 欢迎"))
    assert say("oANN", text="在吗 ]]> <b>").status_code == 200
    wait_for(lambda: len(bubbles(phone, "oANN")) == 2)
    assert webhook.messages[0]["Content"] == "在吗 ]]> <b>"
    assert webhook.messages[0]["ToUserName"] == "gh_test"
    assert webhook.queries[0]["openid"] == "oANN"
    assert b"Content" not in webhook.bodies[0]
    mine, theirs = bubbles(phone, "oANN")
    assert (mine["side"], theirs["side"], theirs["body"]["text"]) == ("me", "account", "您好 & 欢迎")


@pytest.mark.parametrize("mode", ["plain", "compatible"])
def test_plain_replies_are_taken_where_the_mode_allows(make, webhook, mode):
    app = make(mode=mode)
    webhook.answer = webhook.reply(text_reply("好"), sealed=False)
    app.test_client().post("/api/send", json={"openid": "oANN", "text": "1"})
    wait_for(lambda: len(bubbles(app.test_client(), "oANN")) == 2)
    assert (b"<Encrypt>" in webhook.bodies[0]) == (mode == "compatible")
    assert b"<Content>" in webhook.bodies[0]


@impatient
def test_an_unanswered_push_comes_three_times_with_one_msg_id_and_fresh_signatures(phone, say, webhook):
    webhook.answer = lambda _fields: (500, b"")
    say("oANN", text="喂")
    wait_for(lambda: faulted(phone))
    assert len(webhook.messages) == 3
    assert len({message["MsgId"] for message in webhook.messages}) == 1
    assert len({query["nonce"] for query in webhook.queries}) == 3


@impatient
def test_a_slow_webhook_is_not_waited_for(phone, say, webhook):
    release = threading.Event()
    webhook.answer = lambda _fields: (release.wait(60), b"success")[1]
    say("oANN", text="喂")
    wait_for(lambda: len(webhook.messages) >= 2)
    release.set()
    wait_for(lambda: phone.get("/api/messages?openid=oANN").get_json()["pending"] == 0)
    assert not faulted(phone)


@pytest.mark.parametrize("answer", [b"success", b""])
def test_success_and_nothing_are_silent(phone, say, webhook, answer):
    webhook.answer = lambda _fields: answer
    say("oANN", text="喂")
    wait_for(lambda: phone.get("/api/messages?openid=oANN").get_json()["pending"] == 0)
    assert len(bubbles(phone, "oANN")) == 1
    assert len(webhook.messages) == 1


ARTICLE = "<item><Title>a</Title></item>"
BAD = {
    "json": lambda hook: lambda _fields: b'{"errcode":0}',
    "plain in safe mode": lambda hook: hook.reply(text_reply("好"), sealed=False),
    "text too long": lambda hook: hook.reply(text_reply("长" * 683)),
    "empty text": lambda hook: hook.reply(text_reply("")),
    "injected node": lambda hook: hook.reply(text_reply("x]]></Content><Content><![CDATA[y")),
    "not well formed": lambda hook: hook.reply("<MsgType>text</MsgType><Content>"),
    "two articles": lambda hook: hook.reply(
        f"<MsgType>news</MsgType><ArticleCount>2</ArticleCount><Articles>{ARTICLE * 2}</Articles>"
    ),
    "unknown media": lambda hook: hook.reply("<MsgType>image</MsgType><Image><MediaId>no</MediaId></Image>"),
    "wrong signature": lambda hook: lambda _fields: seal_reply(hook.config, "<xml/>", token="BBBBB"),
    "ends not swapped": lambda hook: (
        lambda fields: seal_reply(
            hook.config, f"<xml><ToUserName>gh_test</ToUserName><CreateTime>1</CreateTime>{text_reply('a')}</xml>"
        )
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_reply_the_platform_does_not_take_shows_the_fault_line_at_once(phone, say, webhook, name):
    webhook.answer = BAD[name](webhook)
    say("oANN", text="喂")
    wait_for(lambda: faulted(phone))
    assert len(webhook.messages) == 1


def test_a_text_of_2048_bytes_is_taken(phone, say, webhook):
    webhook.answer = webhook.reply(text_reply("长" * 682 + "ab"))
    say("oANN", text="喂")
    wait_for(lambda: len(bubbles(phone, "oANN")) == 2)
    assert not faulted(phone)


def test_one_article_to_a_text_is_taken(phone, say, webhook):
    webhook.answer = webhook.reply(f"<MsgType>news</MsgType><ArticleCount>1</ArticleCount><Articles>{ARTICLE}</Articles>")
    say("oANN", text="喂")
    wait_for(lambda: len(bubbles(phone, "oANN")) == 2)
    assert bubbles(phone, "oANN")[1]["body"]["articles"][0]["title"] == "a"


def test_one_persons_pushes_keep_their_order_while_another_is_not_held_up(phone, say, webhook):
    release = threading.Event()

    def answer(fields):
        if fields["FromUserName"] == "oANN" and fields["Content"] == "1":
            release.wait(60)
        return b"success"

    webhook.answer = answer
    say("oANN", text="1")
    wait_for(lambda: len(webhook.messages) == 1)
    say("oANN", text="2")
    say("oBOB", text="3")
    wait_for(lambda: any(message["Content"] == "3" for message in webhook.messages))
    assert "2" not in [message["Content"] for message in webhook.messages]
    release.set()
    wait_for(lambda: any(message["Content"] == "2" for message in webhook.messages))


@impatient
def test_an_event_without_a_reply_shows_no_fault(phone, app, webhook):
    webhook.answer = lambda _fields: (500, b"")
    post_event(app.extensions["world"], "oANN", "VIEW", EventKey="http://example.com", MenuId=1)
    wait_for(lambda: len(webhook.messages) == 3)
    wait_for(lambda: phone.get("/api/deliveries").get_json()["deliveries"][0]["state"] == "failed")
    assert bubbles(phone, "oANN") == []


def test_a_restart_delivers_what_was_left_with_the_same_msg_id(make, webhook):
    release = threading.Event()
    webhook.answer = lambda _fields: (release.wait(60), b"success")[1]
    first = make(redeliver_after_seconds=5.0)
    first.test_client().post("/api/send", json={"openid": "oANN", "text": "一"})
    first.test_client().post("/api/send", json={"openid": "oANN", "text": "二"})
    wait_for(lambda: webhook.messages)
    from sandbox.app import stop

    stop(first)  # does not wait for the answer that is held back
    release.set()
    make()
    wait_for(lambda: len(webhook.messages) == 3)
    assert webhook.messages[0]["MsgId"] == webhook.messages[1]["MsgId"]
    assert [message["Content"] for message in webhook.messages] == ["一", "一", "二"]


def test_two_sandboxes_on_one_database_deliver_once(make, webhook):
    first, _second = make(), make()
    first.test_client().post("/api/send", json={"openid": "oANN", "text": "一"})
    wait_for(lambda: first.test_client().get("/api/messages?openid=oANN").get_json()["pending"] == 0)
    assert len(webhook.messages) == 1


def test_the_webhook_can_be_asked_to_prove_itself(phone):
    assert phone.post("/api/verify").get_json()["ok"] is True


def test_both_ways_are_logged_with_the_xml_in_clear(phone, say, webhook, api):
    say("oANN", text="看得见")
    wait_for(lambda: webhook.messages)
    api("user/get")
    calls = wait_for(lambda: phone.get("/api/calls?q=看得见").get_json()["calls"])
    assert "看得见" in calls[0]["decoded"]
    assert calls[0]["status"] == 200
    answered = phone.get("/api/calls?kind=api").get_json()["calls"]
    assert answered[0]["path"].startswith("/cgi-bin/user/get")
    assert all("secret" not in call["sent"] for call in answered)


def test_what_is_delivered_while_the_queue_is_read_is_not_delivered_again(app, say, webhook, monkeypatch):
    store, courier = app.extensions["world"].store, app.extensions["courier"]
    read = store.rows

    def read_slowly(statement, *values):
        rows = read(statement, *values)
        if "FROM deliveries" in statement and rows:
            time.sleep(0.3)
        return rows

    def answer(_fields):
        courier.wake()  # it reads the queue while this one is still pending, and hands over when it is done
        time.sleep(0.15)
        return b"success"

    webhook.answer = answer
    monkeypatch.setattr(store, "rows", read_slowly)
    say("oANN", text="第一句")
    wait_for(lambda: len(webhook.messages) >= 1)
    say("oANN", text="第二句")
    wait_for(lambda: [each["Content"] for each in webhook.messages][-1:] == ["第二句"])
    assert [each["Content"] for each in webhook.messages] == ["第一句", "第二句"]


def test_an_answer_that_comes_while_the_list_is_read_is_not_taken_for_none(phone, say, webhook, monkeypatch):
    may_answer, reply, read = threading.Event(), webhook.reply(text_reply("好")), phone_api.list_messages
    webhook.answer = lambda fields: reply(fields) if may_answer.wait(60) else b""

    def read_slowly(world, openid, after):
        found = read(world, openid, after)
        may_answer.set()
        wait_for(lambda: len(read(world, openid, after)) == 2)
        return found

    say("oANN", text="在吗")
    monkeypatch.setattr(phone_api, "list_messages", read_slowly)
    shown = phone.get("/api/messages?openid=oANN").get_json()
    assert [each["side"] for each in shown["messages"]] == ["me"]
    assert shown["pending"] == 1, "so the page looks again"

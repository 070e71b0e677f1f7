"""What no platform would send, over real HTTP in each mode: 200 success or 403, no effect, never a word about our insides."""

from __future__ import annotations

import http.client
import time
from contextlib import closing
from dataclasses import replace
from urllib.parse import urlencode, urlsplit

import pytest

from models.cases import Complaint
from models.conversations import InboundMessage
from sandbox.crypto import encrypt, sign
from sandbox.envelope import render_xml, seal
from tests.faults.site import AES_KEY_BEFORE, Site
from tests.faults.wire import PATIENCE_SECONDS, Door

LIMIT = 64 * 1024
HEAD = "<ToUserName>gh_faults</ToUserName><FromUserName>oEVIL</FromUserName>"
TEXT = "<MsgType>text</MsgType><Content>你好</Content><MsgId>1</MsgId>"
BOMB = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
HOSTILE = {
    "nothing": "",
    "blank": "   \n",
    "no xml": "hello",
    "json": '{"xml": {"MsgType": "text"}}',
    "form": "MsgType=text&Content=%E4%BD%A0",
    "empty root": "<xml/>",
    "another root": f"<html>{HEAD}{TEXT}</html>",
    "two roots": f"<xml>{HEAD}{TEXT}</xml><xml>{HEAD}{TEXT}</xml>",
    "not closed": f"<xml>{HEAD}{TEXT}",
    "entity bomb": f"{BOMB}<xml>{HEAD}<CreateTime>1</CreateTime><MsgType>text</MsgType><Content>&c;</Content></xml>",
    "file entity": f'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><xml>{HEAD}<CreateTime>1</CreateTime>'
    "<MsgType>text</MsgType><Content>&f;</Content></xml>",
    "doctype": f"<!DOCTYPE xml><xml>{HEAD}<CreateTime>1</CreateTime>{TEXT}</xml>",
    "deep": "<xml>" + "<a>" * 5000 + "</a>" * 5000 + "</xml>",
    "wide": "<xml>" + "<a/>" * 5000 + "</xml>",
    "control character": f"<xml>{HEAD}<CreateTime>1</CreateTime><MsgType>text</MsgType><Content>\x07</Content></xml>",
    "null": f"<xml>{HEAD}<CreateTime>1</CreateTime><MsgType>text</MsgType><Content>a\x00b</Content></xml>",
    "numbered null": f"<xml>{HEAD}<CreateTime>1</CreateTime><MsgType>text</MsgType><Content>&#0;</Content></xml>",
    "half a pair": f"<xml>{HEAD}<CreateTime>1</CreateTime><MsgType>text</MsgType><Content>&#xD800;</Content></xml>",
    "line before declaration": f'\n<?xml version="1.0"?><xml>{HEAD}<CreateTime>1</CreateTime>{TEXT}</xml>',
    "no type": f"<xml>{HEAD}<CreateTime>1</CreateTime><Content>你好</Content></xml>",
    "blank type": f"<xml>{HEAD}<CreateTime>1</CreateTime><MsgType> </MsgType></xml>",
    "type in type": f"<xml>{HEAD}<CreateTime>1</CreateTime><MsgType><MsgType>text</MsgType></MsgType></xml>",
    "two types": f"<xml>{HEAD}<CreateTime>1</CreateTime><MsgType>event</MsgType>{TEXT}</xml>",
    "two senders": f"<xml>{HEAD}<FromUserName>oOTHER</FromUserName><CreateTime>1</CreateTime>{TEXT}</xml>",
    "no sender": f"<xml><CreateTime>1</CreateTime>{TEXT}</xml>",
    "endless sender": f"<xml><FromUserName>{'o' * 65}</FromUserName><CreateTime>1</CreateTime>{TEXT}</xml>",
    "no time": f"<xml>{HEAD}{TEXT}</xml>",
    "time in words": f"<xml>{HEAD}<CreateTime>now</CreateTime>{TEXT}</xml>",
    "time without end": f"<xml>{HEAD}<CreateTime>{'9' * 30}</CreateTime>{TEXT}</xml>",
    "endless type": f"<xml>{HEAD}<CreateTime>1</CreateTime><MsgType>{'h' * 60}</MsgType></xml>",
    "endless event": f"<xml>{HEAD}<CreateTime>1</CreateTime><MsgType>event</MsgType><Event>{'E' * 60}</Event></xml>",
    "event without name": f"<xml>{HEAD}<CreateTime>1</CreateTime><MsgType>event</MsgType></xml>",
}
RAW = {"gbk": f"<xml>{HEAD}<CreateTime>1</CreateTime>{TEXT}</xml>".encode("gbk"), "utf-16": "<xml/>".encode("utf-16")}
MODES = ("plain", "compatible", "safe")


@pytest.fixture(params=MODES)
def place(request: pytest.FixtureRequest) -> tuple[Site, Door]:
    """Give a site and one of its doors, in each mode."""
    return find_place(request, request.param)


def find_place(request: pytest.FixtureRequest, mode: str) -> tuple[Site, Door]:
    """Return the site and the door that speaks a mode."""
    found: Site = request.getfixturevalue("site" if mode == "safe" else "pair")
    return found, next(door for door in found.doors if door.config.mode == mode)


def address(door: Door, sealed: str = "", **changes: str) -> str:
    """Return the webhook's address with a right signature, or with these values in place of the right ones."""
    stamp, nonce, token = str(int(time.time())), "n0nce", door.config.token
    query = {"signature": sign(token, stamp, nonce), "timestamp": stamp, "nonce": nonce}
    if sealed:
        query |= {"encrypt_type": "aes", "msg_signature": sign(token, stamp, nonce, sealed)}
    return f"{door.config.webhook_url}?{urlencode({**query, **changes})}"


def wrap(door: Door, xml: str) -> tuple[str, bytes]:
    """Return the address and the body that carry an XML text as the door's mode has it."""
    if door.config.mode == "plain":
        return address(door), xml.encode()
    sealed = encrypt(xml, door.config.aes_key, door.config.app_id)
    return address(door, sealed), render_xml({"ToUserName": "gh_faults", "Encrypt": sealed}).encode()


def count(site: Site) -> int:
    """Return how many messages were ever handled."""
    return site.world.count(InboundMessage)


def assert_refused(door: Door, url: str, body: bytes) -> None:
    """Post something that must come to nothing."""
    status, answer, _ = door.post(url, body)
    assert (status, answer) in {(200, b"success"), (403, b"")}, answer


def test_a_malformed_or_hostile_message_has_no_effect_and_no_answer(place: tuple[Site, Door]) -> None:
    site, door = place
    before = count(site)
    for xml in HOSTILE.values():
        assert_refused(door, *wrap(door, xml))
        assert_refused(door, address(door), xml.encode())
        assert_refused(door, address(door, encrypt_type="aes", msg_signature="0" * 40), xml.encode())
    for raw in RAW.values():
        assert_refused(door, address(door), raw)
    assert count(site) == before
    assert not site.handled("oEVIL")


def test_a_signed_but_malformed_message_is_answered_with_success(place: tuple[Site, Door]) -> None:
    _, door = place
    for name in ("no type", "entity bomb", "two senders", "time in words"):
        status, answer, _ = door.post(*wrap(door, HOSTILE[name]))
        assert (status, answer) == (200, b"success"), name


def test_a_wrong_signature_is_forbidden(place: tuple[Site, Door]) -> None:
    site, door = place
    before = count(site)
    letter = seal(door.config, door.message("oEVIL", "你好"))
    sealed = encrypt("<xml/>", door.config.aes_key, door.config.app_id)
    wrong = [
        address(door, sealed, signature="0" * 40),
        address(door, sealed, signature=""),
        address(door, sealed, timestamp="1"),
        address(door, sealed, signature=sign("", "", ""), timestamp="", nonce=""),
        door.config.webhook_url,
        f"{door.config.webhook_url}?signature=%FF%FE&timestamp=1&nonce=2",
    ]
    for url in wrong:
        assert door.post(url, letter.body)[:2] == (403, b"")
    assert door.get(f"/wechat?{urlencode({'signature': 'x', 'timestamp': '1', 'nonce': '2', 'echostr': '7'})}")[0] == 403
    assert door.get(f"/wechat?{urlsplit(address(door)).query}&echostr=4711") == (200, "4711")
    assert count(site) == before


@pytest.mark.parametrize("mode", ["compatible", "safe"])
def test_a_wrong_seal_is_forbidden(request: pytest.FixtureRequest, mode: str) -> None:
    site, door = find_place(request, mode)
    before = count(site)
    xml = render_xml(door.message("oEVIL", "你好"))
    config = door.config
    good = encrypt(xml, config.aes_key, config.app_id)
    other_key = encrypt(xml, "b" * 42 + "A", config.app_id)
    other_app = encrypt(xml, config.aes_key, "wxOTHER")
    bodies = [
        (sealed, address(door, sealed)) for sealed in (other_key, other_app, good[:-24], good[:31], "not base64 !", "QUJD")
    ]
    bodies.append((good, address(door, good, msg_signature="0" * 40)))
    bodies.append((good, address(door)))
    bodies.append((good, address(door, good, msg_signature=sign(config.token, "1", "2"))))
    for sealed, url in bodies:
        status, answer, _ = door.post(url, render_xml({"ToUserName": "gh_faults", "Encrypt": sealed}).encode())
        assert (status, answer) == (403, b""), sealed[:20]
    assert count(site) == before


@pytest.mark.parametrize("mode", ["compatible", "safe"])
def test_a_plain_body_is_refused_where_encrypted_ones_must_be(request: pytest.FixtureRequest, mode: str) -> None:
    site, door = find_place(request, mode)
    before = count(site)
    body = render_xml(door.message("oEVIL", "你好")).encode()
    for url in (address(door), address(door, "sealed"), address(door, encrypt_type="raw"), address(door, encrypt_type="aes")):
        assert door.post(url, body)[:2] == (403, b"")
    assert count(site) == before


def test_in_compatible_mode_only_the_decrypted_part_is_believed(pair: Site) -> None:
    door = pair.doors[1]
    victim, sender = pair.owner("oVICTIM"), pair.owner("oSENDER")
    pair.walk_to_review(victim)
    sealed = encrypt(render_xml(door.message(sender, "你好")), door.config.aes_key, door.config.app_id)
    lie = {**door.message(victim, "确认"), "Encrypt": sealed}
    status, _, _ = door.post(address(door, sealed), render_xml(lie).encode())
    assert status == 200
    assert [row.text for row in pair.handled(sender)] == ["你好"]
    assert len(pair.handled(victim)) == 3
    assert not pair.orders(victim)


def test_the_key_before_is_still_taken_and_the_answer_is_sealed_with_it(site: Site) -> None:
    door = site.doors[1]
    before = Door(replace(door.config, aes_key=AES_KEY_BEFORE))
    assert before.say(site.owner("oROTATED"), "你好").text
    assert door.say(site.owner("oROTATED2"), "你好").text
    sealed = encrypt(render_xml(door.message("oEVIL", "你好")), AES_KEY_BEFORE, door.config.app_id)
    first = site.doors[0]  # knows only the current one
    assert first.post(address(first, sealed), render_xml({"Encrypt": sealed}).encode())[:2] == (403, b"")


def test_a_body_over_the_limit_is_refused_with_413(place: tuple[Site, Door]) -> None:
    site, door = place
    before = count(site)
    filler = b"<xml>" + b"a" * LIMIT + b"</xml>"
    assert door.post(address(door), filler)[0] == 413
    assert post_in_pieces(door, filler) == 413
    assert count(site) == before


def post_in_pieces(door: Door, body: bytes) -> int:
    """Post a body without telling its length and return the status."""
    parts = urlsplit(address(door))
    with closing(http.client.HTTPConnection(parts.netloc, timeout=60)) as connection:
        pieces = (body[start : start + 4096] for start in range(0, len(body), 4096))
        connection.request(
            "POST", f"{parts.path}?{parts.query}", pieces, encode_chunked=True, headers={"Transfer-Encoding": "chunked"}
        )
        return connection.getresponse().status


def test_words_that_would_break_out_of_a_reply_are_only_words(place: tuple[Site, Door], request: pytest.FixtureRequest) -> None:
    site, door = place
    openid = site.owner(f"oBREAK-{door.config.mode}")
    said = door.say(openid, "我要投诉楼上]]></Content><Content><![CDATA[evil\x7f\x85太吵了,每天晚上都吵").text
    for _ in range(3):
        if "核对" in said:
            break
        said = door.say(openid, "跳过").text
    assert "楼上]]></Content><Content><![CDATA[evil太吵了" in said


ODD = {
    "long text": {"MsgType": "text", "Content": "我家厨房漏水了" * 800},
    "blank text": {"MsgType": "text", "Content": "   "},
    "no text": {"MsgType": "text"},
    "signs": {
        "MsgType": "text",
        "Content": "'; DROP TABLE owner; -- {{7*7}} %(a)s \\ \U0001f468\u200d\U0001f469 \u202e",
    },
    "type not invented yet": {"MsgType": "hologram", "Content": "?"},
    "event not invented yet": {"MsgType": "event", "Event": "MOON_LANDING"},
    "event with a long key": {"MsgType": "event", "Event": "CLICK", "EventKey": "k" * 2000},
    "scan with a long scene": {"MsgType": "event", "Event": "SCAN", "EventKey": "s" * 500},
    "follow with a long scene": {"MsgType": "event", "Event": "subscribe", "EventKey": "qrscene_" + "s" * 500},
    "picture with a long id": {"MsgType": "image", "MediaId": "m" * 500, "PicUrl": "http://example.test/" + "p" * 3000},
    "place off the earth": {"MsgType": "location", "Location_X": "999", "Location_Y": "nan", "Scale": "x", "Label": "l" * 3000},
    "tap on nothing": {"MsgType": "text", "Content": "x", "bizmsgmenuid": "t999-999.nothing"},
    "endless tap": {"MsgType": "text", "Content": "x", "bizmsgmenuid": "t" + "9" * 400 + "-1.a"},
    "report of nothing": {"MsgType": "event", "Event": "TEMPLATESENDJOBFINISH", "MsgID": "9" * 40, "Status": "x" * 200},
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_message_is_answered_in_order_and_once(place: tuple[Site, Door], name: str) -> None:
    site, door = place
    openid = site.owner(f"oODD{list(ODD).index(name)}-{door.config.mode}")
    head = {"ToUserName": door.config.account, "FromUserName": openid, "CreateTime": int(time.time())}
    fields = {**head, **ODD[name], "MsgId": door.message(openid, "")["MsgId"]}
    told = door.deliver(fields)
    assert told.seconds < PATIENCE_SECONDS
    assert "编号" not in told.text
    assert door.deliver(fields).text == told.text
    assert len(site.handled(openid)) == 1
    assert not list((site.folder / "spool").glob("*"))


def test_a_long_story_is_kept_whole_on_either_database(either: Site) -> None:
    openid = either.owner("oSTORY")
    story = "我要投诉楼上太吵了," + "每天晚上十二点还在拖椅子" * 35
    said = either.door.say(openid, story).text
    for _ in range(4):
        if "T2" in said:
            break
        said = either.door.say(openid, "跳过" if "跳过" in said else "确认").text
    assert "T2" in said
    assert [row.text for row in either.rows(Complaint, Complaint.openid == openid)] == [story]

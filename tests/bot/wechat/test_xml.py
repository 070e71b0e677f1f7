"""Every push of the platform becomes an Inbound; everything hostile becomes BadMessageError and nothing else."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.wechat.xml import (
    BadMessageError,
    parse_message,
    read_encrypted,
)
from handlers.ports import Inbound

HEAD = "<ToUserName>gh_1</ToUserName><FromUserName>o1</FromUserName><CreateTime>1409735668</CreateTime>"
O1 = hashlib.sha256(b"o1").hexdigest()[:16]  # what a key says of the sender


def message(kind: str, rest: str = "", number: str = "<MsgId>42</MsgId>") -> Inbound:
    return parse_message(f"<xml>{HEAD}<MsgType><![CDATA[{kind}]]></MsgType>{number}{rest}</xml>".encode())


def event(name: str, rest: str = "") -> Inbound:
    return message("event", f"<Event><![CDATA[{name}]]></Event>{rest}", "")


def test_a_text_is_read() -> None:
    given_ = message("text", "<Content><![CDATA[厨房漏水 <b>&amp;]]></Content>")
    assert given_ == Inbound(
        f"42-1409735668-{O1}", "o1", "text", datetime(2014, 9, 3, 9, 14, 28, tzinfo=UTC), text="厨房漏水 <b>&amp;"
    )


def test_a_text_without_content_is_empty_and_not_refused() -> None:
    assert message("text").text == ""
    assert message("text", "<Content></Content>").text == ""


def test_a_tapped_choice_carries_its_prompt() -> None:
    tapped = message("text", "<Content>满意</Content><bizmsgmenuid>p7:3</bizmsgmenuid>")
    assert (tapped.text, tapped.prompt) == ("满意", "p7:3")


def test_a_voice_says_what_was_recognised() -> None:
    voice = message("voice", "<MediaId>m</MediaId><Format>amr</Format><Recognition>漏水了。</Recognition>")
    assert (voice.text, voice.media_id, voice.extra) == ("漏水了。", "m", {"Format": "amr"})


def test_a_picture_a_video_and_a_link_are_read() -> None:
    picture = message("image", "<PicUrl>http://p/1</PicUrl><MediaId>m</MediaId>")
    assert (picture.kind, picture.url, picture.media_id) == ("image", "http://p/1", "m")
    video = message("shortvideo", "<MediaId>m</MediaId><ThumbMediaId>t</ThumbMediaId>")
    assert (video.kind, video.media_id, video.extra["ThumbMediaId"]) == ("shortvideo", "m", "t")
    link = message("link", "<Title>公告</Title><Description>d</Description><Url>http://u</Url>")
    assert (link.url, link.extra["Title"]) == ("http://u", "公告")


def test_a_place_is_read() -> None:
    place = message(
        "location",
        "<Location_X>23.13</Location_X><Location_Y>113.35</Location_Y><Scale>20</Scale><Label>东门</Label>",
    )
    assert (place.latitude, place.longitude, place.label) == (23.13, 113.35, "东门")


@pytest.mark.parametrize("number", ["nan", "inf", "91", "x", "1e999", ""])
def test_a_place_off_the_earth_has_no_latitude(number: str) -> None:
    assert message("location", f"<Location_X>{number}</Location_X>").latitude is None


def test_a_file_and_a_kind_not_invented_yet_keep_their_names() -> None:
    assert message("file", "<Title>合同.pdf</Title><FileKey>k</FileKey>").extra == {"Title": "合同.pdf", "FileKey": "k"}
    assert message("hologram").kind == "hologram"


@pytest.mark.parametrize(
    ("sent", "understood"),
    [("", ""), ("qrscene_door-3", "door-3"), ("last_trade_no_4200", ""), ("qrscene_", "")],
)
def test_a_follow_keeps_only_the_scene_of_a_code(sent: str, understood: str) -> None:
    followed = event("subscribe", f"<EventKey>{sent}</EventKey><Ticket>T</Ticket>")
    assert (followed.kind, followed.event, followed.event_key) == ("event", "subscribe", understood)
    assert followed.extra["Ticket"] == "T"


def test_event_names_come_in_lower_case_and_keys_unchanged() -> None:
    scanned = event("SCAN", "<EventKey>Door-3</EventKey>")
    assert (scanned.event, scanned.event_key, scanned.key) == ("scan", "Door-3", f"scan-Door-3-1409735668-{O1}")
    assert event("CLICK", "<EventKey>MENU_REPAIR</EventKey>").event_key == "MENU_REPAIR"
    assert event("unsubscribe").key == f"unsubscribe--1409735668-{O1}"
    assert event("something_new").event == "something_new"


def test_two_send_reports_of_one_second_have_two_keys() -> None:
    reports = [event("TEMPLATESENDJOBFINISH", f"<MsgID>{n}</MsgID><Status>failed:user block</Status>") for n in (1, 2)]
    assert [each.key for each in reports] == [
        f"templatesendjobfinish--1409735668-{O1}-1",
        f"templatesendjobfinish--1409735668-{O1}-2",
    ]
    assert reports[0].extra == {"MsgID": "1", "Status": "failed:user block"}


def test_a_long_event_key_makes_a_key_that_can_be_indexed() -> None:
    first, second = (event("VIEW", f"<EventKey>http://u/{'x' * 900}{n}</EventKey>") for n in (1, 2))
    assert len(first.key) <= 191
    assert first.key != second.key


def test_a_message_without_a_number_has_a_key_that_a_redelivery_repeats() -> None:
    first, again, other = (message("text", f"<Content>{t}</Content>", "") for t in ("一", "一", "二"))
    assert first.key == again.key != other.key


def test_a_reported_place_is_read() -> None:
    place = event("LOCATION", "<Latitude>23.1</Latitude><Longitude>113.3</Longitude><Precision>5.0</Precision>")
    assert (place.latitude, place.longitude, place.extra) == (23.1, 113.3, {"Precision": "5.0"})


def test_groups_of_an_event_are_flat() -> None:
    scanned = event("scancode_waitmsg", "<ScanCodeInfo><ScanType>qrcode</ScanType><ScanResult>1</ScanResult></ScanCodeInfo>")
    assert scanned.extra == {"ScanType": "qrcode", "ScanResult": "1"}
    chosen = event(
        "location_select",
        "<SendLocationInfo><Location_X>23</Location_X><Location_Y>113</Location_Y><Label>东门</Label></SendLocationInfo>",
    )
    assert (chosen.latitude, chosen.longitude, chosen.label) == (23.0, 113.0, "东门")
    photos = event(
        "pic_sysphoto",
        "<SendPicsInfo><Count>2</Count><PicList><item><PicMd5Sum>a</PicMd5Sum></item><item><PicMd5Sum>b</PicMd5Sum></item>"
        "</PicList></SendPicsInfo>",
    )
    assert photos.extra == {"Count": "2", "item.0.PicMd5Sum": "a", "item.1.PicMd5Sum": "b"}


@pytest.mark.parametrize("count", [1, 2])
def test_a_consent_list_has_one_shape_for_one_and_for_many(count: int) -> None:
    members = "".join(
        f"<List><TemplateId>t{n}</TemplateId><SubscribeStatusString>accept</SubscribeStatusString></List>" for n in range(count)
    )
    popup = event("subscribe_msg_popup_event", f"<SubscribeMsgPopupEvent>{members}</SubscribeMsgPopupEvent>")
    wanted = {f"List.{n}.TemplateId": f"t{n}" for n in range(count)}
    wanted |= {f"List.{n}.SubscribeStatusString": "accept" for n in range(count)}
    assert popup.extra == wanted


def test_a_group_cannot_replace_a_field_on_top() -> None:
    assert message("text", "<X><Content>inner</Content><FromUserName>o2</FromUserName></X><Content>top</Content>").text == "top"


def body(inner: str) -> bytes:
    return f"<xml>{inner}</xml>".encode()


TEXT = HEAD + "<MsgType>text</MsgType>"
BOMB = '<?xml version="1.0"?><!DOCTYPE xml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><xml><A>&b;</A></xml>'
HOSTILE = {
    "empty": b"",
    "blank": b"   ",
    "not XML": b"hello",
    "JSON": b'{"MsgType":"text"}',
    "only a root": b"<xml/>",
    "wrong root": b"<html><a>1</a></html>",
    "two roots": body(TEXT) + b"<xml/>",
    "unclosed": body(TEXT)[:-3],
    "entity bomb": BOMB.encode(),
    "external entity": b'<!DOCTYPE xml [<!ENTITY e SYSTEM "file:///etc/passwd">]><xml><A>&e;</A></xml>',
    "external DTD": b'<!DOCTYPE xml SYSTEM "http://127.0.0.1:1/x.dtd"><xml><A>1</A></xml>',
    "bare doctype": b"<!DOCTYPE xml>" + body(TEXT),
    "undeclared entity": body(TEXT + "<Content>&nope;</Content>"),
    "duplicate sender": body(TEXT + "<FromUserName>o2</FromUserName>"),
    "duplicate type": body(TEXT + "<MsgType>event</MsgType>"),
    "no type": body(HEAD),
    "empty type": body(HEAD + "<MsgType></MsgType>"),
    "nested type": body(HEAD + "<MsgType><a>text</a></MsgType>"),
    "event without name": body(HEAD + "<MsgType>event</MsgType>"),
    "no sender": body("<CreateTime>1</CreateTime><MsgType>text</MsgType>"),
    "long sender": body(f"<FromUserName>{'o' * 65}</FromUserName><CreateTime>1</CreateTime><MsgType>text</MsgType>"),
    "no time": body("<FromUserName>o1</FromUserName><MsgType>text</MsgType>"),
    "time not a number": body("<FromUserName>o1</FromUserName><CreateTime>soon</CreateTime><MsgType>text</MsgType>"),
    "time in other digits": body("<FromUserName>o1</FromUserName><CreateTime>１２</CreateTime><MsgType>text</MsgType>"),
    "time out of range": body(f"<FromUserName>o1</FromUserName><CreateTime>{'9' * 30}</CreateTime><MsgType>text</MsgType>"),
    "deep nesting": body(TEXT + "<a>" * 5000 + "</a>" * 5000),
    "many elements": body(TEXT + "".join(f"<a{n}/>" for n in range(3000))),
    "too large": body(TEXT + "<Content>" + "x" * 70_000 + "</Content>"),
    "bad UTF-8": body(TEXT)[:-6] + b"<Content>\xff\xfe</Content></xml>",
    "GBK": '<?xml version="1.0" encoding="GBK"?><xml><A>漏水</A></xml>'.encode("gbk"),
    "UTF-16": '<?xml version="1.0" encoding="UTF-16"?><xml><A>1</A></xml>'.encode("utf-16"),
    "unknown encoding": b'<?xml version="1.0" encoding="x-none"?><xml><A>1</A></xml>',
    "control character": body(TEXT + "<Content>\x01</Content>"),
    "null": body(TEXT + "<Content>\x00</Content>"),
    "null by number": body(TEXT + "<Content>&#0;</Content>"),
    "newline before the declaration": b'\n<?xml version="1.0"?>' + body(TEXT),
    "half a surrogate": body(TEXT)[:-6] + b"<Content>\xed\xa0\x80</Content></xml>",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_xml_is_one_typed_error(name: str) -> None:
    with pytest.raises(BadMessageError):
        parse_message(HOSTILE[name])


def test_the_error_does_not_quote_the_message() -> None:
    with pytest.raises(BadMessageError) as caught:
        parse_message(body(HEAD + "<MsgType>text</MsgType><Content>13800138000</Content><Content>x</Content>"))
    assert "138" not in str(caught.value)


PIECES = st.sampled_from(
    [
        *(
            "<xml>",
            "</xml>",
            "<MsgType>",
            "</MsgType>",
            "text",
            "event",
            "<Event>",
            "</Event>",
            "<List>",
            "</List>",
            "]]>",
        ),
        *("&", "<![CDATA[", "\x00", "é", "<a>", "<FromUserName>o</FromUserName>", "<CreateTime>1</CreateTime>"),
        *("<!DOCTYPE x>", "<a b='1'>"),
    ]
)


@given(st.one_of(st.binary(max_size=200), st.lists(PIECES, max_size=20).map(lambda parts: "".join(parts).encode())))
@example(b"<xml>" + b"<List>" * 7)
def test_whatever_comes_is_read_or_refused(data: bytes) -> None:
    for read in (parse_message, read_encrypted):
        with suppress(BadMessageError):
            read(data)


@given(st.dictionaries(st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,9}", fullmatch=True), st.text(max_size=20), max_size=8))
def test_whatever_fields_come_are_read_or_refused(fields: dict[str, str]) -> None:
    root = ET.Element("xml")
    for name, value in {"FromUserName": "o1", "CreateTime": "1", "MsgType": "event", "Event": "e", **fields}.items():
        ET.SubElement(root, name).text = value
    data = ET.tostring(root, encoding="utf-8")
    with suppress(BadMessageError):
        assert isinstance(parse_message(data), Inbound)


def test_a_plain_body_has_nothing_encrypted() -> None:
    assert read_encrypted(body(TEXT)) is None
    assert read_encrypted(body("<Encrypt></Encrypt>")) is None
    assert read_encrypted(body("<Encrypt>abc</Encrypt>")) == "abc"


@pytest.mark.parametrize("data", [body("<Encrypt><a>1</a></Encrypt>"), body("<Encrypt>a</Encrypt><Encrypt>b</Encrypt>"), b"x"])
def test_an_odd_encrypted_body_is_refused(data: bytes) -> None:
    with pytest.raises(BadMessageError):
        read_encrypted(data)

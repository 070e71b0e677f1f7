"""The webhook in its three modes, and every kind of message and event."""

from __future__ import annotations

import threading
import time
import urllib.parse
import xml.etree.ElementTree as ET
from collections.abc import Iterator

import pytest

from tests.contract import wire
from tests.contract.conftest import Town
from tests.contract.program import Program
from tests.contract.wire import Phone, Xml, cdata, message, request


def test_the_address_is_verified_word_for_word(town: Town) -> None:
    phone = town.phone()
    answer = request(phone.query(echostr="4375120948345356249"))
    assert (answer.status, answer.body) == (200, b"4375120948345356249")
    wrong = phone.query(echostr="1").replace("signature=", "signature=0")
    assert request(wrong).status == 403
    assert request(f"{town.base}/wechat?echostr=1").status == 403


def test_without_a_right_signature_nothing_happens(town: Town) -> None:
    phone = town.phone()
    body = message(phone.openid, Content="菜单").encode()
    for url in (
        f"{town.base}/wechat",
        phone.query().replace("signature=", "signature=0"),
        phone.query().replace("nonce=", "nonce=1"),
    ):
        assert request(url, body).status == 403
    assert town.program.run("conversation", phone.openid).json == {"script": None}


def test_a_body_over_64_kib_is_413(town: Town) -> None:
    phone = town.phone()
    assert phone.deliver(message(phone.openid, Content="长" * 22000)).status == 413
    assert request(phone.query(), b" " * (64 * 1024 + 1)).status == 413
    assert phone.deliver(message(phone.openid, Content="长" * 20000)).status == 200


@pytest.mark.parametrize(
    "body",
    [
        b"", b"hello", b"{}", b"<xml/>", b"<xml></xml>", b"<html></html>", b"<xml><MsgType>text</MsgType></xml>", b"\xff\xfe",
        b"<xml><ToUserName>a</ToUserName><FromUserName>b</FromUserName><CreateTime>x</CreateTime><MsgType>text</MsgType></xml>",
        b'<!DOCTYPE x [<!ENTITY a "b">]><xml><ToUserName>&a;</ToUserName></xml>',
        b"<xml>" + b"<a>" * 6000 + b"</xml>", b"<xml><Encrypt>abc</Encrypt></xml>",
    ],
)  # fmt: skip
def test_a_signed_but_malformed_body_is_success(town: Town, body: bytes) -> None:
    answer = request(town.phone("odd").query(), body)
    assert (answer.status, answer.body) == (200, b"success")


def test_a_redelivery_gets_the_same_bytes_and_has_no_second_effect(town: Town) -> None:
    phone = town.phone("o20")
    first = message("o20", Content="表扬一下保安小李，帮我抬了一袋米")
    answers = {phone.deliver(first).body, phone.deliver(first).body}
    time.sleep(1.1)  # a later second, so that a stamp made anew would show
    answers.add(phone.deliver(first).body)
    assert len(answers) == 1
    assert b"success" not in answers
    other = message("o20", Content="你好", MsgId="77")
    same_id = message("o21", Content="你好", MsgId="77")
    assert phone.deliver(other).body != b"success"
    assert Phone(town.base, "o21").deliver(same_id).text
    event = message(town.phone().openid, "event", Event="CLICK", EventKey="menu")
    newcomer = town.phone()
    assert len({newcomer.deliver(event).body for _ in range(2)}) == 1


def test_redeliveries_at_the_same_moment_have_one_effect(town: Town) -> None:
    phone = town.phone("o22")
    phone.say("我要投诉，楼上太吵")
    body = message("o22", Content="每天半夜一点还在唱歌")
    answers: list[bytes] = []
    threads = [threading.Thread(target=lambda: answers.append(phone.deliver(body).body)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({a for a in answers if a != b"success"}) == 1


def test_many_people_at_once_are_each_answered(town: Town) -> None:
    heard: dict[str, str] = {}

    def talk(openid: str) -> None:
        phone = town.phone(openid)
        for text in ("菜单", "取消", "厨房水管漏水", "取消"):
            heard[openid] = phone.say(text)

    threads = [threading.Thread(target=talk, args=(f"crowd{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(heard) == 8


FILE = {"Title": "合同.pdf", "Description": "", "FileKey": "k", "FileMd5": "m", "FileTotalLen": 12}
KINDS = [
    ("text", {"Content": "asdf"}),
    ("text", {"Content": ""}),
    ("text", {"Content": "   "}),
    ("text", {"Content": "【收到不支持的消息类型，暂无法显示】"}),
    ("text", {"Content": "\U0001f600"}),
    ("text", {"Content": "啊" * 3000}),
    ("text", {"Content": "<b>&amp;\"'"}),
    ("text", {}),
    ("image", {"PicUrl": "http://127.0.0.1:1/x.jpg", "MediaId": "m1"}),
    ("voice", {"MediaId": "m2", "Format": "amr"}),
    ("voice", {"MediaId": "m2", "Format": "amr", "Recognition": ""}),
    ("video", {"MediaId": "m3", "ThumbMediaId": "t"}),
    ("shortvideo", {"MediaId": "m4", "ThumbMediaId": "t"}),
    ("location", {"Location_X": "39.9", "Location_Y": "116.4", "Scale": "16", "Label": "北京市"}),
    ("link", {"Title": "题", "Description": "述", "Url": "https://example.com"}),
    ("file", FILE),
    ("hologram", {"Anything": "1"}),
]


@pytest.mark.parametrize(("kind", "fields"), KINDS, ids=[f"{k}{n}" for n, (k, _) in enumerate(KINDS)])
def test_no_kind_of_message_is_met_with_silence(town: Town, kind: str, fields: dict[str, object]) -> None:
    assert town.phone().send(kind, **fields).text
    asked = town.phone("o23")
    asked.say("菜单")
    assert asked.send(kind, **fields).text


def test_a_spoken_word_counts_like_a_written_one(town: Town) -> None:
    answer = town.phone("o24").send("voice", MediaId="m", Format="amr", Recognition="厨房水管漏水了。")
    assert answer.text == town.phone("o25").say("厨房水管漏水了。")


def test_what_a_person_sends_cannot_break_the_xml(town: Town) -> None:
    for text in ("x]]></Content><Content><![CDATA[evil", "]]>", "投诉 ]]> 电梯 <a href='http://e'>点</a>", "\u0007\u200b"):
        escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\u0007", "")
        for phone in (town.phone(), town.phone("o26")):
            body = message(phone.openid, Content="@@").replace("<![CDATA[@@]]>", escaped)
            answer = phone.deliver(body)
            assert answer.status == 200
            wire.check_reply(answer, phone.openid)
            assert len(ET.fromstring(answer.body).findall("Content")) == 1


LISTS = "<PopupScene>1</PopupScene><TemplateId>t</TemplateId><SubscribeStatusString>accept</SubscribeStatusString>"
QUIET = [
    ("LOCATION", {"Latitude": "39.9", "Longitude": "116.4", "Precision": "50"}),
    ("VIEW", {"EventKey": "https://example.com", "MenuId": "1"}),
    ("TEMPLATESENDJOBFINISH", {"MsgID": "200163836", "Status": "success"}),
    ("TEMPLATESENDJOBFINISH", {"MsgID": "200163837", "Status": "failed:user block"}),
    (
        "MASSSENDJOBFINISH",
        {"MsgID": "1", "Status": "send success", "TotalCount": 1, "FilterCount": 1, "SentCount": 1, "ErrorCount": 0},
    ),
    ("view_miniprogram", {"EventKey": "pages/x", "MenuId": "1"}),
    ("subscribe_msg_popup_event", {"SubscribeMsgPopupEvent": Xml(f"<List>{LISTS}</List><List>{LISTS}</List>")}),
    ("user_info_modified", {"OpenID": "x", "AppID": "y", "RevokeInfo": "1"}),
    ("kf_create_session", {"KfAccount": "a@b"}),
    ("no_such_event", {"X": "1"}),
]


@pytest.mark.parametrize(("name", "fields"), QUIET, ids=[f"{k}{n}" for n, (k, _) in enumerate(QUIET)])
def test_an_event_that_wants_no_words_is_success(town: Town, name: str, fields: dict[str, object]) -> None:
    assert town.phone().event(name, **fields).body == b"success"


def test_following_leaving_and_coming_back(town: Town) -> None:
    phone = town.phone()
    assert phone.event("subscribe", EventKey="").text
    assert town.phone().event("subscribe", EventKey="qrscene_room:1", Ticket="t").text
    assert town.phone().event("subscribe", EventKey="last_trade_no_4012").text
    assert phone.event("SCAN", EventKey="anything", Ticket="t").text
    assert phone.event("CLICK", EventKey="no.such.key").text
    phone.say("厨房水管漏水")
    assert phone.event("unsubscribe").body == b"success"
    assert phone.event("subscribe").text


def test_a_person_who_left_is_no_longer_in_the_export(town: Town) -> None:
    owner = town.phone("o27")
    owner.say("你好")
    owner.event("unsubscribe")
    done = town.program.run("push", "--audience", "room = '2701'", "--text", "您好", "--dry-run").json
    assert done["matched"] == 1
    assert done["planned"] == 0
    assert sum(done["skipped"].values()) == 1


def test_a_first_contact_says_who_we_are_and_takes_the_phone_number(town: Town) -> None:
    phone = town.phone()
    assert "「绑定」" in phone.event("subscribe").text
    assert "手机号" in phone.say("绑定")
    phone.say("13811111111")
    assert "13811111111" not in phone.say("5栋1单元501")
    rows = [row for row in town.program.run("export", "owners").rows if row["openid"] == phone.openid]
    assert [row["room"] for row in rows] == ["501"]


def test_health_readiness_and_numbers(town: Town) -> None:
    assert request(f"{town.base}/healthz").status == 200
    assert request(f"{town.base}/readyz").status == 200
    numbers = request(f"{town.base}/metrics")
    assert numbers.status == 200
    assert b"# TYPE" in numbers.body
    assert request(f"{town.base}/sandbox/").status == 404
    assert request(f"{town.base}/console/").status in (200, 302)


@pytest.fixture(scope="module")
def safe(template: Program, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve in safe mode, with a key that is being changed."""
    env = {"GUANJIA__WECHAT__MODE": "safe", "GUANJIA__WECHAT__AES_KEY_PREVIOUS": wire.OLD_AES_KEY}
    with template.copy(tmp_path_factory.mktemp("safe") / "data", **env).serving() as base:
        yield base


@pytest.fixture(scope="module")
def compatible(template: Program, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve in compatible mode."""
    with template.copy(tmp_path_factory.mktemp("both") / "data", GUANJIA__WECHAT__MODE="compatible").serving() as base:
        yield base


def opened(answer: wire.Answer, openid: str, key: str = wire.AES_KEY) -> str:
    """Check the envelope of an encrypted reply and give the words in it."""
    root = ET.fromstring(answer.body)
    sealed = root.findtext("Encrypt") or ""
    signed = wire.sha1(wire.TOKEN, root.findtext("TimeStamp") or "", root.findtext("Nonce") or "", sealed)
    assert signed == root.findtext("MsgSignature")
    plain, app_id = wire.decrypt(sealed, key)
    assert app_id == wire.APP_ID
    wire.check_reply(wire.Answer(200, plain.encode(), 0), openid)
    return ET.fromstring(plain).findtext("Content") or ""


def test_safe_mode_speaks_only_sealed(safe: str) -> None:
    phone = Phone(safe, "o01", "safe")
    assert request(phone.query(echostr="77")).body == b"77"
    text = message("o01", Content="菜单")
    first = opened(phone.deliver(text), "o01")
    assert first
    assert opened(phone.deliver(text), "o01") == first
    assert opened(phone.deliver(message("o01", Content="重复"), key=wire.OLD_AES_KEY), "o01", wire.OLD_AES_KEY)
    assert phone.deliver(message("o01", Content="菜单"), app_id="wxother").status == 403
    assert phone.deliver(message("o01", Content="菜单"), key="z" * 43).status in (200, 403)
    assert phone.deliver(message("o01", Content="菜单"), msg_signature="0" * 40).status == 403
    stranger = Phone(safe, "o02")
    refused = stranger.deliver(message("o02", Content="菜单"))
    assert refused.status in (200, 403)
    assert refused.body in (b"success", b"") or refused.status == 403
    assert phone.deliver(message("o01", "event", Event="VIEW", EventKey="u")).body == b"success"
    assert request(phone.query(sealed="nonsense"), b"<xml><Encrypt>nonsense</Encrypt></xml>").status in (200, 403)
    assert request(phone.query(sealed=""), b"<xml></xml>").status in (200, 403)


def test_compatible_mode_believes_the_sealed_half(compatible: str) -> None:
    phone = Phone(compatible, "o01", "compatible")
    assert opened(phone.deliver(message("o01", Content="菜单")), "o01")
    sealed = wire.encrypt(message("o03", Content="菜单"))
    forged = message("o04", Content="退订")[: -len("</xml>")] + f"<Encrypt>{cdata(sealed)}</Encrypt></xml>"
    answer = request(Phone(compatible, "o03").query(sealed=sealed), forged.encode())
    assert opened(answer, "o03")
    assert request(Phone(compatible, "o03").query(sealed="other"), forged.encode()).status == 403
    bare = Phone(compatible, "o04").deliver(message("o04", Content="菜单"))
    assert bare.status in (200, 403)
    assert bare.body == b"success" or bare.status == 403
    stripped = urllib.parse.urlsplit(phone.query(sealed=sealed))
    query = {k: v[0] for k, v in urllib.parse.parse_qs(stripped.query).items() if k not in ("msg_signature", "encrypt_type")}
    dropped = request(f"{compatible}/wechat?" + urllib.parse.urlencode(query), forged.encode())
    assert dropped.status == 403 or dropped.body == b"success"

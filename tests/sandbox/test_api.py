from __future__ import annotations

import io
import time

import pytest

from tests.sandbox.conftest import bubbles
from tests.sandbox.webhook import wait_for


def template(**more):
    return {"touser": "oANN", "template_id": "T-task", "data": {"thing1": {"value": "水管"}}} | more


def test_a_template_message_is_a_card_and_its_result_comes_later_as_an_event(api, phone, webhook):
    answer = api("message/template/send", template(url="http://example.com"))
    assert answer["errmsg"] == "ok"
    event = wait_for(lambda: webhook.messages)[0]
    assert (event["Event"], event["Status"], event["MsgID"]) == (
        "TEMPLATESENDJOBFINISH",
        "success",
        str(answer["msgid"]),
    )
    assert "MsgId" not in event
    assert bubbles(phone, "oANN")[0]["body"]["template"] == "task"


def test_who_refuses_templates_gets_none_and_the_event_says_so(api, say, phone, webhook):
    say("oANN", "refuse")
    assert api("message/template/send", template())["errcode"] == 0
    assert wait_for(lambda: webhook.messages)[0]["Status"] == "failed:user block"
    assert all(bubble["kind"] == "line" for bubble in bubbles(phone, "oANN"))


@pytest.mark.parametrize(
    ("change", "errcode"),
    [
        ({"touser": "oNOBODY"}, 40003),
        ({"touser": "oSTRANGER"}, 43004),
        ({"template_id": "T-no"}, 40037),
        ({"data": {"thing1": {"value": "长" * 21}}}, 47003),
        ({"data": {"phrase4": {"value": "超过五个字了"}}}, 47003),
        ({"data": {"thing1": "x"}}, 47001),
        ({"url": "javascript:alert(1)"}, 40055),
    ],
)
def test_a_template_message_that_is_not_right_is_refused(api, change, errcode):
    assert api("message/template/send", template(**change))["errcode"] == errcode


def test_a_repeated_client_msg_id_is_sent_once(api, phone):
    first = api("message/template/send", template(client_msg_id="a"))
    assert api("message/template/send", template(client_msg_id="a"))["msgid"] == first["msgid"]
    assert len(bubbles(phone, "oANN")) == 1


def test_one_permission_is_one_subscription_notice(api, say, webhook):
    body = {"touser": "oANN", "template_id": "T-notice", "data": {"thing1": {"value": "停水"}}}
    assert api("message/subscribe/bizsend", body)["errcode"] == 43101
    say("oANN", "subscribe_popup", template_id="T-notice", accept=True)
    popup = wait_for(lambda: webhook.messages)[0]
    assert popup["SubscribeMsgPopupEvent"]["List"]["SubscribeStatusString"] == "accept"
    assert api("message/subscribe/bizsend", body)["errcode"] == 0
    assert api("message/subscribe/bizsend", body)["errcode"] == 43101


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({"action_name": "QR_DANCE"}, 40052),
        ({"action_name": "QR_STR_SCENE"}, 40053),
        ({"action_name": "QR_STR_SCENE", "action_info": {"scene": {"scene_str": "a" * 65}}}, 40053),
        ({"action_name": "QR_SCENE", "action_info": {"scene": {"scene_id": 0}}}, 40053),
        ({"action_name": "QR_LIMIT_SCENE", "action_info": {"scene": {"scene_id": 100_001}}}, 40053),
    ],
)
def test_a_code_without_a_proper_scene_is_refused(api, body, errcode):
    assert api("qrcode/create", body)["errcode"] == errcode


def test_a_code_can_be_shown_scanned_and_tells_followers_from_newcomers(api, say, phone, webhook):
    made = api("qrcode/create", {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": "楼1"}}})
    assert "expire_seconds" not in made
    shown = phone.get("/cgi-bin/showqrcode", query_string={"ticket": made["ticket"]})
    assert shown.mimetype == "image/svg+xml"
    assert phone.get("/api/choices").get_json()["codes"][0]["scene"] == "楼1"
    say("oSTRANGER", "scan", scene="楼1")
    say("oANN", "scan", scene="楼1")
    wait_for(lambda: len(webhook.messages) == 2)
    found = {message["Event"]: (message["EventKey"], message["Ticket"]) for message in webhook.messages}
    assert found == {"subscribe": ("qrscene_楼1", made["ticket"]), "SCAN": ("楼1", made["ticket"])}


def test_tags_have_their_limits(api):
    made = api("tags/create", {"tag": {"name": "养犬"}})["tag"]
    assert api("tags/create", {"tag": {"name": "养犬"}})["errcode"] == 45157
    assert api("tags/create", {"tag": {"name": "汉" * 11}})["errcode"] == 45158
    assert api("tags/delete", {"tag": {"id": 2}})["errcode"] == 45058
    assert api("tags/update", {"tag": {"id": 999, "name": "x"}})["errcode"] == 45159
    tagging = {"openid_list": ["oANN"], "tagid": made["id"]}
    assert api("tags/members/batchtagging", tagging)["errcode"] == 0
    assert api("tags/members/batchtagging", {**tagging, "openid_list": ["oANN"] * 51})["errcode"] == 40032
    assert api("tags/members/batchtagging", {**tagging, "openid_list": ["oNOBODY"]})["errcode"] == 49003
    assert api("tags/getidlist", {"openid": "oANN"})["tagid_list"] == [made["id"]]
    assert api("user/tag/get", {"tagid": made["id"], "next_openid": ""})["data"]["openid"] == ["oANN"]
    assert api("tags/members/batchuntagging", tagging)["errcode"] == 0
    assert api("user/tag/get", {"tagid": made["id"]})["count"] == 0


def test_the_hundred_and_first_tag_and_the_twenty_first_of_one_person_are_refused(api):
    ids = [api("tags/create", {"tag": {"name": f"t{n}"}})["tag"]["id"] for n in range(100)]
    assert api("tags/create", {"tag": {"name": "more"}})["errcode"] == 45056
    codes = [api("tags/members/batchtagging", {"openid_list": ["oANN"], "tagid": tag})["errcode"] for tag in ids[:21]]
    assert codes == [0] * 20 + [45059]


def test_a_follower_is_described_without_a_name(api, say):
    say("oSTRANGER", "scan", scene="楼1")
    known = api("user/info", openid="oSTRANGER")
    assert (known["subscribe"], known["qr_scene_str"]) == (1, "楼1")
    assert "nickname" not in known
    say("oBOB", "unfollow")
    assert api("user/info", openid="oBOB") == {"subscribe": 0, "openid": "oBOB"}
    assert api("user/info", openid="oNOBODY")["errcode"] == 40003
    assert api("user/info/batchget", {"user_list": [{"openid": "oANN"}] * 101})["errcode"] == 40032
    assert api("user/info/updateremark", {"openid": "oANN", "remark": "1栋"})["errcode"] == 0
    assert api("user/info/batchget", {"user_list": [{"openid": "oANN"}]})["user_info_list"][0]["remark"] == "1栋"


def test_the_last_page_of_followers_has_a_next_and_the_empty_one_no_data(api):
    page = api("user/get")
    assert (page["count"], page["next_openid"]) == (2, "oBOB")
    assert "data" not in api("user/get", next_openid="oBOB")


def test_media_come_back_as_bytes_for_three_days(api, app, phone, say):
    client = app.test_client()
    token = client.post(
        "/cgi-bin/stable_token", json={"grant_type": "client_credential", "appid": "wxtest", "secret": "secret"}
    ).get_json()["access_token"]

    def upload(name, content, kind="image"):
        return client.post(
            "/cgi-bin/media/upload",
            query_string={"access_token": token, "type": kind},
            data={"media": (io.BytesIO(content), name)},
        ).get_json()

    made = upload("a.png", b"\x89PNG")
    query = {"access_token": token, "media_id": made["media_id"]}
    assert client.get("/cgi-bin/media/get", query_string=query).data == b"\x89PNG"
    assert upload("a.exe", b"x")["errcode"] == 40005
    assert upload("a.png", b"")["errcode"] == 44001
    assert upload("a.png", b"x", "poem")["errcode"] == 40004
    assert api("media/get", media_id="nope")["errcode"] == 40007
    phone.post("/api/knobs", json={"advance_seconds": 3 * 86400 - 60 * 60})
    assert api("media/get", media_id="nope")["errcode"] == 40007
    phone.post("/api/knobs", json={"advance_seconds": 60 * 60 + 1})
    assert api("media/get", media_id=made["media_id"])["errcode"] == 40007


def test_a_picture_a_user_sends_can_be_fetched_by_its_url(say, webhook, phone):
    say("oANN", "image", sample="leak")
    message = wait_for(lambda: webhook.messages)[0]
    fetched = phone.get(message["PicUrl"].removeprefix("http://localhost"))
    assert fetched.mimetype == "image/png"
    assert fetched.data.startswith(b"\x89PNG")


def test_a_broadcast_has_its_caps_and_its_result(api, phone, webhook):
    body = {"touser": ["oANN", "oSTRANGER"], "msgtype": "text", "text": {"content": "停水"}}
    assert api("message/mass/send", {**body, "touser": ["oANN"]})["errcode"] == 40130
    sent = api("message/mass/send", body)
    assert sent["errmsg"] == "send job submission success"
    assert api("message/mass/send", body)["errcode"] == 45065
    event = wait_for(lambda: webhook.messages)[0]
    assert (event["Event"], event["TotalCount"], event["SentCount"], event["ErrorCount"]) == (
        "MASSSENDJOBFINISH",
        "2",
        "1",
        "1",
    )
    for number in range(4):
        api("message/mass/send", {**body, "clientmsgid": f"c{number}"})
    assert len(bubbles(phone, "oANN")) == 4
    everyone = {"filter": {"is_to_all": True}, "msgtype": "text", "text": {"content": "大家好"}}
    assert api("message/mass/sendall", everyone)["errcode"] == 0
    assert api("message/mass/sendall", {**everyone, "clientmsgid": "z"})["errcode"] == 45028


def test_a_daily_limit_ends_in_45009_until_cleared(api, phone):
    phone.post("/api/knobs", json={"quota": {"path": "/cgi-bin/user/get", "daily_limit": 2}})
    assert [api("user/get").get("errcode", 0) for _ in range(3)] == [0, 0, 45009]
    assert api("openapi/quota/get", {"cgi_path": "/cgi-bin/user/get"})["quota"]["remain"] == 0
    assert api("clear_quota", {"appid": "wxother"})["errcode"] == 40013
    for _ in range(10):
        assert api("clear_quota", {"appid": "wxtest"})["errcode"] == 0
    assert api("clear_quota", {"appid": "wxtest"})["errcode"] == 48006
    assert "errcode" not in api("user/get")


def test_an_unknown_path_and_a_broken_body_are_answered_as_the_platform_does(api, phone):
    assert api("dance/now", {})["errcode"] == 40066
    token = "x"
    assert phone.post("/cgi-bin/tags/create", query_string={"access_token": token}).get_json()["errcode"] == 40014
    assert api("tags/create", [])["errcode"] == 47001


def test_an_arranged_fault_counts_down(api, phone):
    fault = {"path": "/cgi-bin/user/get", "errcode": -1, "times": 2}
    assert phone.post("/api/knobs", json={"fail": fault}).status_code == 200
    assert [api("user/get").get("errcode", 0) for _ in range(3)] == [-1, -1, 0]


def test_an_arranged_fault_can_be_a_status_garbage_or_a_wait(phone):
    def get():
        return phone.get("/cgi-bin/user/get")

    phone.post("/api/knobs", json={"fail": {"path": "/cgi-bin/user/get", "http_status": 502}})
    assert get().status_code == 502
    phone.post("/api/knobs", json={"fail": {"path": "*", "body": "<html>"}})
    assert get().get_json(silent=True) is None
    phone.post("/api/knobs", json={"fail": {"path": "*", "delay_seconds": 0.2}})
    began = time.monotonic()
    assert get().get_json()["errcode"] == 41001
    assert time.monotonic() - began >= 0.2


def test_a_fault_after_the_work_leaves_the_work_done(api, say, phone):
    say("oANN", text="在")
    body = {"touser": "oANN", "msgtype": "text", "text": {"content": "好"}}
    phone.post("/api/knobs", json={"fail": {"path": "/cgi-bin/message/custom/send", "errcode": -1, "after": True}})
    assert api("message/custom/send", body)["errcode"] == -1
    assert len(bubbles(phone, "oANN")) == 2


def test_an_unknown_knob_is_refused(phone):
    assert phone.post("/api/knobs", json={"dance": 1}).status_code == 400


@pytest.mark.parametrize(
    ("kind", "fields", "wanted"),
    [
        ("voice", {"text": "水管漏了"}, {"MsgType": "voice", "Format": "amr", "Recognition": "水管漏了"}),
        ("video", {}, {"MsgType": "video"}),
        ("shortvideo", {}, {"MsgType": "shortvideo"}),
        ("location", {"label": "东门"}, {"MsgType": "location", "Label": "东门", "Location_X": "30.572815"}),
        ("link", {"title": "文"}, {"MsgType": "link", "Title": "文"}),
        ("file", {"name": "a.pdf"}, {"MsgType": "file", "Title": "a.pdf"}),
        ("sticker", {}, {"MsgType": "text", "Content": "【收到不支持的消息类型，暂无法显示】"}),
        ("report_location", {}, {"Event": "LOCATION", "Latitude": "30.572815"}),
        ("unfollow", {}, {"Event": "unsubscribe"}),
        ("event", {"event": "kf_create_session", "fields": {"KfAccount": "a"}}, {"KfAccount": "a"}),
    ],
)
def test_each_kind_a_person_can_send_carries_its_fields(say, webhook, kind, fields, wanted):
    assert say("oANN", kind, **fields).status_code == 200
    message = wait_for(lambda: webhook.messages)[0]
    assert {key: message.get(key) for key in wanted} == wanted


def test_unread_counts_and_seen(api, say, phone):
    say("oANN", text="在")
    api("message/custom/send", {"touser": "oANN", "msgtype": "text", "text": {"content": "好"}})
    assert phone.get("/api/messages?openid=oBOB").get_json()["unread"] == {"oANN": 1}
    phone.get("/api/messages?openid=oANN&seen=1")
    assert phone.get("/api/messages?openid=oBOB").get_json()["unread"] == {}

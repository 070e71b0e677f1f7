from __future__ import annotations

import json

import pytest

from tests.sandbox.conftest import credentials
from tests.sandbox.webhook import wait_for


def button(**more):
    return {"type": "click", "name": "菜单", "key": "k"} | more


def view(**more):
    return {"type": "view", "name": "看看", "url": "http://example.com/"} | more


def under(*subs, **more):
    return {"name": "更多", "sub_button": list(subs)} | more


CASES = [
    ([button()] * 4, 40016),
    ([], 40016),
    ([button(name="五个汉字是")], 0),
    ([button(name="五个汉字是a")], 0),
    ([button(name="六个汉字太多")], 40018),
    ([button(key="k" * 128)], 0),
    ([button(key="k" * 129)], 40019),
    ([button(type="dance")], 40017),
    ([view(url="http://example.com/" + "a" * 1005)], 0),
    ([view(url="http://example.com/" + "a" * 1006)], 40020),
    ([view(url="ftp://example.com/")], 40055),
    ([under(*[button()] * 5)], 0),
    ([under(*[button()] * 6)], 40023),
    ([under(button(name="汉" * 20))], 0),
    ([under(button(name="汉" * 21))], 40025),
    ([under(button(key=""))], 40026),
    ([under(view(url=""))], 40027),
    ([under(button(type="dance"))], 40024),
    ([under(button(sub_button=[button()]))], 40022),
    ([under(button(), type="click")], 40017),
    ([under()], 41007),
    ([under(*[view(url=f"http://h{n}.example.com/") for n in range(4)])], 65316),
]


def create(app, api, buttons, **keys):
    token = app.test_client().post("/cgi-bin/stable_token", json=credentials())
    raw = json.dumps({"button": buttons, **keys}, ensure_ascii=False).encode()
    query = {"access_token": token.get_json()["access_token"]}
    path = "addconditional" if keys else "create"
    return app.test_client().post(f"/cgi-bin/menu/{path}", data=raw, query_string=query).get_json()


@pytest.mark.parametrize(("buttons", "errcode"), CASES)
def test_a_menu_is_measured_in_bytes(app, api, buttons, errcode):
    assert create(app, api, buttons)["errcode"] == errcode


def test_escaped_chinese_is_refused(app, api):
    token = app.test_client().post("/cgi-bin/stable_token", json=credentials()).get_json()["access_token"]
    raw = json.dumps({"button": [button()]})
    answer = app.test_client().post("/cgi-bin/menu/create", data=raw, query_string={"access_token": token})
    assert answer.get_json()["errcode"] == 40033
    assert api("menu/get")["errcode"] == 46003


def test_what_was_published_is_shown_and_can_be_deleted(app, api, phone):
    create(app, api, [button(), under(view())])
    assert api("menu/get")["menu"]["button"][0]["key"] == "k"
    assert phone.get("/api/menu?openid=oANN").get_json()["button"][1]["name"] == "更多"
    assert api("menu/delete")["errcode"] == 0
    assert api("menu/get")["errcode"] == 46003


def test_a_conditional_menu_goes_to_whom_its_tag_was_given_last(app, api, phone):
    assert create(app, api, [button()], matchrule={"tag_id": 100})["errcode"] == 65303
    create(app, api, [button()])
    assert create(app, api, [button()], matchrule={"sex": 1})["errcode"] == 65320
    assert create(app, api, [button()], matchrule={})["errcode"] == 65304
    tag = api("tags/create", {"tag": {"name": "家人"}})["tag"]["id"]
    other = api("tags/create", {"tag": {"name": "员工"}})["tag"]["id"]
    menuid = create(app, api, [button(key="special")], matchrule={"tag_id": tag})["menuid"]
    api("tags/members/batchtagging", {"openid_list": ["oANN"], "tagid": tag})
    assert api("menu/trymatch", {"user_id": "oANN"})["button"][0]["key"] == "special"
    assert phone.get("/api/menu?openid=oBOB").get_json()["button"][0]["key"] == "k"
    api("tags/members/batchtagging", {"openid_list": ["oANN"], "tagid": other})
    assert phone.get("/api/menu?openid=oANN").get_json()["button"][0]["key"] == "k"
    assert api("menu/delconditional", {"menuid": menuid})["errcode"] == 0
    assert api("menu/delconditional", {"menuid": menuid})["errcode"] == 65301


def test_a_conditional_menu_has_the_limits_of_the_platform(app, api):
    create(app, api, [view(url="http://h1.example.com/")])
    tag = api("tags/create", {"tag": {"name": "家人"}})["tag"]["id"]
    rule = {"matchrule": {"tag_id": str(tag)}}
    assert create(app, api, [], **rule)["errcode"] == 65307
    assert create(app, api, [button(name="六个汉字太多")], **rule)["errcode"] == 40018
    assert create(app, api, [button()], matchrule={"tag_id": "家人"})["errcode"] == 40035
    assert create(app, api, [button()], matchrule={"client_platform_type": "9"})["errcode"] == 40035
    two = [under(view(url="http://h2.example.com/"), view(url="http://h3.example.com/"))]
    assert create(app, api, two, **rule)["menuid"]
    fourth = [view(url="http://h4.example.com/")]
    assert create(app, api, fourth, **rule)["errcode"] == 65316  # three hosts over all menus of the account
    assert create(app, api, [*fourth, view(url="http://h5.example.com/")])["errcode"] == 65316
    assert create(app, api, fourth)["errcode"] == 0
    shown = api("menu/get")
    assert shown["menu"]["menuid"]
    assert [each["matchrule"] for each in shown["conditionalmenu"]] == [{"tag_id": str(tag)}]
    assert api("menu/delete")["errcode"] == 0
    create(app, api, [button()])
    assert "conditionalmenu" not in api("menu/get")


def test_of_several_conditional_menus_the_newest_that_fits_is_shown(app, api):
    create(app, api, [button()])
    tag = api("tags/create", {"tag": {"name": "家人"}})["tag"]["id"]
    for key, rule in (
        ("older", {"tag_id": tag}),
        ("newer", {"tag_id": tag}),
        ("phone", {"tag_id": tag, "client_platform_type": 1}),
    ):
        assert create(app, api, [button(key=key)], matchrule=rule)["menuid"]
    api("tags/members/batchtagging", {"openid_list": ["oANN"], "tagid": tag})
    assert api("menu/trymatch", {"user_id": "oANN"})["button"][0]["key"] == "newer"
    assert api("menu/trymatch", {"user_id": "oBOB"})["button"][0]["key"] == "k"
    assert api("menu/trymatch", {"user_id": "nobody"})["errcode"] == 65302


@pytest.mark.parametrize(
    ("kind", "events"),
    [
        ("click", ["CLICK"]),
        ("scancode_waitmsg", ["scancode_waitmsg"]),
        ("pic_weixin", ["pic_weixin", "image"]),
        ("location_select", ["location_select", "location"]),
    ],
)
def test_a_tap_pushes_what_its_type_pushes(app, api, say, webhook, kind, events):
    create(app, api, [button(type=kind)])
    assert say("oANN", "menu", key="k").status_code == 200
    wait_for(lambda: len(webhook.messages) == len(events))
    assert [message.get("Event", message["MsgType"]) for message in webhook.messages] == events
    assert "MsgId" not in webhook.messages[0]
    assert webhook.messages[0]["EventKey"] == "k"


def test_a_view_tells_the_url(app, api, say, webhook):
    create(app, api, [view()])
    say("oANN", "menu", key="http://example.com/")
    assert wait_for(lambda: webhook.messages)[0]["EventKey"] == "http://example.com/"

"""The gateway against a scripted platform: what it sends, and which typed error each answer ends in."""

from __future__ import annotations

import traceback
from datetime import UTC, datetime

import httpx
import pytest

from bot.wechat import wire
from bot.wechat.account import Account
from bot.wechat.api import WeChatGateway
from bot.wechat.tokens import TokenService
from handlers.errors import (
    GatewayError,
    InvalidInputError,
    PermanentFailureError,
    TemporaryFailureError,
    UnknownOutcomeError,
)
from handlers.ports import FollowerPage, Gateway, PlatformFollower, PlatformTag
from tests.bot.wechat.stub import TOKEN_PATH, Answer, Platform

BUTTONS = [{"type": "click", "name": "报修", "key": "REPAIR"}]


def test_it_is_the_gateway_the_use_cases_ask_for(gateway: WeChatGateway) -> None:
    port: Gateway = gateway
    assert port is gateway


def test_a_menu_is_sent_as_plain_utf8(platform: Platform, gateway: WeChatGateway) -> None:
    gateway.publish_menu(BUTTONS)
    (asked,) = platform.calls("menu/create")
    assert asked.json == {"button": BUTTONS}
    assert "报修".encode() in asked.content
    assert asked.query == {"access_token": "token-1"}


def test_a_menu_that_breaks_a_limit_is_never_sent(platform: Platform, gateway: WeChatGateway) -> None:
    with pytest.raises(InvalidInputError) as caught:
        gateway.publish_menu([{"type": "click", "name": "一二三四五六", "key": "K"}])
    assert caught.value.problems == ("button[0].name: 18 bytes, at most 16",)
    assert platform.asked == []


def test_no_menu_is_none(platform: Platform, gateway: WeChatGateway) -> None:
    platform.say("menu/get", {"errcode": 46003, "errmsg": "menu no exist"}, {"menu": {"button": BUTTONS}})
    assert gateway.show_menu() is None
    assert gateway.show_menu() == {"menu": {"button": BUTTONS}}
    gateway.delete_menu()
    assert len(platform.calls("menu/delete")) == 1


def test_a_conditional_menu_is_sent_for_a_tag_and_taken_away(platform: Platform, gateway: WeChatGateway) -> None:
    platform.say("menu/addconditional", {"menuid": "208379533"})
    assert gateway.publish_conditional_menu(BUTTONS, 101) == "208379533"
    (asked,) = platform.calls("menu/addconditional")
    assert asked.json == {"button": BUTTONS, "matchrule": {"tag_id": "101"}}
    with pytest.raises(InvalidInputError):
        gateway.publish_conditional_menu([{"type": "click", "name": "一二三四五六", "key": "K"}], 101)
    platform.say("menu/delconditional", {"errcode": 0}, {"errcode": 65301}, {"errcode": 48001})
    gateway.remove_conditional_menu("208379533")
    gateway.remove_conditional_menu("208379533")
    with pytest.raises(PermanentFailureError):
        gateway.remove_conditional_menu("208379533")
    assert [each.json for each in platform.calls("menu/delconditional")] == [{"menuid": "208379533"}] * 3


def test_a_code_for_ever_and_one_for_a_while(platform: Platform, gateway: WeChatGateway) -> None:
    platform.say("qrcode/create", {"ticket": "a/b+c=", "url": "http://weixin.qq.com/q/1"})
    made = gateway.create_qr_code("door-3")
    assert made == {
        "ticket": "a/b+c=",
        "url": "http://weixin.qq.com/q/1",
        "image_url": f"{platform.url}/cgi-bin/showqrcode?ticket=a%2Fb%2Bc%3D",
    }
    gateway.create_qr_code("door-3", 600)
    scene = {"scene": {"scene_str": "door-3"}}
    assert [each.json for each in platform.calls("qrcode/create")] == [
        {"action_name": "QR_LIMIT_STR_SCENE", "action_info": scene},
        {"action_name": "QR_STR_SCENE", "action_info": scene, "expire_seconds": 600},
    ]


def test_the_real_account_shows_its_codes_on_the_page_host() -> None:
    account = Account("gh_1", "wx1", "s", "t", mode="safe")
    assert account.page_url("showqrcode") == "https://mp.weixin.qq.com/cgi-bin/showqrcode"
    assert account.api_url("menu/get") == "https://api.weixin.qq.com/cgi-bin/menu/get"


def test_input_beyond_a_limit_is_refused_before_a_call(platform: Platform, gateway: WeChatGateway) -> None:
    for call in (
        lambda: gateway.create_qr_code(""),
        lambda: gateway.create_qr_code("x" * 65),
        lambda: gateway.create_qr_code("x", 2_592_001),
        lambda: gateway.set_remark("o1", "x" * 30),
        lambda: gateway.create_tag("字" * 11),
        lambda: gateway.upload_media("pdf", "a.pdf", b"x", "application/pdf"),
    ):
        with pytest.raises(InvalidInputError):
            call()
    assert platform.asked == []


def test_remark_and_person(platform: Platform, gateway: WeChatGateway) -> None:
    platform.say("user/info", {"subscribe": 1, "openid": "o1", "tagid_list": [2]})
    gateway.set_remark("o1", "3-2-101 王女士")
    assert platform.calls("user/info/updateremark")[0].json == {"openid": "o1", "remark": "3-2-101 王女士"}
    assert gateway.user_info("o1")["tagid_list"] == [2]


def test_followers_are_paged_to_the_end(platform: Platform, gateway: WeChatGateway) -> None:
    platform.say(
        "user/get",
        {"total": 3, "count": 2, "data": {"openid": ["o1", "o2"]}, "next_openid": "o2"},
        {"total": 3, "count": 1, "data": {"openid": ["o3"]}, "next_openid": "o3"},
        {"total": 3, "count": 0, "next_openid": "o3"},
    )
    assert gateway.list_followers() == FollowerPage(("o1", "o2"), "o2", 3)
    assert gateway.list_followers("o2") == FollowerPage(("o3",), "o3", 3)
    assert gateway.list_followers("o3") == FollowerPage((), "", 3)
    assert [each.query.get("next_openid") for each in platform.calls("user/get")] == [None, "o2", "o3"]


def test_a_page_that_names_itself_as_the_next_is_the_last(platform: Platform, gateway: WeChatGateway) -> None:
    platform.say("user/get", {"total": 9, "count": 1, "data": {"openid": ["o1"]}, "next_openid": "o1"})
    assert gateway.list_followers("o1").after == ""


def test_a_hundred_people_are_described_in_one_call(platform: Platform, gateway: WeChatGateway) -> None:
    told = {"subscribe": 1, "openid": "o1", "remark": "1栋", "tagid_list": [101, 2], "subscribe_time": 1_790_000_000}
    platform.say("user/info/batchget", {"user_info_list": [told, {"subscribe": 0, "openid": "o2"}]}, {"user_info_list": [{}]})
    first, second = gateway.read_followers(["o1", "o2"])
    assert (first.is_following, first.tags, first.remark) == (True, (101, 2), "1栋")
    assert first.followed_at == datetime.fromtimestamp(1_790_000_000, UTC)
    assert second == PlatformFollower("o2", is_following=False)
    with pytest.raises(TemporaryFailureError):
        gateway.read_followers(["o1"])
    with pytest.raises(InvalidInputError):
        gateway.read_followers(["o1"] * 101)
    assert platform.calls("user/info/batchget")[0].json == {"user_list": [{"openid": "o1"}, {"openid": "o2"}]}


def test_tags(platform: Platform, gateway: WeChatGateway) -> None:
    platform.say("tags/create", {"tag": {"id": 134, "name": "租户"}})
    platform.say("tags/get", {"tags": [{"id": 134, "name": "租户", "count": 0}]})
    platform.say("tags/getidlist", {"tagid_list": [134, 2]})
    assert gateway.create_tag("租户") == 134
    assert gateway.list_tags() == [PlatformTag(134, "租户", 0)]
    assert gateway.tags_of("o1") == [134, 2]
    gateway.rename_tag(134, "住户")
    gateway.delete_tag(134)
    gateway.untag_people(134, ["o1"])
    assert platform.calls("tags/members/batchuntagging")[0].json == {"tagid": 134, "openid_list": ["o1"]}


def test_fifty_people_are_tagged_at_once_and_no_more(platform: Platform, gateway: WeChatGateway) -> None:
    gateway.tag_people(134, [f"o{n}" for n in range(50)])
    with pytest.raises(InvalidInputError):
        gateway.tag_people(134, [f"o{n}" for n in range(51)])
    assert [len(each.json["openid_list"]) for each in platform.calls("tags/members/batchtagging")] == [50]


def test_a_picture_is_downloaded_with_its_type(platform: Platform, gateway: WeChatGateway) -> None:
    platform.say("media/get", Answer(b"\xff\xd8jpeg", kind="image/jpeg"))
    media = gateway.download_media("m1")
    assert (media.content, media.content_type) == (b"\xff\xd8jpeg", "image/jpeg")
    assert platform.calls("media/get")[0].query["media_id"] == "m1"


def test_a_video_is_fetched_from_where_the_platform_says(platform: Platform, gateway: WeChatGateway) -> None:
    platform.say("media/get", {"video_url": f"{platform.url}/cgi-bin/video/1"})
    platform.say("video/1", Answer(b"mp4", kind="video/mp4"))
    assert gateway.download_media("m1").content == b"mp4"
    assert platform.calls("video/1")[0].query == {}


@pytest.mark.parametrize(
    ("answer", "kind", "reason"),
    [
        (
            Answer({"errcode": 40007, "errmsg": "invalid media_id"}, kind="text/plain"),
            PermanentFailureError,
            "media_invalid",
        ),
        (Answer(b"", kind="image/jpeg"), TemporaryFailureError, "garbage"),
        (Answer(b"<html>", kind="text/html"), TemporaryFailureError, "garbage"),
        (Answer({"video_url": "file:///etc/passwd"}), TemporaryFailureError, "garbage"),
        (Answer(b"x", status=503, kind="image/jpeg"), TemporaryFailureError, "server_error"),
        (Answer(b"x" * 2000, kind="image/jpeg"), PermanentFailureError, "media_too_large"),
        (Answer(b"x", delay_seconds=6.0), TemporaryFailureError, "timeout"),
    ],
)
def test_a_download_that_fails_is_a_typed_error(
    platform: Platform,
    gateway: WeChatGateway,
    monkeypatch: pytest.MonkeyPatch,
    answer: Answer,
    kind: type[GatewayError],
    reason: str,
) -> None:
    monkeypatch.setattr(wire, "MAX_MEDIA_BYTES", 1000)
    platform.say("media/get", answer)
    with pytest.raises(kind) as caught:
        gateway.download_media("m1")
    assert caught.value.reason == reason


def test_a_file_is_uploaded_and_once_more_after_a_refused_token(platform: Platform, gateway: WeChatGateway) -> None:
    platform.say("media/upload", {"errcode": 40001, "errmsg": "x"}, {"type": "image", "media_id": "M9"})
    assert gateway.upload_media("image", "a.png", b"\x89PNG-bytes", "image/png") == "M9"
    first, second = platform.calls("media/upload")
    assert b"\x89PNG-bytes" in first.content
    assert b"\x89PNG-bytes" in second.content
    assert b'name="media"; filename="a.png"' in first.content
    assert second.query == {"type": "image", "access_token": "token-2"}


def test_the_quota_is_cleared(platform: Platform, gateway: WeChatGateway, account: Account) -> None:
    gateway.clear_quota()
    assert platform.calls("clear_quota")[0].json == {"appid": account.app_id}


@pytest.mark.parametrize(
    ("answer", "kind", "reason"),
    [
        (Answer({"errcode": -1, "errmsg": "system error"}), TemporaryFailureError, "busy"),
        (Answer({"errcode": 45009, "errmsg": "x rid: 1"}), TemporaryFailureError, "daily_limit"),
        (Answer({"errcode": 48001, "errmsg": "x rid: 1"}), PermanentFailureError, "no_right"),
        (Answer({"errcode": 40003, "errmsg": "x rid: 1"}), PermanentFailureError, "bad_openid"),
        (Answer({}, status=500), TemporaryFailureError, "server_error"),
        (Answer({}, status=504), UnknownOutcomeError, "gateway_timeout"),
        (Answer(b"<html>busy</html>"), UnknownOutcomeError, "garbage"),
        (Answer({"errcode": 0}, delay_seconds=6.0), UnknownOutcomeError, "timeout"),
        (Answer(hangs_up=True), UnknownOutcomeError, "connection_lost"),
    ],
)
def test_every_answer_ends_in_a_typed_error_that_holds_no_token(
    platform: Platform, gateway: WeChatGateway, answer: Answer, kind: type[GatewayError], reason: str
) -> None:
    platform.say("user/info/updateremark", answer)
    with pytest.raises(kind) as caught:
        gateway.set_remark("o1", "x")
    assert caught.value.reason == reason
    assert "token-1" not in "".join(traceback.format_exception(caught.value))
    assert len(platform.calls("user/info/updateremark")) == 1


def test_reading_has_no_unknown_outcome(platform: Platform, gateway: WeChatGateway) -> None:
    platform.say("menu/get", Answer({}, delay_seconds=6.0))
    with pytest.raises(TemporaryFailureError):
        gateway.show_menu()


def test_a_success_without_its_content_is_garbage(platform: Platform, gateway: WeChatGateway) -> None:
    for path in ("qrcode/create", "tags/create", "media/upload"):
        platform.say(path, {"errcode": 0})
    for call in (
        lambda: gateway.create_qr_code("x"),
        lambda: gateway.create_tag("x"),
        lambda: gateway.upload_media("image", "a", b"x", "image/png"),
    ):
        with pytest.raises(UnknownOutcomeError):
            call()


@pytest.mark.parametrize("code", [40001, 40014, 42001])
def test_a_refused_token_is_renewed_once_and_the_call_repeated(platform: Platform, gateway: WeChatGateway, code: int) -> None:
    platform.say("menu/delete", {"errcode": code, "errmsg": "x rid: 1"}, {"errcode": 0})
    gateway.delete_menu()
    assert [each.query["access_token"] for each in platform.calls("menu/delete")] == ["token-1", "token-2"]


def test_a_token_refused_for_ever_is_not_tried_for_ever(platform: Platform, gateway: WeChatGateway) -> None:
    platform.say("menu/delete", {"errcode": 40001, "errmsg": "x"})
    for _ in range(3):
        with pytest.raises(TemporaryFailureError):
            gateway.delete_menu()
    assert platform.counts()["menu/delete"] == 4
    assert platform.counts()[TOKEN_PATH] <= 5


def test_a_platform_that_is_not_there_is_temporary(account: Account, tokens: TokenService, platform: Platform) -> None:
    tokens.get()
    nowhere = Account("gh_1", account.app_id, "s", "t", mode="sandbox", api_base="http://127.0.0.1:1")
    with httpx.Client() as http, pytest.raises(TemporaryFailureError) as caught:
        WeChatGateway(nowhere, tokens, http).set_remark("o1", "x")
    assert caught.value.reason == "unreachable"

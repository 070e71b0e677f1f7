"""Passive replies: the platform's shapes, and texts that cannot break out of them."""

from __future__ import annotations

from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import xmltodict
from hypothesis import given
from hypothesis import strategies as st

from bot.wechat.xml import escape_link_text, render_image, render_news, render_text, render_transfer

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_a_text_reply_is_what_the_platform_expects() -> None:
    assert xmltodict.parse(render_text("o1", "gh_1", "您好\n再见", AT))["xml"] == {
        "ToUserName": "o1",
        "FromUserName": "gh_1",
        "CreateTime": "1767323045",
        "MsgType": "text",
        "Content": "您好\n再见",
    }


def test_a_text_cannot_break_out_of_its_section() -> None:
    evil = "x]]></Content><Content><![CDATA[evil"
    read = xmltodict.parse(render_text("o1", "gh_1", evil, AT))["xml"]
    assert read["Content"] == evil
    assert xmltodict.parse(render_text("o1", "gh_1", "]]>]]>]]", AT))["xml"]["Content"] == "]]>]]>]]"


@given(st.text(max_size=60))
def test_any_reply_is_well_formed_and_says_the_same(text: str) -> None:
    read = ET.fromstring(render_text("o1", "gh_1", text, AT))
    assert [each.tag for each in read] == ["ToUserName", "FromUserName", "CreateTime", "MsgType", "Content"]


def test_control_characters_are_left_out() -> None:
    read = xmltodict.parse(render_text("o1", "gh_1", "a\x00\x0b\ud800\uffffb\tc", AT))["xml"]
    assert read["Content"] == "ab\tc"


def test_the_other_replies_have_their_shapes() -> None:
    assert xmltodict.parse(render_image("o1", "gh_1", "m1", AT))["xml"]["Image"] == {"MediaId": "m1"}
    news = xmltodict.parse(render_news("o1", "gh_1", AT, title="t", description="d", picture_url="p", url="u"))["xml"]
    assert news["ArticleCount"] == "1"
    assert news["Articles"]["item"] == {"Title": "t", "Description": "d", "PicUrl": "p", "Url": "u"}
    assert xmltodict.parse(render_transfer("o1", "gh_1", AT))["xml"]["MsgType"] == "transfer_customer_service"
    named = xmltodict.parse(render_transfer("o1", "gh_1", AT, "test1@test"))["xml"]
    assert named["TransInfo"] == {"KfAccount": "test1@test"}


def test_a_links_text_cannot_close_the_link() -> None:
    assert escape_link_text('a"><b>&\n\x00') == "a＂＞＜b＞＆ "

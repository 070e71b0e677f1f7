"""A body in the platform's own form is read without expat, and always as expat would have read it."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.wechat.fields import BadMessageError, _parse, _read_flat, read_fields

NAMES = st.sampled_from(["MsgType", "Content", "MsgId", "a", "List", "item", "xml", "内容", "a-b", "1a", "_a"])
ODD = st.sampled_from(
    [*list("]<>&\r\n\t \x00\x0b\x1f\x7f\x85\u2028\ufeff\ufffe\uffff一a1"), "]]>", "<![CDATA[", "&amp;", "]]", "</a>"]
)
VALUES = st.lists(ODD | st.text(max_size=3), max_size=5).map("".join)
BETWEEN = st.sampled_from(["", "", "", "\n", "    ", "\t", "\r\n", "x", "<!-- -->", "\x85"])
WAYS = st.sampled_from(["<![CDATA[{}]]>", "<![CDATA[{}]]>", "{}", "<![CDATA[{}]]><![CDATA[{}]]>", " <![CDATA[{}]]>"])


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    fields = draw(st.lists(st.tuples(NAMES, WAYS, VALUES | st.integers(0).map(str), BETWEEN), max_size=5))
    inner = "".join(f"<{name}>{way.replace('{}', value)}</{name}>{space}" for name, way, value, space in fields)
    head, tail = draw(st.sampled_from([("", ""), ("", ""), ("\ufeff", ""), ("<?xml version='1.0'?>", ""), ("", "\n")]))
    return f"{head}<xml>{draw(BETWEEN)}{inner}</xml>{tail}".encode()


@given(bodies())
@settings(max_examples=700)
@example("<xml><a><![CDATA[一 &amp; <b>]]></a><MsgId>12</MsgId></xml>".encode())
@example(b"<xml><a><![CDATA[]]></a></xml>")
@example(b"<xml><a><![CDATA[x]]></a><a>1</a></xml>")
@example(b"<xml><a><![CDATA[x]]>y<![CDATA[z]]></a></xml>")
@example(b"<xml><a><![CDATA[\xed\xa0\x80]]></a></xml>")
@example(b"<xml><a>1</a></xml></xml>")
@example(b"<xml></xml>")
def test_the_quick_way_and_expat_agree(body: bytes) -> None:
    flat = _read_flat(body)
    if flat is None:
        return
    assert _parse(body) == flat


@pytest.mark.parametrize("space", ["", "\n", "\n    "])
def test_the_platforms_own_form_takes_the_quick_way(space: str) -> None:
    fields = {"ToUserName": "gh_1", "FromUserName": "o1", "CreateTime": "1409735668", "Content": "厨房漏水 <b>&amp; \n"}
    lines = [f"<{name}><![CDATA[{value}]]></{name}>" for name, value in fields.items() if name != "CreateTime"]
    body = f"<xml>{space}{space.join([*lines, '<CreateTime>1409735668</CreateTime>'])}{space}</xml>".encode()
    assert _read_flat(body) == read_fields(body) == fields


def test_more_fields_than_the_limit_are_refused_in_either_form() -> None:
    with pytest.raises(BadMessageError, match="too many"):
        read_fields(("<xml>" + "".join(f"<a{n}>1</a{n}>" for n in range(2_100)) + "</xml>").encode())

"""Writes passive replies. It must not cut or page texts: what stands in them is the caller's."""

from __future__ import annotations

import re
from datetime import datetime

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_LINK_SIGNS = str.maketrans({"<": "＜", ">": "＞", '"': "＂", "&": "＆", "\n": " ", "\r": " "})


def clean_text(text: str) -> str:
    """Return the text without characters that XML or the chat window cannot hold."""
    return _UNPRINTABLE.sub("", text)


def escape_link_text(text: str) -> str:
    """Return a text that is safe inside `<a href="...">...</a>`.

    The chat window knows the tag but shows entities as they are, so signs become their full-width look-alikes.
    """
    return clean_text(text).translate(_LINK_SIGNS)


def render_text(openid: str, account: str, text: str, at: datetime) -> str:
    """Return a passive text reply; the caller keeps it within 2,048 UTF-8 bytes."""
    return _reply(openid, account, at, "text", f"<Content>{_cdata(text)}</Content>")


def render_image(openid: str, account: str, media_id: str, at: datetime) -> str:
    """Return a passive picture reply."""
    return _reply(openid, account, at, "image", f"<Image><MediaId>{_cdata(media_id)}</MediaId></Image>")


def render_news(openid: str, account: str, at: datetime, *, title: str, description: str, picture_url: str, url: str) -> str:
    """Return a passive reply with one article, all that the platform shows since 2018."""
    article = (
        f"<Title>{_cdata(title)}</Title><Description>{_cdata(description)}</Description>"
        f"<PicUrl>{_cdata(picture_url)}</PicUrl><Url>{_cdata(url)}</Url>"
    )
    body = f"<ArticleCount>1</ArticleCount><Articles><item>{article}</item></Articles>"
    return _reply(openid, account, at, "news", body)


def render_transfer(openid: str, account: str, at: datetime, kf_account: str = "") -> str:
    """Return the reply that hands the person over to the platform's customer-service desk."""
    body = f"<TransInfo><KfAccount>{_cdata(kf_account)}</KfAccount></TransInfo>" if kf_account else ""
    return _reply(openid, account, at, "transfer_customer_service", body)


def _reply(openid: str, account: str, at: datetime, kind: str, body: str) -> str:
    return (
        f"<xml><ToUserName>{_cdata(openid)}</ToUserName><FromUserName>{_cdata(account)}</FromUserName>"
        f"<CreateTime>{int(at.timestamp())}</CreateTime><MsgType><![CDATA[{kind}]]></MsgType>{body}</xml>"
    )


def _cdata(text: str) -> str:
    """Wrap a text so that it cannot close its own section: `]]>` is split over two."""
    return f"<![CDATA[{clean_text(text).replace(']]>', ']]]]><![CDATA[>')}]]>"

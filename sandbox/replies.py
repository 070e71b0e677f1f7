"""Reads the webhook's answer as strictly as the platform does: a bubble, nothing, or the line about a fault.

It touches no database except to look a media_id up through the function it is given.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from xml.parsers.expat import ExpatError

import xmltodict

from sandbox.crypto import CryptoError, check, decrypt
from sandbox.settings import SandboxConfig

TEXT_BYTES = 2048
ONE_ARTICLE = frozenset({"text", "image", "voice", "video", "shortvideo", "location", "link", "file"})


class ReplyRefusedError(ValueError):
    """An answer the platform does not take; the user then sees its line about a fault."""


@dataclass(frozen=True)
class Reply:
    """A passive reply that was accepted: `kind` none, text, image, voice, video, music, news or transfer."""

    kind: str
    body: dict[str, Any]
    xml: str


NOTHING = Reply("none", {}, "")


def read_reply(config: SandboxConfig, pushed: dict[str, Any], answer: bytes, has_media: Callable[[str], bool]) -> Reply:
    """Return the accepted reply to one push, or raise ReplyRefusedError; `success` and an empty body are no reply."""
    if answer in {b"", b"success"}:
        return NOTHING
    try:
        text = answer.decode()
    except UnicodeDecodeError as error:
        raise ReplyRefusedError("the answer is not UTF-8") from error
    fields, xml = _open(config, text)
    if fields.get("ToUserName") != pushed["FromUserName"] or fields.get("FromUserName") != config.account:
        raise ReplyRefusedError("ToUserName and FromUserName are not those of the push, swapped")
    if not str(fields.get("CreateTime") or "").isdigit():
        raise ReplyRefusedError("CreateTime is missing or no number")
    kind = str(fields.get("MsgType") or "")
    reader = _READERS.get(kind)
    if reader is None:
        raise ReplyRefusedError(f"MsgType {kind!r} cannot be a reply")
    body = reader(fields, pushed)
    if "media_id" in body and not has_media(body["media_id"]):
        raise ReplyRefusedError("the MediaId is unknown or older than three days")
    return Reply("transfer" if kind == "transfer_customer_service" else kind, body, xml)


def _parse(xml: str) -> dict[str, Any]:
    try:
        root = xmltodict.parse(xml, strip_whitespace=False)
    except (ExpatError, ValueError) as error:
        raise ReplyRefusedError(f"not well-formed XML: {error}") from error
    fields = root.get("xml")
    if not isinstance(fields, dict):
        raise ReplyRefusedError("the root is not <xml> with fields")
    return fields


def _open(config: SandboxConfig, text: str) -> tuple[dict[str, Any], str]:
    outer = _parse(text)
    if "Encrypt" not in outer:
        if config.mode == "safe":
            raise ReplyRefusedError("a plain reply in safe mode")
        return outer, text
    if config.mode == "plain":
        raise ReplyRefusedError("an encrypted reply in plain mode")
    names = ("Encrypt", "MsgSignature", "TimeStamp", "Nonce")
    sealed, signature, timestamp, nonce = (_text(outer, name) for name in names)
    try:
        check(signature, config.token, timestamp, nonce, sealed)
        xml = decrypt(sealed, config.aes_key, config.app_id)
    except CryptoError as error:
        raise ReplyRefusedError(str(error)) from error
    return _parse(xml), xml


def _text(fields: Any, key: str, *, required: bool = True) -> str:
    value = fields.get(key) if isinstance(fields, dict) else None
    if value is not None and not isinstance(value, str):
        raise ReplyRefusedError(f"{key} occurs more than once or is nested")
    if required and not value:
        raise ReplyRefusedError(f"{key} is missing or empty")
    return value or ""


def _read_text(fields: dict[str, Any], _pushed: dict[str, Any]) -> dict[str, Any]:
    content = _text(fields, "Content")
    if len(content.encode()) > TEXT_BYTES:
        raise ReplyRefusedError(f"the text has {len(content.encode())} bytes, more than {TEXT_BYTES}")
    return {"text": content}


def _read_media(node: str) -> Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]]:
    def read(fields: dict[str, Any], _pushed: dict[str, Any]) -> dict[str, Any]:
        inner = fields.get(node)
        extra = {key.lower(): _text(inner, key, required=False) for key in ("Title", "Description")}
        return {"media_id": _text(inner, "MediaId"), **extra}

    return read


def _read_music(fields: dict[str, Any], _pushed: dict[str, Any]) -> dict[str, Any]:
    music = fields.get("Music")
    _text(music, "ThumbMediaId")
    named = (("title", "Title"), ("description", "Description"), ("url", "MusicUrl"))
    return {key: _text(music, name, required=False) for key, name in named}


def _read_news(fields: dict[str, Any], pushed: dict[str, Any]) -> dict[str, Any]:
    items = (fields.get("Articles") or {}).get("item")
    articles = items if isinstance(items, list) else [items]
    most = 1 if pushed["MsgType"] in ONE_ARTICLE else 8
    if not items or _text(fields, "ArticleCount") != str(len(articles)):
        raise ReplyRefusedError("ArticleCount is not the number of articles")
    if len(articles) > most:
        raise ReplyRefusedError(f"{len(articles)} articles where {most} is the most")
    named = (("title", "Title"), ("description", "Description"), ("picture", "PicUrl"), ("url", "Url"))
    return {"articles": [{key: _text(each, name, required=False) for key, name in named} for each in articles]}


_READERS: dict[str, Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]]] = {
    "text": _read_text,
    "image": _read_media("Image"),
    "voice": _read_media("Voice"),
    "video": _read_media("Video"),
    "music": _read_music,
    "news": _read_news,
    "transfer_customer_service": lambda _fields, _pushed: {},
}

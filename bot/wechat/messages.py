"""Turns the fields of one push into an Inbound: every type and event of the platform, and those not invented yet.

It must not decide what a message means: unknown kinds keep their name and go on.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from datetime import UTC, datetime

from bot.wechat.fields import BadMessageError, Node, read_fields
from handlers.ports import Inbound

_LONGEST_KEY = 191  # what every database indexes without a prefix
_LONGEST_NAME = 64
_LONGEST_KIND = 40  # a column's width; the platform's longest event name has 31
_LONGEST_MEDIA_ID, _LONGEST_URL = 200, 1024
_UNSUPPORTED = "【收到不支持的消息类型"  # the text that stands for a sticker (facts A4)
_SCENE_PREFIX, _PAYMENT_PREFIX = "qrscene_", "last_trade_no_"
# What has a field of its own in Inbound; all the rest goes to `extra` under the platform's names.
_MAPPED = frozenset(
    (
        "ToUserName",
        "FromUserName",
        "CreateTime",
        "MsgType",
        "MsgId",
        "Content",
        "Recognition",
        "Event",
        "EventKey",
        "bizmsgmenuid",
        "MediaId",
        "PicUrl",
        "Url",
        "Location_X",
        "Location_Y",
        "Latitude",
        "Longitude",
        "Label",
        "Encrypt",
    )
)


def parse_message(xml: bytes) -> Inbound:
    """Return the message or event in trusted (signed, decrypted) XML; raise BadMessageError for anything malformed.

    `extra` holds what has no field of its own under the platform's names. A group's members lose the group's name
    (`ScanResult`, `Status`, `MsgID`), members of a list are numbered from 0 (`List.0.TemplateId`, `item.0.PicMd5Sum`).
    """
    fields = read_fields(xml)
    openid = _required(fields, "FromUserName")
    kind = _required(fields, "MsgType", _LONGEST_KIND)
    created = _timestamp(fields)
    event = _required(fields, "Event", _LONGEST_KIND).lower() if kind == "event" else ""
    flat = dict(_leaves(fields))
    if kind == "text" and flat.get("Content", "").startswith(_UNSUPPORTED):
        kind = "unsupported"
    return Inbound(
        key=_event_key(flat, event) if event else _message_key(flat, xml),
        openid=openid,
        kind=kind,
        sent_at=created,
        text=flat.get("Content") or flat.get("Recognition", ""),
        event=event,
        event_key=_scene(event, flat.get("EventKey", "")),
        prompt=flat.get("bizmsgmenuid", ""),
        media_id=_short(flat, "MediaId", _LONGEST_MEDIA_ID),
        url=_short(flat, "Url", _LONGEST_URL) or _short(flat, "PicUrl", _LONGEST_URL),
        latitude=_degrees(flat.get("Location_X") or flat.get("Latitude"), 90),
        longitude=_degrees(flat.get("Location_Y") or flat.get("Longitude"), 180),
        label=flat.get("Label", ""),
        extra={name: value for name, value in flat.items() if name not in _MAPPED},
    )


def _required(fields: Node, name: str, longest: int = _LONGEST_NAME) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value.strip() or len(value) > longest:
        raise BadMessageError(f"{name} is missing or malformed")
    return value.strip()


def _short(flat: dict[str, str], name: str, longest: int) -> str:
    """Return a value that no longer works when it is cut; one that is too long is none at all."""
    value = flat.get(name, "")
    return value if len(value) <= longest else ""


def _timestamp(fields: Node) -> datetime:
    text = _required(fields, "CreateTime")
    if not (text.isascii() and text.isdigit()):
        raise BadMessageError("CreateTime is not a number")
    try:
        return datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError, OSError):
        raise BadMessageError("CreateTime is out of range") from None


def _leaves(fields: Node) -> Iterator[tuple[str, str]]:
    """Yield (name, text) for every leaf, without recursion.

    Top-level leaves come last, so that a group cannot replace a field the platform puts on top.
    """
    waiting: list[tuple[str, object]] = [(name, value) for name, value in fields.items() if not isinstance(value, str)]
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, str):
            yield name, value
        elif isinstance(value, list):
            waiting.extend((f"{name}.{index}", member) for index, member in enumerate(value))
        elif isinstance(value, dict):
            prefix = f"{name}." if name.rpartition(".")[2].isdigit() else ""
            waiting.extend((prefix + inner, member) for inner, member in value.items())
    yield from ((name, value) for name, value in fields.items() if isinstance(value, str))


def _message_key(flat: dict[str, str], xml: bytes) -> str:
    """MsgId alone collides between people (A3). Without one, the body itself is the key: a re-delivery repeats it."""
    number = flat.get("MsgId") or hashlib.sha1(xml, usedforsecurity=False).hexdigest()
    return _bounded(f"{number}-{flat['CreateTime']}-{_digest(flat['FromUserName'])}")


def _event_key(flat: dict[str, str], event: str) -> str:
    """Two events of one person in one second differ in name or key; send reports differ in MsgID only (A3)."""
    parts = [event, flat.get("EventKey", ""), flat["CreateTime"], _digest(flat["FromUserName"])]
    number = flat.get("MsgID") or flat.get("MsgId")
    return _bounded("-".join([*parts, number] if number else parts))


def _digest(openid: str) -> str:
    """Return what tells one sender from another and names nobody: a key is logged, and outlives her data (D15)."""
    return hashlib.sha256(openid.encode()).hexdigest()[:16]


def _bounded(key: str) -> str:
    """Keep a key indexable: an EventKey may be an address of a thousand characters."""
    return key if len(key) <= _LONGEST_KEY else "sha1-" + hashlib.sha1(key.encode(), usedforsecurity=False).hexdigest()


def _scene(event: str, event_key: str) -> str:
    if event != "subscribe":
        return event_key
    return "" if event_key.startswith(_PAYMENT_PREFIX) else event_key.removeprefix(_SCENE_PREFIX)[:_LONGEST_NAME]


def _degrees(text: str | None, limit: float) -> float | None:
    try:
        value = float(text or "nan")
    except ValueError:
        return None
    return value if math.isfinite(value) and abs(value) <= limit else None

"""Writes a message or event to the webhook's queue. The courier carries it; what may be said is ruled elsewhere."""

import json
import time
from typing import Any

from sandbox.world import World

# Pushes after which the platform takes no reply into the chat.
SILENT_EVENTS = frozenset(
    {
        "unsubscribe",
        "VIEW",
        "view_miniprogram",
        "LOCATION",
        "TEMPLATESENDJOBFINISH",
        "MASSSENDJOBFINISH",
        "subscribe_msg_change_event",
        "subscribe_msg_sent_event",
    }
)


def post(world: World, openid: str, kind: str, fields: dict[str, Any], after_seconds: float = 0) -> int:
    """Queue one push of `kind` (MsgType); a message gets a MsgId, an event none. Returns the delivery's id."""
    with world.store.writing():
        head: dict[str, Any] = {
            "ToUserName": world.config.account,
            "FromUserName": openid,
            "CreateTime": int(time.time()),
            "MsgType": kind,
        }
        tail = {} if kind == "event" else {"MsgId": _next_msg_id(world)}
        # `bizmsgmenuid` comes after MsgId on the wire; no reader should care, and ours keeps it so.
        menu = {"bizmsgmenuid": fields.pop("bizmsgmenuid")} if fields.get("bizmsgmenuid") else {}
        whole = json.dumps({**head, **fields, **tail, **menu}, ensure_ascii=False)
        cursor = world.store.run(
            "INSERT INTO deliveries (openid, fields, due_at) VALUES (?, ?, ?)",
            *(openid, whole, time.time() + after_seconds if after_seconds else 0),
        )
    return int(cursor.lastrowid or 0)


def post_event(world: World, openid: str, event: str, after_seconds: float = 0, **fields: Any) -> int:
    """Queue one event; `event` in the platform's own spelling."""
    return post(world, openid, "event", {"Event": event, **fields}, after_seconds)


def _next_msg_id(world: World) -> int:
    number = int(world.store.get("last_msg_id", 24_000_000_000_000_000)) + 1
    world.store.put("last_msg_id", number)
    return number


def is_silent(fields: dict[str, Any]) -> bool:
    """Tell whether a push is one the user never sees an answer to."""
    return fields.get("Event") in SILENT_EVENTS

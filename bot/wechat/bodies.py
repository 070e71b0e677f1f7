"""Writes the JSON of outgoing messages: which API takes it and the bytes. Pure; must not call anyone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from handlers.errors import PermanentFailureError
from handlers.ports import ImageMessage, MenuMessage, Outgoing, TemplateMessage, TextMessage

CUSTOM_SEND, TEMPLATE_SEND = "custom_send", "template_send"
_PATHS = {CUSTOM_SEND: "message/custom/send", TEMPLATE_SEND: "message/template/send"}
MAX_TEXT_BYTES = 2_048


@dataclass(frozen=True, slots=True)
class Call:
    """One call to make: `api` is the limiter's name for it, `path` the address under /cgi-bin/."""

    api: str
    path: str
    content: bytes


def dump(body: object) -> bytes:
    """Return UTF-8 JSON without escapes, which the platform refuses; a broken half of a character becomes `?`."""
    return json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")


def call_for(openid: str, message: Outgoing) -> Call:
    """Return the call that sends `message`; raise PermanentFailureError for what the platform would refuse anyway."""
    if not openid:
        raise PermanentFailureError("bad_openid")
    api = TEMPLATE_SEND if isinstance(message, TemplateMessage) else CUSTOM_SEND
    return Call(api, _PATHS[api], dump({"touser": openid} | _body(message)))


def _body(message: Outgoing) -> dict[str, Any]:
    match message:
        case TextMessage(text):
            if len(text.encode("utf-8", "replace")) > MAX_TEXT_BYTES:
                raise PermanentFailureError("too_long")
            return {"msgtype": "text", "text": {"content": text}}
        case ImageMessage(media_id):
            return {"msgtype": "image", "image": {"media_id": media_id}}
        case MenuMessage(head, options, tail):
            choices = [{"id": key, "content": words} for key, words in options]
            return {"msgtype": "msgmenu", "msgmenu": {"head_content": head, "list": choices, "tail_content": tail}}
        case TemplateMessage():
            return _template(message)


def _template(message: TemplateMessage) -> dict[str, Any]:
    body: dict[str, Any] = {
        "template_id": message.template_id,
        "data": {name: {"value": value} for name, value in message.data.items()},
    }
    if message.url:
        body["url"] = message.url
    if message.client_msg_id:
        body["client_msg_id"] = message.client_msg_id
    return body

"""Customer-service messages and the typing sign."""

from collections.abc import Callable
from typing import Any

from sandbox.api.endpoint import Call, Endpoint
from sandbox.chat import show
from sandbox.errors import ApiError
from sandbox.people import get_follower
from sandbox.pictures import has_media
from sandbox.windows import spend_window
from sandbox.world import World

TEXT_BYTES = 2048
MENU_BYTES = 2048
MENU_ITEMS = 50
TYPING_SECONDS = 30


def _part(call: Call, kind: str) -> dict[str, Any]:
    part = call.body.get(kind)
    if not isinstance(part, dict):
        raise ApiError(47001, f"{kind} is required")
    return part


def _media(world: World, part: dict[str, Any], key: str = "media_id") -> str:
    media_id = part.get(key)
    if not media_id:
        raise ApiError(41006)
    if not isinstance(media_id, str) or not has_media(world, media_id):
        raise ApiError(40007)
    return media_id


def _text(_world: World, part: dict[str, Any]) -> dict[str, Any]:
    content = part.get("content")
    if not isinstance(content, str) or not content:
        raise ApiError(44004)
    if len(content.encode()) > TEXT_BYTES:
        raise ApiError(45002)
    return {"text": content}


def _medium(world: World, part: dict[str, Any]) -> dict[str, Any]:
    return {"media_id": _media(world, part)}


def _video(world: World, part: dict[str, Any]) -> dict[str, Any]:
    return {**_medium(world, part), "title": part.get("title", ""), "description": part.get("description", "")}


def _music(world: World, part: dict[str, Any]) -> dict[str, Any]:
    _media(world, part, "thumb_media_id")
    return {key: str(part.get(name, "")) for key, name in (("title", "title"), ("url", "musicurl"))}


def _news(_world: World, part: dict[str, Any]) -> dict[str, Any]:
    articles = part.get("articles")
    if not isinstance(articles, list) or not articles or not all(isinstance(each, dict) for each in articles):
        raise ApiError(44003)
    if len(articles) > 1:
        raise ApiError(45008)
    named = (("title", "title"), ("description", "description"), ("picture", "picurl"), ("url", "url"))
    return {"articles": [{key: str(each.get(name, "")) for key, name in named} for each in articles]}


def _article(kind: str) -> Callable[[World, dict[str, Any]], dict[str, Any]]:
    def read(world: World, part: dict[str, Any]) -> dict[str, Any]:
        if kind == "mpnews":
            _media(world, part)
        return {"articles": [{"title": "图文消息", "description": "", "picture": "", "url": ""}]}

    return read


def _msgmenu(_world: World, part: dict[str, Any]) -> dict[str, Any]:
    items = part.get("list")
    if not isinstance(items, list) or not items or len(items) > MENU_ITEMS:
        raise ApiError(45099)
    if not all(isinstance(item, dict) and item.get("id") and item.get("content") for item in items):
        raise ApiError(45099)
    whole = [part.get("head_content", ""), part.get("tail_content", ""), *(item["content"] for item in items)]
    if sum(len(str(text).encode()) for text in whole) > MENU_BYTES:
        raise ApiError(45098)
    shown = [{"id": str(item["id"]), "content": str(item["content"])} for item in items]
    return {"head": str(part.get("head_content", "")), "items": shown, "tail": str(part.get("tail_content", ""))}


def _mini_program(_world: World, part: dict[str, Any]) -> dict[str, Any]:
    return {"title": str(part.get("title", "小程序")), "page": str(part.get("pagepath", ""))}


def _card(_world: World, part: dict[str, Any]) -> dict[str, Any]:
    return {"title": "卡券", "page": str(part.get("card_id", ""))}


READERS: dict[str, Callable[[World, dict[str, Any]], dict[str, Any]]] = {
    "text": _text,
    "image": _medium,
    "voice": _medium,
    "video": _video,
    "music": _music,
    "news": _news,
    "mpnews": _article("mpnews"),
    "mpnewsarticle": _article("mpnewsarticle"),
    "msgmenu": _msgmenu,
    "miniprogrampage": _mini_program,
    "wxcard": _card,
}


def _send(world: World, call: Call) -> None:
    kind = call.body.get("msgtype")
    if kind not in READERS:
        raise ApiError(40008)
    person = get_follower(world, call.body.get("touser"), otherwise=45015)
    body = READERS[str(kind)](world, _part(call, str(kind)))
    with world.store.writing():
        spend_window(world, person["openid"])
        show(world, person["openid"], "account", "news" if str(kind).startswith("mpnews") else str(kind), body, "custom")


def _typing(world: World, call: Call) -> None:
    person = get_follower(world, call.body.get("touser"), otherwise=45015)
    command, key = call.body.get("command"), f"typing {person['openid']}"
    if command not in {"Typing", "CancelTyping"}:
        raise ApiError(40035)
    now, typing_until = world.clock.now(), float(world.store.get(key, 0))
    last = world.store.value("SELECT max(at) FROM messages WHERE openid = ? AND side = 'me'", person["openid"]) or 0
    if command == "Typing" and now - last > TYPING_SECONDS:
        raise ApiError(45080)
    if command == "Typing" and typing_until > now:
        raise ApiError(45081)
    world.store.put(key, now + 5 if command == "Typing" else 0)


ENDPOINTS = {
    "message/custom/send": Endpoint(_send, daily=500_000),
    "message/custom/typing": Endpoint(_typing, daily=500_000),
}

"""Template messages and subscription notices."""

import re
from typing import Any

from sandbox.api.endpoint import Call, Endpoint
from sandbox.chat import show
from sandbox.errors import ApiError
from sandbox.people import get_follower, get_person
from sandbox.posting import post_event
from sandbox.world import World

# Limits that apply to fields named after their type, such as thing1 or time2; other names carry free text.
_RULES: dict[str, tuple[int, str]] = {
    "thing": (20, r"[^\x00-\x1f]+"),
    "number": (32, r"[\d.]+"),
    "letter": (32, r"[A-Za-z]+"),
    "symbol": (5, r"\W+"),
    "character_string": (32, r"[\x20-\x7e]+"),
    "time": (32, r".*\d.*"),
    "date": (32, r".*\d.*"),
    "amount": (16, r"[^\d]?[\d.,]+元?"),
    "phone_number": (17, r"[\d+\- ]+"),
    "car_number": (8, r".+"),
    "name": (20, r"\D+"),
    "phrase": (5, r"[一-鿿]+"),
}
_TYPED = re.compile(rf"^({'|'.join(_RULES)})\d*$")
DUPLICATE_SECONDS = 600


def _template_name(world: World, template_id: Any) -> str:
    if not isinstance(template_id, str) or not template_id:
        raise ApiError(40037)
    for name, known in world.config.template_ids.items():
        if known == template_id:
            return name
    raise ApiError(40037)


def _read_data(data: Any) -> list[dict[str, str]]:
    if not isinstance(data, dict) or not all(isinstance(part, dict) for part in data.values()):
        raise ApiError(47001)
    for key, part in data.items():
        typed = _TYPED.match(key)
        most, pattern = _RULES[typed.group(1)] if typed else (10_000, r"[\s\S]*")
        value = part.get("value")
        if not isinstance(value, str | int | float) or len(str(value)) > most or not re.fullmatch(pattern, str(value)):
            raise ApiError(47003, f"data.{key}.value invalid")
    return [{"key": key, "value": str(part["value"])} for key, part in data.items()]


def _next_msgid(world: World) -> int:
    number = int(world.store.get("last_template_msgid", 2_400_000_000_000_000)) + 1
    world.store.put("last_template_msgid", number)
    return number


def _send_template(world: World, call: Call) -> dict[str, Any]:
    person = get_follower(world, call.body.get("touser"))
    name = _template_name(world, call.body.get("template_id"))
    fields = _read_data(call.body.get("data"))
    url = call.body.get("url") or ""
    if not isinstance(url, str) or (url and not url.startswith(("http://", "https://", "weixin://"))):
        raise ApiError(40055)
    with world.store.writing():
        seen = _sent_before(world, person["openid"], call.body.get("client_msg_id"))
        msgid = seen or _next_msgid(world)
        if not seen:
            _deliver(world, person, msgid, {"template": name, "fields": fields, "url": url})
            _remember(world, person["openid"], call.body.get("client_msg_id"), msgid)
    return {"errcode": 0, "errmsg": "ok", "msgid": msgid}


def _sent_before(world: World, openid: str, client_msg_id: Any) -> int:
    kept = world.store.get(f"template {openid} {client_msg_id}") if client_msg_id else None
    return int(kept["msgid"]) if kept and kept["at"] > world.clock.now() - DUPLICATE_SECONDS else 0


def _remember(world: World, openid: str, client_msg_id: Any, msgid: int) -> None:
    if client_msg_id:
        world.store.put(f"template {openid} {client_msg_id}", {"msgid": msgid, "at": world.clock.now()})


def _deliver(world: World, person: dict[str, Any], msgid: int, body: dict[str, Any]) -> None:
    forced = world.store.get("template_status", "")
    status = forced or ("failed:user block" if person["refuses"] else "success")
    if status == "success":
        show(world, person["openid"], "account", "template", body, "template")
    post_event(world, person["openid"], "TEMPLATESENDJOBFINISH", after_seconds=0.2, MsgID=msgid, Status=status)


def _send_notice(world: World, call: Call) -> dict[str, Any]:
    person = get_person(world, call.body.get("touser"))
    template_id = call.body.get("template_id")
    name = _template_name(world, template_id)
    fields = _read_data(call.body.get("data"))
    with world.store.writing():
        spent = world.store.run(
            "UPDATE permissions SET sends = sends - 1 WHERE openid = ? AND template_id = ? AND sends > 0",
            *(person["openid"], template_id),
        )
        if not spent.rowcount:
            raise ApiError(43101)
        msgid = _next_msgid(world)
        body = {"template": name, "fields": fields, "url": str(call.body.get("page") or "")}
        show(world, person["openid"], "account", "template", body, "subscribe")
        sent = {"TemplateId": template_id, "MsgID": msgid, "ErrorCode": 0, "ErrorStatus": "success"}
        post_event(world, person["openid"], "subscribe_msg_sent_event", 0.2, SubscribeMsgSentEvent={"List": sent})
    return {"errcode": 0, "errmsg": "ok", "msgid": msgid}


def _list_templates(world: World, _call: Call) -> dict[str, Any]:
    return {"template_list": [{"template_id": tid, "title": name} for name, tid in world.config.template_ids.items()]}


ENDPOINTS = {
    "message/template/send": Endpoint(_send_template, daily=100_000),
    "message/subscribe/bizsend": Endpoint(_send_notice),
    "template/get_all_private_template": Endpoint(_list_templates, method="GET"),
}

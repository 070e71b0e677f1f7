"""Broadcasts to a tag, to all or to a list, with the caps per month and the result event."""

import hashlib
import json
from typing import Any

from sandbox.api.customer import READERS
from sandbox.api.endpoint import Call, Endpoint
from sandbox.chat import show
from sandbox.errors import ApiError
from sandbox.people import find_person
from sandbox.posting import post_event
from sandbox.world import World

LIST_LEAST, LIST_MOST, A_MONTH, A_MINUTE = 2, 10_000, 4, 60
KINDS = {"text": "text", "image": "image", "voice": "voice", "mpnews": "mpnews", "mpvideo": "video", "wxcard": "wxcard"}


def _content(world: World, call: Call) -> tuple[str, dict[str, Any]]:
    kind = call.body.get("msgtype")
    if kind not in KINDS:
        raise ApiError(40008)
    part = call.body.get(kind)
    if kind == "image" and isinstance(call.body.get("images"), dict):
        part = {"media_id": (call.body["images"].get("media_ids") or [None])[0]}
    if not isinstance(part, dict):
        raise ApiError(45166)
    shown = "news" if kind == "mpnews" else KINDS[str(kind)]
    return shown, READERS[KINDS[str(kind)]](world, part)


def _client_id(call: Call, scope: Any) -> str:
    given = call.body.get("clientmsgid")
    if given is None:
        digest = json.dumps([scope, call.body.get(str(call.body.get("msgtype")))], sort_keys=True)
        return hashlib.sha256(digest.encode()).hexdigest()
    if not isinstance(given, str) or len(given.encode()) > 64:
        raise ApiError(45067)
    return given


def _send(world: World, call: Call) -> dict[str, Any]:
    openids = call.body.get("touser")
    if not isinstance(openids, list) or len(openids) < LIST_LEAST:
        raise ApiError(40130)
    if len(openids) > LIST_MOST:
        raise ApiError(40032)
    return _broadcast(world, call, sorted({str(openid) for openid in openids}), {"list": sorted(map(str, openids))})


def _send_all(world: World, call: Call) -> dict[str, Any]:
    scope = call.body.get("filter")
    if not isinstance(scope, dict):
        raise ApiError(40035)
    if scope.get("is_to_all"):
        month = f"to_all {world.clock.day()[:7]}"
        if int(world.store.get(month, 0)) >= A_MONTH or world.store.get(f"to_all {world.clock.day()}"):
            raise ApiError(45028)
        found = world.store.rows("SELECT openid FROM people WHERE following = 1 ORDER BY openid")
    else:
        if not isinstance(scope.get("tag_id"), int):
            raise ApiError(45159)
        found = world.store.rows("SELECT openid FROM tagged WHERE tag_id = ? ORDER BY openid", scope["tag_id"])
    answer = _broadcast(world, call, [row["openid"] for row in found], scope)
    if scope.get("is_to_all"):
        world.store.put(month, int(world.store.get(month, 0)) + 1)
        world.store.put(f"to_all {world.clock.day()}", 1)
    return answer


def _broadcast(world: World, call: Call, openids: list[str], scope: Any) -> dict[str, Any]:
    kind, body = _content(world, call)
    client_id = _client_id(call, scope)
    now = world.clock.now()
    with world.store.writing():
        if world.store.value("SELECT count(*) FROM mass_jobs WHERE at > ?", now - 60) >= A_MINUTE:
            raise ApiError(45011)
        before = world.store.row("SELECT * FROM mass_jobs WHERE clientmsgid = ?", client_id)
        if before and before["at"] > now - 86400:
            raise ApiError(45065, msg_id=before["msg_id"])
        world.store.run("UPDATE mass_jobs SET clientmsgid = NULL WHERE clientmsgid = ?", client_id)
        sent = sum(_deliver(world, openid, kind, body) for openid in openids)
        job = world.store.run(
            "INSERT INTO mass_jobs (clientmsgid, at, status, sent) VALUES (?, ?, 'SEND_SUCCESS', ?)",
            client_id,
            now,
            sent,
        )
        _announce(world, int(job.lastrowid or 0), len(openids), sent)
    data_id = {"msg_data_id": job.lastrowid} if kind == "news" else {}
    return {"errcode": 0, "errmsg": "send job submission success", "msg_id": job.lastrowid, **data_id}


def _deliver(world: World, openid: str, kind: str, body: dict[str, Any]) -> int:
    person, month = find_person(world, openid), world.clock.day()[:7]
    if person is None or not person["following"] or person["refuses"] or person["blacklisted"]:
        return 0
    received = world.store.value("SELECT received FROM mass_received WHERE openid = ? AND month = ?", openid, month) or 0
    if received >= A_MONTH:
        return 0
    world.store.run(
        "INSERT OR REPLACE INTO mass_received (openid, month, received) VALUES (?, ?, ?)", openid, month, received + 1
    )
    show(world, openid, "account", kind, body, "mass")
    return 1


def _announce(world: World, job: int, total: int, sent: int) -> None:
    fields = {"MsgID": job, "Status": "send success" if sent else "send fail", "TotalCount": total}
    counts = {"FilterCount": total, "SentCount": sent, "ErrorCount": total - sent}
    post_event(world, "oMASS_SYSTEM", "MASSSENDJOBFINISH", 0.5, **fields, **counts)


def _preview(world: World, call: Call) -> dict[str, Any]:
    person = find_person(world, call.body.get("touser"))
    if person is None or not person["following"]:
        raise ApiError(40003)
    kind, body = _content(world, call)
    show(world, person["openid"], "account", kind, body, "mass")
    return {"errcode": 0, "errmsg": "preview success"}


def _job(world: World, call: Call) -> dict[str, Any]:
    row = world.store.row("SELECT * FROM mass_jobs WHERE msg_id = ?", str(call.body.get("msg_id")))
    if row is None:
        raise ApiError(40059)
    return row


def _state(world: World, call: Call) -> dict[str, Any]:
    row = _job(world, call)
    return {"msg_id": row["msg_id"], "msg_status": row["status"]}


def _delete(world: World, call: Call) -> None:
    row = _job(world, call)
    world.store.run("UPDATE mass_jobs SET status = 'DELETE' WHERE msg_id = ?", row["msg_id"])


def _speed(world: World, call: Call) -> dict[str, Any] | None:
    if "speed" not in call.body:
        speed = int(world.store.get("mass_speed", 0))
        return {"speed": speed, "realspeed": (80, 60, 45, 30, 10)[speed]}
    if call.body["speed"] not in range(5):
        raise ApiError(45083)
    world.store.put("mass_speed", call.body["speed"])
    return None


ENDPOINTS = {
    "message/mass/send": Endpoint(_send, daily=100),
    "message/mass/sendall": Endpoint(_send_all, daily=100),
    "message/mass/preview": Endpoint(_preview, daily=100),
    "message/mass/get": Endpoint(_state),
    "message/mass/delete": Endpoint(_delete, daily=10),
    "message/mass/speed/get": Endpoint(_speed),
    "message/mass/speed/set": Endpoint(_speed),
}

"""What the account may know about its followers: no name and no picture, only the openid and its story."""

from typing import Any

from sandbox.api.endpoint import Call, Endpoint
from sandbox.errors import ApiError
from sandbox.people import get_follower, get_person, tag_ids
from sandbox.world import World

BATCH, PAGE, REMARK_CHARS = 100, 10_000, 30


def _described(world: World, person: dict[str, Any]) -> dict[str, Any]:
    if not person["following"]:
        return {"subscribe": 0, "openid": person["openid"]}
    tags, scene = tag_ids(world, person["openid"]), person["scene"]
    return {
        "subscribe": 1,
        "openid": person["openid"],
        "language": "zh_CN",
        "subscribe_time": person["subscribed_at"] or 0,
        "remark": person["remark"],
        "groupid": tags[0] if tags else 0,
        "tagid_list": tags,
        "subscribe_scene": "ADD_SCENE_QR_CODE" if scene else "ADD_SCENE_SEARCH",
        "qr_scene": int(scene) if scene.isdigit() else 0,
        "qr_scene_str": "" if scene.isdigit() else scene,
    }


def _info(world: World, call: Call) -> dict[str, Any]:
    if not call.query.get("openid"):
        raise ApiError(41009)
    return _described(world, get_person(world, call.query["openid"]))


def _batch_info(world: World, call: Call) -> dict[str, Any]:
    wanted = call.body.get("user_list")
    if not isinstance(wanted, list) or not 0 < len(wanted) <= BATCH:
        raise ApiError(40032)
    openids = [each.get("openid") if isinstance(each, dict) else None for each in wanted]
    return {"user_info_list": [_described(world, get_person(world, openid)) for openid in openids]}


def _update_remark(world: World, call: Call) -> None:
    person, remark = get_follower(world, call.body.get("openid"), otherwise=40003), call.body.get("remark")
    if not isinstance(remark, str) or len(remark) >= REMARK_CHARS:
        raise ApiError(40035)
    world.store.run("UPDATE people SET remark = ? WHERE openid = ?", remark, person["openid"])


def _list(world: World, call: Call) -> dict[str, Any]:
    after = call.query.get("next_openid", "")
    found = world.store.rows(
        "SELECT openid FROM people WHERE following = 1 AND openid > ? ORDER BY openid LIMIT ?", after, PAGE
    )
    openids = [row["openid"] for row in found]
    total = world.store.value("SELECT count(*) FROM people WHERE following = 1")
    if not openids:
        return {"total": total, "count": 0, "next_openid": ""}
    # The last page carries a next_openid too, as the platform's does.
    return {"total": total, "count": len(openids), "data": {"openid": openids}, "next_openid": openids[-1]}


ENDPOINTS = {
    "user/info": Endpoint(_info, method="GET", daily=5_000_000),
    "user/info/batchget": Endpoint(_batch_info, daily=5_000_000),
    "user/info/updateremark": Endpoint(_update_remark, daily=10_000),
    "user/get": Endpoint(_list, method="GET", daily=500),
}

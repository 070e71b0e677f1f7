"""Fan tags and who has them. These are the platform's tags, few and small; the bot's own are elsewhere."""

from typing import Any

from sandbox.api.endpoint import Call, Endpoint
from sandbox.errors import ApiError
from sandbox.people import find_person, get_person, tag_ids
from sandbox.world import World

TAGS, TAGS_OF_ONE, NAME_BYTES, BATCH, BLACK_BATCH, PAGE = 100, 20, 30, 50, 20, 10_000
SYSTEM_TAGS = frozenset({0, 1, 2})
FANS_OF_A_TAG = 100_000


def _name(call: Call) -> tuple[dict[str, Any], str]:
    tag = call.body.get("tag")
    name = tag.get("name") if isinstance(tag, dict) else None
    if not isinstance(tag, dict) or not isinstance(name, str) or not name.strip():
        raise ApiError(45157)
    if len(name.encode()) > NAME_BYTES:
        raise ApiError(45158)
    return tag, name


def _taken(world: World, name: str, but: int = 0) -> bool:
    return bool(world.store.value("SELECT 1 FROM tags WHERE name = ? AND id != ?", name, but))


def _existing(world: World, tag_id: Any) -> int:
    if not isinstance(tag_id, int) or not world.store.value("SELECT 1 FROM tags WHERE id = ?", tag_id):
        raise ApiError(45159)
    return tag_id


def _create(world: World, call: Call) -> dict[str, Any]:
    _, name = _name(call)
    with world.store.writing():
        if _taken(world, name):
            raise ApiError(45157)
        if world.store.value("SELECT count(*) FROM tags WHERE id >= 100") >= TAGS:
            raise ApiError(45056)
        cursor = world.store.run("INSERT INTO tags (name) VALUES (?)", name)
    return {"tag": {"id": cursor.lastrowid, "name": name}}


def _get(world: World, _call: Call) -> dict[str, Any]:
    return {
        "tags": world.store.rows(
            "SELECT t.id, t.name, count(g.openid) AS count FROM tags t LEFT JOIN tagged g ON g.tag_id = t.id"
            " GROUP BY t.id ORDER BY t.id"
        )
    }


def _update(world: World, call: Call) -> None:
    tag, name = _name(call)
    if tag.get("id") in SYSTEM_TAGS:
        raise ApiError(45058)
    tag_id = _existing(world, tag.get("id"))
    if _taken(world, name, but=tag_id):
        raise ApiError(45157)
    world.store.run("UPDATE tags SET name = ? WHERE id = ?", name, tag_id)


def _delete(world: World, call: Call) -> None:
    tag = call.body.get("tag")
    wanted = tag.get("id") if isinstance(tag, dict) else None
    if wanted in SYSTEM_TAGS:
        raise ApiError(45058)
    tag_id = _existing(world, wanted)
    if world.store.value("SELECT count(*) FROM tagged WHERE tag_id = ?", tag_id) > FANS_OF_A_TAG:
        raise ApiError(45057)
    with world.store.writing():
        world.store.run("DELETE FROM tagged WHERE tag_id = ?", tag_id)
        world.store.run("DELETE FROM tags WHERE id = ?", tag_id)


def _fans(world: World, openids: list[str]) -> list[str]:
    for openid in openids:
        person = find_person(world, openid)
        if person is None:
            raise ApiError(49003 if openid.startswith("o") else 40003)
        if not person["following"]:
            raise ApiError(40003)
    return openids


def _batch_tag(world: World, call: Call) -> None:
    openids = _fans(world, call.texts("openid_list", BATCH))
    tag_id = _existing(world, call.body.get("tagid"))
    with world.store.writing():
        for openid in openids:
            held = tag_ids(world, openid)
            if tag_id not in held and len(held) >= TAGS_OF_ONE:
                raise ApiError(45059)
            # Applied again, a tag counts as the last applied.
            world.store.run("DELETE FROM tagged WHERE openid = ? AND tag_id = ?", openid, tag_id)
            world.store.run("INSERT INTO tagged (openid, tag_id) VALUES (?, ?)", openid, tag_id)


def _batch_untag(world: World, call: Call) -> None:
    openids = _fans(world, call.texts("openid_list", BATCH))
    tag_id = _existing(world, call.body.get("tagid"))
    with world.store.writing():
        for openid in openids:
            world.store.run("DELETE FROM tagged WHERE openid = ? AND tag_id = ?", openid, tag_id)


def _ids_of(world: World, call: Call) -> dict[str, Any]:
    person = get_person(world, call.body.get("openid"))
    return {"tagid_list": tag_ids(world, person["openid"])}


def _fans_of(world: World, call: Call) -> dict[str, Any]:
    tag_id = _existing(world, call.body.get("tagid"))
    found = world.store.rows(
        "SELECT openid FROM tagged WHERE tag_id = ? AND openid > ? ORDER BY openid LIMIT ?",
        *(tag_id, str(call.body.get("next_openid") or ""), PAGE),
    )
    openids = [row["openid"] for row in found]
    if not openids:
        return {"count": 0}
    return {"count": len(openids), "data": {"openid": openids}, "next_openid": openids[-1]}


def _blacklist(to: int) -> Endpoint:
    def run(world: World, call: Call) -> None:
        for openid in _fans(world, call.texts("openid_list", BLACK_BATCH)):
            world.store.run("UPDATE people SET blacklisted = ? WHERE openid = ?", to, openid)

    return Endpoint(run)


ENDPOINTS = {
    "tags/create": Endpoint(_create),
    "tags/get": Endpoint(_get, method="GET"),
    "tags/update": Endpoint(_update),
    "tags/delete": Endpoint(_delete),
    "tags/members/batchtagging": Endpoint(_batch_tag),
    "tags/members/batchuntagging": Endpoint(_batch_untag),
    "tags/getidlist": Endpoint(_ids_of),
    "user/tag/get": Endpoint(_fans_of, method="ANY"),
    "tags/members/batchblacklist": _blacklist(1),
    "tags/members/batchunblacklist": _blacklist(0),
}

"""What each person sees in the chat with the account: the bubbles, kept in order. It sends nothing anywhere."""

import json
import time
from typing import Any

from sandbox.world import World

FAULT_LINE = "该公众号提供的服务出现故障,请稍后再试"


def show(world: World, openid: str, side: str, kind: str, body: dict[str, Any], source: str, **more: Any) -> int:
    """Append one bubble and return its id; `side` is me, account or system, `source` says which way it came."""
    cursor = world.store.run(
        "INSERT INTO messages (openid, side, kind, body, source, delivery_id, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        *(openid, side, kind, json.dumps(body, ensure_ascii=False), source, more.get("delivery_id"), time.time()),
    )
    return int(cursor.lastrowid or 0)


def show_line(world: World, openid: str, text: str, **more: Any) -> int:
    """Append one of WeChat's own grey lines."""
    return show(world, openid, "system", "line", {"text": text}, "platform", **more)


def list_messages(world: World, openid: str, after: int = 0, limit: int = 200) -> list[dict[str, Any]]:
    """Return the bubbles after an id, oldest first; with `after` 0 the newest `limit` of all."""
    newest = world.store.rows(
        "SELECT * FROM messages WHERE openid = ? AND id > ? ORDER BY id DESC LIMIT ?", openid, after, limit
    )
    return [{**row, "body": json.loads(row["body"])} for row in reversed(newest)]


def mark_read(world: World, openid: str) -> None:
    """Note that everything so far has been seen."""
    newest = world.store.value("SELECT max(id) FROM messages WHERE openid = ?", openid) or 0
    seen = world.store.value("SELECT read_up_to FROM people WHERE openid = ?", openid) or 0
    if newest > seen:
        world.store.run("UPDATE people SET read_up_to = ? WHERE openid = ?", newest, openid)


def unread(world: World) -> dict[str, int]:
    """Return how many of the account's bubbles each person has not seen, without those who have seen all."""
    found = world.store.rows(
        "SELECT m.openid, count(*) AS n FROM messages m JOIN people p ON p.openid = m.openid"
        " WHERE m.id > p.read_up_to AND m.side != 'me' GROUP BY m.openid"
    )
    return {row["openid"]: row["n"] for row in found}

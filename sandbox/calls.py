"""The log of everything that crossed the wire, both ways, for the second view. It changes nothing it logs."""

import time
from typing import Any

from sandbox.world import World

KEPT_CALLS = 5000
LONGEST = 20_000


def log_call(world: World, kind: str, **call: Any) -> None:
    """Write one call: kind api or webhook; method, path, status, ms, sent, answer; openid, errcode, decoded if any."""
    row = {"openid": "", "errcode": None, "decoded": ""} | call
    cursor = world.store.run(
        "INSERT INTO calls (kind, at, ms, method, path, openid, status, errcode, sent, answer, decoded)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        *(kind, time.time(), round(row["ms"], 1), row["method"], row["path"], row["openid"], row["status"]),
        *(row["errcode"], row["sent"][:LONGEST], row["answer"][:LONGEST], row["decoded"][:LONGEST]),
    )
    if (cursor.lastrowid or 0) % 200 == 0:
        world.store.run("DELETE FROM calls WHERE id <= ?", (cursor.lastrowid or 0) - KEPT_CALLS)


def list_calls(
    world: World,
    *,
    before: int = 0,
    after: int = 0,
    limit: int = 50,
    kind: str = "",
    text: str = "",
    failed: bool = False,
) -> list[dict[str, Any]]:
    """Return calls, newest first: those with an id below `before` (0: from the newest) and above `after`, filtered."""
    wanted = f"%{text}%"
    return world.store.rows(
        "SELECT * FROM calls WHERE id > ? AND (? = 0 OR id < ?) AND (? = '' OR kind = ?)"
        " AND (? = 0 OR status != 200 OR coalesce(errcode, 0) != 0)"
        " AND (path LIKE ? OR openid LIKE ? OR sent LIKE ? OR answer LIKE ? OR decoded LIKE ?)"
        " ORDER BY id DESC LIMIT ?",
        *(after, before, before, kind, kind, int(failed), wanted, wanted, wanted, wanted, wanted, min(limit, 200)),
    )

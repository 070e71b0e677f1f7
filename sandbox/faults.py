"""Faults the platform shall show next: rows that survive a restart and count down once each. It shows none itself."""

import json
from typing import Any

from sandbox.world import World


def add_fault(world: World, fault: dict[str, Any]) -> None:
    """Arrange `times` (default 1) answers for `path` (`*` for all): errcode, http_status, body or delay_seconds.

    A delay alone does the work and answers late; `after` does the work first and then fails to say so.
    """
    path = str(fault.get("path", "*"))
    world.store.run(
        "INSERT INTO faults (path, fault, times) VALUES (?, ?, ?)",
        *(path, json.dumps(fault, ensure_ascii=False), int(fault.get("times", 1))),
    )


def take_fault(world: World, path: str) -> dict[str, Any] | None:
    """Use up one arranged fault for this path, oldest first; None when there is none."""
    if not world.store.value("SELECT 1 FROM faults LIMIT 1"):
        return None
    with world.store.writing():
        row = world.store.row("SELECT * FROM faults WHERE path IN (?, '*') ORDER BY id LIMIT 1", path)
        if row is None:
            return None
        if row["times"] > 1:
            world.store.run("UPDATE faults SET times = times - 1 WHERE id = ?", row["id"])
        else:
            world.store.run("DELETE FROM faults WHERE id = ?", row["id"])
    fault: dict[str, Any] = json.loads(row["fault"])
    return fault


def clear_faults(world: World) -> None:
    """Forget every arranged fault."""
    world.store.run("DELETE FROM faults")

"""Daily call limits of the account, counted per path."""

from typing import Any

from sandbox.errors import ApiError
from sandbox.world import World

CLEARS_A_MONTH = 10


def count_call(world: World, path: str, limit: int) -> None:
    """Count one call of today; 45009 once the limit is used up. Limit 0 means none."""
    if not limit:
        return
    limit = int(world.store.get(f"daily_limit {path}", limit))
    day = world.clock.day()
    with world.store.writing():
        if used(world, path) >= limit:
            raise ApiError(45009)
        world.store.run(
            "INSERT INTO counters (day, path, used) VALUES (?, ?, 1) ON CONFLICT (day, path) DO UPDATE SET used = used + 1",
            *(day, path),
        )


def used(world: World, path: str) -> int:
    """Return how often a path was called today."""
    return int(world.store.value("SELECT used FROM counters WHERE day = ? AND path = ?", world.clock.day(), path) or 0)


def clear_counts(world: World) -> None:
    """Set today's counts to zero, ten times a month at most; then 48006."""
    month = "clears " + world.clock.day()[:7]
    cleared = int(world.store.get(month, 0))
    if cleared >= CLEARS_A_MONTH:
        raise ApiError(48006)
    with world.store.writing():
        world.store.put(month, cleared + 1)
        world.store.run("DELETE FROM counters WHERE day = ?", world.clock.day())


def quota_state(world: World, path: str, limit: int) -> dict[str, Any]:
    """Return the daily limit, what is used and what is left of one path."""
    limit = int(world.store.get(f"daily_limit {path}", limit))
    spent = used(world, path)
    return {"daily_limit": limit, "used": spent, "remain": max(0, limit - spent)}

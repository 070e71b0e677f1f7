"""Access tokens: how they are issued, replaced and refused. The two ways of getting one do not know each other."""

import secrets
from typing import Any

from sandbox.errors import ApiError
from sandbox.world import World

OVERLAP_SECONDS = 300
FORCED_APART_SECONDS = 30
FORCED_A_DAY = 20


def issue(world: World, kind: str, overlap: float) -> dict[str, Any]:
    """Issue a new token of a kind; the one before it lives on for `overlap` seconds at most."""
    now = world.clock.now()
    token = f"{secrets.randbelow(90) + 10}_{secrets.token_urlsafe(84)}"
    with world.store.writing():
        world.store.run("UPDATE tokens SET superseded_at = ? WHERE kind = ? AND superseded_at IS NULL", now + overlap, kind)
        world.store.run(
            "INSERT INTO tokens (token, kind, issued_at, expires_at) VALUES (?, ?, ?, ?)",
            *(token, kind, now, now + world.config.token_seconds),
        )
        world.store.run("DELETE FROM tokens WHERE expires_at < ?", now - 2 * 86400)
    return {"access_token": token, "expires_in": world.config.token_seconds}


def overlap_seconds(world: World) -> float:
    """Return how long an old and a new token both work: five minutes, less where tokens live very briefly."""
    return min(OVERLAP_SECONDS, world.config.token_seconds / 4)


def stable(world: World, *, forced: bool) -> dict[str, Any]:
    """Return the stable token: the same one until its last five minutes, or a new one when forced."""
    current = world.store.row("SELECT * FROM tokens WHERE kind = 'stable' AND superseded_at IS NULL")
    left = current["expires_at"] - world.clock.now() if current else 0
    if current and forced and _may_force(world):
        return issue(world, "stable", overlap=0)
    if current is None or left <= overlap_seconds(world):
        return issue(world, "stable", overlap=max(0, left))
    return {"access_token": current["token"], "expires_in": int(left)}


def _may_force(world: World) -> bool:
    last, today = float(world.store.get("forced_at", 0)), f"forced {world.clock.day()}"
    count = int(world.store.get(today, 0))
    if count >= FORCED_A_DAY:
        raise ApiError(45009)
    if world.clock.now() - last < FORCED_APART_SECONDS:
        return False
    world.store.put("forced_at", world.clock.now())
    world.store.put(today, count + 1)
    return True


def check_token(world: World, token: str | None) -> None:
    """Refuse a missing (41001), unknown (40014), expired (42001) or replaced (40001) token."""
    if not token:
        raise ApiError(41001)
    row = world.store.row("SELECT * FROM tokens WHERE token = ?", token)
    if row is None:
        raise ApiError(40014)
    if row["expires_at"] <= world.clock.now():
        raise ApiError(42001)
    if row["superseded_at"] is not None and row["superseded_at"] <= world.clock.now():
        raise ApiError(40001, "could get access_token by getStableAccessToken")


def expire_all(world: World) -> None:
    """Let every token expire now."""
    world.store.run("UPDATE tokens SET expires_at = ?", world.clock.now() - 1)

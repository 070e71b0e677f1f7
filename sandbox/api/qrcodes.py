"""QR codes with a scene, and a drawing that stands for one."""

import hashlib
import secrets
from typing import Any

from flask import Response
from markupsafe import escape

from sandbox.api.endpoint import Call, Endpoint
from sandbox.errors import ApiError
from sandbox.world import World

LONGEST_SECONDS = 2_592_000
DEFAULT_SECONDS = 30
PERMANENT_CODES = 100_000
ACTIONS = {
    "QR_SCENE": "scene_id",
    "QR_STR_SCENE": "scene_str",
    "QR_LIMIT_SCENE": "scene_id",
    "QR_LIMIT_STR_SCENE": "scene_str",
}


def _scene(body: dict[str, Any], action: str) -> str:
    info = body.get("action_info")
    scene = info.get("scene") if isinstance(info, dict) else None
    value = scene.get(ACTIONS[action]) if isinstance(scene, dict) else None
    if ACTIONS[action] == "scene_str":
        valid = isinstance(value, str) and 1 <= len(value) <= 64
    else:
        most = 100_000 if action.startswith("QR_LIMIT") else 2**32 - 1
        valid = isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most
    if not valid:
        raise ApiError(40053)
    return str(value)


def _create(world: World, call: Call) -> dict[str, Any]:
    action = call.body.get("action_name")
    if action not in ACTIONS:
        raise ApiError(40052)
    scene, now = _scene(call.body, str(action)), world.clock.now()
    seconds = None if str(action).startswith("QR_LIMIT") else _seconds(call.body)
    if seconds is None and _permanent(world) >= PERMANENT_CODES:
        raise ApiError(45029)
    ticket = "gQ" + secrets.token_urlsafe(60) + "=="
    url = f"http://weixin.qq.com/q/{secrets.token_urlsafe(12)}"
    world.store.run(
        "INSERT INTO qrcodes (ticket, scene, action, url, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)",
        *(ticket, scene, action, url, now, now + seconds if seconds else None),
    )
    return {"ticket": ticket, **({"expire_seconds": seconds} if seconds else {}), "url": url}


def _seconds(body: dict[str, Any]) -> int:
    seconds = body.get("expire_seconds", DEFAULT_SECONDS)
    if not isinstance(seconds, int) or seconds <= 0:
        raise ApiError(40035)
    return min(seconds, LONGEST_SECONDS)


def _permanent(world: World) -> int:
    return int(world.store.value("SELECT count(*) FROM qrcodes WHERE expires_at IS NULL"))


def live_codes(world: World) -> list[dict[str, Any]]:
    """Return the codes that can still be scanned, newest first."""
    return world.store.rows(
        "SELECT ticket, scene, action FROM qrcodes WHERE expires_at IS NULL OR expires_at > ?"
        " ORDER BY created_at DESC LIMIT 100",
        world.clock.now(),
    )


def _show(world: World, call: Call) -> Response:
    row = world.store.row("SELECT * FROM qrcodes WHERE ticket = ?", call.query.get("ticket", ""))
    if row is None:
        return Response("", status=404)
    return Response(draw(row["ticket"], row["scene"]), mimetype="image/svg+xml")


def draw(ticket: str, scene: str) -> str:
    """Draw a stand-in for a QR code: a pattern per ticket with the scene below it. No scanner can read it."""
    bits = int.from_bytes(hashlib.shake_256(ticket.encode()).digest(56), "big")
    cells = "".join(
        f'<rect x="{20 + 10 * (i % 21)}" y="{20 + 10 * (i // 21)}" width="10" height="10"/>'
        for i in range(441)
        if bits >> i & 1 and not _in_corner(i % 21, i // 21)
    )
    corners = "".join(
        f'<rect x="{x + 5}" y="{y + 5}" width="60" height="60" fill="none" stroke="#000" stroke-width="10"/>'
        f'<rect x="{x + 20}" y="{y + 20}" width="30" height="30"/>'
        for x, y in ((20, 20), (160, 20), (20, 160))
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 250 280"><rect width="250" height="280" fill="#fff"/>'
        f'{cells}{corners}<text x="125" y="262" font-size="15" text-anchor="middle">{escape(scene)}</text></svg>'
    )


def _in_corner(x: int, y: int) -> bool:
    return (x < 8 and (y < 8 or y > 12)) or (x > 12 and y < 8)


ENDPOINTS = {
    "qrcode/create": Endpoint(_create, daily=100_000),
    "showqrcode": Endpoint(_show, method="GET", needs_token=False),
}

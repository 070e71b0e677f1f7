"""Temporary media: upload, and the bytes again for three days."""

import time
from typing import Any

from flask import Response

from sandbox.api.endpoint import Call, Endpoint
from sandbox.errors import ApiError
from sandbox.pictures import keep_media, load_media
from sandbox.world import World

LIMITS = {"image": 10 << 20, "voice": 2 << 20, "video": 10 << 20, "thumb": 64 << 10}
ENDINGS = {
    "image": (".png", ".jpg", ".jpeg", ".gif", ".bmp"),
    "voice": (".amr", ".mp3"),
    "video": (".mp4",),
    "thumb": (".jpg", ".jpeg"),
}


def _upload(world: World, call: Call) -> dict[str, Any]:
    kind = call.query.get("type", "")
    if kind not in LIMITS:
        raise ApiError(40004)
    if call.media is None:
        raise ApiError(41005)
    name = (call.media.filename or "").lower()
    if not name.endswith(ENDINGS[kind]):
        raise ApiError(40005)
    content = call.media.read()
    if not content:
        raise ApiError(44001)
    if len(content) > LIMITS[kind]:
        raise ApiError(45001)
    media_id = keep_media(world, kind, name, content, call.media.mimetype)
    return {"type": kind, "media_id": media_id, "created_at": int(time.time())}


def _get(world: World, call: Call) -> Response:
    media_id = call.query.get("media_id")
    if not media_id:
        raise ApiError(41006)
    found = load_media(world, media_id)
    if found is None:
        raise ApiError(40007)
    headers = {"Content-Disposition": f'attachment; filename="{media_id}{found["ending"]}"'}
    return Response(found["content"], mimetype=found["mime"], headers=headers)


ENDPOINTS = {
    "media/upload": Endpoint(_upload, daily=100_000, takes="file"),
    "media/get": Endpoint(_get, method="GET", daily=200_000),
}

"""Media as bytes: what users send, what the account uploads, and the pictures that come with the sandbox."""

import mimetypes
import secrets
from pathlib import Path
from typing import Any

from sandbox.world import World

MEDIA_SECONDS = 3 * 86400
SAMPLES_DIR = Path(__file__).parent / "static" / "samples"
SAMPLES = {
    "leak": "水管漏水",
    "repaired": "修好的水管",
    "lamp": "楼道灯不亮",
    "parking": "占用的车位",
    "receipt": "缴费凭证",
    "dog": "我家的狗",
}


def keep_media(world: World, kind: str, name: str, content: bytes, mime: str = "") -> str:
    """Keep bytes under a new media_id."""
    media_id = secrets.token_urlsafe(48)
    guessed = mime if mime and mime != "application/octet-stream" else mimetypes.guess_type(name)[0]
    world.store.run(
        "INSERT INTO media (media_id, type, mime, name, content, created_at) VALUES (?, ?, ?, ?, ?, ?)",
        *(media_id, kind, guessed or "application/octet-stream", name, content, world.clock.now()),
    )
    return media_id


def keep_sample(world: World, sample: str) -> str:
    """Keep a copy of one of the sandbox's own pictures; KeyError for a name it does not have."""
    path = SAMPLES_DIR / f"{sample}.png"
    if sample not in SAMPLES:
        raise KeyError(sample)
    return keep_media(world, "image", path.name, path.read_bytes(), "image/png")


def load_media(world: World, media_id: str) -> dict[str, Any] | None:
    """Return content, mime and file ending, or None when unknown or older than three days."""
    row = world.store.row(
        "SELECT * FROM media WHERE media_id = ? AND created_at > ?", media_id, world.clock.now() - MEDIA_SECONDS
    )
    return row and {**row, "ending": Path(row["name"]).suffix}


def has_media(world: World, media_id: str) -> bool:
    """Tell whether a media_id exists and is not older than three days."""
    oldest = world.clock.now() - MEDIA_SECONDS
    return bool(world.store.value("SELECT 1 FROM media WHERE media_id = ? AND created_at > ?", media_id, oldest))

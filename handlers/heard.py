"""Turns a message of the platform into what a question hears. Decides nothing."""

from __future__ import annotations

from dialogs.answers.base import Heard
from handlers.ports import Inbound


def read_heard(inbound: Inbound) -> Heard:
    """Return a message as an answer reads it; a kind that no question asks for counts as a file."""
    known = ("text", "image", "voice", "location", "video", "file")
    kind = "video" if inbound.kind == "shortvideo" else inbound.kind
    return Heard(
        kind=kind if kind in known else "file",  # type: ignore[arg-type]
        text=inbound.text,
        media_id=inbound.media_id,
        url=inbound.url,
        latitude=inbound.latitude,
        longitude=inbound.longitude,
        label=inbound.label,
    )

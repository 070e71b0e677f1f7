"""How a conversation that may hold what is of level 2 goes into its row: sealed as a whole (D06)."""

from __future__ import annotations

from typing import Any

from dialogs.state import DialogState, dump_state
from handlers.content import Content
from models.sealing import SecretMap, SecretRows


def dump_conversation(content: Content, state: DialogState | None) -> dict[str, Any] | None:
    """Return a state as its column takes it."""
    if state is None:
        return None
    dumped = dump_state(state)
    return SecretMap(dumped) if content.holds_confidence(state.script) else dumped


def dump_waiting(content: Content, waiting: list[Any]) -> list[Any]:
    """Return what waits behind a conversation as its column takes it: drafts are states too."""
    is_secret = any("resume" in item and content.holds_confidence(item["resume"]["script"]) for item in waiting)
    return SecretRows(waiting) if is_secret else waiting

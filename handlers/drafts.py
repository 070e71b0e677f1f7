"""What a person left half-filled and set aside: found again, and let go when it is too old. Begins and says nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dialogs.script import Script
from dialogs.state import dump_state, load_state
from handlers.desk import Desk
from handlers.upgrades import find_script

MAX_WAITING = 10  # what was set aside, and as many wishes
RESUME_SCRIPT = "resume"


def set_aside(desk: Desk) -> None:
    """Put the running conversation behind what comes now; it resumes when that has ended."""
    if desk.state is not None and desk.state.script != RESUME_SCRIPT:
        at = desk.updated_at if desk.state.is_resting and desk.updated_at else desk.now
        desk.waiting = [{"resume": dump_state(desk.state), "at": at.isoformat()}, *desk.waiting][:MAX_WAITING]
    desk.state = None


def is_left(desk: Desk) -> bool:
    """Tell whether the running conversation was left half-filled: it rests, or would some time after so long a silence."""
    state = desk.state
    if state is None or state.is_resting or desk.updated_at is None:
        return state is not None and state.is_resting
    script = desk.runtime.content.scripts.get(state.script)
    keeps = script is not None and script.sitting.on_idle == "draft"
    return keeps and desk.now - desk.updated_at > desk.runtime.options.idle


def find_draft(desk: Desk, script: Script, service: object = None) -> dict[str, Any] | None:
    """Return what was set aside of a script (the general one: of this service), None without or when it is too old."""
    for item in desk.waiting:
        state = item.get("resume") or {}
        if state.get("script") == script.id and state["vars"].get("service") == service and not is_stale(desk, script, item):
            return dict(item)
    return None


def take_newest(desk: Desk) -> dict[str, Any] | None:
    """Take the newest draft that may still go on out of what waits; older ones than that are let go."""
    for item in [each for each in desk.waiting if "resume" in each]:
        desk.waiting.remove(item)
        script = find_script(desk, load_state(item["resume"]))
        if script is not None and not is_stale(desk, script, item):
            return dict(item)
    return None


def is_stale(desk: Desk, script: Script, item: Mapping[str, Any]) -> bool:
    """Tell whether something was set aside longer ago than its script lets it live."""
    at = datetime.fromisoformat(item["at"]) if "at" in item else desk.updated_at
    return at is not None and desk.now - at > script.sitting.max_age

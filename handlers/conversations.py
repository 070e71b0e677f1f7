"""Shows where a person's conversation stands, for staff and for those who run the machine."""

from __future__ import annotations

from typing import Any

from dialogs import engine
from handlers.desk import open_desk
from handlers.runtime import Runtime
from handlers.turns import find_script


def describe(runtime: Runtime, openid: str) -> dict[str, Any]:
    """Return script, revision, step, what is awaited and the answers so far; {"script": None} when none is open."""
    with runtime.database.reading() as tx:
        desk = open_desk(runtime, tx, openid)
        script = find_script(desk, desk.state) if desk.state else None
        if desk.state is None or script is None:
            return {"script": None}
        awaiting = engine.awaiting(script, desk.state, desk.world(), runtime.content.texts, runtime.content.words)
        if awaiting is None:
            return {"script": None}
        return {
            "script": script.id,
            "revision": desk.state.revision,
            "step": desk.state.step,
            "awaiting": {
                "type": awaiting.type.value,
                "options": [dict(option) for option in awaiting.options],
                "required": awaiting.required,
            },
            "answers": {
                step: {"value": answer.value, "label": answer.label, "raw": answer.raw}
                for step, answer in desk.state.answers.items()
            },
        }

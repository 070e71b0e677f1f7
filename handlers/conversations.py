"""Shows where a person's conversation stands, for staff and for those who run the machine."""

from __future__ import annotations

from typing import Any

from dialogs import engine
from handlers.desk import open_desk
from handlers.runtime import Runtime
from handlers.upgrades import find_course


def describe(runtime: Runtime, openid: str) -> dict[str, Any]:
    """Return script, revision, step, what is awaited, the answers so far, and what silence will do; {"script": None} without.

    `timer` is {at, kind}, the next thing that happens unless she writes; `resting` tells that it has been silent so long
    that she is asked before it goes on; `drafts` are the scripts set aside behind it.
    """
    with runtime.database.reading() as tx:
        desk = open_desk(runtime, tx, openid)
        course = find_course(desk, desk.state) if desk.state else None
        if course is None:
            return {"script": None}
        script, state = course.script, course.state
        awaiting = engine.awaiting(script, state, desk.world(), runtime.content.texts, runtime.content.words)
        if awaiting is None:
            return {"script": None}
        return {
            "script": script.id,
            "revision": state.revision,
            "step": state.step,
            "awaiting": {
                "type": awaiting.type.value,
                "options": [dict(option) for option in awaiting.options],
                "required": awaiting.required,
            },
            "resting": state.is_resting,
            "timer": {"at": runtime.local(desk.timer[0]).isoformat(), "kind": desk.timer[1]} if desk.timer else None,
            "drafts": [item["resume"]["script"] for item in desk.waiting if "resume" in item],
            "answers": {
                step: {"value": answer.value, "label": answer.label, "raw": answer.raw}
                for step, answer in state.answers.items()
            },
        }

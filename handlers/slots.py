"""What a sentence already tells besides the wish: time, phone, plate, room, fault, place, people, amount (fen)."""

from __future__ import annotations

from typing import Any

from dialogs.answers.base import Accepted, AnswerType, Question
from dialogs.answers.kinds import ANSWERS
from handlers.runtime import Runtime

SLOTS = {"time": AnswerType.DATETIME, "phone": AnswerType.PHONE, "plate": AnswerType.PLATE, "room": AnswerType.ROOM}


def read_slots(runtime: Runtime, text: str) -> dict[str, Any]:
    """Return the slots of a sentence that are sure: name -> {value, label}, times in the estate's zone."""
    now, calendar = runtime.local(runtime.now()), runtime.content.calendar
    found: dict[str, Any] = {}
    for name, kind in SLOTS.items():
        answer = ANSWERS[kind].extract(text, Question(type=kind), now, calendar)
        if isinstance(answer, Accepted):
            found[name] = {"value": answer.value, "label": answer.label}
    for name, detail in runtime.understander.read_details(text).items():
        found[name] = {"value": detail.value, "label": detail.label}
    return found

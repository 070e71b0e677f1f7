"""A Do step -> the effect it wants done, with the answers so far. Does nothing itself."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from dialogs.effects import EFFECTS, Effect
from dialogs.functions import to_text
from dialogs.script import Compute, Do
from dialogs.session import Session
from dialogs.state import Answer


def build_effect(session: Session, step: Do) -> Effect | None:
    """Return the effect; None when there is none of that name or a value it cannot do without is null."""
    kind = EFFECTS.get(step.effect)
    if kind is None:
        return None
    wanted: dict[str, Any] = {}
    for each in fields(kind):
        if each.name == "answers":
            wanted["answers"] = {name: answer for name, answer in session.answers.items() if _is_told(session, name, answer)}
        elif each.name in step.args:
            value = step.args[each.name].evaluate(session.scope(), session.world)
            if value is not None or each.type == "str":
                wanted[each.name] = to_text(value) if each.type == "str" else bool(value) if each.type == "bool" else value
    try:
        return kind(**wanted)
    except TypeError:
        return None  # a required value is null; the check finds most of these


def _is_told(session: Session, step_id: str, answer: Answer) -> bool:
    """What was worked out goes along only under a name; the rest is the script's own business."""
    step = session.script.peek_step(step_id)
    return answer.value is not None and not (isinstance(step, Compute) and not step.name)

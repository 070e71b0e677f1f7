"""Where a conversation stands: plain values that survive a restart. Step ids, never step numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: `value` is stored and compared, `label` is read back, `raw` is what was said."""

    value: Any
    label: str
    raw: str = ""


@dataclass(frozen=True, slots=True)
class DialogState:
    """The whole of a running conversation.

    `turn` counts owner turns and fences prompts: a tapped option carries the turn it was shown in. `path` lists
    answered steps in order, for going back; a committed effect cuts it, because effects are not undone.
    `waiting_effect` is set while the engine waits for the result of that Do step, `reviewing` while one answer is
    being corrected. `reminded` counts the reminders of the present silence, `is_resting` says that it has lasted so long
    that the person is asked before it goes on, `asked_at` is the instant when a timeout, not she, led to this question:
    every turn of hers sets the three back. Names in `vars` that begin with _ are the engine's own.
    """

    script: str
    revision: str
    step: str
    turn: int = 0
    answers: Mapping[str, Answer] = field(default_factory=dict)
    vars: Mapping[str, Any] = field(default_factory=dict)
    tries: int = 0
    page: int = 0
    path: tuple[str, ...] = ()
    waiting_effect: bool = False
    reviewing: bool = False
    started_at: str = ""
    reminded: int = 0
    is_resting: bool = False
    asked_at: str = ""


_FIELDS = tuple(each.name for each in fields(DialogState))


def dump_state(state: DialogState) -> dict[str, Any]:
    """Return the state as JSON-able values. Written out by hand: every turn pays for it."""
    values = {name: getattr(state, name) for name in _FIELDS}
    values["answers"] = {
        step: {"value": answer.value, "label": answer.label, "raw": answer.raw} for step, answer in state.answers.items()
    }
    values["vars"], values["path"] = dict(state.vars), list(state.path)
    return values


def load_state(data: Mapping[str, Any]) -> DialogState:
    """Return the state that `dump_state` wrote; unknown keys of a newer version are dropped."""
    known = {name: data[name] for name in _FIELDS if name in data}
    known["answers"] = {key: Answer(**value) for key, value in known.get("answers", {}).items()}
    known["path"] = tuple(known.get("path", ()))
    return DialogState(**known)

"""What a turn brings: replies, effects, the next state, and what the engine wants its host to do. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dialogs.answers.base import AnswerType, Shown
from dialogs.effects import Effect
from dialogs.state import DialogState


@dataclass(frozen=True, slots=True)
class Reply:
    """One text. `options` are not in it: the host writes their numbers and links; a tap carries `turn` and the key."""

    text: str
    options: tuple[Shown, ...] = ()
    step: str = ""
    turn: int = 0


@dataclass(frozen=True, slots=True)
class StartScript:
    """Another script to begin, with its variables and the person's first sentence."""

    script: str
    vars: Mapping[str, Any] = field(default_factory=dict)
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Awaiting:
    """What the conversation waits for: an answer of this type, one of these options."""

    type: AnswerType
    options: tuple[Mapping[str, Any], ...] = ()  # key, label, number
    required: bool = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one step.

    `state` None: the script is over, `ended` says how (completed, refused, cancelled, or the code of a cap:
    too_many_steps, too_many_turns). `asked` is what the host shall do: handoff, home, progress, privacy, opt_out, withdraw
    or "".
    """

    state: DialogState | None
    replies: tuple[Reply, ...] = ()
    effects: tuple[Effect, ...] = ()
    ended: str | None = None
    start: StartScript | None = None
    asked: str = ""
    last: DialogState | None = None  # of a script that is over: where it stood


def render_plain(reply: Reply) -> str:
    """Return the reply with its options as numbered lines, for tests and terminals."""
    lines = [f"{option.number}. {option.label}" for option in reply.options]
    return "\n".join([reply.text, *lines] if reply.text else lines)

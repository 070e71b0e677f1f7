"""What a conversation wants done: plain imperative values. The handlers run them; the engine never does.

A script names an effect in snake case (`do: book_order`). `answers` is filled by the engine with all answers given so
far (key, label, raw); every other field comes from the step's `args`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields

from dialogs.state import Answer

Answers = Mapping[str, Answer]


@dataclass(frozen=True, slots=True)
class BookOrder:
    """Book an order of a catalogue service. Result: no, service, assignee (name, empty when nobody is free yet)."""

    service: str
    urgent: bool = False
    note: str = ""
    answers: Answers = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FileComplaint:
    """File a complaint. Result: no, assignee."""

    category: str
    text: str
    anonymous: bool = False
    answers: Answers = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LeaveFeedback:
    """Keep a suggestion or praise (`kind`) and tell the butler. Result: no."""

    kind: str
    text: str
    answers: Answers = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BindRoom:
    """Bind the follower to an owner of the register: phone and room must both match.

    Result: name, room. Refused: mismatch (with tries_left), locked (five wrong tries an hour), already_bound.
    """

    phone: str
    room: str
    community: str = ""


@dataclass(frozen=True, slots=True)
class HandOver:
    """Hand the conversation to a person. Result: no, assignee."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class TakeBack:
    """End the hand-over and let the bot answer again."""


@dataclass(frozen=True, slots=True)
class StopPushes:
    """Opt out of pushes of `topic` (empty = all but service notices)."""

    topic: str = ""


@dataclass(frozen=True, slots=True)
class ResumePushes:
    """Opt in again."""

    topic: str = ""


@dataclass(frozen=True, slots=True)
class ListProgress:
    """List the person's open orders and complaints. Result: count, text (one line each)."""


@dataclass(frozen=True, slots=True)
class ConfirmSolved:
    """The owner says whether order or complaint `no` is solved. Result: no, status. Refused: not_yours, not_waiting."""

    no: str
    solved: bool
    rating: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class CancelOrder:
    """The owner cancels an order that nobody has finished. Result: no. Refused: not_yours, too_late, unknown."""

    no: str


@dataclass(frozen=True, slots=True)
class ListCancellable:
    """List the person's orders that can still be cancelled. Result: count, nos, text."""


@dataclass(frozen=True, slots=True)
class ListTasks:
    """Staff: list own open tasks. Result: count, text."""


@dataclass(frozen=True, slots=True)
class AcceptTask:
    """Staff: take a task. Result: no, owner, summary. Refused: taken (by), unknown, closed, ambiguous."""

    no: str


@dataclass(frozen=True, slots=True)
class CompleteTask:
    """Staff: finish a task. Result: no, owner. Refused: unknown, not_yours, closed, ambiguous."""

    no: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class TransferTask:
    """Staff: give a task to a colleague. Result: no, to. Refused: unknown, no_such_colleague, ambiguous, closed."""

    no: str
    name: str


@dataclass(frozen=True, slots=True)
class AttachPhoto:
    """Add a picture to the order or complaint of task `no` and show it to the owner. Result: no."""

    no: str
    media_id: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class ReplyToOwner:
    """Staff: say something to the owner of task `no`. Result: no, owner. Refused: unknown, unreachable."""

    no: str
    text: str


@dataclass(frozen=True, slots=True)
class TagOwner:
    """Staff: change tags of the owner found by `who` (name, room or phone tail); `changes` like `+养犬 -有车`.

    Result: owner, text. Refused: unknown, ambiguous (text lists who), unknown_tag (text names it), forbidden.
    """

    who: str
    changes: str


Effect = (
    BookOrder
    | FileComplaint
    | LeaveFeedback
    | BindRoom
    | HandOver
    | TakeBack
    | StopPushes
    | ResumePushes
    | ListProgress
    | ConfirmSolved
    | CancelOrder
    | ListCancellable
    | ListTasks
    | AcceptTask
    | CompleteTask
    | TransferTask
    | AttachPhoto
    | ReplyToOwner
    | TagOwner
)


def _script_name(kind: type) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()


EFFECTS: Mapping[str, type[Effect]] = {_script_name(kind): kind for kind in Effect.__args__}


def list_arguments(effect: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return (required, optional) argument names of a script's effect, without `answers`."""
    wanted = [each for each in fields(EFFECTS[effect]) if each.name != "answers"]
    required = tuple(f.name for f in wanted if f.default is MISSING and f.default_factory is MISSING)
    return required, tuple(f.name for f in wanted if f.name not in required)

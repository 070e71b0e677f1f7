"""What a conversation wants done: plain imperative values. The handlers run them; the engine never does.

A script names an effect in snake case (`do: book_order`). `answers` is filled by the engine with all answers given so
far (key, label, raw); every other field comes from the step's `args`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from typing import Any

from dialogs.effects_menu import MENU_LOOKUPS, MenuEffect
from dialogs.effects_register import RegisterEffect
from dialogs.effects_rights import RIGHTS_LOOKUPS, RightsEffect
from dialogs.effects_surveys import SURVEY_LOOKUPS, SurveyEffect
from dialogs.effects_tags import TAG_LOOKUPS, TagEffect
from dialogs.state import Answer

Answers = Mapping[str, Answer]


@dataclass(frozen=True, slots=True)
class BookOrder:
    """Book an order of a catalogue service, and in the same transaction its part of an offer (`offer` is its code).

    `items` are the lines of a cart, {offer, quantity} each. `waiting` takes a place on the waiting list where the offer
    is full. `due_on` is the day a loan comes back. `secret` is shown to nobody but the one who does the order.
    Result: no, service, assignee (name, empty when nobody is free yet), title, place (0, or the place on the waiting
    list), total (yuan, empty without a price), due. Refused: full (title, left), closed, already (no), unknown.
    """

    service: str
    urgent: bool = False
    note: str = ""
    offer: str = ""
    quantity: int = 1
    items: Sequence[Mapping[str, Any]] = ()
    waiting: bool = False
    due_on: str = ""
    secret: str = ""
    answers: Answers = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FindOffers:
    """Find what can be booked in the person's community: open, not past its deadline, of a kind (and service, and age).

    Result: count, text (a line each), first (key of the first that is not full), guess (key of the only one that her first
    sentence names, else null), offers: key, label, title, note, price (yuan), unit, left (null without a limit), is_full,
    starts, deadline, min_count, ages, loan_days, words.
    """

    kind: str
    service: str = ""
    ages: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class PriceCart:
    """Read goods and quantities out of a sentence and price them. `before` is what 「跟上次一样」 stands for.

    Result: count (lines), items ({offer, title, quantity}), text, total (yuan), other (what is on no list), unclear (to be
    said before she is asked again: what may be several things, what there is less of).
    """

    text: str
    before: str = ""
    kind: str = "goods"
    service: str = ""


@dataclass(frozen=True, slots=True)
class RecallOrder:
    """Find the goods of the person's last order of a service. Result: count, text (as she would say it), no."""

    service: str


@dataclass(frozen=True, slots=True)
class ReturnLoan:
    """Staff: a loan came back, order `no`. Result: no, owner, title. Refused: unknown, returned, ambiguous, none (text)."""

    no: str


@dataclass(frozen=True, slots=True)
class FindBills:
    """Find the bills of the homes where the person is owner or family.

    Result: count (open ones), text (a line each), total (yuan), last (the last payment, empty without one).
    Refused: unbound, tenant, no_data.
    """


@dataclass(frozen=True, slots=True)
class ListPoints:
    """Find the person's points. Result: balance, count (entries), text (the last five), ways. Refused: unbound."""


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

    `name` tells one of a family that shares a number. Result: name, room.
    Refused: which (several people fit, their name is wanted), mismatch (with tries_left), locked (five wrong tries an
    hour), already_bound.
    """

    phone: str
    room: str
    community: str = ""
    name: str = ""


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
    """Staff: take a task. Result: no, owner, summary, secret (of the order, for him alone).

    Refused: taken (by), already_yours (secret), unknown, closed, ambiguous.
    """

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


Effect = (
    BookOrder
    | FindOffers
    | PriceCart
    | RecallOrder
    | ReturnLoan
    | FindBills
    | ListPoints
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
    | TagEffect
    | RightsEffect
    | SurveyEffect
    | RegisterEffect
    | MenuEffect
)


# they only look: a conversation may go back to what was asked before them
LOOKUPS: tuple[type, ...] = (
    FindOffers,
    PriceCart,
    RecallOrder,
    FindBills,
    ListPoints,
    *TAG_LOOKUPS,
    *RIGHTS_LOOKUPS,
    *MENU_LOOKUPS,
    *SURVEY_LOOKUPS,
)


def _script_name(kind: type) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()


EFFECTS: Mapping[str, type[Effect]] = {_script_name(kind): kind for kind in Effect.__args__}


def list_arguments(effect: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return (required, optional) argument names of a script's effect, without `answers`."""
    wanted = [each for each in fields(EFFECTS[effect]) if each.name != "answers"]
    required = tuple(f.name for f in wanted if f.default is MISSING and f.default_factory is MISSING)
    return required, tuple(f.name for f in wanted if f.name not in required)

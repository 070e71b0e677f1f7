"""How a conversation behaves in time and among others: silence, interruptions, repeats, new revisions. Values only."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from dialogs.places import NOWHERE, Place


class OnBusy(StrEnum):
    """What happens to a running script when the person clearly asks for another one."""

    ASK = "ask"
    REPLACE = "replace"
    STACK = "stack"
    IGNORE = "ignore"


class Interrupt(StrEnum):
    """What may come between a question and its answer: anything, only short answers that lead back, or nothing."""

    ALLOW = "allow"
    ANSWERS = "answers"
    NEVER = "never"


class Resume(StrEnum):
    """How a conversation that fell silent goes on when the person writes again."""

    ASK = "ask"
    AUTO = "auto"
    NEVER = "never"


class Upgrade(StrEnum):
    """What becomes of running conversations when a new revision is published."""

    PIN = "pin"
    MIGRATE = "migrate"
    RESTART = "restart"


@dataclass(frozen=True, slots=True)
class Timeout:
    """A question nobody answered `after` that time goes on: `then` is skip, cancel or goto:<step>."""

    after: timedelta
    then: str
    place: Place = field(default=NOWHERE, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Sitting:
    """How a silent conversation is treated (key `session`). Times count from the person's last message.

    `remind_after` None never reminds. After `idle_after` the conversation rests: `on_idle` is draft (kept, `resume` says
    how it goes on), discard, or goto:<step> to hand in what is there. After `max_age` it is let go.
    """

    remind_after: timedelta | None = None
    reminds: int = 1
    idle_after: timedelta = timedelta(hours=2)
    on_idle: str = "draft"
    resume: Resume = Resume.ASK
    max_age: timedelta = timedelta(days=7)
    place: Place = field(default=NOWHERE, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Once:
    """One run a person, ever (`period` None) or in a period."""

    period: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Quota:
    """How many completed runs are wanted, in all and in one building; None is no limit."""

    answers: int | None = None
    per_building: int | None = None

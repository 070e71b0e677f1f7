"""What may come into a turn, and the world the engine may look at. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from dialogs.answers.base import Heard
from dialogs.calendar import Calendar


@dataclass(frozen=True, slots=True)
class World:
    """What a step may know besides the state: the estate's local time, the calendar, and facts about the person.

    `facts` holds nested mappings read by expressions: owner.name, owner.bound, owner.rooms, owner.room, staff.name ...
    """

    now: datetime
    calendar: Calendar
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Begin:
    """Start the script. `sentence` is the first sentence, searched for answers it already holds."""

    vars: Mapping[str, Any] = field(default_factory=dict)
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """A message of the person: text, picture, voice (as text when recognised), location ..."""

    heard: Heard


@dataclass(frozen=True, slots=True)
class Tapped:
    """A tapped option: the turn it was shown in and its key."""

    turn: int
    key: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Ran:
    """The effect of the waiting Do step ran; `result` is what it returned."""

    result: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refused:
    """The effect of the waiting Do step was refused by a rule; `reason` is a stable word."""

    reason: str
    result: Mapping[str, Any] = field(default_factory=dict)


class TimerKind(StrEnum):
    """What silence does: the question comes once more, goes on without her, the conversation rests, it is let go."""

    REMIND = "remind"
    TIMEOUT = "timeout"
    IDLE = "idle"
    EXPIRE = "expire"


@dataclass(frozen=True, slots=True)
class TimedOut:
    """Nobody wrote until a timer was due. `reminded` counts the reminders of this silence, this one included."""

    kind: TimerKind
    reminded: int = 0


Given = Begin | Said | Tapped | Ran | Refused | TimedOut

"""The shapes every answer type shares: what was asked, what was heard, and what came of it.

Reasons are stable codes; the words a resident reads about them live in content/.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol

from dialogs.calendar import Calendar

Value = str | int | float | bool | list[str] | dict[str, object] | None


class AnswerType(StrEnum):
    """Every kind of answer a step may wait for."""

    CHOICE = "choice"
    MULTI = "multi"
    TEXT = "text"
    NUMBER = "number"
    AMOUNT = "amount"
    PHONE = "phone"
    DATE = "date"
    TIME = "time"
    DATETIME = "datetime"
    TIMERANGE = "timerange"
    YESNO = "yesno"
    RATING = "rating"
    ROOM = "room"
    ADDRESS = "address"
    PLATE = "plate"
    IMAGE = "image"
    VOICE = "voice"
    VIDEO = "video"
    FILE = "file"
    LOCATION = "location"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Accepted:
    """An understood answer: `value` fits JSON, `label` is what a person reads back."""

    value: Value
    label: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """An answer that does not do: a stable code, and the numbers or words its text may mention."""

    reason: str
    detail: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shown:
    """One option as the person saw it; `number` is the one printed before it in the latest prompt."""

    number: int
    key: str
    label: str
    say: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """What an answer type needs to know of its step.

    `min` and `max` bound a number (amount: in fen), a rating, a text's length or how many options may be chosen.
    `rooms` are the known rooms a short answer may mean. `is_past_allowed` lets dates lie in the past, `horizon_days` is
    how far ahead they may be.
    """

    type: AnswerType
    options: tuple[Shown, ...] = ()
    min: float | None = None
    max: float | None = None
    required: bool = True
    unit: str = ""
    rooms: tuple[str, ...] = ()
    is_integer: bool = False
    is_past_allowed: bool = False
    horizon_days: int = 366


@dataclass(frozen=True, slots=True)
class Heard:
    """What came in, already stripped and NFKC-normalised by the engine; recognised voice comes as text."""

    kind: Literal["text", "image", "voice", "location", "video", "file"]
    text: str = ""
    media_id: str = ""
    url: str = ""
    latitude: float | None = None
    longitude: float | None = None
    label: str = ""


class AnswerKind(Protocol):
    """One way to read an answer."""

    def read(self, heard: Heard, question: Question, now: datetime, calendar: Calendar) -> Accepted | Rejected:
        """Read a whole message as the answer to this question."""
        ...

    def extract(self, sentence: str, question: Question, now: datetime, calendar: Calendar) -> Accepted | None:
        """Find the answer inside a longer sentence; None unless it is sure."""
        ...


def text_of(heard: Heard) -> str | Rejected:
    """Return the plain text of a text message; Rejected `wrong_kind` for media and `empty` for nothing."""
    if heard.kind != "text":
        return Rejected("wrong_kind", {"kind": heard.kind})
    return plain(heard.text) or Rejected("empty")


def plain(text: str) -> str:
    """Bring half and full width, circled numbers and keycap emoji to their plain forms."""
    text = unicodedata.normalize("NFKC", text)
    return (text if _INVISIBLE.isdisjoint(text) else "".join(each for each in text if each not in _INVISIBLE)).strip()


_INVISIBLE = frozenset("\ufe0f\ufe0e\u20e3\u200b\u200c\u200d\ufeff")


def number_text(number: float) -> str:
    """Write a bound without a needless `.0`."""
    return f"{number:g}" if abs(number) < 1e6 else f"{number:.15g}"


def within(number: float, question: Question) -> Rejected | None:
    """Check a number against the question's bounds: `out_of_range` with `min` and `max` where they exist."""
    too_small = question.min is not None and number < question.min
    too_big = question.max is not None and number > question.max
    if not (too_small or too_big):
        return None
    bounds = {"min": question.min, "max": question.max}
    return Rejected("out_of_range", {name: number_text(bound) for name, bound in bounds.items() if bound is not None})

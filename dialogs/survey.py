"""What a survey is besides a conversation: sources, sittings, and what each of its questions is for. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Source(StrEnum):
    """Where an answer comes from (R87): the bot asked, or a staff member in one of his ways."""

    BOT = "bot"
    VISIT = "visit"
    PHONE = "phone"
    RECEPTION = "reception"
    GROUP = "group"
    PARCEL = "parcel"
    EVENT = "event"
    FRIEND = "friend"
    LIAISON = "liaison"
    SUPPLIER = "supplier"


PURPOSES = ("profile", "marketing", "health", "minors", "voice", "supplier")  # of consents (D01)

# names in a conversation's variables. What the host hands in:
LED = "_led"  # a staff member asks and answers for the owner
RUN = "_survey"  # {run, visit, owner, source}: what answers are written to
TEXTS = "_consent_texts"  # the consent texts in force, by purpose
KEPT_BY_HOST = (LED, RUN, TEXTS)  # kept when a script begins again
# and the engine's own:
TAGS = "_tags"  # what was known and fresh when it began, by tag key
CONFIRMING = "_confirming"  # the question whose known answer is being confirmed
DENIED = "_denied"  # questions whose known answer was said to be out of date
SAT = "_sat"  # questions asked in this sitting
PAUSED = "_paused"  # it rests between two sittings; its question has not been shown


@dataclass(frozen=True, slots=True)
class Survey:
    """A survey's own keys: the consent asked before anything, who may ask it, questions the bot asks at once (0: all)."""

    purpose: str = ""
    sources: tuple[Source, ...] = (Source.BOT,)
    sitting: int = 0


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What a question is for (D05) and what its answer becomes.

    `tag` is the key its answer writes, `consent` what must be granted before it is asked, `fresh` how old a known answer
    may be to be confirmed only. A question of `is_staff` is for the staff member who leads, and `hint` is for his eyes.
    `asks` is the purpose whose consent this very question asks for.
    """

    tag: str = ""
    why: str = ""
    consent: str = ""
    fresh: timedelta | None = None
    is_staff: bool = False
    hint: str = ""
    asks: str = ""


NO_INQUIRY = Inquiry()

"""Free text and addresses: kept as written, bounded in length."""

import re
from datetime import datetime

from dialogs.answers.base import Accepted, Heard, Question, Rejected, text_of
from dialogs.calendar import Calendar

LONGEST = 500
_PLACE = re.compile(r"[路街巷弄道号栋幢楼室区村镇乡县市省园苑庭府城寓厦院门口场站店库]|单元")


class Text:
    """Reads any text."""

    def read(self, heard: Heard, question: Question, now: datetime, calendar: Calendar) -> Accepted | Rejected:
        """Read a message as text of `min` to `max` (else 500) characters: `too_short` or `too_long`."""
        text = text_of(heard)
        return text if isinstance(text, Rejected) else bounded(text, question.min or 1, question.max or LONGEST)

    def extract(self, sentence: str, question: Question, now: datetime, calendar: Calendar) -> Accepted | None:
        """Find nothing: free text has no shape to be sure of."""
        return None


class Address:
    """Reads a postal address: it must name some place."""

    def read(self, heard: Heard, question: Question, now: datetime, calendar: Calendar) -> Accepted | Rejected:
        """Read a message as an address; `not_an_address` where it names no street, house or place."""
        text = text_of(heard)
        if isinstance(text, Rejected):
            return text
        if not _PLACE.search(text):
            return Rejected("not_an_address")
        return bounded(text, question.min or 4, question.max or 120)

    def extract(self, sentence: str, question: Question, now: datetime, calendar: Calendar) -> Accepted | None:
        """Find nothing: where an address ends inside a sentence is never sure."""
        return None


def bounded(text: str, least: float, most: float) -> Accepted | Rejected:
    """Accept a text whose length lies between the bounds."""
    if len(text) > most:
        return Rejected("too_long", {"max": f"{most:g}", "length": str(len(text))})
    if len(text) < least:
        return Rejected("too_short", {"min": f"{least:g}"})
    return Accepted(text, text)

"""Telephone numbers of mainland China: 11-digit mobiles, and landlines with their area code."""

import re
from datetime import datetime

from dialogs.answers.base import Accepted, Heard, Question, Rejected, text_of
from dialogs.calendar import Calendar

_SPOKEN = str.maketrans("零〇一幺二三四五六七八九", "001123456789")
_GAP = r"[\s-]?"
_MOBILE = re.compile(rf"(?<!\d)(?:(?:\+|00)?86{_GAP})?(1[3-9]\d{_GAP}\d{{4}}{_GAP}\d{{4}})(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)\(?(0(?:10|2\d|[3-9]\d{2}))\)?[\s-]?(\d{7,8})(?:[\s-]?(?:转|-)\s?(\d{1,6}))?(?!\d)")


class Phone:
    """Reads one telephone number: 13812345678, or 0371-65551234."""

    def read(self, heard: Heard, question: Question, now: datetime, calendar: Calendar) -> Accepted | Rejected:
        """Read a message that holds one number; `not_a_phone` or `ambiguous`."""
        text = text_of(heard)
        if isinstance(text, Rejected):
            return text
        found = find_phones(text)
        if len(found) > 1:
            return Rejected("ambiguous", {"options": "、".join(found)})
        return Accepted(found[0], found[0]) if found else Rejected("not_a_phone")

    def extract(self, sentence: str, question: Question, now: datetime, calendar: Calendar) -> Accepted | None:
        """Find the only telephone number of a sentence."""
        found = find_phones(sentence)
        return Accepted(found[0], found[0]) if len(found) == 1 else None


def find_phones(text: str) -> list[str]:
    """List the different telephone numbers of a text, each in its plain form."""
    text = text.translate(_SPOKEN)
    mobiles = [re.sub(r"\D", "", found[1]) for found in _MOBILE.finditer(text)]
    landlines = [f"{code}-{local}" + (f"-{inner}" if inner else "") for code, local, inner in _LANDLINE.findall(text)]
    return list(dict.fromkeys(mobiles + landlines))

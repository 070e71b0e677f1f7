"""Car number plates of mainland China, the ordinary seven characters and the new-energy eight."""

import re
from datetime import datetime

from dialogs.answers.base import Accepted, Heard, Question, Rejected, text_of
from dialogs.calendar import Calendar

_PROVINCE = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使"
_LETTER, _SIGN = "A-HJ-NP-Z", "A-HJ-NP-Z0-9"
_GAP = r"[\s·•.・-]?"
_PLATE = re.compile(
    rf"([{_PROVINCE}]){_GAP}([{_LETTER}]){_GAP}"
    rf"((?:[A-HJK][{_SIGN}]\d{{4}}|\d{{5}}[A-HJK])|[{_SIGN}]{{4}}[{_SIGN}挂学警港澳])(?![A-Z0-9])",
    re.IGNORECASE,
)


class Plate:
    """Reads one plate; its value is upper case without marks, its label has the dot."""

    def read(self, heard: Heard, question: Question, now: datetime, calendar: Calendar) -> Accepted | Rejected:
        """Read a message that holds one plate; `not_a_plate` or `ambiguous`."""
        text = text_of(heard)
        if isinstance(text, Rejected):
            return text
        found = _plates(re.sub(r"(?<=[A-Za-z0-9])\s+(?=[A-Za-z0-9])", "", text))
        if len(found) > 1:
            return Rejected("ambiguous", {"options": "、".join(each.label for each in found)})
        return found[0] if found else Rejected("not_a_plate")

    def extract(self, sentence: str, question: Question, now: datetime, calendar: Calendar) -> Accepted | None:
        """Find the only plate of a sentence."""
        found = _plates(sentence)
        return found[0] if len(found) == 1 else None


def _plates(text: str) -> list[Accepted]:
    parts = [tuple(part.upper() for part in found) for found in _PLATE.findall(text)]
    return [Accepted("".join(part), f"{part[0]}{part[1]}·{part[2]}") for part in dict.fromkeys(parts)]

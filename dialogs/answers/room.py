"""Rooms: 3栋1单元502室, 3-1-502, 三号楼一单元五零二, or 502 alone where only one known room can be meant."""

import re
from dataclasses import dataclass
from datetime import datetime

from dialogs.answers.base import Accepted, Heard, Question, Rejected, text_of
from dialogs.calendar import Calendar
from dialogs.times.words import DIGITS, number

_CN = "零〇一二两三四五六七八九十"
_SHORT = rf"(?:\d{{1,3}}|[{_CN}]{{1,3}}|[A-Za-z]\d{{0,2}})"
_DOOR = r"(?:\d{3,4}|[零〇一二三四五六七八九]{3,4})[A-Za-z]?"
_FLOOR = rf"(?:[{_CN}\d]{{1,3}}[楼层])?"
_ROOM = re.compile(
    rf"(?<![\dA-Za-z-])(?P<building>{_SHORT})\s?(?:号楼|栋楼?|幢楼?|座|号院?|楼|#|[-/\s])[\s/-]?"
    rf"(?:(?P<unit>{_SHORT})\s?(?:单元|门|[-/\s])[\s/-]?)?{_FLOOR}(?P<door>{_DOOR})\s?(?:室|号|房)?(?![\d-])"
)
_DOOR_ALONE = re.compile(rf"(?:(?P<unit>{_SHORT})(?:单元|[-/\s]))?{_FLOOR}(?P<door>{_DOOR})\s?(?:室|号|房)?")
_MARKED = re.compile(r"栋|幢|座|号楼|#|单元|室")


@dataclass(frozen=True, slots=True)
class Room:
    """The parts of a room that were named, as plain digits and capitals."""

    building: str | None
    unit: str | None
    door: str

    def is_meant_by(self, said: "Room") -> bool:
        """Tell whether this room fits everything that was said."""
        pairs = ((self.building, said.building), (self.unit, said.unit), (self.door, said.door))
        return all(wanted is None or mine == wanted for mine, wanted in pairs)

    def __str__(self) -> str:
        names = (self.building and f"{self.building}栋", self.unit and f"{self.unit}单元", self.door)
        return "-".join(name for name in names if name)


class RoomAnswer:
    """Reads one room: 3栋-1单元-502, or the question's own writing of a known room."""

    def read(self, heard: Heard, question: Question, now: datetime, calendar: Calendar) -> Accepted | Rejected:
        """Read a message as a room: `not_a_room`, `incomplete`, `unknown_room`, `ambiguous`."""
        text = text_of(heard)
        if isinstance(text, Rejected):
            return text
        if text in question.rooms:
            return Accepted(text, text)
        said = _said(text) or _door_alone(text)
        return _known(said, question.rooms) if said else Rejected("not_a_room")

    def extract(self, sentence: str, question: Question, now: datetime, calendar: Calendar) -> Accepted | None:
        """Find the only room of a sentence that is written with 栋, 单元 or 室, or is a known one."""
        found = list(_ROOM.finditer(sentence))
        if len(found) != 1 or not (question.rooms or _MARKED.search(found[0][0])):
            return None
        answer = _known(_of(found[0]), question.rooms)
        return answer if isinstance(answer, Accepted) else None


def _said(text: str) -> Room | None:
    found = _ROOM.search(text)
    return _of(found) if found else None


def _door_alone(text: str) -> Room | None:
    found = _DOOR_ALONE.fullmatch(text)
    return Room(None, _plain(found["unit"]), _door(found["door"])) if found else None


def _of(found: re.Match[str]) -> Room:
    return Room(_plain(found["building"]), _plain(found["unit"]), _door(found["door"]))


def _plain(text: str | None) -> str | None:
    if text is None or text[0].isascii():
        return text and (str(int(text)) if text.isdecimal() else text.upper())
    if "十" in text:
        return str(number(text)) if re.fullmatch(r"[一二三四五六七八九]?十[一二三四五六七八九]?", text) else text
    return str(int(_door(text)))


def _door(text: str) -> str:
    return "".join(str(DIGITS.get(char, char)) for char in text).upper()


def _known(said: Room, rooms: tuple[str, ...]) -> Accepted | Rejected:
    """Choose the known room that fits; without known rooms a building must have been named."""
    if not rooms:
        return Accepted(str(said), str(said)) if said.building else Rejected("incomplete", {"room": str(said)})
    fitting = [room for room in rooms if (parts := _said(room)) and parts.is_meant_by(said)]
    if len(fitting) == 1:
        return Accepted(fitting[0], fitting[0])
    if fitting:
        return Rejected("ambiguous", {"options": "、".join(fitting[:9])})
    return Rejected("unknown_room", {"room": str(said)})

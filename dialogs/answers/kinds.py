"""The list of answer types. To add one: its file, one line here, a test. `review` is the engine's own."""

from collections.abc import Mapping
from types import MappingProxyType

from dialogs.answers.base import AnswerKind, AnswerType
from dialogs.answers.choice import Choice
from dialogs.answers.media import Location, Media
from dialogs.answers.moment import DateAnswer, DateTimeAnswer, TimeAnswer, TimeRange
from dialogs.answers.multi import Multi
from dialogs.answers.number import Amount, Number
from dialogs.answers.phone import Phone
from dialogs.answers.plate import Plate
from dialogs.answers.rating import Rating
from dialogs.answers.room import RoomAnswer
from dialogs.answers.text import Address, Text
from dialogs.answers.yesno import YesNo

ANSWERS: Mapping[AnswerType, AnswerKind] = MappingProxyType(
    {
        AnswerType.CHOICE: Choice(),
        AnswerType.MULTI: Multi(),
        AnswerType.TEXT: Text(),
        AnswerType.NUMBER: Number(),
        AnswerType.AMOUNT: Amount(),
        AnswerType.PHONE: Phone(),
        AnswerType.DATE: DateAnswer(),
        AnswerType.TIME: TimeAnswer(),
        AnswerType.DATETIME: DateTimeAnswer(),
        AnswerType.TIMERANGE: TimeRange(),
        AnswerType.YESNO: YesNo(),
        AnswerType.RATING: Rating(),
        AnswerType.ROOM: RoomAnswer(),
        AnswerType.ADDRESS: Address(),
        AnswerType.PLATE: Plate(),
        AnswerType.IMAGE: Media("image"),
        AnswerType.VOICE: Media("voice"),
        AnswerType.VIDEO: Media("video"),
        AnswerType.FILE: Media("file"),
        AnswerType.LOCATION: Location(),
    }
)

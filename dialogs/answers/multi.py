"""Any number of the shown options: "1,3", "13", "1、3和4", labels, all or none."""

import re
from collections.abc import Sequence
from datetime import datetime

from dialogs.answers.base import Accepted, Heard, Question, Rejected, Shown, text_of
from dialogs.answers.choice import pick
from dialogs.answers.mentions import by_name, by_number, folded, mentioned
from dialogs.calendar import Calendar
from dialogs.times.words import NUM, number

_ALL = {
    "都要",
    "全部",
    "全要",
    "全选",
    "都选",
    "所有",
    "都有",
    "全都要",
    "都需要",
    "都感兴趣",
    "全部都要",
    "都可以",
    "全都有",
    "都喜欢",
}
_NONE = {
    "都不要", "没有", "无", "都没有", "不要", "都不", "一个都不要", "没", "都不需要", "不需要", "都不感兴趣",
    "一个都没有", "都不是", "都不用", "不用",
}  # fmt: skip
_BETWEEN = re.compile(r"\s*(?:[,，、;；/&+\s]|和|与|跟|以及|还有|加)\s*")
_NUMBERS = re.compile(r"\d+(?:[\s,，、;；./&+和与跟]+\d+)*[.。]?")
_ALL_BUT = re.compile(r"(?:除了?|除去)(?P<out>.+?)(?:以外|之外|外)?[,， ]?(?:其他|其余|别)?的?(?:都|全).{0,6}")
_SPAN = re.compile(rf"({NUM})\s*(?:-|~|到|至)\s*({NUM})")


class Multi:
    """Reads a set of options; its value lists their keys in the order shown."""

    def read(self, heard: Heard, question: Question, now: datetime, calendar: Calendar) -> Accepted | Rejected:
        """Read a message as options; `too_few` and `too_many` tell the bound."""
        text = text_of(heard)
        if isinstance(text, Rejected):
            return text
        found = choose(text, question)
        return found if isinstance(found, Rejected) else _counted(found, question, text)

    def extract(self, sentence: str, question: Question, now: datetime, calendar: Calendar) -> Accepted | None:
        """Find the options a sentence mentions without denying them."""
        found = mentioned(sentence, question.options, shortest=2)
        answer = _counted(found, question, "") if found else None
        return answer if isinstance(answer, Accepted) else None


def choose(text: str, question: Question) -> list[Shown] | Rejected:
    """List the options a text means; an empty list where it says none of them."""
    options = question.options
    bare = folded(text).rstrip("。.!！的了吧")
    exact = by_name(text, options) or by_name(bare, options)
    if exact:
        return [exact]
    if bare in _ALL:
        return [each for each in options if folded(each.label) not in _NONE]
    if bare in _NONE:
        return _none(question)
    return _by_numbers(text, options) or _all_but(text, options) or _by_pieces(text, options)


def _all_but(text: str, options: tuple[Shown, ...]) -> list[Shown]:
    found = _ALL_BUT.fullmatch(text)
    left_out = mentioned(found["out"], options) if found else []
    return [each for each in options if each not in left_out] if left_out else []


def _by_numbers(text: str, options: tuple[Shown, ...]) -> list[Shown] | Rejected | None:
    if _NUMBERS.fullmatch(text):
        return _by_digits(text, options)
    span = _SPAN.fullmatch(text)
    if span:
        return _numbered(range(number(span[1]), number(span[2]) + 1), options)
    return None


def _none(question: Question) -> list[Shown] | Rejected:
    said = [each for each in question.options if folded(each.label) in _NONE]
    if len(said) == 1:
        return said
    return Rejected("required") if question.required else []


def _by_digits(text: str, options: tuple[Shown, ...]) -> list[Shown] | Rejected:
    numbers = [int(each) for each in re.findall(r"\d+", text)]
    if len(numbers) == 1 and numbers[0] > 9 and len(options) <= 9:
        numbers = [int(digit) for digit in str(numbers[0])]
    return _numbered(numbers, options)


def _numbered(numbers: Sequence[int], options: tuple[Shown, ...]) -> list[Shown] | Rejected:
    shown = {each.number for each in options}
    if not numbers or len(numbers) > 99 or not shown.issuperset(numbers):
        return Rejected("out_of_range", {"min": str(min(shown, default=0)), "max": str(max(shown, default=0))})
    return [each for each in options if each.number in numbers]


def _by_pieces(text: str, options: tuple[Shown, ...]) -> list[Shown] | Rejected:
    """Read piece by piece where every piece is one option, else take what the whole text mentions."""
    pieces = [piece for piece in _BETWEEN.split(text) if piece]
    picked = [by_number(piece, options) or by_name(piece, options) for piece in pieces]
    if all(picked):
        return [each for each in options if each in picked]
    found = mentioned(text, options)
    if found:
        return found
    only = pick(text, options)
    return only if isinstance(only, Rejected) else [only]


def _counted(found: list[Shown], question: Question, said: str) -> Accepted | Rejected:
    least, most = question.min, question.max
    if found and least is not None and len(found) < least:
        return Rejected("too_few", {"min": f"{least:g}"})
    if most is not None and len(found) > most:
        return Rejected("too_many", {"max": f"{most:g}"})
    return Accepted([each.key for each in found], "、".join(each.label for each in found) or said)

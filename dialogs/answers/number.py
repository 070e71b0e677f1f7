"""Plain numbers and amounts of money; money is always integer fen."""

import re
from datetime import datetime
from decimal import Decimal

from dialogs.answers.base import Accepted, Heard, Question, Rejected, text_of, within
from dialogs.answers.numerals import find_numbers
from dialogs.calendar import Calendar

_NOTHING = {"没有", "无", "没", "零"}
_LONGEST = 24  # a number with its unit and a word or two; a longer text is something else
_YUAN = r"(?:元|块钱?|圆|¥|RMB|rmb)"
_SMALL_MONEY = re.compile(
    rf"(?P<yuan>[\d.]+|[零一二两三四五六七八九十百千万]+){_YUAN}(?P<jiao>[\d零一二两三四五六七八九])(?:角|毛)?"
    r"(?:(?P<fen>[\d零一二两三四五六七八九])分?)?"
)
_JIAO = re.compile(r"(?P<jiao>[\d零一二两三四五六七八九])(?:角|毛)(?:(?P<fen>[\d零一二两三四五六七八九])分?)?")
_MOST = Decimal(10) ** 12


class Number:
    """Reads one number; its value is int, or float where it has a fraction."""

    def read(self, heard: Heard, question: Question, now: datetime, calendar: Calendar) -> Accepted | Rejected:
        """Read a message that holds one number: `not_a_number`, `ambiguous`, `not_an_integer`, `out_of_range`."""
        text = text_of(heard)
        if isinstance(text, Rejected):
            return text
        found = Decimal(0) if text in _NOTHING else one_number(text)
        return found if isinstance(found, Rejected) else _checked(found, question)

    def extract(self, sentence: str, question: Question, now: datetime, calendar: Calendar) -> Accepted | None:
        """Find the one number that stands before the question's unit."""
        if not question.unit:
            return None
        found = [value for _, end, value in find_numbers(sentence) if sentence[end:].lstrip().startswith(question.unit)]
        answer = _checked(found[0], question) if len(found) == 1 else None
        return answer if isinstance(answer, Accepted) else None


class Amount:
    """Reads money in yuan; its value, and the question's bounds, are integer fen."""

    def read(self, heard: Heard, question: Question, now: datetime, calendar: Calendar) -> Accepted | Rejected:
        """Read a message that holds one sum: `not_an_amount`, `ambiguous`, `too_precise`, `out_of_range`."""
        text = text_of(heard)
        if isinstance(text, Rejected):
            return text
        yuan = _yuan(text)
        return yuan if isinstance(yuan, Rejected) else _sum(yuan, question)

    def extract(self, sentence: str, question: Question, now: datetime, calendar: Calendar) -> Accepted | None:
        """Find the one number that stands before 元 or 块, or after ¥."""
        found = [
            value
            for start, end, value in find_numbers(sentence)
            if re.match(rf"\s?{_YUAN}(?![\d零一二两三四五六七八九角毛])", sentence[end:])
            or sentence[:start].rstrip().endswith("¥")
        ]
        answer = _sum(found[0], question) if len(found) == 1 else None
        return answer if isinstance(answer, Accepted) else None


def one_number(text: str) -> Decimal | Rejected:
    """Return the only number of a short text."""
    found = [value for _, _, value in find_numbers(text)]
    if not found or len(text) > _LONGEST:
        return Rejected("not_a_number")
    return found[0] if len(found) == 1 else Rejected("ambiguous")


def _checked(value: Decimal, question: Question) -> Accepted | Rejected:
    if abs(value) > _MOST:
        return within(float(value), question) or Rejected("out_of_range")
    is_whole = value == value.to_integral_value()
    if question.is_integer and not is_whole:
        return Rejected("not_an_integer")
    plain = int(value) if is_whole else float(value)
    return within(plain, question) or Accepted(plain, f"{plain}{question.unit}")


def _yuan(text: str) -> Decimal | Rejected:
    small = _SMALL_MONEY.search(text) or _JIAO.search(text)
    if small and len(text) <= _LONGEST:
        said = small.groupdict()
        values = [_first(said.get(name) or "0") for name in ("yuan", "jiao", "fen")]
        return values[0] + values[1] / 10 + values[2] / 100
    found = one_number(text)
    return Rejected("not_an_amount") if isinstance(found, Rejected) and found.reason == "not_a_number" else found


def _first(text: str) -> Decimal:
    return next((value for _, _, value in find_numbers(text)), Decimal(0))


def _sum(yuan: Decimal, question: Question) -> Accepted | Rejected:
    fen = yuan * 100
    if fen != fen.to_integral_value():
        return Rejected("too_precise")
    if not 0 <= fen <= _MOST:
        return within(float(fen), question) or Rejected("out_of_range")
    return within(float(fen), question) or Accepted(int(fen), f"{int(fen) // 100}.{int(fen) % 100:02d}元")

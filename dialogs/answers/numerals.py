"""Numbers as people write them: 3.5, 1,200, 一百二十, 两千三, 1.2万, 一个半."""

import re
from collections.abc import Iterator
from decimal import Decimal

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "俩": 2, "仨": 3}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_PLACES = {"万": 10_000, "亿": 100_000_000}
_NUMERAL = re.compile(
    r"(?P<digits>(?<![\d.])-?\d{1,3}(?:,\d{3})+(?:\.\d+)?|(?<![\d.])-?\d{1,15}(?:\.\d{1,6})?)(?P<place>[万千亿百])?(?![\d.])"
    r"|(?P<words>[零〇一二两俩仨三四五六七八九十百千万亿]+)(?:点(?P<part>[零〇一二三四五六七八九]+))?(?P<half>个半)?"
)


def find_numbers(text: str) -> Iterator[tuple[int, int, Decimal]]:
    """Yield (start, end, number) for every number in a text."""
    for found in _NUMERAL.finditer(text):
        value = _of_digits(found) if found["digits"] else _of_words(found)
        if value is not None:
            yield found.start(), found.end(), value


def _of_digits(found: re.Match[str]) -> Decimal:
    place = _UNITS | _PLACES
    return Decimal(found["digits"].replace(",", "")) * (place[found["place"]] if found["place"] else 1)


def _of_words(found: re.Match[str]) -> Decimal | None:
    value = read_words(found["words"])
    if value is None:
        return None
    part = "".join(str(_DIGITS[char]) for char in found["part"] or "")
    return Decimal(f"{value}.{part or 0}") + (Decimal("0.5") if found["half"] else 0)


def read_words(words: str) -> int | None:
    """Read Chinese numerals to 亿; 一百二 is 120, 一二三 is 123; None where the order makes no sense."""
    if all(char in _DIGITS for char in words):
        return int("".join(str(_DIGITS[char]) for char in words)) if len(words) <= 15 else None
    total, group, digit, last = 0, 0, None, 1
    for char in words:
        if char in _DIGITS:
            if digit:
                return None
            digit, last = _DIGITS[char], 1 if _DIGITS[char] == 0 else last
        elif char in _UNITS:
            group, digit, last = group + (1 if digit is None else digit) * _UNITS[char], None, _UNITS[char]
        else:
            total, group, digit, last = (total + group + (digit or 0)) * _PLACES[char], 0, None, _PLACES[char]
    return total + group + (digit or 0) * max(last // 10, 1)

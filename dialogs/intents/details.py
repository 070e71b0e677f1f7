"""What a sentence tells besides the wish: what is broken, where, for how many people, for how much money. Pure text.

Times, rooms, plates and telephones are answers of their own (dialogs/answers) and not read here. Only what is plainly said
is found; nothing is guessed from the wish.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from dialogs.answers.numerals import find_numbers

LONGEST = 500  # characters looked at
MOST_PEOPLE = 200
FEN = 100
_ALL = re.compile(r"\s*(?:个人(?!以)|人(?![民家工])(?!\s*[一二两三四五六七八九十百千\d])|口(?!井)|位(?!置|老|大|小))")
_SOME = re.compile(r"\s*(?:个|位|名)?(?:大人|小孩|孩子|老人|大(?=[一二两三四五\d])|小(?![时区号]))")
_MONEY = re.compile(r"\s*(?:元|块(?!地|板|砖|布)|人民币|块钱)")
_ROUNDABOUT = re.compile(r"\s*(?:以内|左右|上下|出头)")  # after 万 it can only be money
_BUDGET_BEFORE = re.compile(r"(?:预算|不超过|最多|价格)(?:是|在|大概|大约|差不多)?\s*$")
_BUDGET_AFTER = re.compile(r"\s*(?:以内|左右|上下)?(?:的)?预算")


class Detail(NamedTuple):
    """A value for machines and its words for people."""

    value: str | int
    label: str


@dataclass(frozen=True, slots=True)
class DetailWords:
    """Words for places, and for each kind of fault the words that tell of it."""

    places: tuple[str, ...] = ()
    faults: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def read_details(words: DetailWords, normal: str) -> dict[str, Detail]:
    """Return what a normalised text plainly tells: fault, place, people (a number), amount (fen)."""
    text = normal[:LONGEST]
    found: dict[str, Detail] = {}
    if fault := _find_fault(words.faults, text):
        found["fault"] = Detail(fault, fault)
    if place := _find_first(words.places, text):
        found["place"] = Detail(place, place)
    if people := _count_people(text):
        found["people"] = Detail(people, f"{people}人")
    if amount := _find_amount(text):
        found["amount"] = Detail(amount, f"{amount / FEN:g}元" if amount % FEN else f"{amount // FEN}元")
    return found


def _find_fault(faults: Mapping[str, tuple[str, ...]], text: str) -> str | None:
    return next((kind for kind, words in faults.items() if any(word in text for word in words)), None)


def _find_first(places: Iterable[str], text: str) -> str | None:
    spots = [(text.find(place), -len(place), place) for place in places if place in text]
    return min(spots)[2] if spots else None


def _count_people(text: str) -> int:
    """Return 6 for 我们6个人,两位老人; without a sum add up 两大一小. A floor, a price or an hour is no person."""
    numbers = [(end, int(number)) for _, end, number in find_numbers(text) if number == int(number)]
    summed = next((number for end, number in numbers if _ALL.match(text, end)), 0)
    counted = summed or sum(number for end, number in numbers if _SOME.match(text, end))
    return counted if 0 < counted <= MOST_PEOPLE else 0


def _find_amount(text: str) -> int:
    """Return the first sum of money in fen: 两千块, 300元, 预算五千, 十万左右."""
    for start, end, number in find_numbers(text):
        is_budget = _BUDGET_BEFORE.search(text, 0, start) or _BUDGET_AFTER.match(text, end)
        is_large = text[end - 1] == "万" and _ROUNDABOUT.match(text, end)
        if number > 0 and (is_budget or is_large or _MONEY.match(text, end)):
            return int(number * FEN)
    return 0

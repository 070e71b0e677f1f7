"""Cells of registers as people write them -> values, or one line that says what is wrong and what to do. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, TypeVar

from handlers.import_words import Said
from models.owners import Relation
from models.staff import Role
from models.vocabulary import TagKind, Vocabulary

EARLIEST, LATEST = date(1900, 1, 1), date(2100, 1, 1)
_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"0[1-9]\d{8,10}|[2-9]\d{6,7}|400\d{7}")
_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]0{1,2}:00(?::00)?)?|(\d{4})(\d\d)(\d\d)")

ValueT = TypeVar("ValueT")


class CellError(ValueError):
    """A cell that cannot be read; the text follows `line N: COLUMN `. `code` and `given` say it in other words."""

    def __init__(self, text: str, code: str = "", **given: object) -> None:
        super().__init__(text)
        self.code, self.given = code, given


@dataclass(slots=True)
class Cells:
    """Reads one row's cells and gathers what is wrong with them."""

    cells: Mapping[str, str]
    problems: list[str] = field(default_factory=list)

    def text(self, column: str, longest: int, *, is_needed: bool = False) -> str:
        """Return a cell's text, its length checked."""
        value = self.cells.get(column, "")
        if is_needed and not value:
            self.problems.append(Said(f"{column} is empty, fill it in", "empty", column=column))
        elif len(value) > longest:
            words = f"{column} is longer than {longest} characters, shorten it"
            self.problems.append(Said(words, "long", column=column, longest=longest))
        elif not value.isprintable() and any(unicodedata.category(each) == "Cc" for each in value):
            words = f"{column} holds a line break or another control character, take it out"
            self.problems.append(Said(words, "control", column=column))
        return value

    def read(self, column: str, reader: Callable[[str], ValueT]) -> ValueT | None:
        """Return what a reader makes of a cell, None for an empty or a wrong one."""
        value = self.cells.get(column, "")
        if not value:
            return None
        try:
            return reader(value)
        except CellError as error:
            words = f"{column} {error}"
            self.problems.append(Said(words, error.code, column=column, **error.given) if error.code else words)
            return None


def read_phone(value: str) -> str:
    """Return the digits of a mobile number, or of a landline."""
    if value.isascii() and _MOBILE.fullmatch(value):
        return value
    digits = re.sub(r"[\s()（）+·.—–\-]", "", unicodedata.normalize("NFKC", value))
    digits = re.sub(r"^(0086|86)(?=1[3-9]\d{9}$)", "", digits)
    if not (_MOBILE.fullmatch(digits) or _LANDLINE.fullmatch(digits)):
        hint = "write a mobile number of 11 digits, or a landline with its area code"
        raise CellError(f"{value!r} is no phone number, {hint}", "phone", value=value)
    return digits


@lru_cache(4096)
def read_date(value: str) -> date:
    """Return a day from 2026-01-02, 2026/1/2, 2026.1.2, 2026年1月2日 or 20260102."""
    found = _DATE.fullmatch(unicodedata.normalize("NFKC", value))
    try:
        day = date(*(int(part) for part in found.groups() if part)) if found else None
    except ValueError:
        day = None
    if day is None:
        raise CellError(f"{value!r} is no day, write it like 2026-01-31", "day", value=value)
    if not EARLIEST <= day <= LATEST:
        raise CellError(f"{value!r} lies before {EARLIEST} or after {LATEST}, correct the year", "far", value=value)
    return day


def read_past_date(value: str, today: date) -> date:
    """Return a day that is not in the future."""
    day = read_date(value)
    if day > today:
        raise CellError(f"{value!r} lies in the future, correct it", "future", value=value)
    return day


def read_yuan(value: str) -> int:
    """Return fen from yuan with at most two decimals: 1,200.50, 180, ¥180."""
    text = unicodedata.normalize("NFKC", value).replace(",", "").removeprefix("¥").removesuffix("元").strip()
    if not re.fullmatch(r"\d{1,7}(\.\d{1,2})?", text):
        raise CellError(f"{value!r} is no amount in yuan, write it like 180 or 180.50")
    yuan, _, part = text.partition(".")
    return int(yuan) * 100 + int(part.ljust(2, "0") or 0)


def read_count(value: str) -> int:
    """Return a whole number from 0."""
    text = unicodedata.normalize("NFKC", value)
    if not re.fullmatch(r"\d{1,6}", text):
        raise CellError(f"{value!r} is no whole number, write digits only")
    return int(text)


def read_points(value: str) -> int:
    """Return points given, or spent with a minus; 0 says nothing."""
    text = unicodedata.normalize("NFKC", value).replace("−", "-").removeprefix("+")
    if not re.fullmatch(r"-?\d{1,6}", text) or int(text) == 0:
        raise CellError(f"{value!r} is no number of points, write it like 5 or -20")
    return int(text)


def read_relation(value: str) -> Relation:
    """Return how a person belongs to a home."""
    try:
        return Relation(value)
    except ValueError:
        allowed = "、".join(Relation)
        raise CellError(f"{value!r} is unknown, write one of {allowed}", "unknown", value=value, allowed=allowed) from None


def read_role(value: str) -> Role:
    """Return a staff member's role."""
    try:
        return Role(value.lower())
    except ValueError:
        allowed = ", ".join(Role)
        raise CellError(f"{value!r} is unknown, write one of {allowed}", "unknown", value=value, allowed=allowed) from None


def read_openid(value: str) -> str:
    """Return an openid: visible ASCII, at most 64 characters."""
    if not re.fullmatch(r"[!-~]{1,64}", value):
        hint = "copy it from the platform's page or leave it empty"
        raise CellError(f"{value!r} is no openid, {hint}", "openid", value=value)
    return value


def read_tags(value: str, vocabulary: Vocabulary) -> tuple[tuple[str, str], ...]:
    """Return (key, value) pairs of the vocabulary, each once; a key with one value may be named once only."""
    pairs: dict[tuple[str, str], None] = {}
    for part in re.split(r"[;；]", value):
        if part.strip():
            pairs[_read_tag(part.strip(), vocabulary)] = None
    named = [key for key, _ in pairs]
    for key in dict.fromkeys(named):
        if named.count(key) > 1 and vocabulary.keys[key].kind is not TagKind.MULTI:
            raise CellError(f"give {key} more than one value, keep one", "several", key=key)
    return tuple(pairs)


def _read_tag(part: str, vocabulary: Vocabulary) -> tuple[str, str]:
    word, equals, text = part.replace("＝", "=").partition("=")
    if not equals:
        raise CellError(f"hold {part!r}, write key=value", "pair", part=part)
    key: Any = vocabulary.find_key(word.strip())
    if key is None:
        word = word.strip()
        raise CellError(f"hold the unknown key {word!r}, see content/tags.yaml", "unknown_key", word=word)
    if key.is_computed:
        raise CellError(f"hold {key.key}, which is computed, take it out", "computed", key=key.label)
    value = key.read_value(text)
    if value is None:
        allowed = f"write one of {', '.join(key.values)}" if key.values else f"write a {key.kind}"
        choices = "、".join(key.values)
        raise CellError(f"hold {part!r}, {allowed}", "choices" if choices else "no_value", part=part, allowed=choices)
    return key.key, value


def read_buildings(value: str) -> tuple[tuple[str, str], ...]:
    """Return (community, building) pairs; `*` as the building is all that are known."""
    pairs = []
    for part in re.split(r"[;；]", value):
        community, _, building = (each.strip() for each in part.replace("／", "/").partition("/"))
        if not part.strip():
            continue
        if not community or not building or len(community) > 80 or len(building) > 40:
            raise CellError(f"hold {part.strip()!r}, write community/building or community/*")
        pairs.append((community, building))
    return tuple(dict.fromkeys(pairs))

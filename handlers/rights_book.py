"""What content/ says about rights: purposes one may agree to, how long each kind is kept. Reads mappings, no files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

PURPOSES = ("profile", "marketing", "health", "minors", "voice", "supplier")  # codes that tags and scripts may name
STAYS = "stays"
_LONGEST_TITLE = 12
_KEEP = re.compile(r"([1-9]\d{0,3})([dmy])")
_DAYS = {"d": 1.0, "m": 30.44, "y": 365.25}
_PURPOSE_KEYS = ("title", "version", "text", "kinds", "keeps")
_KIND_KEYS = ("title", "source", "keep", "at_least", "told")


@dataclass(frozen=True, slots=True)
class Purpose:
    """One thing that may be agreed to: the question, what is kept for it, how long."""

    code: str
    title: str
    version: str
    text: str
    kinds: str
    keeps: str


@dataclass(frozen=True, slots=True)
class ConsentBook:
    """All purposes, and who asks (D02)."""

    name: str = ""
    contact: str = ""
    purposes: Mapping[str, Purpose] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KeptKind:
    """One kind of data. `keep` None: as long as the person is with us; `keeps` is the words for it."""

    table: str
    title: str
    source: str
    keep: timedelta | None
    written: str
    is_told: bool = True  # in the short list

    def find_limit(self, now: datetime) -> datetime | None:
        """Return the instant before which such data is no longer kept, None when it stays (D12)."""
        return now - self.keep if self.keep is not None else None


@dataclass(frozen=True, slots=True)
class RetentionBook:
    """All kinds by name, and how columns are called in a person's copy."""

    kinds: Mapping[str, KeptKind] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)

    def title(self, kind: str) -> str:
        """Return what a person calls a kind."""
        found = self.kinds.get(kind)
        return found.title if found else kind


def parse_consents(mapping: Mapping[str, Any]) -> ConsentBook:
    """Return the book of content/consents.yaml; ValueError says which entry is wrong."""
    _check_keys("consents", mapping, ("who", "purposes"))
    who = mapping["who"]
    _check_keys("who", who, ("name", "contact"))
    given = mapping["purposes"]
    if set(given) != set(PURPOSES):
        raise ValueError(f"purposes: must be exactly {', '.join(PURPOSES)}")
    purposes = {code: _parse_purpose(code, given[code]) for code in PURPOSES}
    return ConsentBook(str(who["name"]), str(who["contact"]), purposes)


def _parse_purpose(code: str, given: Mapping[str, Any]) -> Purpose:
    _check_keys(code, given, _PURPOSE_KEYS)
    texts = {key: str(given.get(key) or "").strip() for key in _PURPOSE_KEYS}
    if missing := [key for key, text in texts.items() if not text]:
        raise ValueError(f"{code}: lacks {', '.join(missing)}")
    if len(texts["title"]) > _LONGEST_TITLE or len(texts["version"]) > 40:
        raise ValueError(f"{code}: a title has at most {_LONGEST_TITLE} characters, a version 40")
    return Purpose(code, **texts)


def parse_retention(mapping: Mapping[str, Any]) -> RetentionBook:
    """Return the book of content/retention.yaml; ValueError says which entry is wrong."""
    _check_keys("retention", mapping, ("kinds", "fields"))
    kinds = {str(table): _parse_kind(str(table), given) for table, given in mapping["kinds"].items()}
    return RetentionBook(kinds, {str(name): str(words) for name, words in (mapping.get("fields") or {}).items()})


def _parse_kind(table: str, given: Mapping[str, Any]) -> KeptKind:
    _check_keys(table, given, _KIND_KEYS)
    title, source, written = (str(given.get(key) or "") for key in ("title", "source", "keep"))
    if not title or not source:
        raise ValueError(f"{table}: needs a title and a source, a person reads them")
    keep, least = read_period(table, written), given.get("at_least")
    if least is not None and keep is not None and keep < (read_period(table, str(least)) or timedelta()):
        raise ValueError(f"{table}.keep: the law keeps it {least} at least")
    return KeptKind(table, title, source, keep, written, given.get("told", True) is True)


def read_period(name: str, written: str) -> timedelta | None:
    """Return the time that 30d, 24m or 3y means, None for `stays`; ValueError for anything else."""
    if written == STAYS:
        return None
    found = _KEEP.fullmatch(written)
    if found is None:
        raise ValueError(f"{name}.keep: must be like 30d, 24m or 3y, or {STAYS}")
    return timedelta(days=int(found[1]) * _DAYS[found[2]])


def _check_keys(name: str, given: Any, known: tuple[str, ...]) -> None:
    if not isinstance(given, Mapping):
        raise ValueError(f"{name}: must be a mapping")  # noqa: TRY004 - a problem of content, told like the others
    if unknown := [str(key) for key in given if key not in known]:
        raise ValueError(f"{name}: unknown keys {', '.join(unknown)}; keys are {', '.join(known)}")

"""The tag vocabulary: which keys there are, which values, and the words staff use for them. Reads a mapping, no files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import Any

from models.sealing import hide
from models.tags import read_number


class TagKind(StrEnum):
    """How the values of a key are written."""

    CHOICE = "choice"
    MULTI = "multi"
    NUMBER = "number"
    TEXT = "text"
    DATE = "date"
    MONTH = "month"


LISTED = (TagKind.CHOICE, TagKind.MULTI)


class VocabularyError(ValueError):
    """A vocabulary that cannot be used; `problems` are all of them."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class TagKey:
    """One key. Level 2 wants the consent `purpose` (D06); `expires_months` is when a tag dies unless said again (D12).

    `none` is the value of a multi that excludes all others: 无 beside 犬 would be no answer.
    """

    key: str
    label: str
    kind: TagKind
    values: tuple[str, ...] = ()
    level: int = 1
    share_level: int = 1
    purpose: str | None = None
    none: str | None = None
    expires_months: int | None = None
    aliases: Mapping[str, str] = field(default_factory=dict)
    is_staff_only: bool = False
    is_computed: bool = False
    is_in_audiences: bool = True

    @property
    def is_single(self) -> bool:
        """Tell whether an owner has one value of it at most."""
        return self.kind is not TagKind.MULTI

    def excludes(self, value: str, held: str) -> bool:
        """Tell whether a new value cannot stand beside one that is held."""
        return held != value and (self.is_single or self.none in (value, held))

    def read_value(self, text: str) -> str | None:
        """Return the value as it is stored, None when the key has no such value."""
        found = self._find_value(text.strip())
        return None if found is None else self.mark(found)

    def mark(self, value: str) -> str:
        """Return a value as it is written to rows: of level 2 it is secret, and sealed there (D06)."""
        return hide(self.level > 1, value, self.key)

    def _find_value(self, text: str) -> str | None:
        if self.kind in LISTED:
            return text if text in self.values else self.aliases.get(text)
        if not text or len(text) > 120:
            return None
        if self.kind is TagKind.DATE:
            return text if _is_date(text) else None
        if self.kind is TagKind.MONTH:
            return str(read_month(text)) if read_month(text) else None
        return text if self.kind is TagKind.TEXT or read_number(text) is not None else None


@dataclass(frozen=True, slots=True)
class Alias:
    """A whole word for any of some values of a key, or for a number of at least `minimum`."""

    word: str
    key: str
    values: tuple[str, ...] = ()
    minimum: float | None = None


@dataclass(frozen=True, slots=True)
class TagGroup:
    """One kind of things that may be known about people (R130): how sensitive, by which keys and fields of the register.

    `sensitivity` is the highest level of its keys, or X for what is never kept (D25 wants the map to be data).
    """

    name: str
    sensitivity: str
    keys: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """All keys, all words, what is never kept (`forbidden`, D05), and the groups it all belongs to."""

    keys: Mapping[str, TagKey]
    aliases: Mapping[str, Alias]
    forbidden: frozenset[str]
    groups: Mapping[str, TagGroup] = field(default_factory=dict)
    standard: str = ""  # which version of which standard the levels follow (D25)

    @cached_property
    def sensitive_purposes(self) -> frozenset[str]:
        """Return the consents that keys of level 2 rest on (D06)."""
        return frozenset(key.purpose for key in self.keys.values() if key.purpose)

    def find_key(self, word: str) -> TagKey | None:
        """Return a key by its name or its label."""
        return self.keys.get(word) or self._labels.get(word)

    def find_tags(self, word: str) -> tuple[tuple[str, str], ...]:
        """Return the tags a word may mean, as (key, value): an alias with one value, else every key that knows it."""
        alias = self.aliases.get(word)
        if alias is not None and len(alias.values) == 1:
            return ((alias.key, alias.values[0]),)
        return self._spellings.get(word, ())

    def is_forbidden(self, word: str) -> bool:
        """Tell whether a word names something that is never kept."""
        return any(part in word for part in self.forbidden)

    @cached_property
    def _labels(self) -> dict[str, TagKey]:
        return {key.label: key for key in self.keys.values()}

    @cached_property
    def _spellings(self) -> dict[str, tuple[tuple[str, str], ...]]:
        found: dict[str, tuple[tuple[str, str], ...]] = {}
        for key in self.keys.values():
            for spelling, value in {**key.aliases, **{value: value for value in key.values}}.items():
                found[spelling] = (*found.get(spelling, ()), (key.key, value))
        return found

    def list_words(self) -> list[str]:
        """Return every word of values and aliases."""
        return [*self.aliases, *self._spellings]


def read_month(text: str) -> int | None:
    """Return the month a text means: 3, 03, 3月 or 2026-03; None for anything else."""
    text = text.removesuffix("月")
    if len(text) == 7 and text[4] == "-" and text[:4].isascii() and text[:4].isdigit():
        text = text[5:] if len(text[5:]) == 2 else ""
    is_number = text.isascii() and text.isdigit() and len(text) <= 2
    return int(text) if is_number and 1 <= int(text) <= 12 else None


def parse_vocabulary(mapping: Mapping[str, Any]) -> Vocabulary:
    """Return the vocabulary a mapping describes (`tags`, `aliases`, `forbidden`, `groups`, `standard`; B4, R130, D25).

    Raises VocabularyError with every problem.
    """
    problems: list[str] = []
    unknown = set(mapping) - {"tags", "aliases", "forbidden", "groups", "standard"}
    problems.extend(f"{name}: unknown section" for name in sorted(unknown))
    keys = {str(key): _parse_key(str(key), given, problems) for key, given in _items(mapping, "tags", problems)}
    aliases = {
        str(word): _parse_alias(str(word), given, keys, problems) for word, given in _items(mapping, "aliases", problems)
    }
    forbidden = frozenset(str(word) for word in mapping.get("forbidden") or ())
    problems.extend(f"{key.key}: {key.label} is forbidden" for key in keys.values() if key.label in forbidden)
    groups = {str(name): _parse_group(str(name), given, keys, problems) for name, given in _items(mapping, "groups", problems)}
    if groups:
        grouped = [key for group in groups.values() for key in group.keys]
        problems.extend(f"{key}: is in {grouped.count(key)} groups and not in one" for key in keys if grouped.count(key) != 1)
    standard = str(mapping.get("standard") or "")
    if groups and not standard:
        problems.append("standard: is missing; it names the standard that the levels follow, with its version")
    if problems:
        raise VocabularyError(problems)
    return Vocabulary(MappingProxyType(keys), MappingProxyType(aliases), forbidden, MappingProxyType(groups), standard)


_KEY_FIELDS = {
    "label",
    "kind",
    "values",
    "level",
    "share_level",
    "purpose",
    "none",
    "expires_months",
    "aliases",
    "staff_only",
    "is_computed",
    "is_in_audiences",
}


def _items(mapping: Mapping[str, Any], name: str, problems: list[str]) -> list[tuple[Any, Mapping[str, Any]]]:
    section = mapping.get(name) or {}
    if not isinstance(section, Mapping):
        problems.append(f"{name}: must be a mapping")
        return []
    problems.extend(f"{name}.{key}: must be a mapping" for key, given in section.items() if not isinstance(given, Mapping))
    return [(key, given) for key, given in section.items() if isinstance(given, Mapping)]


def _parse_key(key: str, given: Mapping[str, Any], problems: list[str]) -> TagKey:
    problems.extend(f"{key}.{name}: unknown" for name in given if name not in _KEY_FIELDS)
    kind = given.get("kind")
    if kind not in list(TagKind):
        problems.append(f"{key}.kind: must be one of {', '.join(TagKind)}")
        kind = TagKind.TEXT
    is_secret = given.get("level") == 2
    values = tuple(hide(is_secret, str(value), key) for value in given.get("values") or ())
    if (kind in LISTED) != bool(values):
        problems.append(f"{key}.values: a {kind} {'needs' if kind in LISTED else 'has no'} values")
    if len(set(values)) != len(values):
        problems.append(f"{key}.values: one is there twice")
    aliases = {str(word): hide(is_secret, str(value), key) for word, value in (given.get("aliases") or {}).items()}
    problems.extend(f"{key}.aliases.{word}: no value {value}" for word, value in aliases.items() if value not in values)
    if given.get("level", 1) not in (1, 2):
        problems.append(f"{key}.level: must be 1 or 2")
    if (given.get("level") == 2) != bool(given.get("purpose")):
        problems.append(f"{key}.purpose: level 2, and no other, names the consent it needs")
    if given.get("none") is not None and (given.get("none") not in values or kind != TagKind.MULTI):
        problems.append(f"{key}.none: must be one of the values of a multi")
    if not given.get("label"):
        problems.append(f"{key}.label: is missing")
    return TagKey(
        key=key,
        label=str(given.get("label", key)),
        kind=TagKind(kind),
        values=values,
        level=given.get("level", 1),
        share_level=given.get("share_level", given.get("level", 1)),
        purpose=given.get("purpose"),
        none=given.get("none"),
        expires_months=given.get("expires_months"),
        aliases=MappingProxyType(aliases),
        is_staff_only=bool(given.get("staff_only", False)),
        is_computed=bool(given.get("is_computed", False)),
        is_in_audiences=bool(given.get("is_in_audiences", True)),
    )


def _parse_alias(word: str, given: Mapping[str, Any], keys: Mapping[str, TagKey], problems: list[str]) -> Alias:
    problems.extend(f"aliases.{word}.{name}: unknown" for name in given if name not in ("key", "values", "min"))
    alias = Alias(word, str(given.get("key")), tuple(str(value) for value in given.get("values") or ()), given.get("min"))
    key = keys.get(alias.key)
    if key is not None:
        alias = replace(alias, values=tuple(key.mark(value) for value in alias.values))
    if key is None:
        problems.append(f"aliases.{word}: no key {alias.key}")
    elif bool(alias.values) == (alias.minimum is not None):
        problems.append(f"aliases.{word}: needs either values or min")
    else:
        problems.extend(f"aliases.{word}: {alias.key} has no value {v}" for v in alias.values if key.read_value(v) != v)
    return alias


def _parse_group(name: str, given: Mapping[str, Any], keys: Mapping[str, TagKey], problems: list[str]) -> TagGroup:
    unknown = set(given) - {"sensitivity", "keys", "fields", "note"}
    problems.extend(f"groups.{name}.{each}: unknown" for each in sorted(unknown))
    found = TagGroup(
        name=name,
        sensitivity=str(given.get("sensitivity")),
        keys=tuple(str(key) for key in given.get("keys") or ()),
        fields=tuple(str(key) for key in given.get("fields") or ()),
        note=str(given.get("note", "")),
    )
    problems.extend(f"groups.{name}: no key {key}" for key in found.keys if key not in keys)
    if found.sensitivity == "X":
        problems.extend(f"groups.{name}: is never kept, so it has no {key}" for key in (*found.keys, *found.fields))
    elif found.sensitivity != str(max((keys[key].level for key in found.keys if key in keys), default=1)):
        problems.append(f"groups.{name}.sensitivity: must be the highest level of its keys, or X")
    return found


def _is_date(text: str) -> bool:
    try:
        return len(text) == 10 and bool(date.fromisoformat(text))
    except ValueError:
        return False

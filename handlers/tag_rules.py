"""What may be written about an owner and what wins over what is known: rules only, nothing here reads or writes rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Any

from models.vocabulary import TagKey, TagKind, Vocabulary

DAYS_A_MONTH = 30.44
OWN_SOURCES = ("owner", "bot")
DISTANT_SOURCES = ("import", "supplier")
STAFF_TOOLS = ("chat", "command", "console", "decision")  # one way of staff to say something on purpose: it corrects itself
LONG_NUMBER = re.compile(r"\d[\d\s-]{9,}")  # a phone, an identity card, a bank card: never inside a tag


class Rank(IntEnum):
    """Whose word weighs more: what she says herself, what staff saw, what a file says."""

    DISTANT = 1
    STAFF = 2
    OWNER = 3


class Outcome(StrEnum):
    """What became of a tag that was to be written or removed."""

    WRITTEN = "written"
    CONFIRMED = "confirmed"
    CONFLICT = "conflict"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class TagOrigin:
    """Where a tag comes from (D01, D23).

    `source` is the way (chat, console, command, import, bot, visit, phone, ...). `by` is who said it: `owner` or `owner:ID`
    for her own word, also where staff wrote it down, else `staff:ID` or `cli:NAME`. `purpose` is the consent it rests on, None
    what serving her needs. `at` is when it was said, now without it. `batch` joins what one act changes.
    """

    source: str
    by: str
    evidence: str | None = None
    purpose: str | None = None
    answer_id: int | None = None
    at: datetime | None = None
    batch: str | None = None

    @property
    def rank(self) -> Rank:
        """Return how much it weighs."""
        return find_rank(self.source, self.by)

    @property
    def is_survey(self) -> bool:
        """Tell whether it was asked for and not seen while serving: such tags need that she did not refuse (D03)."""
        return self.answer_id is not None or self.purpose is not None


@dataclass(frozen=True, slots=True)
class HeldTag:
    """A row of owner_tag as the rules see it."""

    tag_id: int
    value: str
    source: str
    by: str | None
    is_evidenced: bool
    expires_at: datetime | None

    def is_alive(self, now: datetime) -> bool:
        """Tell whether it has not expired."""
        return self.expires_at is None or self.expires_at > now


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a new value does: the outcome, the held row that says the same, the rows it takes the place of."""

    outcome: Outcome
    same: HeldTag | None
    displaced: tuple[HeldTag, ...] = ()


def hold(row: Mapping[str, Any]) -> HeldTag:
    """Return a row as the rules see it."""
    is_evidenced = bool(row["evidence"] or row["answer_id"])
    return HeldTag(row["tag_id"], row["value"], row["source"], row["by"], is_evidenced, row["expires_at"])


def find_rank(source: str, by: str | None) -> Rank:
    """Return how much a source weighs."""
    if source in OWN_SOURCES or (by or "").partition(":")[0] == "owner":
        return Rank.OWNER
    return Rank.DISTANT if source in DISTANT_SOURCES else Rank.STAFF


def find_fault(vocabulary: Vocabulary, key: str, value: str) -> tuple[TagKey | None, str, str]:
    """Return the key, the value as it is stored, and why it may not be kept whoever asks ("" when it may; D05)."""
    rule = vocabulary.keys.get(key)
    if vocabulary.is_forbidden(key) or vocabulary.is_forbidden(value):
        return rule, "", "forbidden"
    if rule is None:
        return None, "", "unknown_key"
    if rule.is_computed:
        return rule, "", "computed"
    stored = rule.read_value(value)
    if stored is None:
        return rule, "", "unknown_value"
    return rule, stored, "forbidden" if rule.kind is TagKind.TEXT and LONG_NUMBER.search(stored) else ""


def weigh(rule: TagKey, value: str, held: Iterable[HeldTag], origin: TagOrigin, now: datetime) -> Verdict:
    """Return what writing a value does to the held rows of its key.

    She herself always prevails, staff over a file; a file, or a second way staff came to know, never overwrites what is
    alive and evidenced: that is a conflict. One way corrects itself. What has expired resists nobody.
    """
    rows = list(held)
    same = next((row for row in rows if row.value == value), None)
    displaced = tuple(row for row in rows if rule.excludes(value, row.value))
    if any(_resists(row, origin, now) for row in displaced):
        return Verdict(Outcome.CONFLICT, same, displaced)
    is_confirmed = same is not None and same.is_alive(now)
    return Verdict(Outcome.CONFIRMED if is_confirmed else Outcome.WRITTEN, same, displaced)


def _resists(row: HeldTag, origin: TagOrigin, now: datetime) -> bool:
    rank = find_rank(row.source, row.by)
    if not row.is_alive(now) or not row.is_evidenced or origin.rank is Rank.OWNER:
        return False
    return rank > origin.rank or (rank == origin.rank and not _is_one_way(row.source, origin.source))


def _is_one_way(source: str, other: str) -> bool:
    return source == other or (source in STAFF_TOOLS and other in STAFF_TOOLS)


def find_expiry(rule: TagKey, at: datetime) -> datetime | None:
    """Return when a tag said at an instant dies (D12); None never."""
    return at + timedelta(days=rule.expires_months * DAYS_A_MONTH) if rule.expires_months else None


def list_purposes(rule: TagKey, origin: TagOrigin) -> Sequence[str]:
    """Return the consents a tag rests on (D01, D06)."""
    return [purpose for purpose in dict.fromkeys((rule.purpose, origin.purpose)) if purpose]

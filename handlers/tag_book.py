"""Tags of many owners at once, by the same rules as one: what differs is written, a batch with one statement of each kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, tuple_

from handlers.mirror_plan import note_tags
from handlers.runtime import Runtime
from handlers.tag_basis import find_missing_basis
from handlers.tag_history import cut, dump_rows
from handlers.tag_rules import Outcome, TagOrigin, find_expiry, find_fault, hold, list_purposes, weigh
from handlers.tag_words import TagWish
from models.bulk import insert_many
from models.database import Transaction, table_of
from models.tag_changes import TagAction, TagChange, TagConflict, is_known_conflict
from models.tags import KEPT, OwnerTag, Tag, get_or_create_tag
from models.vocabulary import TagKey, TagKind

UNCHANGED = "unchanged"
_ROW, _HISTORY = table_of(OwnerTag), table_of(TagChange)
Held = dict[int, dict[str, dict[str, dict[str, Any]]]]  # owner id -> key -> value -> row


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one line of a list wants of one owner. `evidence` replaces the origin's.

    Of somebody new (`is_new`) nothing is looked for, and whoever made her tells the mirror of her.
    """

    owner_id: int
    wishes: tuple[TagWish, ...]
    evidence: str | None = None
    is_new: bool = False


@dataclass(slots=True)
class _News:
    """What a batch writes."""

    new: dict[tuple[int, int], dict[str, Any]] = field(default_factory=dict)
    gone: set[tuple[int, int]] = field(default_factory=set)
    changes: list[dict[str, Any]] = field(default_factory=list)
    conflicts: list[TagConflict] = field(default_factory=list)
    bases: dict[tuple[str, str | None], dict[str, Any]] = field(default_factory=dict)  # what all rows of a key share


@dataclass(slots=True)
class TagBook:
    """Writes tags; the ids of tags are looked up once.

    `is_register`: what a register names it knows whole, so earlier values of the same source go. `is_dry` counts only.
    A living tag that is there already stays as it is: the same list twice changes nothing.
    """

    runtime: Runtime
    origin: TagOrigin
    is_register: bool = False
    is_dry: bool = False
    _ids: dict[tuple[str, str], int] = field(default_factory=dict)

    def write(self, tx: Transaction, wanted: Sequence[Wanted]) -> list[Counter[str]]:
        """Write and return, line by line, how many tags were written, unchanged, conflict or refused."""
        held = self._read(tx, [each.owner_id for each in wanted if each.wishes and not each.is_new])
        news, now = _News(), self.runtime.now()
        found = [self._compare(tx, each, held.setdefault(each.owner_id, {}), news, now) for each in wanted]
        if not self.is_dry:
            _store(tx, news)
            touched = {owner_id for owner_id, _ in (*news.new, *news.gone)} - {each.owner_id for each in wanted if each.is_new}
            note_tags(self.runtime, tx, sorted(touched), [change["key"] for change in news.changes])
        return found

    def _compare(self, tx: Transaction, line: Wanted, held: dict[str, Any], news: _News, now: datetime) -> Counter[str]:
        done: Counter[str] = Counter()
        if not line.wishes:
            return done
        origin = replace(self.origin, evidence=line.evidence) if line.evidence else self.origin
        one, keys, is_known = (
            _Line(self, tx, line.owner_id, origin, news, now),
            self.runtime.content.vocabulary.keys,
            bool(held),
        )
        for wish in line.wishes:
            rule = keys[wish.key]
            rows = held.setdefault(wish.key, {})
            done[one.add(rule, wish.value, rows) if wish.is_added else one.remove(rule, wish.value, rows)] += 1
        if self.is_register and is_known:
            for key in dict.fromkeys(wish.key for wish in line.wishes):
                named = {wish.value for wish in line.wishes if wish.key == key}
                done[Outcome.WRITTEN] += one.forget(keys[key], named, held[key])
        return +done

    def _read(self, tx: Transaction, owner_ids: Sequence[int]) -> Held:
        if not owner_ids:
            return {}
        columns = (OwnerTag.owner_id, OwnerTag.tag_id, Tag.key, Tag.value, *(_ROW.c[name] for name in KEPT))
        statement = select(*columns).join(Tag, Tag.id == OwnerTag.tag_id).where(OwnerTag.owner_id.in_(owner_ids))
        held: Held = {}
        for row in tx.connection.execute(statement).mappings():
            rest = {name: row[name] for name in ("value", "tag_id", *KEPT)}
            held.setdefault(row["owner_id"], {}).setdefault(row["key"], {})[row["value"]] = rest
        return held

    def get_id(self, tx: Transaction, key: str, value: str) -> int:
        """Return the id of a tag; a dry run makes none."""
        if (key, value) not in self._ids:
            self._ids[key, value] = -len(self._ids) - 1 if self.is_dry else get_or_create_tag(tx.connection, key, value)
        return self._ids[key, value]


@dataclass(frozen=True, slots=True)
class _Line:
    """One owner of a batch."""

    book: TagBook
    tx: Transaction
    owner_id: int
    origin: TagOrigin
    news: _News
    now: datetime

    def add(self, rule: TagKey, value: str, rows: dict[str, dict[str, Any]]) -> str:
        """Give her a value, or note why not."""
        if rule.kind is TagKind.TEXT and find_fault(self.book.runtime.content.vocabulary, rule.key, value)[2]:
            return Outcome.REFUSED
        needs_basis = rule.level > 1 or self.origin.is_survey
        if needs_basis and find_missing_basis(self.book.runtime, self.tx, self.owner_id, rule, self.origin):
            return Outcome.REFUSED
        if not rows:
            self.put(rule, value, rows)
            self.record(TagAction.ADD, rule.key, value)
            return Outcome.WRITTEN
        verdict = weigh(rule, value, [hold(row) for row in rows.values()], self.origin, self.now)
        if verdict.outcome is Outcome.CONFLICT:
            self.dispute(rule, value, "、".join(row.value for row in verdict.displaced))
            return Outcome.CONFLICT
        if verdict.outcome is Outcome.CONFIRMED and not verdict.displaced:
            return UNCHANGED
        before = [rows.pop(row.value) for row in verdict.displaced]
        if verdict.same is not None:
            before.append(rows.pop(value))
        self.drop(before)
        self.put(rule, value, rows)
        self.record(TagAction.ADD, rule.key, value, before)
        return Outcome.WRITTEN

    def remove(self, rule: TagKey, value: str, rows: dict[str, dict[str, Any]]) -> str:
        """Take a value from her."""
        if value not in rows:
            return UNCHANGED
        before = [rows.pop(value)]
        self.drop(before)
        self.record(TagAction.REMOVE, rule.key, value, before)
        return Outcome.WRITTEN

    def forget(self, rule: TagKey, named: set[str], rows: dict[str, dict[str, Any]]) -> int:
        """Take away what the same source said before and says no longer; returns how many."""
        stale = [value for value, row in rows.items() if value not in named and row["source"] == self.origin.source]
        return sum(self.remove(rule, value, rows) == Outcome.WRITTEN for value in stale)

    def drop(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Note rows that go."""
        for row in rows:
            place = (self.owner_id, row["tag_id"])
            if self.news.new.pop(place, None) is None:
                self.news.gone.add(place)

    def put(self, rule: TagKey, value: str, rows: dict[str, dict[str, Any]]) -> None:
        """Note a row that comes."""
        tag_id, base = self.book.get_id(self.tx, rule.key, value), self.news.bases.get((rule.key, self.origin.evidence))
        if base is None:
            base = self.news.bases[rule.key, self.origin.evidence] = self._make_base(rule)
        rows[value] = {"value": value, "tag_id": tag_id, **base}
        self.news.new[self.owner_id, tag_id] = {"owner_id": self.owner_id, "tag_id": tag_id, **base}

    def _make_base(self, rule: TagKey) -> dict[str, Any]:
        """Return what every row of a key says, whatever its value and whosever it is."""
        purposes, at = list_purposes(rule, self.origin), self.origin.at or self.now
        return {
            "source": self.origin.source,
            "evidence": cut(self.origin.evidence, rule.mark("")),
            "by": self.origin.by[:80],
            "purpose": purposes[0] if purposes else None,
            "answer_id": self.origin.answer_id,
            "at": at,
            "expires_at": find_expiry(rule, at),
        }

    def record(self, action: TagAction, key: str, value: str, before: Sequence[Mapping[str, Any]] = ()) -> None:
        """Note a line of the history."""
        self.news.changes.append(
            {
                "owner_id": self.owner_id,
                "key": key,
                "value": value,
                "action": action.value,
                "before": dump_rows(before),
                "source": self.origin.source,
                "by": self.origin.by[:80],
                "evidence": cut(self.origin.evidence, value),
                "batch": self.origin.batch,
                "at": self.origin.at or self.now,
            }
        )

    def dispute(self, rule: TagKey, value: str, kept: str) -> None:
        """Note a contradiction that nobody knows yet."""
        if self.book.is_dry or is_known_conflict(self.tx.session, self.owner_id, rule.key, value, self.origin.source):
            return
        said = {"source": self.origin.source, "by": self.origin.by[:80], "evidence": cut(self.origin.evidence, value)}
        at = self.origin.at or self.now
        conflict = TagConflict(owner_id=self.owner_id, key=rule.key, kept=rule.mark(kept[:120]), other=value, at=at, **said)
        self.news.conflicts.append(conflict)
        self.record(TagAction.CONFLICT, rule.key, value)


def _store(tx: Transaction, news: _News) -> None:
    if news.gone:
        tx.connection.execute(delete(_ROW).where(tuple_(_ROW.c.owner_id, _ROW.c.tag_id).in_(news.gone)))
    if news.new:
        insert_many(tx, _ROW, list(news.new.values()), skips_known=True)  # somebody else gave her the same just now
    if news.changes:
        insert_many(tx, _HISTORY, news.changes)
    tx.session.add_all(news.conflicts)

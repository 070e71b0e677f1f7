"""Writes and removes tags of one owner in the caller's transaction: with the consent they need, history, audit, undo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update

from handlers.mirror_plan import note_tags
from handlers.runtime import Runtime
from handlers.tag_basis import find_missing_basis
from handlers.tag_history import Undoing, cut, lock_owner, record_change, undo, undo_answer, undo_batch
from handlers.tag_rules import (
    Outcome,
    Rank,
    TagOrigin,
    Verdict,
    find_expiry,
    find_fault,
    find_rank,
    hold,
    list_purposes,
    weigh,
)
from models.database import Transaction
from models.tag_changes import TagAction, TagConflict, is_known_conflict
from models.tags import delete_rows, get_or_create_tag, put_row, read_rows
from models.vocabulary import TagKey

__all__ = ["Outcome", "TagOrigin", "TagWrite", "Undoing", "remove_tag", "undo", "undo_answer", "undo_batch", "write_tag"]


@dataclass(frozen=True, slots=True)
class TagWrite:
    """What became of a tag. `before` are the rows it took away or renewed, `change_id` is what `undo` takes.

    `reason` of a refusal: forbidden, unknown_key, unknown_value, computed, no_owner, no_consent, refused_profile, absent
    (nothing to remove).
    """

    outcome: Outcome
    reason: str = ""
    tag_id: int | None = None
    before: tuple[Mapping[str, Any], ...] = ()
    change_id: int | None = None
    value: str = ""


def write_tag(
    runtime: Runtime, tx: Transaction, owner_id: int, key: str, value: str, origin: TagOrigin, *, is_decided: bool = False
) -> TagWrite:
    """Give an owner a tag; a key with one value loses its others. Saying it again renews it (confirmed).

    What contradicts a living, evidenced value of a weightier or another source changes nothing and leaves a conflict for
    staff (D23); `is_decided` says that they have. Level 2 needs its own consent (D06); what a survey asked also that profile
    was not refused (D03).
    """
    rule, stored, reason = find_fault(runtime.content.vocabulary, key, value)
    if rule is None or reason:
        return TagWrite(Outcome.REFUSED, reason)
    if not lock_owner(tx, owner_id):
        return TagWrite(Outcome.REFUSED, "no_owner")
    if reason := find_missing_basis(runtime, tx, owner_id, rule, origin):
        return TagWrite(Outcome.REFUSED, reason)
    pen = _Pen(tx, owner_id, rule, stored, origin, origin.at or runtime.now())
    rows = read_rows(tx.connection, owner_id, key)
    verdict = weigh(rule, stored, [hold(row) for row in rows], origin, runtime.now())
    if verdict.outcome is Outcome.CONFLICT and not is_decided:
        return pen.note(verdict)
    note_tags(runtime, tx, [owner_id], [key])
    return pen.write(verdict, rows)


def remove_tag(runtime: Runtime, tx: Transaction, owner_id: int, key: str, value: str | None, origin: TagOrigin) -> TagWrite:
    """Take one value of a key away, or with None all of them; refused with `absent` when there is none."""
    rule = runtime.content.vocabulary.keys.get(key)
    wanted = rule.read_value(value) if rule is not None and value is not None else value
    lock_owner(tx, owner_id)
    before = [row for row in read_rows(tx.connection, owner_id, key) if wanted in (None, row["value"])]
    if not before or (value is not None and wanted is None):
        return TagWrite(Outcome.REFUSED, "absent")
    delete_rows(tx.connection, owner_id, [row["tag_id"] for row in before])
    note_tags(runtime, tx, [owner_id], [key])
    first, at = before[0], origin.at or runtime.now()
    value = str(first["value"])
    change_id = record_change(tx, owner_id, TagAction.REMOVE, origin, key=key, value=value, at=at, before=before)
    return TagWrite(Outcome.WRITTEN, "", first["tag_id"], tuple(before), change_id, value)


@dataclass(frozen=True, slots=True)
class _Pen:
    """One value that is going to be written."""

    tx: Transaction
    owner_id: int
    rule: TagKey
    value: str
    origin: TagOrigin
    at: datetime

    def write(self, verdict: Verdict, rows: Sequence[Mapping[str, Any]]) -> TagWrite:
        """Write the value in the place of what it displaces."""
        connection, gone = self.tx.connection, {row.tag_id for row in verdict.displaced}
        before = [row for row in rows if row["tag_id"] in gone or row["value"] == self.value]
        delete_rows(connection, self.owner_id, gone)
        tag_id = verdict.same.tag_id if verdict.same else get_or_create_tag(connection, self.rule.key, self.value)
        put_row(connection, self.owner_id, tag_id, self.make_row(verdict))
        if self.origin.rank is Rank.OWNER:  # she has spoken herself
            close_conflicts(self.tx, self.owner_id, self.rule.key, self.origin.by, self.at)
        action = TagAction.CONFIRM if verdict.outcome is Outcome.CONFIRMED else TagAction.ADD
        outcome = Outcome.CONFIRMED if action is TagAction.CONFIRM else Outcome.WRITTEN
        return TagWrite(outcome, "", tag_id, tuple(before), self.record(action, before), self.value)

    def note(self, verdict: Verdict) -> TagWrite:
        """Note a contradiction once; the same said again is the same conflict."""
        if is_known_conflict(self.tx.session, self.owner_id, self.rule.key, self.value, self.origin.source):
            return TagWrite(Outcome.CONFLICT, "contradicts", value=self.value)
        conflict = TagConflict(
            owner_id=self.owner_id,
            key=self.rule.key,
            kept=self.rule.mark("、".join(row.value for row in verdict.displaced)[:120]),
            other=self.value,
            source=self.origin.source,
            by=self.origin.by[:80],
            evidence=cut(self.origin.evidence, self.value),
            at=self.at,
        )
        self.tx.session.add(conflict)
        return TagWrite(Outcome.CONFLICT, "contradicts", change_id=self.record(TagAction.CONFLICT), value=self.value)

    def make_row(self, verdict: Verdict) -> dict[str, Any]:
        """Return the columns to write; a lesser source that says the same lets it live longer and proves nothing new."""
        values: dict[str, Any] = {"at": self.at, "expires_at": find_expiry(self.rule, self.at)}
        same = verdict.same if verdict.outcome is Outcome.CONFIRMED else None
        if same is not None and self.origin.rank < find_rank(same.source, same.by):
            return values
        purposes = list_purposes(self.rule, self.origin)
        return values | {
            "source": self.origin.source,
            "by": self.origin.by[:80],
            "evidence": cut(self.origin.evidence, self.value),
            "answer_id": self.origin.answer_id,
            "purpose": purposes[0] if purposes else None,
        }

    def record(self, action: TagAction, before: Sequence[Mapping[str, Any]] = ()) -> int:
        """Write history and audit."""
        named = {"key": self.rule.key, "value": self.value}
        return record_change(self.tx, self.owner_id, action, self.origin, **named, at=self.at, before=before)


def close_conflicts(tx: Transaction, owner_id: int, key: str, by: str, at: datetime) -> None:
    """End the conflicts of a key: somebody has decided."""
    mine = (TagConflict.owner_id == owner_id, TagConflict.key == key, TagConflict.decided_at.is_(None))
    tx.session.flush()
    tx.connection.execute(update(TagConflict).where(*mine).values(decided_at=at, decided_by=by[:80]))

"""Every change of a tag is written down and can be taken back: one, all of an act, or all that an answer brought."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select, update

from handlers.mirror_plan import note_tags
from handlers.runtime import Runtime
from handlers.tag_basis import may_be_kept
from handlers.tag_rules import TagOrigin
from models.audits import add_audit
from models.database import Transaction
from models.owners import Owner
from models.sealing import Secret, SecretRows, hide
from models.tag_changes import TagAction, TagChange, TagConflict, list_batch, list_changes_after, list_of_answer
from models.tags import KEPT, delete_rows, get_or_create_tag, put_row, read_rows


class Undoing(StrEnum):
    """What became of taking a change back."""

    UNDONE = "undone"
    UNKNOWN = "unknown"
    ALREADY = "already"  # taken back before
    CHANGED = "changed"  # somebody has changed the same since


def record_change(
    tx: Transaction,
    owner_id: int,
    action: TagAction,
    origin: TagOrigin,
    *,
    key: str,
    value: str,
    at: datetime,
    before: Sequence[Mapping[str, Any]] = (),
) -> int:
    """Write history and audit, and return the change's id. The audit names the key, never the value."""
    change = TagChange(
        owner_id=owner_id,
        key=key,
        value=value,
        action=action.value,
        before=dump_rows(before),
        source=origin.source,
        by=origin.by[:80],
        evidence=cut(origin.evidence, value),
        answer_id=origin.answer_id,
        batch=origin.batch,
        at=at,
    )
    tx.session.add(change)
    tx.session.flush()
    detail = {"change": change.id, "key": key, "what": action.value, "source": origin.source}
    add_audit(tx.session, at, change.by, "tag", f"owner:{owner_id}", **detail)
    return change.id


def cut(text: str | None, value: str = "") -> str | None:
    """Return a piece of evidence for the history of a value: short, and secret where the value is (it may repeat it)."""
    return hide(isinstance(value, Secret), text[:200], "evidence") if text else None


def dump_rows(rows: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Return rows of owner_tag as JSON keeps them: sealed when one of them is secret (D06)."""
    dumped = [_dump_row(row) for row in rows]
    return SecretRows(dumped) if any(isinstance(row["value"], Secret) for row in rows) else dumped


def _dump_row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}


def load_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of owner_tag that JSON kept."""
    times = {name: datetime.fromisoformat(row[name]) for name in ("at", "expires_at") if row.get(name)}
    return {**row, **times}


def lock_owner(tx: Transaction, owner_id: int) -> bool:
    """Hold an owner, so that two writers cannot both find a key empty; tells whether she is there."""
    statement = select(Owner.id).where(Owner.id == owner_id)
    return tx.connection.scalar(statement if tx.is_sqlite else statement.with_for_update(key_share=True)) is not None


def undo(runtime: Runtime, tx: Transaction, change_id: int, by: str) -> Undoing:
    """Put back what a change took away, unless the same was changed since. Twice is once.

    A value whose consent has ended meanwhile does not come back.
    """
    change = tx.session.get(TagChange, change_id)
    if change is None:
        return Undoing.UNKNOWN
    lock_owner(tx, change.owner_id)
    tx.session.refresh(change)
    if change.undone_at is not None:
        return Undoing.ALREADY
    if _has_moved_on(runtime, tx, change):
        return Undoing.CHANGED
    if change.action == TagAction.CONFLICT.value:
        _drop_conflict(runtime, tx, change, by)
    else:
        _put_back(runtime, tx, change)
        note_tags(runtime, tx, [change.owner_id], [change.key])
    change.undone_at = runtime.now()
    detail = {"change": change.id, "key": change.key}
    add_audit(tx.session, change.undone_at, by[:80], "untag", f"owner:{change.owner_id}", **detail)
    tx.session.flush()
    return Undoing.UNDONE


def undo_batch(runtime: Runtime, tx: Transaction, batch: str, by: str) -> dict[Undoing, int]:
    """Take back all that one act changed, newest first; returns how many of each outcome."""
    return _undo_all(runtime, tx, (change.id for change in list_batch(tx.session, batch)), by)


def undo_answer(runtime: Runtime, tx: Transaction, answer_id: int, by: str) -> dict[Undoing, int]:
    """Take back the tags that an answer of a survey brought (B2), newest first."""
    return _undo_all(runtime, tx, (change.id for change in list_of_answer(tx.session, answer_id)), by)


def _undo_all(runtime: Runtime, tx: Transaction, ids: Iterable[int], by: str) -> dict[Undoing, int]:
    done: dict[Undoing, int] = {}
    for change_id in list(ids):
        outcome = undo(runtime, tx, change_id, by)
        done[outcome] = done.get(outcome, 0) + 1
    return done


def _has_moved_on(runtime: Runtime, tx: Transaction, change: TagChange) -> bool:
    """Tell whether a later change stands on this one: any of a key with one value, else one that shares a value."""
    rule = runtime.content.vocabulary.keys.get(change.key)
    later = list_changes_after(tx.session, change)
    return any(rule is None or rule.is_single or _values(change) & _values(each) for each in later)


def _values(change: TagChange) -> set[str]:
    return {change.value, *(str(row["value"]) for row in change.before)}


def _put_back(runtime: Runtime, tx: Transaction, change: TagChange) -> None:
    rows = [load_row(row) for row in change.before]
    known = {row["value"] for row in rows}
    if change.value not in known and change.action != TagAction.REMOVE.value:
        held = read_rows(tx.connection, change.owner_id, change.key)
        delete_rows(tx.connection, change.owner_id, [row["tag_id"] for row in held if row["value"] == change.value])
    for row in rows:
        if may_be_kept(runtime, tx, change.owner_id, change.key, row.get("purpose")):
            value = runtime.content.vocabulary.keys[change.key].mark(row["value"])
            tag_id = get_or_create_tag(tx.connection, change.key, value)
            put_row(tx.connection, change.owner_id, tag_id, {name: row.get(name) for name in KEPT})


def _drop_conflict(runtime: Runtime, tx: Transaction, change: TagChange, by: str) -> None:
    mine = (TagConflict.owner_id == change.owner_id, TagConflict.key == change.key, TagConflict.other == change.value)
    ended = {"decided_at": runtime.now(), "decided_by": by[:80]}
    tx.session.execute(update(TagConflict).where(*mine, TagConflict.decided_at.is_(None)).values(**ended))

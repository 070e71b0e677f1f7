"""Staff tag owners at the console: one by her card, or everybody of a filtered list. Permitted, in scope, undoable."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import exists, select

from handlers.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from handlers.pushes import read_audience
from handlers.runtime import Runtime
from handlers.tag_book import TagBook, Wanted
from handlers.tag_bulk import BATCH, BulkReport
from handlers.tag_conflicts import decide
from handlers.tag_history import Undoing, undo, undo_batch
from handlers.tag_rules import TagOrigin
from handlers.tag_words import TagWish
from handlers.tag_writes import TagWrite, remove_tag, write_tag
from handlers.tags import MAY_TAG
from models.audits import add_audit
from models.database import Transaction
from models.listings import Scope
from models.owner_lists import OwnerQuery, select_owners
from models.owners import Owner
from models.staff import Role
from models.tag_changes import TagChange, TagConflict, list_batch

MOST_AT_ONCE = 5_000  # more takes longer than a page waits: the command line does it
MAY_TAG_MANY = (Role.SUPERVISOR.value, Role.OPERATIONS.value)
SOURCE = "console"


@dataclass(frozen=True, slots=True)
class TagHand:
    """Who tags: her name for the audit, her role (empty: the login of the settings), the buildings she answers for."""

    by: str
    role: str
    scope: Scope

    def check(self, roles: tuple[str, ...] = MAY_TAG) -> None:
        """Raise ForbiddenError unless the role may."""
        if self.role and self.role not in roles:
            raise ForbiddenError("this role changes no tags")


def add_tag(runtime: Runtime, hand: TagHand, owner_id: int, key: str, value: str, evidence: str) -> TagWrite:
    """Give an owner in the scope a tag, and say on what evidence. Raises ForbiddenError, NotFoundError."""
    hand.check()
    origin = TagOrigin(SOURCE, hand.by, evidence=evidence.strip()[:200] or None, batch=uuid4().hex)
    with runtime.transaction() as tx:
        check_owner(runtime, tx, hand, owner_id)
        return write_tag(runtime, tx, owner_id, key, value, origin)


def drop_tag(runtime: Runtime, hand: TagHand, owner_id: int, key: str, value: str) -> TagWrite:
    """Take a tag of an owner in the scope away. Raises ForbiddenError, NotFoundError."""
    hand.check()
    with runtime.transaction() as tx:
        check_owner(runtime, tx, hand, owner_id)
        return remove_tag(runtime, tx, owner_id, key, value, TagOrigin(SOURCE, hand.by, batch=uuid4().hex))


def undo_change(runtime: Runtime, hand: TagHand, owner_id: int, change_id: int) -> Undoing:
    """Take a change of an owner in the scope back. Raises ForbiddenError, NotFoundError."""
    hand.check()
    with runtime.transaction() as tx:
        check_owner(runtime, tx, hand, owner_id)
        change = tx.session.get(TagChange, change_id)
        if change is None or change.owner_id != owner_id:
            raise NotFoundError(f"owner {owner_id} has no change {change_id}")
        return undo(runtime, tx, change_id, hand.by)


def decide_conflict(runtime: Runtime, hand: TagHand, owner_id: int, conflict_id: int, *, is_taken: bool) -> TagWrite | None:
    """Decide which of two values stands. Raises ForbiddenError, NotFoundError, ConflictError when somebody was first."""
    hand.check()
    with runtime.transaction() as tx:
        check_owner(runtime, tx, hand, owner_id)
        conflict = tx.session.get(TagConflict, conflict_id)
        if conflict is None or conflict.owner_id != owner_id:
            raise NotFoundError(f"owner {owner_id} has no conflict {conflict_id}")
        return decide(runtime, tx, conflict_id, is_taken=is_taken, by=hand.by)


def check_owner(runtime: Runtime, tx: Transaction, hand: TagHand, owner_id: int) -> None:
    """Raise NotFoundError unless the owner lives in the scope."""
    inside = select_owners(OwnerQuery(None, hand.scope, runtime.now(), runtime.today())).where(Owner.id == owner_id)
    if not tx.session.scalar(select(exists(inside))):
        raise NotFoundError(f"there is no owner {owner_id} in the scope")


def read_wish(runtime: Runtime, key: str, value: str, *, is_added: bool) -> TagWish:
    """Return a change of many owners; InvalidInputError for what the vocabulary has not, or computes."""
    rule = runtime.content.vocabulary.keys.get(key)
    stored = rule.read_value(value) if rule is not None and not rule.is_computed else None
    if rule is None or stored is None or runtime.content.vocabulary.is_forbidden(stored):
        raise InvalidInputError(f"{key}={value}: there is no such tag")
    return TagWish(is_added, rule.key, stored)


def preview_many(runtime: Runtime, hand: TagHand, expression: str, wish: TagWish) -> BulkReport:
    """Return how many owners of an audience in the scope are meant and what a change would do; writes nothing.

    Raises ForbiddenError, AudienceError, InvalidInputError for more than `MOST_AT_ONCE`.
    """
    hand.check(MAY_TAG_MANY)
    ids = _pick(runtime, hand, expression)
    return _write(runtime, ids, wish, TagOrigin(SOURCE, hand.by), is_dry=True)


def tag_many(runtime: Runtime, hand: TagHand, expression: str, wish: TagWish, evidence: str, expected: int) -> BulkReport:
    """Change a tag of everybody in an audience and the scope; `batch` of the report takes it all back.

    Raises what `preview_many` raises, and ConflictError when they are not as many as were shown: nothing is written.
    """
    hand.check(MAY_TAG_MANY)
    ids = _pick(runtime, hand, expression)
    if len(ids) != expected:
        raise ConflictError(f"{len(ids)} owners are meant now, {expected} were shown")
    origin = TagOrigin(SOURCE, hand.by, evidence=evidence.strip()[:200] or None, batch=uuid4().hex)
    report = _write(runtime, ids, wish, origin, is_dry=False)
    detail = {"matched": len(ids), "key": wish.key, "batch": origin.batch, "what": "add" if wish.is_added else "remove"}
    with runtime.transaction() as tx:
        add_audit(tx.session, runtime.now(), hand.by, "tag", "audience", **detail)
    return report


def undo_many(runtime: Runtime, hand: TagHand, batch: str) -> dict[Undoing, int]:
    """Take one's own act on many owners back. Raises ForbiddenError, NotFoundError for an act of somebody else."""
    hand.check(MAY_TAG_MANY)
    with runtime.transaction() as tx:
        changes = list_batch(tx.session, batch)
        if not changes or any(change.by != hand.by[:80] for change in changes):
            raise NotFoundError("there is no such act of yours")
        return undo_batch(runtime, tx, batch, hand.by)


def _pick(runtime: Runtime, hand: TagHand, expression: str) -> list[int]:
    """Return who is meant, fixed before the first change: a change may take people out of the audience."""
    query = OwnerQuery(read_audience(runtime, expression), hand.scope, runtime.now(), runtime.today())
    with runtime.database.reading() as tx:
        ids = list(tx.session.scalars(select_owners(query).order_by(Owner.id).limit(MOST_AT_ONCE + 1)))
    if len(ids) > MOST_AT_ONCE:
        raise InvalidInputError(f"more than {MOST_AT_ONCE} owners are meant: narrow the list")
    return ids


def _write(runtime: Runtime, ids: list[int], wish: TagWish, origin: TagOrigin, *, is_dry: bool) -> BulkReport:
    report = BulkReport(len(ids), batch=None if is_dry else origin.batch)
    book = TagBook(runtime, origin, is_dry=is_dry)
    for start in range(0, len(ids), BATCH):
        part = [Wanted(owner_id, (wish,)) for owner_id in ids[start : start + BATCH]]
        with runtime.database.reading() if is_dry else runtime.transaction() as tx:
            for done in book.write(tx, part):
                report.tags.update(Counter(done))
    return report

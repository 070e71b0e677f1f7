"""Where two sources disagree, a member of staff decides (D23)."""

from __future__ import annotations

from handlers.errors import ConflictError, NotFoundError
from handlers.runtime import Runtime
from handlers.tag_rules import TagOrigin
from handlers.tag_writes import TagWrite, write_tag
from models.audits import add_audit
from models.database import Transaction
from models.tag_changes import TagConflict


def decide(runtime: Runtime, tx: Transaction, conflict_id: int, *, is_taken: bool, by: str) -> TagWrite | None:
    """End a conflict: the other value is taken (returns what was written), or what stands is kept (None).

    Raises NotFoundError, or ConflictError when somebody was first.
    """
    conflict = tx.session.get(TagConflict, conflict_id)
    if conflict is None:
        raise NotFoundError(f"there is no conflict {conflict_id}")
    if conflict.decided_at is not None:
        raise ConflictError(f"conflict {conflict_id} has been decided by {conflict.decided_by}")
    conflict.decided_at, conflict.decided_by = runtime.now(), by[:80]
    what = "taken" if is_taken else "kept"
    subject = f"owner:{conflict.owner_id}"
    add_audit(tx.session, runtime.now(), by[:80], "tag", subject, what=what, key=conflict.key, conflict=conflict.id)
    tx.session.flush()
    if not is_taken:
        return None
    origin = TagOrigin("decision", by, evidence=f"conflict {conflict.id}: {conflict.source}, {conflict.by}")
    return write_tag(runtime, tx, conflict.owner_id, conflict.key, conflict.other, origin, is_decided=True)

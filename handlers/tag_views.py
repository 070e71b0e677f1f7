"""What is known about tags as plain data, for commands: an owner's tags with origin, open conflicts, the last changes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from handlers.errors import NotFoundError
from handlers.runtime import Runtime
from handlers.tag_history import Undoing, undo, undo_batch
from handlers.tag_people import get_owner_id, name_actor
from models.owner_cards import list_held_tags
from models.tag_changes import TagConflict, list_changes, list_conflicts

MOST = 20


def show(runtime: Runtime, who: str) -> dict[str, Any]:
    """Return an owner's tags with where they come from, open conflicts, and the last changes."""
    now = runtime.now()
    with runtime.database.reading() as tx:
        owner_id = get_owner_id(tx.session, who)
        return {
            "owner_id": owner_id,
            "tags": [
                {
                    "key": tag.key,
                    "value": tag.value,
                    "source": tag.source,
                    "by": tag.by,
                    "evidence": tag.evidence,
                    "at": tag.at,
                    "expires_at": tag.expires_at,
                    "is_alive": tag.is_alive(now),
                }
                for tag in list_held_tags(tx.session, owner_id)
            ],
            "conflicts": [render_conflict(each) for each in list_conflicts(tx.session, owner_id)],
            "changes": [
                {"id": each.id, "action": each.action, "key": each.key, "value": each.value, "by": each.by, "at": each.at}
                | {"source": each.source, "batch": each.batch, "undone_at": each.undone_at}
                for each in list_changes(tx.session, owner_id, MOST)
            ],
        }


def list_open_conflicts(runtime: Runtime, most: int = 200) -> list[dict[str, Any]]:
    """Return the conflicts that nobody has decided, oldest first."""
    statement = select(TagConflict).where(TagConflict.decided_at.is_(None)).order_by(TagConflict.id).limit(most)
    with runtime.database.reading() as tx:
        return [render_conflict(each) for each in tx.session.scalars(statement)]


def render_conflict(conflict: TagConflict) -> dict[str, Any]:
    """Return a conflict as plain data."""
    said = {"source": conflict.source, "by": conflict.by, "evidence": conflict.evidence, "at": conflict.at}
    named = {"id": conflict.id, "owner_id": conflict.owner_id, "key": conflict.key}
    return named | {"kept": conflict.kept, "other": conflict.other} | said


def take_back(runtime: Runtime, change: str, by: str) -> dict[str, int]:
    """Undo one change by its id, or all of an act by its batch; returns how many of each outcome."""
    with runtime.transaction() as tx:
        actor = name_actor(tx.session, by)
        if change.isdecimal() and len(change) < 20:
            outcome = undo(runtime, tx, int(change), actor)
            done = {outcome: 1}
        else:
            done = undo_batch(runtime, tx, change, actor)
        if not done or Undoing.UNKNOWN in done:
            raise NotFoundError(f"there is no change {change}: `tags show` lists them")
        return {outcome.value: number for outcome, number in done.items()}

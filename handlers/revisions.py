"""Keeps the text of every script revision that ever ran, so that conversations in mid-course keep theirs."""

from __future__ import annotations

from sqlalchemy import select

from handlers.runtime import Runtime
from models.conversations import ScriptRevision
from models.database import insert_for


def store_revisions(runtime: Runtime) -> int:
    """Add the revisions of today's content that are not kept yet; returns how many were new."""
    content, now = runtime.content, runtime.now()
    with runtime.database.reading() as tx:
        known = set(tx.connection.execute(select(ScriptRevision.script, ScriptRevision.revision)).all())
    new = [script for script in content.scripts.values() if (script.id, script.revision) not in known]
    if new:
        with runtime.transaction() as tx:
            for script in new:
                file, source = content.sources[script.id]
                statement = insert_for(tx.connection, ScriptRevision).values(
                    script=script.id, revision=script.revision, file=file, source=source, created_at=now
                )
                tx.connection.execute(statement.on_conflict_do_nothing())
    return len(new)

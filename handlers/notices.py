"""Writes messages that must leave outside a passive reply into the outbox. Never sends anything itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handlers.runtime import Runtime
from models.database import Transaction, insert_for
from models.outbox import OutboxMessage, SendStatus

SEND_JOB = "send_outbox"


def notify(
    runtime: Runtime,
    tx: Transaction,
    openid: str | None,
    text: str,
    *,
    template: str | None = None,
    fields: Mapping[str, str] | None = None,
    dedupe: str | None = None,
) -> bool:
    """Put a text for an openid into the outbox; False when there is nobody to tell or it was asked for before.

    `template` names the template that may carry it outside the sending window, `fields` are the values for it.
    Forbidden words are blotted out here, because every channel passes here (R116).
    """
    mask = runtime.content.forbidden.mask
    body: dict[str, Any] = {"text": mask(text)}
    if fields:
        body["fields"] = {key: mask(value) for key, value in fields.items()}
    return _insert(runtime, tx, openid, kind="text", body=body, template=template, dedupe=dedupe)


def show_picture(runtime: Runtime, tx: Transaction, openid: str | None, media_id: str, dedupe: str) -> bool:
    """Put a picture for an openid into the outbox."""
    return _insert(runtime, tx, openid, kind="image", body={"media_id": media_id}, dedupe=dedupe)


def _insert(runtime: Runtime, tx: Transaction, openid: str | None, **columns: Any) -> bool:
    if not openid:
        return False
    now = runtime.now()
    statement = insert_for(tx.connection, OutboxMessage).values(
        openid=openid,
        status=SendStatus.PLANNED.value,
        attempts=0,
        fence=0,
        due_at=now,
        created_at=now,
        **columns,
    )
    is_new: bool = tx.connection.execute(statement.on_conflict_do_nothing()).rowcount > 0
    if is_new:
        tx.wake(SEND_JOB)
    return is_new

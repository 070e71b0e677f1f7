"""Fetches pictures of cases before the platform drops them after three days, and keeps them as files."""

from __future__ import annotations

import hashlib
import mimetypes
from datetime import timedelta

from sqlalchemy import select

from handlers.errors import GatewayError, PermanentFailureError
from handlers.ports import Media
from handlers.runtime import Runtime
from models.cases import Attachment
from models.database import Transaction

BATCH = 20
MOST_ATTEMPTS = 6


def is_due(runtime: Runtime, tx: Transaction) -> bool:
    """Tell whether a picture waits to be fetched, for the first time or again."""
    waiting = (Attachment.status == "planned", Attachment.due_at <= runtime.now())
    return tx.session.scalar(select(Attachment.id).where(*waiting).limit(1)) is not None


def keep_due(runtime: Runtime) -> int:
    """Fetch one batch of media that is due; returns how many were kept or given up."""
    now = runtime.now()
    with runtime.transaction() as tx:
        statement = (
            select(Attachment)
            .where(Attachment.status == "planned", Attachment.due_at <= now)
            .order_by(Attachment.id)
            .limit(BATCH)
        )
        rows = tx.session.scalars(statement if tx.is_sqlite else statement.with_for_update(skip_locked=True)).all()
        for row in rows:
            row.attempts += 1
            row.due_at = now + timedelta(minutes=2**row.attempts)
        wanted = [(row.id, row.media_id, row.attempts) for row in rows]
    for row_id, media_id, attempts in wanted:
        _keep(runtime, row_id, media_id, attempts)
    return len(wanted)


def _keep(runtime: Runtime, row_id: int, media_id: str, attempts: int) -> None:
    try:
        media = runtime.gateway.download_media(media_id)
    except GatewayError as error:
        runtime.meter.api_error(error.code, error.reason)
        if isinstance(error, PermanentFailureError) or attempts >= MOST_ATTEMPTS:
            _settle(runtime, row_id, "lost", None, None)
        return
    _settle(runtime, row_id, "kept", _write(runtime, media), media.content_type)


def _write(runtime: Runtime, media: Media) -> str:
    digest = hashlib.sha256(media.content).hexdigest()
    suffix = mimetypes.guess_extension(media.content_type.split(";")[0].strip()) or ".bin"
    path = runtime.options.data_dir / "media" / digest[:2] / f"{digest}{suffix}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(media.content)
    return str(path.relative_to(runtime.options.data_dir))


def _settle(runtime: Runtime, row_id: int, status: str, path: str | None, content_type: str | None) -> None:
    with runtime.transaction() as tx:
        row = tx.session.get_one(Attachment, row_id)
        row.status, row.path, row.content_type = status, path, content_type

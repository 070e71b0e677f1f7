"""Finds conversations that really took place, as recorded with each handled message, for replays. Names nobody."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from dialogs.answers.base import Heard
from dialogs.replay import Message, Recording
from dialogs.script import Script
from dialogs.words import normalise
from handlers.runtime import Runtime
from handlers.upgrades import find_stored
from models.conversations import InboundMessage, ScriptRevision
from models.database import Transaction

LOOKED_AT = 400  # messages of one person, from the newest back
_KINDS = ("text", "image", "voice", "location", "video", "file")


@dataclass(slots=True)
class _Group:
    """The messages of one conversation, and the script that was open when it began ("" for none)."""

    rows: list[InboundMessage]
    before: str


def list_recordings(runtime: Runtime, script_id: str, last: int) -> list[Recording]:
    """Return the last conversations of a script, oldest first: what one person wrote while it ran, up to its end."""
    newest = func.max(InboundMessage.id)
    people = (
        select(InboundMessage.openid)
        .where(InboundMessage.script == script_id, InboundMessage.openid != "")
        .group_by(InboundMessage.openid)
    )
    found: list[_Group] = []
    with runtime.database.reading() as tx:
        for openid in tx.session.scalars(people.order_by(newest.desc()).limit(last)).all():
            messages = select(InboundMessage).where(InboundMessage.openid == openid).order_by(InboundMessage.id.desc())
            rows = tx.session.scalars(messages.limit(LOOKED_AT)).all()
            found += _group(runtime, script_id, reversed(rows))
        found.sort(key=lambda group: group.rows[0].id)
        return [_record(runtime, tx, script_id, group) for group in found[-last:]]


def _group(runtime: Runtime, script_id: str, rows: Iterable[InboundMessage]) -> list[_Group]:
    """Return the conversations of one person. One that was taken up again after another goes on in the same group."""
    current = runtime.content.scripts.get(script_id)
    back = runtime.say("host.back_to", title=current.title) if current is not None else ""
    groups: list[_Group] = []
    is_open, before = False, ""
    for row in rows:
        is_mine = row.script == script_id
        if is_open and row.kind in _KINDS:
            groups[-1].rows.append(row)
        elif is_mine and not is_open and not (groups and back and back in (row.reply or "")):
            groups.append(_Group([row], before))
        is_open, before = is_mine, row.script or ""
    return groups


def _record(runtime: Runtime, tx: Transaction, script_id: str, group: _Group) -> Recording:
    first, count = group.rows[0], len(group.rows)
    at = runtime.local(first.at)
    return Recording(
        name=f"{at:%Y-%m-%d %H:%M}, {count} message{'' if count == 1 else 's'}",
        messages=tuple(Message(_hear(row), runtime.local(row.at), row.reply) for row in group.rows),
        script=_find_revision(runtime, tx, script_id, first.at),
        is_sentence=not group.before and _is_sentence(runtime, first),
    )


def _hear(row: InboundMessage) -> Heard:
    kind = "video" if row.kind == "shortvideo" else row.kind
    return Heard(kind=kind if kind in _KINDS else "text", text=row.text or "", media_id=row.media_id or "")  # type: ignore[arg-type]


def _is_sentence(runtime: Runtime, row: InboundMessage) -> bool:
    """Tell a sentence that was understood as a wish from a word, a tap or an event that opens a script by itself."""
    content, text = runtime.content, row.text or ""
    is_command = text.partition(" ")[0] in content.by_command
    return (
        row.kind in ("text", "voice")
        and not is_command
        and normalise(text) not in content.by_word
        and not content.words.hear(text)
    )


def _find_revision(runtime: Runtime, tx: Transaction, script_id: str, at: datetime) -> Script | None:
    """Return the revision that was current at an instant, None when it is not kept."""
    kept = (ScriptRevision.script == script_id, ScriptRevision.created_at <= at)
    newest = select(ScriptRevision.revision).where(*kept).order_by(ScriptRevision.id.desc()).limit(1)
    revision = tx.session.scalar(newest)
    current = runtime.content.scripts.get(script_id)
    if current is not None and current.revision == revision:
        return current
    return find_stored(tx.session, script_id, revision) if revision else None

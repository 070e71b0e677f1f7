"""Keeps what was not understood, masked, so that staff can teach from it; what the owner then chose is the best teacher."""

from __future__ import annotations

import json

from sqlalchemy import select

from dialogs.intents.understander import Understanding
from dialogs.masking import hide_personal
from handlers.desk import Desk
from handlers.errors import InvalidInputError, NotFoundError
from handlers.runtime import Runtime
from models.audits import add_audit
from models.unheard import MOST_CHARACTERS, Unheard, UnheardStatus, count_unheard

NONE = "none"


def note(desk: Desk, text: str, understanding: Understanding, script: str | None = None) -> None:
    """Keep a sentence that became a question back or a shrug."""
    found = {candidate.intent: round(candidate.confidence, 3) for candidate in understanding.candidates[:3]}
    count_unheard(desk.tx, hide_personal(text.strip()), found, script, desk.now)


def note_choice(desk: Desk, text: str, code: str) -> None:
    """Remember what an owner chose when her sentence was asked back; staff's own word is never overwritten."""
    statement = select(Unheard).where(Unheard.text == hide_personal(text.strip())[:MOST_CHARACTERS])
    row = desk.session.scalars(statement).one_or_none()
    if row is not None and row.status in (UnheardStatus.OPEN.value, UnheardStatus.ANSWERED.value):
        row.status, row.code = UnheardStatus.ANSWERED.value, code


def teach(runtime: Runtime, by: str, unheard_id: int, code: str) -> Unheard:
    """Name the wish behind a sentence, or `none`; audited.

    Raises NotFoundError for an unknown sentence and InvalidInputError for a code the catalogue does not have.
    """
    if code != NONE and runtime.content.label(code) == code:
        raise InvalidInputError(f"there is no code '{code}' in the catalogue")
    with runtime.transaction() as tx:
        row = tx.session.get(Unheard, unheard_id)
        if row is None:
            raise NotFoundError(f"there is no sentence {unheard_id}")
        row.status, row.code = (UnheardStatus.IGNORED if code == NONE else UnheardStatus.TAUGHT).value, code
        add_audit(tx.session, runtime.now(), by, "teach", f"unheard:{unheard_id}", code=code)
    return row


def render_taught(runtime: Runtime) -> str:
    """Return taught sentences as a YAML file for content/utterances."""
    lines = (f"{code}: {json.dumps(texts, ensure_ascii=False)}" for code, texts in list_taught(runtime).items())
    return "".join(f"{line}\n" for line in lines)


def list_taught(runtime: Runtime) -> dict[str, list[str]]:
    """Return taught and answered sentences by code, in the form of content/utterances."""
    found: dict[str, list[str]] = {}
    with runtime.database.reading() as tx:
        states = (UnheardStatus.TAUGHT, UnheardStatus.ANSWERED, UnheardStatus.IGNORED)
        statement = select(Unheard.code, Unheard.text).where(Unheard.status.in_([each.value for each in states]))
        for code, text in tx.session.execute(statement.order_by(Unheard.code, Unheard.id)):
            found.setdefault(code or NONE, []).append(text)
    return found

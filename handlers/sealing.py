"""Seals what an earlier version, or an earlier key, left in the rows: which rows is a matter of content (D06)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, or_, select, true

from dialogs.script import Ask
from handlers.content import Content
from models.accounts import ConsoleAccount
from models.answers import SurveyAnswer
from models.conversations import Conversation
from models.database import Database, table_of
from models.sealing_rows import Plain, find_prefix, is_marked, mark, open_tags, seal_rows
from models.tag_changes import TagChange, TagConflict
from models.tags import OwnerTag, Tag


def seal_all(database: Database, content: Content, now: datetime) -> int:
    """Bring every row under the current key, seal what is of level 2 and open what no longer is; returns how many rows.

    A second run does nothing. Raises ValueError when a key is missing that sealed something.
    """
    keys = sorted(key.key for key in content.vocabulary.keys.values() if key.level > 1)
    digest = _digest(content, keys, find_prefix(database))
    if is_marked(database, digest):
        return 0
    done = open_tags(database, keys) + seal_rows(database, _list_plain(content, keys))
    mark(database, digest, now)
    return done


def _digest(content: Content, keys: Sequence[str], prefix: str) -> str:
    """Return what changes when the key does, or what is of level 2."""
    steps = ((script.id, step) for script in content.scripts.values() for step in script.steps)
    asked = [f"{script_id}.{step.id}" for script_id, step in steps if content.is_confidential(step)]
    return hashlib.sha256("\n".join((prefix, *keys, *sorted(asked))).encode()).hexdigest()


def _list_plain(content: Content, keys: Sequence[str]) -> Iterator[Plain]:
    for model, columns in (
        (Tag, ("value",)),
        (TagChange, ("value", "before", "evidence")),
        (TagConflict, ("kept", "other", "evidence")),
    ):
        table = table_of(model)
        yield Plain(table, columns, table.c.key.in_(keys), _name_key)
    held = table_of(OwnerTag)
    of_level_two = select(Tag.id).where(Tag.key.in_(keys))
    yield Plain(held, ("evidence",), held.c.tag_id.in_(of_level_two), lambda _row: "evidence")
    answers = table_of(SurveyAnswer)
    asked = [
        and_(answers.c.survey == script.id, answers.c.question == step.id)
        for script in content.scripts.values()
        for step in script.steps
        if isinstance(step, Ask) and content.is_confidential(step)
    ]
    if asked:
        yield Plain(answers, ("key", "label", "raw"), or_(*asked), _name_answer)
    talks = table_of(Conversation)
    confidential = [script for script in content.scripts if content.holds_confidence(script)]
    yield Plain(talks, ("state",), talks.c.script.in_(confidential), _name_key)
    logins = table_of(ConsoleAccount)
    yield Plain(logins, ("totp_secret", "totp_pending"), true(), lambda _row: "totp")


def _name_key(row: Row[Any]) -> str:
    return str(getattr(row, "key", ""))


def _name_answer(row: Row[Any]) -> str:
    return f"answer {row.question}"

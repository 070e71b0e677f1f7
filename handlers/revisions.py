"""Keeps the text of every script revision that ever ran, and tells who still waits on which: before an edit goes live."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import String, cast, func, or_, select

from dialogs.conduct import Upgrade
from dialogs.places import Problem
from dialogs.script import Ask, Script
from handlers.consents import store_texts
from handlers.runtime import Runtime
from handlers.upgrades import find_stored
from models.cases import Order
from models.conversations import Conversation, ScriptRevision
from models.database import Transaction, insert_for
from models.runs import ScriptRun


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
    store_texts(runtime)
    return len(new)


@dataclass(frozen=True, slots=True)
class Standing:
    """One conversation that waits for its person: open, or set aside behind another one."""

    script: str
    revision: str
    step: str
    answers: tuple[str, ...]
    is_open: bool
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many conversations wait on one step of one revision, `set_aside` of them behind another; since when."""

    script: str
    revision: str
    is_current: bool
    step: str
    conversations: int
    set_aside: int
    oldest: datetime | None


def count_waiting(runtime: Runtime) -> list[Waiting]:
    """Count the conversations that wait for a person, by script, revision and step, in that order."""
    scripts = runtime.content.scripts
    found: dict[tuple[str, str, str], list[Standing]] = {}
    with runtime.database.reading() as tx:
        for each in list_standing(tx):
            found.setdefault((each.script, each.revision, each.step), []).append(each)
    return [
        Waiting(
            *key[:2],
            is_current=key[0] in scripts and scripts[key[0]].revision == key[1],
            step=key[2],
            conversations=len(standing),
            set_aside=sum(not each.is_open for each in standing),
            oldest=min((each.at for each in standing if each.at is not None), default=None),
        )
        for key, standing in sorted(found.items())
    ]


def list_standing(tx: Transaction) -> Iterator[Standing]:
    """Yield every conversation that waits for its person."""
    columns = (Conversation.state, Conversation.waiting, Conversation.updated_at)
    is_used = or_(Conversation.script.is_not(None), cast(Conversation.waiting, String) != "[]")
    for state, waiting, at in tx.connection.execute(select(*columns).where(is_used).execution_options(yield_per=1000)):
        if state:
            yield _read(state, at, is_open=True)
        for item in waiting or ():
            if "resume" in item:
                yield _read(item["resume"], datetime.fromisoformat(item["at"]) if "at" in item else at, is_open=False)


def _read(state: Mapping[str, Any], at: datetime | None, *, is_open: bool) -> Standing:
    return Standing(state["script"], state["revision"], state["step"], tuple(state.get("answers", ())), is_open, at)


def check_live(runtime: Runtime) -> list[Problem]:
    """Compare today's content with the conversations that run; return what an edit would do to them unasked.

    `waiting_step`: a step on which conversations wait is gone and `upgrade: migrate` would have to guess. `type_changed`:
    a question has another type than answers that are kept of it (the rule of ODK: a new type is a new question).
    """
    with runtime.database.reading() as tx:
        standing = list(list_standing(tx))
        problems = [*_check_places(runtime, standing), *_check_types(runtime, tx, standing)]
    return sorted(problems, key=lambda each: (each.place.file, each.place.line, each.place.column))


def _check_places(runtime: Runtime, standing: list[Standing]) -> Iterator[Problem]:
    counts = Counter((each.script, each.revision, each.step) for each in standing)
    for (script_id, revision, step_id), count in counts.items():
        script = runtime.content.scripts.get(script_id)
        if script is None or script.revision == revision or script.upgrade is not Upgrade.MIGRATE:
            continue
        if not isinstance(script.find_step(step_id), Ask):
            advice = f"give an alias ('aliases: {{{step_id}: new_id}}'), or say 'upgrade: restart' or 'upgrade: pin'"
            waits = "1 conversation waits" if count == 1 else f"{count} conversations wait"
            message = f"{waits} on '{step_id}' of revision {revision}, which is no question any more: {advice}"
            yield Problem(script.place, "waiting_step", message)


def _check_types(runtime: Runtime, tx: Transaction, standing: list[Standing]) -> Iterator[Problem]:
    for script in runtime.content.scripts.values():
        changed: dict[tuple[str, str], set[str]] = {}  # (step id, earlier type) -> revisions
        for earlier in _list_earlier(tx, script):
            for before in earlier.steps:
                now = script.find_step(before.id)
                if isinstance(before, Ask) and isinstance(now, Ask) and before.type is not now.type:
                    changed.setdefault((before.id, before.type.value), set()).add(earlier.revision)
        for (step_id, before_type), revisions in changed.items():
            count = _count_answers(tx, script, step_id, revisions, standing)
            now = script.find_step(step_id)
            if count and now is not None:
                kept = "1 answer of the type" if count == 1 else f"{count} answers of the type"
                message = f"'{step_id}' is another type than before, and {kept} '{before_type}' are kept: give it a new id"
                yield Problem(now.place, "type_changed", message)


def _list_earlier(tx: Transaction, script: Script) -> list[Script]:
    wanted = (ScriptRevision.script == script.id, ScriptRevision.revision != script.revision)
    revisions = tx.session.scalars(select(ScriptRevision.revision).where(*wanted)).all()
    return [found for revision in revisions if (found := find_stored(tx.session, script.id, revision)) is not None]


def _count_answers(tx: Transaction, script: Script, step_id: str, revisions: set[str], standing: list[Standing]) -> int:
    """Count what is kept of a question from these revisions: in open conversations, finished runs and booked orders."""
    running = sum(each.script == script.id and each.revision in revisions and step_id in each.answers for each in standing)
    ended = (ScriptRun.script == script.id, ScriptRun.revision.in_(revisions), ScriptRun.result.is_not(None))
    runs = tx.session.scalar(select(func.count()).select_from(ScriptRun).where(*ended)) or 0
    since = select(ScriptRevision.created_at).where(
        ScriptRevision.script == script.id, ScriptRevision.revision == script.revision
    )
    live_at = tx.session.scalar(since)
    orders = select(Order.slots).where(Order.service == script.id)
    booked = tx.session.scalars(orders if live_at is None else orders.where(Order.created_at < live_at))
    return running + runs + sum(step_id in (slots or {}) for slots in booked)

"""Runs a conversation's script on a desk: engine step, effects in the same transaction, step again, until it waits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from dialogs import engine
from dialogs.inputs import Begin, Given
from dialogs.outcome import Outcome, Reply
from dialogs.parse import parse_script
from dialogs.script import Script
from dialogs.state import DialogState, dump_state, load_state
from handlers.desk import Desk
from handlers.wording import render_reply
from models.conversations import ScriptRevision

MAX_EFFECTS = 20
MAX_CHAIN = 5
BOUND = "bound"
BIND_SCRIPT, GENERAL_SCRIPT, MENU_SCRIPT, PERSON_SCRIPT = "bind", "booking.general", "menu.main", "handover"
COMPLETED = "completed"
STALE = timedelta(days=1)  # what was set aside longer ago is not brought up again


class RunawayError(RuntimeError):
    """A conversation asks for one effect after another without end: a fault of the script."""


def find_script(desk: Desk, state: DialogState) -> Script | None:
    """Return the revision a conversation runs on: the current one, or the old one it was started with."""
    current = desk.runtime.content.scripts.get(state.script)
    if current is not None and current.revision == state.revision:
        return current
    wanted = (ScriptRevision.script == state.script, ScriptRevision.revision == state.revision)
    kept = desk.session.execute(select(ScriptRevision.source, ScriptRevision.file).where(*wanted)).first()
    return parse_script(kept.source, kept.file) if kept else current


def begin(desk: Desk, script_id: str, values: Mapping[str, Any] | None = None, sentence: str = "", depth: int = 0) -> list[str]:
    """Start a script in place of whatever runs, binding first where it needs a room; returns what is said."""
    script, given = desk.runtime.content.scripts[script_id], dict(values or {})
    if BOUND in script.needs and desk.person.owner_id is None:
        wish = {"script": script_id, "vars": given, "sentence": sentence, "needs": BOUND}
        desk.waiting = [wish, *(item for item in desk.waiting if item.get("needs") != BOUND)]
        return [desk.say("host.need_binding"), *begin(desk, BIND_SCRIPT, {}, "", depth + 1)]
    desk.round += 1
    desk.state = None
    desk.service = str(given.get("service") or script_id)
    return carry(desk, script, take_step(desk, script, Begin(vars=given, sentence=sentence)), depth)


def begin_intent(desk: Desk, intent: str, sentence: str = "", depth: int = 0) -> list[str]:
    """Start the script of an intent; a service without one of its own is booked by the general script."""
    content = desk.runtime.content
    script_id = content.by_intent.get(intent)
    if script_id is not None:
        return begin(desk, script_id, {}, sentence, depth)
    if intent in content.services:
        return begin(desk, GENERAL_SCRIPT, {"service": intent}, sentence, depth)
    return begin(desk, MENU_SCRIPT, {}, "", depth)


def take_step(desk: Desk, script: Script, given: Given) -> Outcome:
    """Take one engine step from where the desk stands."""
    content = desk.runtime.content
    return engine.step(script, desk.state, given, desk.world(), content.texts, content.words)


def carry(desk: Desk, script: Script, outcome: Outcome, depth: int = 0) -> list[str]:
    """Carry an outcome on: run its effects, follow where it leads, return what is said."""
    said = render(desk, outcome.replies)
    desk.state = outcome.state
    for _ in range(MAX_EFFECTS):
        if not outcome.effects:
            break
        outcome = take_step(desk, script, desk.perform(desk, outcome.effects[0]))
        desk.state = outcome.state
        said += render(desk, outcome.replies)
    else:
        raise RunawayError(script.id)
    if depth < MAX_CHAIN:
        said += _follow(desk, script, outcome, depth + 1)
    return said


def _follow(desk: Desk, script: Script, outcome: Outcome, depth: int) -> list[str]:
    if outcome.start is not None:
        start, content = outcome.start, desk.runtime.content
        if start.script in content.scripts:
            return begin(desk, start.script, start.vars, start.sentence, depth)
        return begin_intent(desk, start.script, start.sentence, depth)
    if outcome.asked == "handoff":
        set_aside(desk)
        return begin(desk, PERSON_SCRIPT, {"reason": script.title}, "", depth)
    if outcome.ended is not None and desk.handover_task_id is None:
        return take_waiting(desk, outcome.ended, depth)
    return []


def take_waiting(desk: Desk, ended: str = COMPLETED, depth: int = 0) -> list[str]:
    """After a script has ended: what waited for its turn. A wish that needed a binding dies with a failed one."""
    while desk.waiting:
        item = desk.waiting.pop(0)
        if item.get("needs") == BOUND and (ended != COMPLETED or desk.person.owner_id is None):
            continue
        if "resume" in item and desk.updated_at is not None and desk.now - desk.updated_at > STALE:
            continue
        if "resume" in item:
            return _resume(desk, load_state(item["resume"]))
        return begin(desk, item["script"], item.get("vars"), item.get("sentence", ""), depth)
    return []


def _resume(desk: Desk, state: DialogState) -> list[str]:
    script = find_script(desk, state)
    if script is None:
        return []
    desk.state = state
    desk.round += 1
    return [desk.say("host.back_to", title=script.title), *repeat_question(desk, script)]


def repeat_question(desk: Desk, script: Script) -> list[str]:
    """Ask the current question again, in its own words."""
    if desk.state is None:
        return []
    content = desk.runtime.content
    return render(desk, (engine.repeat(script, desk.state, desk.world(), content.texts, content.words),))


def set_aside(desk: Desk) -> None:
    """Put the running conversation behind what comes now; it resumes when that has ended."""
    if desk.state is not None:
        desk.waiting = [{"resume": dump_state(desk.state)}, *desk.waiting][:MAX_CHAIN]
        desk.state = None


def render(desk: Desk, replies: tuple[Reply, ...]) -> list[str]:
    """Return replies as texts whose options are marked with this round and turn."""
    return [render_reply(reply, f"t{desk.round}-{reply.turn}") for reply in replies]

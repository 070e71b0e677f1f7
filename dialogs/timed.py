"""Turns that nobody took: what a due timer does to a conversation. Pure like the engine, which calls it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from dialogs.inputs import TimedOut, TimerKind
from dialogs.outcome import Outcome
from dialogs.script import Ask, ScriptKind
from dialogs.session import Session
from dialogs.sittings import is_paused
from dialogs.state import Answer, DialogState
from dialogs.survey import PAUSED
from dialogs.walk import accept, go_on, wait, walk

EXPIRED = "expired"
_TOLD = (ScriptKind.SERVICE, ScriptKind.SURVEY)  # a menu that nobody answers is closed without a word
_NOTHING = Answer(None, "")


def take_time(session: Session, state: DialogState, given: TimedOut) -> Outcome:
    """Run the turn of a due timer. What stands at no question (a lost step) only rests or is let go."""
    current = session.script.find_step(state.step)
    session.step = current.id if current is not None else state.step
    if given.kind is TimerKind.EXPIRE:
        return session.finish(EXPIRED)
    if given.kind is TimerKind.IDLE:
        outcome = _fall_silent(session)
    elif not isinstance(current, Ask):
        return Outcome(state)
    elif given.kind is TimerKind.REMIND:
        phrase = "engine.sitting_reminder" if is_paused(state) else "engine.reminder"
        session.say(session.phrase(phrase, {"title": session.script.title}))
        session.set_var(PAUSED, None)
        outcome = wait(session)
    else:
        outcome = _go_on_unanswered(session, current)
    if outcome.state is None:
        return outcome
    return replace(outcome, state=settle(state, outcome.state, given, session.world.now))


def settle(before: DialogState, after: DialogState, given: TimedOut, now: datetime) -> DialogState:
    """Return `after` as a state that no message led to: the silence goes on, whatever was asked or done meanwhile."""
    reminded = given.reminded if given.kind is TimerKind.REMIND else before.reminded
    is_resting = given.kind is TimerKind.IDLE or (before.is_resting and given.kind is TimerKind.REMIND)
    asked_at = now.isoformat() if given.kind is TimerKind.TIMEOUT else before.asked_at
    return replace(after, reminded=reminded, is_resting=is_resting, asked_at=asked_at)


def _fall_silent(session: Session) -> Outcome:
    on_idle = session.script.sitting.on_idle
    if on_idle.startswith("goto:"):
        session.turn += 1
        return walk(session, on_idle.removeprefix("goto:"))
    if on_idle == "draft":
        return session.freeze()
    if session.script.kind in _TOLD:
        session.say(session.phrase("engine.expired", {"title": session.script.title}))
    return session.finish(EXPIRED)


def _go_on_unanswered(session: Session, current: Ask) -> Outcome:
    """Leave a question as its `timeout` says. The turn counts, so that its options are old ones from now on."""
    then = current.timeout.then if current.timeout else "skip"
    session.turn += 1
    if then == "cancel":
        session.say(session.phrase("engine.timed_out", {"title": session.script.title}))
        return session.finish("cancelled")
    if then.startswith("goto:"):
        return walk(session, then.removeprefix("goto:"))
    return go_on(session, accept(session, current, _NOTHING))

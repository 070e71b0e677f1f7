"""What an answer that does not fit leads to: a line before the same question, and one day somebody else. Pure."""

from __future__ import annotations

from dataclasses import asdict

from dialogs.answers.base import Heard, Rejected
from dialogs.hearing import MEDIA_TYPES, find_complaint
from dialogs.outcome import Outcome
from dialogs.script import Ask
from dialogs.session import MEDIA, Session
from dialogs.walk import NOTHING, accept, go_on, wait, walk

_MAX_MEDIA = 9


def cancel(session: Session) -> Outcome:
    """End it as the person wishes."""
    session.say(session.phrase("engine.cancelled"))
    return session.finish("cancelled")


def take_stray_media(session: Session, current: Ask, heard: Heard) -> Outcome:
    """Keep a picture for the question it answers further on (R7); say so when no question wants it."""
    if heard.kind == "voice":
        return complain(session, session.phrase("engine.voice_unheard"))
    position = session.script.positions[current.id]
    ahead = session.script.steps[position + 1 :]
    kept = session.vars.get(MEDIA, [])
    if heard.kind in MEDIA_TYPES and len(kept) < _MAX_MEDIA and any(isinstance(s, Ask) and s.type == heard.kind for s in ahead):
        session.set_var(MEDIA, [*kept, asdict(heard)])
        return complain(session, session.phrase("engine.media_kept"))
    return complain(session, session.phrase("engine.media_not_now"))


def complain(session: Session, text: str) -> Outcome:
    """Ask the question once more with a line before it."""
    session.complaint = text
    return wait(session)


def reject(session: Session, current: Ask, rejected: Rejected) -> Outcome:
    """Count an answer that did not fit and say so; after too many, go the way of `retries`."""
    session.tries += 1
    if session.tries >= current.retries.limit:
        return _stop_trying(session, current)
    complaint = find_complaint(session, current, rejected)
    if session.tries == current.retries.limit - 1:
        complaint = f"{complaint}\n{session.phrase('engine.offer_handoff')}"
    return complain(session, complaint)


def _stop_trying(session: Session, current: Ask) -> Outcome:
    then = current.retries.then
    if then == "cancel":
        return cancel(session)
    if then == "skip":
        return go_on(session, accept(session, current, NOTHING))
    if then.startswith("goto:"):
        return walk(session, then.removeprefix("goto:"))
    session.tries = 0
    session.say(session.phrase("engine.handoff"))
    return session.freeze(asked="handoff")

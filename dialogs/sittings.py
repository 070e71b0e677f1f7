"""How long a survey goes on at once: questions are counted, and between two sittings it rests, its question unshown. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from dialogs.outcome import Outcome
from dialogs.script import Ask, ScriptKind
from dialogs.session import Session
from dialogs.state import DialogState
from dialogs.survey import LED, PAUSED, SAT

REMINDED_AFTER = timedelta(hours=20)  # one line about it, the next day and still within the platform's 48 hours


def is_passed_over(session: Session, step: object) -> bool:
    """Say whether a step is none of this person's: what only a staff member answers is never asked of an owner."""
    return isinstance(step, Ask) and step.inquiry.is_staff and LED not in session.vars


def has_sat_enough(session: Session, step: Ask) -> bool:
    """Count a question that would be asked now, and say whether it is better left for another day."""
    survey = session.script.survey
    if survey is None or not survey.sitting or LED in session.vars or step.inquiry.asks:
        return False
    sat = session.vars.get(SAT, 0)
    session.set_var(SAT, 1 if sat >= survey.sitting else sat + 1)
    return bool(sat >= survey.sitting)


def rest(session: Session, phrase: str) -> Outcome:
    """Say that it goes on another time and rest at this question, which has not been shown yet."""
    session.say(session.complaint)
    session.complaint = ""
    session.say(session.phrase(phrase, {"title": session.script.title}))
    session.set_var(PAUSED, True)
    outcome = session.freeze()
    return outcome if outcome.state is None else replace(outcome, state=replace(outcome.state, is_resting=True))


def may_rest(session: Session) -> bool:
    """Say whether a script can be put off: those that are kept as a draft, and everything a staff member leads."""
    return session.script.kind in (ScriptKind.SERVICE, ScriptKind.SURVEY) and session.script.sitting.on_idle == "draft"


def is_paused(state: DialogState) -> bool:
    """Say whether a conversation rests before a question that has not been shown."""
    return PAUSED in state.vars


def wake(state: DialogState) -> DialogState:
    """Return a resting conversation as it goes on."""
    return replace(state, is_resting=False, vars={name: each for name, each in state.vars.items() if name != PAUSED})

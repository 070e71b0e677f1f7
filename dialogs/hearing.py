"""What a message means at a question: an answer, or what to say about it. Decides nothing about the way on."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from dialogs.answers.base import Accepted, AnswerType, Heard, Rejected, Shown, plain
from dialogs.answers.kinds import ANSWERS
from dialogs.prompts import build_question, list_options, list_shown
from dialogs.script import Ask, Template
from dialogs.session import Session
from dialogs.state import Answer

MEDIA_TYPES = (AnswerType.IMAGE, AnswerType.VOICE, AnswerType.VIDEO, AnswerType.FILE, AnswerType.LOCATION)
_CHOSEN = (AnswerType.CHOICE, AnswerType.MULTI)


def clean(heard: Heard, step: Ask) -> Heard:
    """Return the message in plain form; recognised voice counts as text unless voice is what was asked for."""
    kind = "text" if heard.kind == "voice" and heard.text and step.type is not AnswerType.VOICE else heard.kind
    text = plain(heard.text)
    return heard if (kind, text) == (heard.kind, heard.text) else replace(heard, kind=kind, text=text)


def read_answer(session: Session, step: Ask, heard: Heard) -> Accepted | Rejected:
    """Read a whole message as the answer: numbers mean the options on the page, names any option."""
    kind, world = ANSWERS[step.type], session.world
    shown = list_shown(session, step)
    read = kind.read(heard, build_question(session, step, shown), world.now, world.calendar)
    if isinstance(read, Rejected) and read.reason == "unrecognised" and step.type in _CHOSEN:
        everything = list_options(session, step)
        if len(everything) > len(shown):
            unnumbered = tuple(Shown(0, each.key, each.label, each.say) for each in everything)
            read = kind.read(heard, build_question(session, step, unnumbered), world.now, world.calendar)
    if isinstance(read, Accepted) and step.pattern and not re.fullmatch(step.pattern, str(read.value)):
        return Rejected("pattern")
    return _judge(session, step, read)


def read_tap(session: Session, step: Ask, key: str) -> Accepted | Rejected:
    """Read a tapped option of the current prompt."""
    chosen = next((option for option in list_options(session, step) if option.key == key), None)
    if chosen is None:
        return Rejected("unrecognised")
    if step.type is AnswerType.CHOICE:
        return _judge(session, step, Accepted(chosen.key, chosen.label))
    if step.type is AnswerType.MULTI and (step.min or 1) <= 1:
        return _judge(session, step, Accepted([chosen.key], chosen.label))
    if step.type is AnswerType.YESNO:
        return _judge(session, step, Accepted(key == "yes", chosen.label))
    return read_answer(session, step, Heard("text", chosen.key if step.type is AnswerType.RATING else chosen.label))


def adopt(session: Session, step: Ask, value: Any) -> Answer | None:
    """Return a value handed in (a variable, a default) as the answer it stands for; None when it does not fit."""
    if value is None:
        return None
    if step.type is AnswerType.CHOICE:
        labels = {option.key: option.label for option in list_options(session, step)}
        return Answer(value, labels[value]) if isinstance(value, str) and value in labels else None
    if step.type is AnswerType.YESNO and isinstance(value, bool):
        wanted = "yes" if value else "no"
        return Answer(value, next(each.label for each in list_options(session, step) if each.key == wanted))
    if step.type in MEDIA_TYPES:
        return None
    said = value if isinstance(value, str) else f"{value:g}" if isinstance(value, int | float) else ""
    read = read_answer(session, step, Heard("text", plain(said)))
    return to_answer(read, said) if isinstance(read, Accepted) else None


def to_answer(accepted: Accepted, raw: str) -> Answer:
    """Return what is kept of an accepted answer."""
    return Answer(accepted.value, accepted.label, raw)


def find_complaint(session: Session, step: Ask, rejected: Rejected) -> str:
    """Return what is said: `invalid` when it was understood but breaks a rule, else `unrecognised`; own texts first."""
    if rejected.reason == _CHECK:
        return rejected.detail["message"]
    invalid = f"engine.invalid.{rejected.reason}"
    is_understood = session.texts.has(invalid)
    own: Template | None = step.invalid if is_understood else step.unrecognised
    if own is not None:
        return own.render({**session.scope(), **rejected.detail}, session.world)
    keys = (
        invalid,
        f"engine.unrecognised.{rejected.reason}",
        f"engine.unrecognised.{step.type}",
        "engine.unrecognised.default",
    )
    key = next(key for key in keys if session.texts.has(key))
    bounds = {"min": None, "max": None, "unit": step.unit, **rejected.detail, **_in_yuan(step, rejected)}
    return session.phrase(key, bounds)


def _in_yuan(step: Ask, rejected: Rejected) -> dict[str, str]:
    bounds = {name: bound for name in ("min", "max") if (bound := getattr(step, name)) is not None}
    is_money = step.type is AnswerType.AMOUNT and rejected.reason == "out_of_range"
    return {name: f"{bound:g}" for name, bound in bounds.items()} if is_money else {}


def fails_check(session: Session, step: Ask, answer: Answer) -> str:
    """Return the message of the first rule the answer breaks, "" when it breaks none."""
    if not step.checks:
        return ""
    scope = {**session.scope(), step.id: answer.value, "v": answer.value}
    broken = (check for check in step.checks if not check.condition.holds(scope, session.world))
    return next((check.message.render(scope, session.world) for check in broken), "")


_CHECK = "check"


def _judge(session: Session, step: Ask, read: Accepted | Rejected) -> Accepted | Rejected:
    if isinstance(read, Accepted):
        message = fails_check(session, step, to_answer(read, ""))
        if message:
            return Rejected(_CHECK, {"message": message})
    return read

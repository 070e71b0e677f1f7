"""Finds answers that are known before they are asked: in the first sentence, or handed in by name."""

from __future__ import annotations

from dialogs.answers.base import AnswerType, plain
from dialogs.answers.kinds import ANSWERS
from dialogs.hearing import MEDIA_TYPES, adopt, to_answer
from dialogs.prompts import build_question, list_options
from dialogs.script import Ask
from dialogs.session import KNOWN, SOUGHT, Session
from dialogs.state import Answer

# free words hold whatever was said, so a sentence never answers them surely
_NEVER_FOUND = (*MEDIA_TYPES, AnswerType.TEXT, AnswerType.REVIEW)


def prefill(session: Session, sentence: str) -> None:
    """Keep every sure answer as known; it is taken without asking when the way leads to its question.

    An option of a list waits until then: the list may hang on what is said or done before.
    """
    said = plain(sentence)
    for step in session.script.steps:
        if isinstance(step, Ask) and step.options_from is None:
            answer = _find_known(session, step, said)
            if answer is not None:
                session.keep(KNOWN, step.id, answer)


def take_listed(session: Session, step: Ask) -> Answer | None:
    """Return the option of a list that was handed in or named in the first sentence; once, so that it can be changed."""
    sought = session.vars.get(SOUGHT, [])
    if step.options_from is None or step.id in sought:
        return None
    answer = _find_known(session, step, plain(str(session.vars.get("sentence", ""))))
    if answer is not None:
        session.set_var(SOUGHT, [*sought, step.id])
    return answer


def _find_known(session: Session, step: Ask, said: str) -> Answer | None:
    return adopt(session, step, session.vars[step.id]) if step.id in session.vars else _find(session, step, said)


def _find(session: Session, step: Ask, said: str) -> Answer | None:
    if not said or not step.prefill or step.type in _NEVER_FOUND:
        return None
    question = build_question(session, step, list_options(session, step))
    found = ANSWERS[step.type].extract(said, question, session.world.now, session.world.calendar)
    return None if found is None else to_answer(found, said)

"""A question whose answer is known stands as one line: 「上次您说是自住，还是这样吗？」 How it is shown; finds nothing."""

from __future__ import annotations

from dataclasses import replace

from dialogs.answers.base import AnswerType
from dialogs.script import Ask
from dialogs.session import Session
from dialogs.state import Answer
from dialogs.survey import CONFIRMING, DENIED, LED, TEXTS


def begin_confirming(session: Session, step: Ask, answer: Answer) -> None:
    """Ask from now on whether a known answer still holds."""
    session.set_var(CONFIRMING, {"step": step.id, "value": answer.value, "label": answer.label})


def find_confirmed(session: Session, step: Ask) -> Answer | None:
    """Return the known answer that the open question asks about; None when it asks the question itself."""
    asked = session.vars.get(CONFIRMING)
    return Answer(asked["value"], asked["label"]) if asked and asked["step"] == step.id else None


def stop_confirming(session: Session) -> None:
    """Let go of the line, wherever the conversation goes."""
    session.set_var(CONFIRMING, None)


def deny(session: Session, step: Ask) -> None:
    """Ask the question itself from now on: what was known has changed."""
    stop_confirming(session)
    session.set_var(DENIED, [*session.vars.get(DENIED, []), step.id])


def stand_in(session: Session, step: Ask) -> Ask:
    """Return the question as it is asked now: itself, or a yes and no about what is known."""
    if find_confirmed(session, step) is None:
        return step
    return replace(step, type=AnswerType.YESNO, options=(), options_from=None, checks=(), min=None, max=None, pattern="")


def render_question(session: Session, step: Ask) -> str:
    """Return what is asked: the line about what is known, a general phrase, or the question's own text; hints for who leads."""
    known = find_confirmed(session, step)
    if known is not None:
        return session.phrase("engine.known", {"name": step.name, "label": known.label})
    if step.inquiry.asks:
        purpose, texts = step.inquiry.asks, session.vars.get(TEXTS, {})
        return str(texts.get(purpose) or session.phrase(f"engine.consent.{purpose}"))
    text = session.phrase(step.key) if step.key else session.render(step.text)
    hint = step.inquiry.hint if LED in session.vars else ""
    return f"{text}\n{session.phrase('engine.hint', {'hint': hint})}" if hint else text

"""What may come between a question and its answer: whether anything may, and small talk, which leads back."""

from __future__ import annotations

from dialogs.script import Ask, Interrupt, Script, ScriptKind
from handlers.desk import Desk
from handlers.turns import repeat_question


def find_interrupt(desk: Desk, script: Script) -> Interrupt:
    """Return what may come between the open question and its answer."""
    step = script.find_step(desk.state.step) if desk.state else None
    return step.interrupt if isinstance(step, Ask) else Interrupt.ALLOW


def answer_small_talk(desk: Desk, script: Script, text: str) -> list[str] | None:
    """Answer small talk at a question and lead back to it; None when it is none, or nothing may come between."""
    friendly = find_small_talk(desk, text)
    if not friendly or find_interrupt(desk, script) is Interrupt.NEVER:
        return None
    return [friendly, *(repeat_question(desk, script) if script.kind is not ScriptKind.MENU else ())]


def find_small_talk(desk: Desk, text: str, *, is_part: bool = False) -> str:
    """Return a friendly line for small talk, "" for anything else; a part of a message counts when nothing else was heard."""
    content = desk.runtime.content
    line = content.small_talk.find_in(text) if is_part else content.small_talk.find(text, content.words.peel)
    return line.replies[desk.round % len(line.replies)] if line is not None else ""

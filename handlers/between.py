"""What may come between a question and its answer: small talk; and the words that find nothing open to act on."""

from __future__ import annotations

from sqlalchemy import select

from dialogs.script import Ask, Interrupt, Script, ScriptKind
from handlers.desk import Desk
from handlers.turns import repeat_question
from models.conversations import InboundMessage


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


def answer_idle_word(desk: Desk, word: str) -> list[str] | None:
    """Answer 重复 and 跳过 where no question is open: what was said last, or that nothing is asked; None for any other word."""
    if word not in ("repeat", "skip"):
        return None
    last = _find_last_reply(desk) if word == "repeat" else ""
    return [last or desk.say("host.nothing_open")]


def _find_last_reply(desk: Desk) -> str:
    """Return what this person was answered last, with what she has not read of it yet."""
    of_hers = select(InboundMessage.reply).where(InboundMessage.openid == desk.openid, InboundMessage.reply.is_not(None))
    reply = desk.tx.session.scalar(of_hers.order_by(InboundMessage.id.desc()).limit(1)) or ""
    if not desk.rest:
        return reply
    head = reply.removesuffix(desk.say("host.more")).removesuffix("\n")
    return f"{head}\n{desk.rest}"

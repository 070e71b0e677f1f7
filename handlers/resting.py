"""Coming back to a conversation that has rested: go on at once, ask whether it goes on, or let it be. Says little."""

from __future__ import annotations

from datetime import timedelta

from dialogs import engine
from dialogs.answers.base import AnswerType
from dialogs.inputs import Said
from dialogs.intents.decision import Act, decide
from dialogs.script import Ask, Resume
from dialogs.sittings import is_paused
from dialogs.state import load_state
from handlers.desk import Desk
from handlers.drafts import set_aside, take_newest
from handlers.homes import HOME, HOME_SCRIPT
from handlers.turns import BIND_SCRIPT, BOUND, ask_to_resume, resume
from handlers.upgrades import Course

SHORTEST_WISH = 5
BETWEEN_SITTINGS = timedelta(hours=6)


def come_back(desk: Desk, course: Course, said: Said, text: str) -> list[str] | None:
    """Answer a message to a resting conversation; None when it is to be heard as any other.

    That is a word that works everywhere or an answer that fits, then it just goes on; or anything at all when the script
    never resumes, then the draft has been let go. Else she is asked.
    """
    words, state, script = desk.runtime.content.words, desk.state, course.script
    if state is None or not state.is_resting:
        return None
    if words.means("resume", text):
        return resume(desk, state)
    if is_paused(state) and not _is_next_time(desk, text):
        set_aside(desk)  # it was put off on purpose: what she writes meanwhile is about something else
        return None
    if words.hear(text) or script.sitting.resume is Resume.AUTO:
        return None
    if script.sitting.resume is Resume.NEVER:
        desk.state = None
        return None
    if course.begin is None and course.is_same and not is_paused(state) and _fits(desk, course, said, text):
        return None
    set_aside(desk)
    draft = desk.waiting.pop(0)
    return ask_to_resume(desk, script, {**draft, "instead": {"hear": text}})


def _is_next_time(desk: Desk, text: str) -> bool:
    """Tell whether somebody is back for another sitting: some hours later, and for nothing in particular."""
    if desk.updated_at is None or desk.now - desk.updated_at < BETWEEN_SITTINGS or desk.runtime.content.words.hear(text):
        return False
    return len(text) < SHORTEST_WISH or not isinstance(decide(desk.runtime.understander.understand(text)), Act)


def _fits(desk: Desk, course: Course, said: Said, text: str) -> bool:
    """Tell whether a message answers the question that is open and is not clearly another wish."""
    before, content = course.state, desk.runtime.content
    outcome = engine.step(course.script, before, said, desk.world(), content.texts, content.words)
    after = outcome.state
    if outcome.asked or (after is not None and (after.step, after.page) == (before.step, before.page)):
        return False
    current = course.script.find_step(before.step)
    is_open = isinstance(current, Ask) and current.type is AnswerType.TEXT
    if not text or (not is_open and len(text) < SHORTEST_WISH):
        return True
    return not isinstance(decide(desk.runtime.understander.understand(text)), Act)


def resume_newest(desk: Desk, text: str) -> list[str] | None:
    """Take up the newest draft when that is what somebody in no conversation asks for (继续); None when it is not."""
    if not desk.waiting or not desk.runtime.content.words.means("resume", text):
        return None
    draft = take_newest(desk)
    return resume(desk, load_state(draft["resume"])) if draft is not None else None


def rest_newest(desk: Desk, ended: str) -> None:
    """After a script has ended in silence: what it stood before rests again, what depended on it is gone."""
    if need := {BIND_SCRIPT: BOUND, HOME_SCRIPT: HOME}.get(ended):
        desk.waiting = [item for item in desk.waiting if item.get("needs") != need]
    draft = take_newest(desk)
    if draft is not None:
        resume(desk, load_state(draft["resume"]), is_asked=False)

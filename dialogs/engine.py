"""One turn of a conversation as a pure function: script, state, what came in -> replies, effects, the next state.

No clock, no randomness, no files, no database: all of the world it sees is handed in. Given any message it answers; it
never raises on what a person sends and never runs without end.
"""

from __future__ import annotations

from collections.abc import Callable

from dialogs.answers.base import AnswerType, Heard, Rejected
from dialogs.effects import EFFECTS, LOOKUPS
from dialogs.hearing import clean, read_answer, read_tap, to_answer
from dialogs.inputs import Begin, Given, Ran, Refused, Said, Tapped, TimedOut, World
from dialogs.known import deny, find_confirmed, stand_in
from dialogs.misfits import cancel, complain, reject, take_stray_media
from dialogs.outcome import Awaiting, Outcome, Reply, StartScript, render_plain
from dialogs.prefill import prefill
from dialogs.prompts import CONFIRM, FIRST_PAGE, MORE, build_awaiting, build_prompt, list_options
from dialogs.review import read_verdict
from dialogs.script import Ask, Compute, Do, Script
from dialogs.session import COMMITTED, Session, open_session
from dialogs.sittings import may_rest, rest
from dialogs.state import DialogState
from dialogs.survey import KEPT_BY_HOST, PAUSED
from dialogs.survey_known import keep_facts, read_confirmation
from dialogs.texts import EngineTexts
from dialogs.timed import take_time
from dialogs.walk import (
    NOTHING,
    accept,
    ask,
    commit,
    find_last_asked,
    find_way_on,
    give_up,
    go_on,
    lacks_options,
    reopen,
    wait,
    walk,
)
from dialogs.words import GlobalWords

__all__ = ["Awaiting", "Outcome", "Reply", "StartScript", "awaiting", "render_plain", "repeat", "step"]

_FOR_HOST = ("home", "handoff", "opt_out", "privacy", "progress", "withdraw")
_CHOSEN = (AnswerType.CHOICE, AnswerType.MULTI)
_RECONSIDERED = ("record_consent",)  # a consent may be thought better of: going back asks for it again


def step(
    script: Script, state: DialogState | None, given: Given, world: World, texts: EngineTexts, words: GlobalWords
) -> Outcome:
    """Run one turn to its next wait.

    A Do step returns its effect with `state.waiting_effect` set: the host runs it in the same transaction and calls
    again with Ran or Refused. Words of the host (菜单, 人工 ...) come back as `asked`, the state unchanged. A state whose
    step this script does not have begins again, politely.
    """
    if state is None or isinstance(given, Begin):
        fresh = open_session(script, None, world, texts, words)
        return _begin(fresh, given if isinstance(given, Begin) else Begin())
    session = open_session(script, state, world, texts, words)
    if isinstance(given, TimedOut):
        return take_time(session, state, given)
    current = script.find_step(state.step)
    if current is None:
        return _begin_again(session)
    session.step = current.id
    if isinstance(given, Ran | Refused):
        return _resume(session, current, given) if isinstance(current, Do) and state.waiting_effect else wait(session)
    if state.waiting_effect:
        session.say(session.phrase("engine.busy"))
        return session.freeze()
    if not isinstance(current, Ask):
        return _begin_again(session)
    return _listen(session, current, given)


def repeat(script: Script, state: DialogState, world: World, texts: EngineTexts, words: GlobalWords) -> Reply:
    """Return the current question once more, without a turn; an empty reply when nothing is asked."""
    session = open_session(script, state, world, texts, words)
    current = script.find_step(state.step)
    return build_prompt(session, current) if isinstance(current, Ask) else Reply("", (), state.step, state.turn)


def awaiting(script: Script, state: DialogState, world: World, texts: EngineTexts, words: GlobalWords) -> Awaiting | None:
    """Return what the conversation waits for, None when it waits for no person."""
    current = script.find_step(state.step)
    if not isinstance(current, Ask):
        return None
    return build_awaiting(open_session(script, state, world, texts, words), current)


def _begin(session: Session, given: Begin) -> Outcome:
    session.vars = {**given.vars, "sentence": given.sentence}
    if session.script.survey is not None:
        keep_facts(session)
    prefill(session, given.sentence)
    return walk(session, session.script.steps[0].id)


def _begin_again(session: Session) -> Outcome:
    kept = (*session.script.vars, *KEPT_BY_HOST)
    handed = {name: value for name, value in session.vars.items() if name in kept}
    fresh = open_session(session.script, None, session.world, session.texts, session.words)
    fresh.turn = session.turn
    fresh.say(fresh.phrase("engine.lost_step"))
    return _begin(fresh, Begin(handed))


def _resume(session: Session, current: Do, given: Ran | Refused) -> Outcome:
    if isinstance(given, Ran):
        if EFFECTS.get(current.effect) in LOOKUPS or current.effect in _RECONSIDERED:
            session.waiting_effect = False
        else:
            commit(session)
        if current.save:
            session.set_var(current.save, dict(given.result))
        return walk(session, find_way_on(session, current))
    session.waiting_effect = False
    if current.save:
        session.set_var(current.save, {**given.result, "reason": given.reason})
    if current.on_refused is not None:
        return walk(session, current.on_refused)
    session.say(session.phrase("engine.refused"))
    return session.finish("refused")


def _listen(session: Session, current: Ask, given: Said | Tapped) -> Outcome:
    """Hear words that work everywhere before the question's own answers."""
    if isinstance(given, Tapped):
        return _take_tap(session, current, given)
    heard = clean(given.heard, stand_in(session, current))
    command = session.words.hear(heard.text) if heard.kind == "text" else ""
    if command in _FOR_HOST:
        return session.freeze(asked=command)
    if PAUSED in session.vars and command != "cancel":
        return rest(session, "engine.paused") if command == "pause" else _go_on_after_rest(session)
    if command in _UNCOUNTED:
        return _UNCOUNTED[command](session)
    if _count_turn(session):
        return give_up(session, "too_many_turns")
    if lacks_options(session, current):
        return go_on(session, ask(session, current))
    return _COMMANDS[command](session, current) if command else _take_message(session, current, heard)


def _count_turn(session: Session) -> bool:
    session.turn += 1
    return session.turn > session.script.max_turns


def _skip(session: Session, current: Ask) -> Outcome:
    if current.required or current.type is AnswerType.REVIEW:
        return complain(session, session.phrase("engine.skip_required"))
    return go_on(session, accept(session, current, NOTHING))


def _back(session: Session, current: Ask) -> Outcome:
    before = find_last_asked(session)
    if before is not None:
        return reopen(session, before)
    is_barred = COMMITTED in session.vars
    return complain(session, session.phrase("engine.no_way_back" if is_barred else "engine.first_step"))


_COMMANDS: dict[str, Callable[[Session, Ask], Outcome]] = {"skip": _skip, "back": _back}


def _pause(session: Session) -> Outcome:
    return rest(session, "engine.paused") if may_rest(session) else cancel(session)


_UNCOUNTED: dict[str, Callable[[Session], Outcome]] = {"repeat": wait, "cancel": cancel, "pause": _pause}


def _take_tap(session: Session, current: Ask, tap: Tapped) -> Outcome:
    if PAUSED in session.vars:
        return _go_on_after_rest(session)
    is_old = tap.turn != session.turn
    if _count_turn(session):
        return give_up(session, "too_many_turns")
    if is_old:
        return complain(session, session.phrase("engine.old_prompt"))
    if tap.key in (MORE, FIRST_PAGE):
        return _turn_page(session, tap.key == MORE)
    if current.type is AnswerType.REVIEW:
        return _confirm(session, current) if tap.key == CONFIRM else reject(session, current, Rejected("unrecognised"))
    if find_confirmed(session, current) is not None:
        said = session.phrase(f"engine.{tap.key}") if tap.key in ("yes", "no") else tap.key
        return _take_confirmation(session, current, Heard("text", said))
    read = read_tap(session, current, tap.key)
    if isinstance(read, Rejected):
        return reject(session, current, read)
    return go_on(session, accept(session, current, to_answer(read, tap.label or read.label)))


def _go_on_after_rest(session: Session) -> Outcome:
    """Show the question that was left for another sitting: what she sends before is no answer to it."""
    session.set_var(PAUSED, None)
    return wait(session)


def _take_message(session: Session, current: Ask, heard: Heard) -> Outcome:
    if find_confirmed(session, current) is not None:
        return _take_confirmation(session, current, heard)
    if heard.kind == "text":
        if current.type is AnswerType.REVIEW:
            return _take_verdict(session, current, heard.text)
        page = _hear_page(session, current, heard.text)
        if page is not None:
            return _turn_page(session, page)
        if _means_nothing(session, current, heard.text):
            return _skip(session, current)
    elif current.type is AnswerType.REVIEW:
        return take_stray_media(session, current, heard)
    read = read_answer(session, current, heard)
    if isinstance(read, Rejected):
        is_stray = heard.kind != "text" and read.reason == "wrong_kind"
        return take_stray_media(session, current, heard) if is_stray else reject(session, current, read)
    return go_on(session, accept(session, current, to_answer(read, heard.text or heard.label)))


def _take_confirmation(session: Session, current: Ask, heard: Heard) -> Outcome:
    """Take what is said to a line about what is known: it holds, it does not, or how it is now."""
    read = read_confirmation(session, current, heard)
    if isinstance(read, Rejected):
        return reject(session, current, read)
    if read is None:
        deny(session, current)
        return go_on(session, ask(session, current))
    return go_on(session, accept(session, current, read))


def _means_nothing(session: Session, current: Ask, text: str) -> bool:
    is_open = not current.required and current.type not in (*_CHOSEN, AnswerType.YESNO)
    return is_open and session.words.means("nothing", text)


def _hear_page(session: Session, current: Ask, text: str) -> bool | None:
    """Return True for the next page, False for the first, None when the message turns no page."""
    if current.type not in _CHOSEN or len(options := list_options(session, current)) <= current.page:
        return None
    on_page = min(current.page, len(options) - session.page * current.page)
    has_more = (session.page + 1) * current.page < len(options)
    if text == str(on_page + 1):
        return has_more
    if session.words.means("more", text):
        return True
    return False if session.words.means("previous", text) else None


def _turn_page(session: Session, forward: bool) -> Outcome:
    session.page = session.page + 1 if forward else 0
    return wait(session)


def _take_verdict(session: Session, current: Ask, text: str) -> Outcome:
    verdict = read_verdict(session, text)
    if verdict.is_confirmed:
        return _confirm(session, current)
    if verdict.step:
        return _correct(session, verdict.step, verdict.words)
    if verdict.wants_change:
        return complain(session, session.phrase("engine.review.change"))
    return reject(session, current, Rejected("unrecognised"))


def _confirm(session: Session, current: Ask) -> Outcome:
    return walk(session, find_way_on(session, current))


def _correct(session: Session, step_id: str, words: str) -> Outcome:
    target = session.script.find_step(step_id)
    if step_id not in session.path or not isinstance(target, Ask):
        is_computed = isinstance(target, Compute)
        return complain(session, session.phrase("engine.review.computed" if is_computed else "engine.no_way_back"))
    session.reviewing = True
    outcome = reopen(session, step_id)
    if words and outcome.state is not None and outcome.state.step == step_id:
        read = read_answer(session, target, Heard("text", words))
        if not isinstance(read, Rejected):
            session.replies.clear()
            return go_on(session, accept(session, target, to_answer(read, words)))
    return outcome

"""Runs from step to step until something must be waited for: a person, an effect, the end. 50 steps at most."""

from __future__ import annotations

from typing import Any

from dialogs.answers.base import Accepted, AnswerType, Heard
from dialogs.answers.kinds import ANSWERS
from dialogs.hearing import adopt, fails_check, to_answer
from dialogs.known import begin_confirming, stop_confirming
from dialogs.listed import find_gone, is_gone, keep_items
from dialogs.outcome import Outcome, StartScript
from dialogs.performing import build_effect
from dialogs.prefill import take_listed
from dialogs.prompts import build_prompt, build_question, list_options
from dialogs.script import Ask, Compute, Do, End, Option, Say, Start, Step
from dialogs.session import ASIDE, COMMITTED, DEFAULTED, KNOWN, MEDIA, SAID, Session, find_following, to_plain
from dialogs.sittings import has_sat_enough, is_passed_over, rest
from dialogs.state import Answer
from dialogs.survey_known import find_known
from dialogs.templates import show

MAX_STEPS = 50
NOTHING = Answer(None, "")


def walk(session: Session, step_id: str | None) -> Outcome:
    """Run from this step to the next wait. None, the end of the file, completes the script."""
    for _ in range(MAX_STEPS):
        if step_id is None:
            return session.finish("completed")
        step = session.script.find_step(step_id)
        if step is None:
            return give_up(session, "lost_step")
        session.move(step.id)
        stop_confirming(session)
        if session.holds(step.ask_if) and not is_passed_over(session, step):
            entered = _enter(session, step)
        else:
            session.drop_answer(step.id)
            entered = find_following(session.script, step)
        if isinstance(entered, Outcome):
            return entered
        step_id = entered
    return give_up(session, "too_many_steps")


def give_up(session: Session, code: str) -> Outcome:
    """End with a stable code and ask for a person."""
    session.say(session.phrase("engine.too_long"))
    return session.finish(code, asked="handoff")


def find_way_on(session: Session, step: Step) -> str | None:
    """Return the first way whose condition holds, else the step behind; None behind the last."""
    for branch in step.next:
        if session.holds(branch.condition):
            return branch.target
    return find_following(session.script, step)


def accept(session: Session, step: Ask, answer: Answer) -> Outcome | str | None:
    """Keep the answer and return the way on: an option's goto or start, else the step's."""
    keep_items(session, step, answer)
    session.set_answer(step, answer)
    session.take(ASIDE, step.id)
    session.path = [*(each for each in session.path if each != step.id), step.id]
    option = find_option(step, answer)
    if option is not None and option.start:
        return _leave(
            session,
            option.start,
            {name: each.evaluate(session.scope(), session.world) for name, each in option.args.items()},
        )
    return option.goto if option is not None and option.goto else find_way_on(session, step)


def go_on(session: Session, way: Outcome | str | None) -> Outcome:
    """Follow what `accept` returned."""
    return way if isinstance(way, Outcome) else walk(session, way)


def find_option(step: Ask, answer: Answer) -> Option | None:
    """Return the chosen option of a choice, or of a yes and no that has options."""
    key = {True: "yes", False: "no"}.get(answer.value) if isinstance(answer.value, bool) else answer.value
    if step.type not in (AnswerType.CHOICE, AnswerType.YESNO):
        return None
    return next((option for option in step.options if option.key == key), None)


def reopen(session: Session, step_id: str) -> Outcome:
    """Ask an answered question again; what was answered after it is taken as known when the way leads there again."""
    position = session.path.index(step_id)
    for later in session.path[position + 1 :]:
        session.drop_answer(later, KNOWN)
    session.path = session.path[:position]
    session.drop_answer(step_id)
    session.move(step_id)
    stop_confirming(session)
    step = session.script.find_step(step_id)
    return go_on(session, ask(session, step)) if isinstance(step, Ask) else wait(session)


def find_last_asked(session: Session) -> str | None:
    """Return the last question on the way, None when there is none to go back to."""
    return next((each for each in reversed(session.path) if isinstance(session.script.peek_step(each), Ask)), None)


def ask(session: Session, step: Ask) -> Outcome | str | None:
    """Wait for the answer; a list without any option to choose goes the way of answers that never fit."""
    if not lacks_options(session, step):
        return wait(session)
    session.say(session.complaint)
    session.complaint = ""
    session.say(session.phrase("engine.no_options"))
    then = step.retries.then
    if then == "skip":
        return accept(session, step, NOTHING)
    if then == "cancel":
        session.say(session.phrase("engine.cancelled"))
        return session.finish("cancelled")
    return then.removeprefix("goto:") if then.startswith("goto:") else session.finish("refused", asked="handoff")


def lacks_options(session: Session, step: Ask) -> bool:
    """Say whether a question reads its options from a list that has none to choose."""
    return step.options_from is not None and not list_options(session, step)


def wait(session: Session) -> Outcome:
    """Show the question where the conversation stands and wait for the person."""
    step = session.script.find_step(session.step)
    if isinstance(step, Ask):
        session.replies.append(build_prompt(session, step))
    return session.freeze()


def _enter(session: Session, step: Step) -> Outcome | str | None:
    match step:
        case Ask():
            return _enter_ask(session, step)
        case Say():
            return _enter_say(session, step)
        case Compute():
            return _enter_compute(session, step)
        case Do():
            return _enter_do(session, step)
        case Start():
            args = {name: each.evaluate(session.scope(), session.world) for name, each in step.args.items()}
            return _leave(session, session.render(step.script), args)
        case End():
            session.say(session.phrase(step.key) if step.key else session.render(step.text))
            return session.finish(step.result)


def _enter_ask(session: Session, step: Ask) -> Outcome | str | None:
    if step.type is AnswerType.REVIEW:
        _close_correction(session)
        return wait(session)
    answer = _find_answer(session, step)
    if answer is not None:
        return accept(session, step, answer)
    session.drop_answer(step.id)
    return _begin_asking(session, step)


def _begin_asking(session: Session, step: Ask) -> Outcome | str | None:
    """Ask a question that is reached: what is known and fresh is confirmed, what is too much at once waits."""
    if (known := find_known(session, step)) is not None:
        begin_confirming(session, step, known)
    if not lacks_options(session, step) and has_sat_enough(session, step):
        return rest(session, "engine.sitting_over")
    return ask(session, step)


def _find_answer(session: Session, step: Ask) -> Answer | None:
    """Return an answer that needs no asking: known from the first sentence or a correction, sent early, the default."""
    known = session.take(KNOWN, step.id)
    if known is None and session.reviewing:
        known = session.take(ASIDE, step.id)
    if known is not None and _still_fits(session, step, known):
        _forget_twins(session, step, known)
        return known
    return take_listed(session, step) or _take_media(session, step) or _take_default(session, step)


def _still_fits(session: Session, step: Ask, answer: Answer) -> bool:
    if answer.value is None:
        return not step.required
    if is_gone(session, step, answer):
        session.complaint = session.phrase("engine.option_gone", {"label": answer.label})
        return False
    option = find_option(step, answer)
    if option is not None and all(each.key != option.key for each in list_options(session, step)):
        return False
    session.complaint = fails_check(session, step, answer)
    return not session.complaint


def _forget_twins(session: Session, step: Ask, answer: Answer) -> None:
    """One day in the first sentence answers one question: another of the same type may not take the very same value."""
    if step.type in (AnswerType.CHOICE, AnswerType.YESNO) or session.reviewing:
        return
    for other in session.script.steps:
        if isinstance(other, Ask) and other.type is step.type:
            twin = session.vars.get(KNOWN, {}).get(other.id)
            if twin is not None and twin["value"] == answer.value:
                session.take(KNOWN, other.id)


def _take_media(session: Session, step: Ask) -> Answer | None:
    kept: list[dict[str, Any]] = session.vars.get(MEDIA, [])
    mine = next((each for each in kept if each["kind"] == step.type), None)
    if mine is None:
        return None
    session.set_var(MEDIA, [each for each in kept if each is not mine])
    read = ANSWERS[step.type].read(Heard(**mine), build_question(session, step, ()), session.world.now, session.world.calendar)
    return to_answer(read, "") if isinstance(read, Accepted) else None


def _take_default(session: Session, step: Ask) -> Answer | None:
    used = session.vars.get(DEFAULTED, [])
    if step.default is None or step.id in used:
        return None
    session.set_var(DEFAULTED, [*used, step.id])
    return adopt(session, step, step.default.evaluate(session.scope(), session.world))


def _close_correction(session: Session) -> None:
    """At the review, answers of a way no longer taken are laid aside."""
    session.reviewing = False
    for step_id in list(session.vars.get(KNOWN, {})):
        answer = session.take(KNOWN, step_id)
        if answer is not None:
            session.keep(ASIDE, step_id, answer)


def _enter_say(session: Session, step: Say) -> str | None:
    if not step.text.source:
        return find_way_on(session, step)
    said = session.vars.get(SAID, [])
    if not session.reviewing or step.id not in said:
        session.say(session.render(step.text))
        if step.id not in said:
            session.set_var(SAID, [*said, step.id])
    return find_way_on(session, step)


def _enter_compute(session: Session, step: Compute) -> str | None:
    session.drop_answer(step.id)
    value = to_plain(step.value.evaluate(session.scope(), session.world))
    if step.label is None:
        label = show(step.value, session.scope(), session.world)
    else:
        label = step.label.render({**session.scope(), step.id: value}, session.world)
    session.set_computed(step, value, label)
    return find_way_on(session, step)


def _enter_do(session: Session, step: Do) -> Outcome:
    gone = find_gone(session)
    if gone is not None:
        session.complaint = session.phrase("engine.option_gone", {"label": session.answers[gone.id].label})
        session.reviewing = True
        return reopen(session, gone.id)
    effect = build_effect(session, step)
    if effect is None:
        return give_up(session, "bad_effect")
    session.effects.append(effect)
    session.waiting_effect = True
    return session.freeze()


def _leave(session: Session, script: str, args: dict[str, Any]) -> Outcome:
    return session.finish("completed", start=StartScript(script, args, str(session.vars.get("sentence", ""))))


def commit(session: Session) -> None:
    """Cut the way back: an effect has run and is not undone."""
    session.path = []
    session.waiting_effect = False
    session.set_var(COMMITTED, True)

"""Carries a running conversation from one revision of its script to the next. Pure; it never raises and loses no effect.

A place is found by step id, by alias, else by the way on from the last answered question. What was answered goes along
where it still fits; what no longer does is asked again, and answers of steps that are gone are laid aside (A11 `upgrade`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from dialogs.answers.base import AnswerType
from dialogs.hearing import MEDIA_TYPES
from dialogs.inputs import Begin, World
from dialogs.script import Ask, Compute, Say, Script, Step
from dialogs.session import ASIDE, COMMITTED, DEFAULTED, KNOWN, SAID, SOUGHT, Session, find_following, open_session
from dialogs.state import Answer, DialogState
from dialogs.survey import KEPT_BY_HOST
from dialogs.texts import EngineTexts
from dialogs.walk import find_option, find_way_on
from dialogs.words import GlobalWords

_NO_TEXTS, _NO_WORDS = EngineTexts({}), GlobalWords({})  # conditions need neither
_LISTS = (SAID, DEFAULTED, SOUGHT)  # bookkeeping that names steps
_NUMBERS = (AnswerType.NUMBER, AnswerType.AMOUNT, AnswerType.RATING)


@dataclass(frozen=True, slots=True)
class Move:
    """Where a conversation stands on the new revision.

    `is_sure` false: nothing told where it belongs, it stands at the first question. `is_same`: the question on the
    person's phone is still the one that is asked, so that what she sends now is its answer.
    """

    state: DialogState
    is_sure: bool = True
    is_same: bool = True


@dataclass(slots=True)
class _Luggage:
    """The answers of a conversation, under the names of the new revision."""

    kept: dict[str, Answer]
    unfit: list[str]  # questions that are there but whose answer does not fit any more
    path: list[str]
    vars: dict[str, Any]


def migrate(old: Script | None, new: Script, state: DialogState, world: World) -> DialogState:
    """Return the state on the new revision, at a question of it; `old` None when that revision's text is not kept.

    The turn number goes on, one further where the question is another one: a tap on what is still on the phone is old
    then. A script that asks nothing at all leaves the state at its first step.
    """
    return plan_move(old, new, state, world).state


def plan_move(old: Script | None, new: Script, state: DialogState, world: World) -> Move:
    """Return where the conversation stands on the new revision, and how sure that is."""
    luggage = _pack(old, new, state)
    moved = replace(state, revision=new.revision, answers=luggage.kept, vars=luggage.vars, waiting_effect=False)
    session = open_session(new, moved, world, _NO_TEXTS, _NO_WORDS)
    place, passed = _find_place(old, luggage, session, state)
    is_sure = place is not None
    if place is None:
        place, passed = next((step.id for step in new.steps if isinstance(step, Ask)), new.steps[0].id), []
    is_same = is_sure and _is_same_question(old, new, state.step, place)
    _stand(session, place, passed, luggage.path)
    return Move(_freeze(session, state, is_same=is_same), is_sure, is_same)


def begin_again(old: Script | None, new: Script, state: DialogState) -> Begin:
    """Return the beginning of the new revision with what the person has said already; nothing of it is asked again."""
    luggage = _pack(old, new, state)
    known = {**luggage.vars.get(KNOWN, {}), **{name: asdict(answer) for name, answer in luggage.kept.items()}}
    kept = {name: value for name, value in state.vars.items() if not name.startswith("_") or name in KEPT_BY_HOST}
    handed = {name: value for name, value in kept.items() if name not in new.positions}
    # a name given as null keeps the first sentence from answering over what was said since
    return Begin({**handed, KNOWN: known, **dict.fromkeys(known)}, str(state.vars.get("sentence") or ""))


def has_committed(state: DialogState) -> bool:
    """Say whether an effect has run: such a conversation may not begin again, or it would run twice."""
    return COMMITTED in state.vars


def fits(old: Step | None, new: Step | None, answer: Answer) -> bool:
    """Say whether an answer given to the old question answers the new one: same type, options that are still there."""
    if not isinstance(new, Ask) or (isinstance(old, Ask) and old.type is not new.type):
        return False
    if answer.value is None:
        return not new.required
    if new.type in (AnswerType.CHOICE, AnswerType.MULTI):
        return _are_offered(new, answer.value)
    return isinstance(answer.value, _SHAPES.get(new.type, str)) and (
        new.type is AnswerType.YESNO or not isinstance(answer.value, bool)
    )


_SHAPES: Mapping[AnswerType, Any] = {
    AnswerType.YESNO: bool,
    **dict.fromkeys(_NUMBERS, (int, float)),
    **dict.fromkeys((*MEDIA_TYPES, AnswerType.DATETIME, AnswerType.TIMERANGE), Mapping),
}


def _are_offered(step: Ask, value: Any) -> bool:
    keys = value if step.type is AnswerType.MULTI else [value]
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
        return False
    return step.options_from is not None or {*keys} <= {option.key for option in step.options}


def _pack(old: Script | None, new: Script, state: DialogState) -> _Luggage:
    """Sort the answers: kept under their new name, unfit, or of a step that is gone."""
    luggage = _Luggage({}, [], [], {name: value for name, value in state.vars.items() if name != ASIDE})
    aside: dict[str, Any] = {}
    for step_id, answer in state.answers.items():
        step = new.find_step(step_id)
        if step is None:
            aside[step_id] = asdict(answer)
        elif step.id not in luggage.kept and (isinstance(step, Compute) or fits(_find_step(old, step_id), step, answer)):
            luggage.kept[step.id] = answer
        elif isinstance(step, Ask):
            luggage.unfit.append(step.id)
    path = (new.aliases.get(step_id, step_id) for step_id in state.path)
    luggage.path = list(dict.fromkeys(each for each in path if each in luggage.kept or each in luggage.unfit))
    known = _rename(old, new, state.vars.get(KNOWN))
    aside |= _rename(old, new, state.vars.get(ASIDE))
    luggage.vars = {name: value for name, value in luggage.vars.items() if name != KNOWN}
    luggage.vars |= {name: kept for name, kept in ((KNOWN, known), (ASIDE, aside)) if kept}
    for name in _LISTS:
        listed = luggage.vars.pop(name, None)
        if isinstance(listed, list):
            luggage.vars[name] = [new.aliases.get(each, each) for each in listed]
    for before, after in new.aliases.items():
        for end in ("_item", "_items"):  # what was chosen from a list is kept under the name of its question
            if before + end in luggage.vars:
                luggage.vars[after + end] = luggage.vars.pop(before + end)
    return luggage


def _find_step(script: Script | None, step_id: str) -> Step | None:
    return None if script is None else script.find_step(step_id)


def _rename(old: Script | None, new: Script, answers: Any) -> dict[str, Any]:
    """Return answers that stand beside the conversation, where they still fit."""
    found: dict[str, Any] = {}
    for step_id, value in answers.items() if isinstance(answers, Mapping) else ():
        step = new.find_step(step_id)
        answer = Answer(value.get("value"), value.get("label", ""), value.get("raw", ""))
        if step is not None and fits(_find_step(old, step_id), step, answer):
            found[step.id] = asdict(answer)
    return found


def _find_place(old: Script | None, luggage: _Luggage, session: Session, state: DialogState) -> tuple[str | None, list[str]]:
    """Return the question to stand at and the answered ones before it; None when nothing tells."""
    path = luggage.path
    for position, step_id in enumerate(path):
        if step_id in luggage.unfit and step_id not in luggage.kept:
            return step_id, path[:position]
    current = session.script.find_step(state.step)
    inserted = _find_inserted(old, session, current)
    if inserted is not None:
        return inserted
    if isinstance(current, Ask):
        return current.id, path
    return _find_way_behind(session, path)


def _find_inserted(old: Script | None, session: Session, current: Step | None) -> tuple[str, list[str]] | None:
    """Return a required question that the new revision has put before the one where the conversation stands."""
    if old is None or COMMITTED in session.vars:
        return None
    script = session.script
    passed: list[str] = []
    found = _walk(session, script.steps[0].id, passed, over_says=isinstance(current, Ask))
    earlier = {script.aliases.get(step.id, step.id) for step in old.steps}
    if found is None or found.id in earlier or not found.required or (current is not None and found.id == current.id):
        return None
    return (found.id, passed) if found.type is not AnswerType.REVIEW else None


def _find_way_behind(session: Session, path: list[str]) -> tuple[str | None, list[str]]:
    """Return the question behind the last answered one; that one again when something else than a question follows."""
    if path:
        found = _walk(session, path[-1], [])
        if found is not None:
            return found.id, path
        asked = next((each for each in reversed(path) if isinstance(session.script.find_step(each), Ask)), None)
        return asked, path[: path.index(asked)] if asked is not None else []
    if COMMITTED in session.vars:
        return None, path
    found = _walk(session, session.script.steps[0].id, [])
    return (found.id if found is not None else None), path


def _walk(session: Session, step_id: str | None, passed: list[str], *, over_says: bool = False) -> Ask | None:
    """Return the first question without an answer on the way from a step; None when another thing comes first.

    Answered questions on the way are added to `passed`. What would be said for the first time is not walked over,
    unless the way is only looked at.
    """
    seen: set[str] = set()
    while step_id is not None and (step := session.script.find_step(step_id)) is not None and step.id not in seen:
        seen.add(step.id)
        if not session.holds(step.ask_if):
            step_id = find_following(session.script, step)
        elif isinstance(step, Ask):
            answer = session.answers.get(step.id)
            if answer is None or step.type is AnswerType.REVIEW:
                return step
            passed.append(step.id)
            option = find_option(step, answer)
            if option is not None and option.start:
                return None
            step_id = option.goto if option is not None and option.goto else find_way_on(session, step)
        elif isinstance(step, Compute) and step.id in session.answers:
            passed.append(step.id)
            step_id = find_way_on(session, step)
        elif isinstance(step, Say) and (over_says or step.id in session.vars.get(SAID, ())):
            step_id = find_way_on(session, step)
        else:
            return None
    return None


def _is_same_question(old: Script | None, new: Script, before: str, after: str) -> bool:
    """Say whether the question on the phone is the one now asked: its wording may differ, its options may not."""
    seen, asked = _find_step(old, before), new.find_step(after)
    if not isinstance(seen, Ask) or not isinstance(asked, Ask) or new.aliases.get(before, before) != after:
        return False
    return _offer(seen) == _offer(asked)


def _offer(step: Ask) -> tuple[object, ...]:
    """Return what decides how a message is read: the type, and the options in their order."""
    options = tuple((each.key, each.label.source, each.when and each.when.source) for each in step.options)
    listed = step.options_from
    sources = () if listed is None else (listed.items.source, listed.key, listed.condition and listed.condition.source)
    return step.type, step.page, options, sources


def _stand(session: Session, place: str, passed: list[str], path: list[str]) -> None:
    """Put the conversation at a question: what was answered behind it is known, and taken when the way leads there."""
    for step_id in path:
        if step_id not in passed and step_id != place:
            session.drop_answer(step_id, KNOWN)
    session.answers.pop(place, None)
    session.take(KNOWN, place)
    session.path = [step_id for step_id in passed if step_id != place]
    session.step = place


def _freeze(session: Session, state: DialogState, *, is_same: bool) -> DialogState:
    return replace(
        state,
        revision=session.script.revision,
        step=session.step,
        turn=state.turn if is_same else state.turn + 1,
        answers=session.answers,
        vars=session.vars,
        tries=state.tries if is_same else 0,
        page=state.page if is_same else 0,
        path=tuple(session.path),
        waiting_effect=False,
        reviewing=state.reviewing and is_same,
    )

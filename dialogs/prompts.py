"""A question as it is shown: its text, the options of the current page with their numbers, and what is awaited."""

from __future__ import annotations

from dialogs.answers.base import AnswerType, Question, Shown
from dialogs.known import render_question, stand_in
from dialogs.listed import list_listed
from dialogs.outcome import Awaiting, Reply
from dialogs.review import list_lines
from dialogs.script import Ask
from dialogs.session import Session

MORE = "_more"
FIRST_PAGE = "_first"
CONFIRM = "confirm"
_CHOSEN = (AnswerType.CHOICE, AnswerType.MULTI)
_MAX_RATING_SHOWN = 10


def list_options(session: Session, step: Ask) -> tuple[Shown, ...]:
    """Return all options of a question whose `when` holds, numbered from 1."""
    if step.options_from is not None:
        return tuple(each.shown for each in list_listed(session, step.options_from))
    if step.options and step.shown is not None:
        return step.shown
    if step.options:
        visible = [option for option in step.options if session.holds(option.when)]
        shown = ((option.key, session.render(option.label), option.say) for option in visible)
        return tuple(Shown(number, *rest) for number, rest in enumerate(shown, 1))
    if step.type is AnswerType.YESNO:
        yes, no = ("engine.agree", "engine.disagree") if step.inquiry.asks else ("engine.yes", "engine.no")
        return (Shown(1, "yes", session.phrase(yes)), Shown(2, "no", session.phrase(no)))
    if step.type is AnswerType.RATING:
        low, high = int(step.min or 1), int(step.max or 5)
        if high - low < _MAX_RATING_SHOWN:
            return tuple(Shown(n, str(n), session.phrase("engine.rating", {"number": n})) for n in range(low, high + 1))
    if step.type is AnswerType.REVIEW:
        return (Shown(len(list_lines(session)) + 1, CONFIRM, session.phrase("engine.review.confirm")),)
    return ()


def list_shown(session: Session, step: Ask) -> tuple[Shown, ...]:
    """Return the options of the current page; numbers count from 1 on every page, the last one turns the page."""
    options = list_options(session, step)
    if step.type not in _CHOSEN or len(options) <= step.page:
        return options
    start = session.page * step.page
    if start >= len(options):
        session.page = start = 0
    page = [Shown(number, each.key, each.label, each.say) for number, each in enumerate(options[start : start + step.page], 1)]
    is_last = start + step.page >= len(options)
    turn = (FIRST_PAGE, session.phrase("engine.first_page")) if is_last else (MORE, session.phrase("engine.more"))
    return (*page, Shown(len(page) + 1, *turn))


def build_question(session: Session, step: Ask, options: tuple[Shown, ...]) -> Question:
    """Return what the answer type needs to know of this step."""
    owner = session.world.facts.get("owner")
    rooms = owner.get("rooms", ()) if isinstance(owner, dict) and not step.is_elsewhere else ()
    return Question(
        type=step.type,
        options=tuple(option for option in options if not option.key.startswith("_")),
        min=_scale(step, step.min),
        max=_scale(step, step.max),
        required=step.required,
        unit=step.unit,
        rooms=tuple(room for room in rooms if isinstance(room, str)),
        is_integer=step.is_whole,
        is_past_allowed=step.is_past_allowed,
    )


def _scale(step: Ask, bound: float | None) -> float | None:
    # scripts speak of yuan, money is counted in fen
    return bound * 100 if bound is not None and step.type is AnswerType.AMOUNT else bound


def build_prompt(session: Session, step: Ask) -> Reply:
    """Return the question as it is shown now, a complaint about the last answer before it."""
    parts = [session.complaint, render_question(session, step)]
    if step.type is AnswerType.REVIEW:
        parts += [line for line, _ in list_lines(session)]
        parts.append(session.phrase("engine.review.hint"))
    session.complaint = ""
    shown = list_shown(session, stand_in(session, step))
    return Reply("\n".join(part for part in parts if part), shown, step.id, session.turn)


def build_awaiting(session: Session, step: Ask) -> Awaiting:
    """Return the type, the options as shown, and whether an answer is needed."""
    step = stand_in(session, step)
    options = tuple({"key": each.key, "label": each.label, "number": each.number} for each in list_shown(session, step))
    return Awaiting(step.type, options, step.required)

"""Finds what a survey need not ask because it is known and fresh, and reads what is said to the line that confirms it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dialogs.answers.base import Accepted, AnswerType, Heard, Rejected
from dialogs.hearing import adopt, read_answer, to_answer
from dialogs.known import find_confirmed, stand_in
from dialogs.prompts import list_options
from dialogs.script import Ask
from dialogs.session import Session
from dialogs.state import Answer
from dialogs.survey import DENIED, TAGS

NO_TAG = "-"  # the `value` of an option that writes no tag
_ITEMS = "、"
_CHOSEN = (AnswerType.CHOICE, AnswerType.MULTI, AnswerType.YESNO)


def keep_facts(session: Session) -> None:
    """Keep from the facts what the survey may ask and what it may have to confirm: they hold for the whole run."""
    facts = session.world.facts
    for name in ("consents", "may_ask"):
        session.set_var(name, session.vars.get(name, facts.get(name)))
    known = session.vars.pop("tags", facts.get("tags"))
    fresh = {step.inquiry.tag for step in session.script.steps if isinstance(step, Ask) and step.inquiry.fresh is not None}
    session.set_var(TAGS, {key: found for key in sorted(fresh) if (found := find_fact(known, key)) is not None})


def find_fact(tags: Any, key: str) -> Mapping[str, Any] | None:
    """Return what is known of a key such as pet.kind in a mapping of mappings, None when nothing is."""
    for part in key.split("."):
        tags = tags.get(part) if isinstance(tags, Mapping) else None
    return tags if isinstance(tags, Mapping) and tags.get("values") else None


def find_known(session: Session, step: Ask) -> Answer | None:
    """Return the answer that a fresh tag stands for; None where it is unknown, too old, denied or fits no more."""
    known = session.vars.get(TAGS, {}).get(step.inquiry.tag) if step.inquiry.fresh is not None else None
    if known is None or step.id in session.vars.get(DENIED, ()) or not _is_fresh(session, step, known):
        return None
    return read_tag(session, step, [str(value) for value in known["values"]])


def _is_fresh(session: Session, step: Ask, known: Mapping[str, Any]) -> bool:
    at = str(known.get("at") or "")
    return not at or step.inquiry.fresh is None or session.world.now - datetime.fromisoformat(at) <= step.inquiry.fresh


def read_tag(session: Session, step: Ask, values: list[str]) -> Answer | None:
    """Return the answer whose tag has these values, None when the question has no such answer (any more)."""
    if step.type not in _CHOSEN:
        return adopt(session, step, _ITEMS.join(values))
    options = {name_value(step, each.key, each.label): each for each in list_options(session, step)}
    found = [options[value] for value in values if value in options]
    if not found or len(found) != len(values):
        return None
    label = _ITEMS.join(each.label for each in found)
    if step.type is AnswerType.MULTI:
        return Answer([each.key for each in found], label)
    return Answer(found[0].key == "yes" if step.type is AnswerType.YESNO else found[0].key, label)


def name_value(step: Ask, key: str, label: str) -> str:
    """Return the tag value an option stands for: its own `value`, else its label."""
    return next((option.value for option in step.options if option.key == key and option.value), label)


def read_confirmation(session: Session, step: Ask, heard: Heard) -> Answer | Rejected | None:
    """Read what is said to the line: the known answer for a yes, None for a no, or another answer at once."""
    read = read_answer(session, stand_in(session, step), heard)
    if isinstance(read, Accepted):
        return find_confirmed(session, step) if read.value is True else None
    other = read_answer(session, step, heard)
    return to_answer(other, heard.text or heard.label) if isinstance(other, Accepted) else read

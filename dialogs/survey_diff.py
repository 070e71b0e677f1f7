"""What a step of a survey changed: answers that are new or taken back, and the tags an answer stands for. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dialogs.answers.base import AnswerType
from dialogs.script import Ask, Script
from dialogs.session import KNOWN
from dialogs.state import Answer, DialogState
from dialogs.survey_known import NO_TAG, name_value

_YESNO = {True: "yes", False: "no"}
_MEDIA_ID = "media_id"


@dataclass(frozen=True, slots=True)
class Changes:
    """`undone` are questions whose recorded answer no longer stands, `given` the answers to be recorded."""

    undone: tuple[str, ...] = ()
    given: tuple[tuple[Ask, Answer], ...] = ()


def compare(script: Script, recorded: Mapping[str, tuple[str | None, str]], state: DialogState) -> Changes:
    """Return what has changed since (key, label) of each question was recorded.

    An answer that waits to be taken again, because one before it is being corrected, still stands.
    """
    waiting = {name: Answer(**each) for name, each in state.vars.get(KNOWN, {}).items() if name in recorded}
    standing = {**waiting, **{step.id: answer for step, answer in list_answers(script, state.answers)}}
    kept = {name for name, answer in standing.items() if name in recorded and recorded[name] == describe(script, name, answer)}
    undone = tuple(name for name in recorded if name not in kept)
    return Changes(undone, tuple(pair for pair in list_answers(script, state.answers) if pair[0].id not in kept))


def list_answers(script: Script, answers: Mapping[str, Answer]) -> Iterator[tuple[Ask, Answer]]:
    """Yield the questions of a survey that are answered; a consent and a summary are no answers, a skipped one is none."""
    for step in script.steps:
        if isinstance(step, Ask) and step.type is not AnswerType.REVIEW and not step.inquiry.asks:
            answer = answers.get(step.id)
            if answer is not None and answer.value is not None:
                yield step, answer


def describe(script: Script, step_id: str, answer: Answer) -> tuple[str | None, str]:
    """Return how an answer is recorded: (key, label)."""
    step = script.peek_step(step_id)
    return (name_key(step, answer), answer.label) if isinstance(step, Ask) else (None, answer.label)


def name_key(step: Ask, answer: Answer) -> str | None:
    """Return what was chosen in a word: an option's key, several joined by a comma, yes or no, a number; None for words."""
    value = answer.value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ",".join(str(each) for each in value)
    if step.sensitive or isinstance(value, Mapping):
        return None
    if isinstance(value, int | float):
        return f"{value:g}"
    return str(value) if step.type in (AnswerType.CHOICE, AnswerType.DATE, AnswerType.TIME) else None


def list_tag_values(step: Ask, answer: Answer) -> tuple[str, ...]:
    """Return the values that an answer gives its tag; none for an option that stands for no value."""
    if step.type not in (AnswerType.CHOICE, AnswerType.MULTI, AnswerType.YESNO):
        return (_render(answer.value),)
    value = answer.value  # not name_key: a sensitive choice is recorded without its key, and writes its tag all the same
    keys = value if isinstance(value, list) else [_YESNO.get(value, value)]
    labels = {option.key: option.label.source for option in step.options}
    values = (name_value(step, str(key), labels.get(str(key), answer.label)) for key in keys)
    return tuple(value for value in values if value != NO_TAG)


def _render(value: Any) -> str:
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def find_media(answer: Answer) -> str:
    """Return the media_id of a picture or recording, "" for any other answer."""
    return str(answer.value.get(_MEDIA_ID, "")) if isinstance(answer.value, Mapping) else ""


def is_refused(script: Script, state: DialogState) -> bool:
    """Say whether she refused what the whole survey rests on: then nothing of it is kept."""
    purpose = script.survey.purpose if script.survey is not None else ""
    said = state.answers.get(f"{purpose}_consent") if purpose else None
    return said is not None and said.value is False

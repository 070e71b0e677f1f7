"""The check before something is done: the list of answers, and what a person says about it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dialogs.script import Ask, Compute
from dialogs.session import Session
from dialogs.state import Answer
from dialogs.words import normalise

_DIGITS = {digit: number for number, digit in enumerate("一二三四五六七八九十", 1)}
_NUMBERED = re.compile(
    r"(?P<lead>\D*?)第?(?P<number>\d{1,2}|[一二三四五六七八九十])(?:项|条|个|号|点|行)?(?P<rest>.*)", re.DOTALL
)
_NEW_VALUE = re.compile(r"(?:改成|改为|换成|改到|应该是|应为|(?<!不)是)[::,,\s]*(?P<value>.+)", re.DOTALL)
_CHANGING = re.compile(r"改|换|不对|错|有误|重新|更正|不是")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was said about the list: confirmed, or the answer to correct (`step`), perhaps with its new words."""

    is_confirmed: bool = False
    step: str = ""
    words: str = ""
    wants_change: bool = False


def list_items(session: Session) -> list[Ask | Compute]:
    """Return what a review lists, in the order of the file: named questions that are answered, named values that are known."""
    answers = session.answers
    named = (step for step in session.script.steps if isinstance(step, Ask | Compute) and step.name and step.id in answers)
    return [step for step in named if isinstance(step, Ask) or answers[step.id].label]


def list_lines(session: Session) -> list[tuple[str, str]]:
    """Return the lines of the list with their step ids."""
    lines: list[tuple[str, str]] = []
    for number, step in enumerate(list_items(session), 1):
        label = _find_label(session, session.answers[step.id])
        values = {"number": number, "name": step.name, "label": label}
        lines.append((session.phrase("engine.review.line", values), step.id))
    return lines


def _find_label(session: Session, answer: Answer) -> str:
    if answer.label:
        return answer.label
    return session.phrase("engine.review.nothing" if answer.value is None else "engine.review.received")


def read_verdict(session: Session, text: str) -> Verdict:
    """Read a message at a review: 确认, 改 2, 时间不对, 时间改成明天上午, or the number alone."""
    if session.words.means("confirm", text):
        return Verdict(is_confirmed=True)
    if session.words.means("change", text) or session.words.means("wrong", text):
        return Verdict(wants_change=True)
    items = list_items(session)
    return _read_named(items, text) or _read_numbered(items, text) or Verdict(wants_change=bool(_CHANGING.search(text)))


def _read_numbered(items: list[Ask | Compute], text: str) -> Verdict | None:
    found = _NUMBERED.fullmatch(normalise(text))
    if found is None:
        return None
    number = _DIGITS.get(found["number"]) or int(found["number"])
    is_alone = not found["lead"] and not found["rest"]
    if is_alone and number == len(items) + 1:
        return Verdict(is_confirmed=True)
    if not 1 <= number <= len(items) or not (is_alone or _CHANGING.search(text)):
        return None
    return Verdict(step=items[number - 1].id, words=_find_value(found["rest"]))


def _read_named(items: list[Ask | Compute], text: str) -> Verdict | None:
    said = normalise(text)
    # 「时间不对」 means 上门时间: in Chinese the last two characters name the thing
    full = [(step, normalise(step.name)) for step in items if normalise(step.name) in said]
    tails = [(step, normalise(step.name)[-2:]) for step in items if normalise(step.name)[-2:] in said]
    named = full or (tails if len(tails) == 1 else [])
    if not named:
        return None
    step, name = max(named, key=lambda pair: len(pair[1]))
    if said == name or _CHANGING.search(said):
        return Verdict(step=step.id, words=_find_value(said.split(name, 1)[1]))
    return None


def _find_value(rest: str) -> str:
    found = _NEW_VALUE.search(rest)
    return found["value"].strip() if found and not _CHANGING.fullmatch(found["value"].strip()) else ""

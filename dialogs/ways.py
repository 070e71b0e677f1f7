"""Every way on from every step, with what a person has to say or what has to hold for it: what a picture of a script draws."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dialogs.flow import BEYOND, resolve
from dialogs.script import Ask, Compute, Do, End, Option, Say, Script, Start, Step


@dataclass(frozen=True, slots=True)
class Way:
    """One way from a step to another one, to BEYOND, or out of the script: then `starts` is the script that begins.

    `told` are the labels of options and the conditions that lead this way; `is_silent`: no answer of hers does.
    """

    origin: str
    target: str
    told: tuple[str, ...] = ()
    is_silent: bool = False
    starts: str = ""
    key: str = ""  # of the option that starts another script


def list_ways(script: Script) -> tuple[Way, ...]:
    """Return the ways of all steps in the order of the file."""
    return tuple(way for position, step in enumerate(script.steps) for way in _list_of(script, step, position))


def _list_of(script: Script, step: Step, position: int) -> Iterator[Way]:
    following = script.steps[position + 1].id if position + 1 < len(script.steps) else BEYOND
    if step.ask_if is not None:
        yield Way(step.id, following, ("else",), is_silent=True)
    if isinstance(step, Ask):
        yield from _list_answers(script, step)
    if isinstance(step, Do) and step.on_refused:
        yield Way(step.id, resolve(script, step.on_refused), ("refused",))
    if not isinstance(step, End | Start):
        yield from _list_ways_on(script, step, following)


def _list_answers(script: Script, step: Ask) -> Iterator[Way]:
    """Yield the options that lead somewhere of their own, and what comes after too many answers that do not fit."""
    for option in step.options:
        if option.goto:
            yield Way(step.id, resolve(script, option.goto), (_tell(option),))
        elif option.start:
            yield Way(step.id, BEYOND, (_tell(option),), starts=option.start, key=option.key)
    if step.retries.then.startswith("goto:"):
        target = resolve(script, step.retries.then.removeprefix("goto:"))
        told = ("nothing to choose",) if step.options_from is not None else ()
        yield Way(step.id, target, (f"{step.retries.limit} times not understood", *told), is_silent=True)
    if step.timeout is not None and step.timeout.then.startswith("goto:"):
        target = resolve(script, step.timeout.then.removeprefix("goto:"))
        yield Way(step.id, target, (f"no answer for {step.timeout.after}",), is_silent=True)


def _tell(option: Option) -> str:
    return option.label.source if option.when is None else f"{option.label.source} if {option.when.source}"


def _list_ways_on(script: Script, step: Ask | Say | Compute | Do, following: str) -> Iterator[Way]:
    """Yield the ways all other answers take."""
    others = [_tell(option) for option in step.options if not option.goto and not option.start] if isinstance(step, Ask) else []
    if isinstance(step, Ask) and step.options and not others and step.required:
        return
    for branch in step.next:
        condition = branch.condition.source if branch.condition else "else" if len(step.next) > 1 else ""
        yield Way(step.id, resolve(script, branch.target), (*others, *([condition] if condition else ())))
    if not step.next or step.next[-1].condition is not None:
        yield Way(step.id, following, tuple(others))

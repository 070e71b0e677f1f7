"""Checks the ways through a script: targets that exist, steps that can be reached, ways on that end somewhere. Runs nothing."""

from __future__ import annotations

from collections.abc import Iterator

from dialogs.conduct import Interrupt
from dialogs.fields import suggest
from dialogs.flow import BEYOND, Edge, find_known, find_reachable, find_restless, list_edges, resolve
from dialogs.places import Place, Problem
from dialogs.script import Ask, End, Say, Script, ScriptKind, Start, Step

_GOTO = "goto:"


def list_ways(script: Script) -> tuple[Edge, ...]:
    """Return every way from every step, those taken by silence (timeout, on_idle) too."""
    return (*list_edges(script), *_list_silent(script))


def _list_silent(script: Script) -> Iterator[Edge]:
    for step in script.steps:
        if isinstance(step, Ask):
            if step.timeout is not None and step.timeout.then.startswith(_GOTO):
                yield Edge(step.id, step.timeout.then.removeprefix(_GOTO), step.timeout.place, True)
            if script.sitting.on_idle.startswith(_GOTO):
                yield Edge(step.id, script.sitting.on_idle.removeprefix(_GOTO), script.sitting.place, True)


def check_ways(script: Script, edges: tuple[Edge, ...]) -> Iterator[Problem]:
    """Yield ways that lead nowhere, steps that no way leads to, circles without a wait, branches that are not total."""
    yield from _check_targets(script, edges)
    reachable = find_reachable(script, edges)
    for step in script.steps:
        if step.id not in reachable:
            yield Problem(step.place, "unreachable", f"no way leads to '{step.id}'")
        yield from _check_branches(step)
    yield from _check_last(script, edges, reachable)
    restless = find_restless(script, edges)
    if restless:
        place = script.steps[script.positions[restless[0]]].place
        yield Problem(place, "endless", f"a circle that never waits for the person: {', '.join(restless)}")
    yield from _check_silent_ends(script, edges, reachable)
    yield from _check_listed(script, edges)
    if script.kind is ScriptKind.SURVEY:
        yield from _check_survey(script)


def _check_targets(script: Script, edges: tuple[Edge, ...]) -> Iterator[Problem]:
    for edge in edges:
        target = resolve(script, edge.target)
        if target != BEYOND and target not in script.positions:
            near = suggest(edge.target, script.positions)
            yield Problem(edge.place, "unknown_step", f"'{edge.origin}' leads to '{edge.target}', which is no step{near}")


def _check_branches(step: Step) -> Iterator[Problem]:
    if step.next and step.next[-1].condition is not None:
        yield Problem(step.next[-1].place, "no_else", f"the ways on from '{step.id}' need an 'else'")
    for branch in step.next[:-1]:
        if branch.condition is None:
            yield Problem(branch.place, "else_first", f"what stands behind the 'else' of '{step.id}' is never taken")


def _check_last(script: Script, edges: tuple[Edge, ...], reachable: set[str]) -> Iterator[Problem]:
    for edge in edges:
        if edge.target == BEYOND and edge.origin in reachable:
            yield Problem(edge.place, "no_end", f"behind '{edge.origin}' the script runs out without an end")
    if not any(_can_leave(step) for step in script.steps if step.id in reachable):
        yield Problem(script.place, "no_end", "no way leads to an end or to another script")


def _can_leave(step: Step) -> bool:
    return isinstance(step, End | Start) or (isinstance(step, Ask) and any(option.start for option in step.options))


def _check_silent_ends(script: Script, edges: tuple[Edge, ...], reachable: set[str]) -> Iterator[Problem]:
    """An end may be without words only where something was said just before it, or where another speaks on: a menu, a part."""
    if script.kind in (ScriptKind.MENU, ScriptKind.PART):
        return
    for step in script.steps:
        is_spoken = isinstance(step, End) and (step.key or (step.text is not None and step.text.source.strip()))
        if not isinstance(step, End) or step.id not in reachable or is_spoken:
            continue
        origins = [edge.origin for edge in edges if resolve(script, edge.target) == step.id and edge.origin in reachable]
        if not origins or not all(_has_spoken(script, origin) for origin in origins):
            place: Place = step.place if step.text is None or step.text.place.line == 0 else step.text.place
            yield Problem(place, "silent_end", f"the end '{step.id}' says nothing, and nothing was said just before it")


def _has_spoken(script: Script, step_id: str) -> bool:
    step = script.find_step(step_id)
    return isinstance(step, Say) and step.ask_if is None and bool(step.text.source.strip())


def _check_listed(script: Script, edges: tuple[Edge, ...]) -> Iterator[Problem]:
    """In a review 「改 时间」 must mean one answer; two questions of which only one is asked may bear one name."""
    possible = find_known(script, edges, surely=False)
    named = [step for step in script.steps if isinstance(step, Ask) and step.name]
    for position, step in enumerate(named):
        for earlier in named[:position]:
            is_asked_before = earlier.id in possible.get(step.id, ()) and (earlier.ask_if is None or step.ask_if is None)
            if earlier.name == step.name and is_asked_before:
                yield Problem(step.place, "same_name", f"a review calls '{earlier.id}' '{step.name}' already")


def _check_survey(script: Script) -> Iterator[Problem]:
    """Taking part is free: no question holds a person."""
    for step in script.steps:
        if not isinstance(step, Ask) or step.key:
            continue
        if step.interrupt is Interrupt.NEVER or step.retries.then == f"{_GOTO}{step.id}":
            yield Problem(step.place, "survey_trap", f"'{step.id}' holds a person until it is answered; let it be left")

"""The ways through a script as a graph: where each step may lead, which names are surely or possibly known on arrival."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dialogs.answers.base import AnswerType
from dialogs.listed import name_item
from dialogs.places import Place
from dialogs.script import Ask, Compute, Do, End, Script, Start, Step

ENTRY = ""  # stands before the first step
BEYOND = "$end"  # stands behind the last step
_DECIDED = (AnswerType.CHOICE, AnswerType.YESNO)


@dataclass(frozen=True, slots=True)
class Edge:
    """One way on. `waits`: a person answers first. `sets`: the names that are known once it is taken."""

    origin: str
    target: str
    place: Place
    waits: bool = False
    sets: frozenset[str] = frozenset()


def list_edges(script: Script) -> tuple[Edge, ...]:
    """Return every way from every step, to targets as written (they may not exist) or BEYOND."""
    return tuple(edge for position, step in enumerate(script.steps) for edge in _list_ways(script, step, position))


def _list_ways(script: Script, step: Step, position: int) -> Iterator[Edge]:
    following = script.steps[position + 1].id if position + 1 < len(script.steps) else BEYOND
    if step.ask_if is not None:
        yield Edge(step.id, following, step.place)
    if isinstance(step, End | Start):
        return
    waits = isinstance(step, Ask)
    sets = frozenset(list_set(step))
    if isinstance(step, Ask):
        yield from _list_own_ways(step)
        yield from _list_silent_ways(script, step)
        if _always_decides(step):
            return
    if isinstance(step, Do) and step.on_refused:
        yield Edge(step.id, step.on_refused, step.place, sets=sets)
    for branch in step.next:
        yield Edge(step.id, branch.target, branch.place, waits, sets)
    if not step.next or step.next[-1].condition is not None:
        yield Edge(step.id, following, step.place, waits, sets)


def list_set(step: Step) -> tuple[str, ...]:
    """Return the names that are known once a step is done."""
    if isinstance(step, Do):
        return (step.save,) if step.save else ()
    if isinstance(step, Ask) and step.options_from is not None:
        return (step.id, name_item(step))
    return (step.id,) if isinstance(step, Ask | Compute) else ()


def _list_own_ways(step: Ask) -> Iterator[Edge]:
    for option in step.options:
        if option.goto:
            yield Edge(step.id, option.goto, option.place, True, frozenset({step.id}))
    if step.retries.then.startswith("goto:"):
        waits = step.options_from is None  # an empty list is left without a question
        yield Edge(step.id, step.retries.then.removeprefix("goto:"), step.retries.place, waits)


def _list_silent_ways(script: Script, step: Ask) -> Iterator[Edge]:
    """Yield where it goes when nobody answers, or when there is nothing to choose."""
    if step.timeout is not None and step.timeout.then.startswith("goto:"):
        yield Edge(step.id, step.timeout.then.removeprefix("goto:"), step.timeout.place, True)
    if script.sitting.on_idle.startswith("goto:"):
        yield Edge(step.id, script.sitting.on_idle.removeprefix("goto:"), script.sitting.place, True)


def _always_decides(step: Ask) -> bool:
    """Say whether every answer leaves by an option of its own."""
    is_chosen = step.type in _DECIDED and bool(step.options) and all(option.goto or option.start for option in step.options)
    return is_chosen and step.required and step.retries.then != "skip"


def resolve(script: Script, target: str) -> str:
    """Return the step id a target means, aliases followed."""
    return script.aliases.get(target, target)


def find_reachable(script: Script, edges: tuple[Edge, ...]) -> set[str]:
    """Return the ids (and BEYOND) that some way leads to."""
    seen: set[str] = set()
    waiting = [script.steps[0].id]
    while waiting:
        current = waiting.pop()
        if current not in seen:
            seen.add(current)
            waiting += [resolve(script, edge.target) for edge in edges if edge.origin == current]
    return seen


def find_restless(script: Script, edges: tuple[Edge, ...]) -> list[str]:
    """Return the steps on a circle that waits for nobody, in the order of the file."""
    onward: dict[str, set[str]] = {}
    for edge in edges:
        if not edge.waits:
            onward.setdefault(edge.origin, set()).add(resolve(script, edge.target))
    return [step.id for step in script.steps if step.id in _reach(onward, step.id)]


def _reach(onward: Mapping[str, set[str]], start: str) -> set[str]:
    seen: set[str] = set()
    waiting = list(onward.get(start, ()))
    while waiting:
        current = waiting.pop()
        if current not in seen:
            seen.add(current)
            waiting += onward.get(current, ())
    return seen


def find_known(script: Script, edges: tuple[Edge, ...], *, surely: bool) -> dict[str, frozenset[str]]:
    """Return for each reachable step the names set on every way to it (`surely`) or on some way."""
    known: dict[str, frozenset[str]] = {script.steps[0].id: frozenset()}
    is_changed = True
    while is_changed:
        is_changed = False
        for edge in edges:
            if edge.origin not in known:
                continue
            target, brought = resolve(script, edge.target), known[edge.origin] | edge.sets
            before = known.get(target)
            after = brought if before is None else before & brought if surely else before | brought
            if after != before:
                known[target], is_changed = after, True
    return known

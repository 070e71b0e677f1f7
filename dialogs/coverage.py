"""What of a script its own tests and the explorer reach: steps, and each side of everything that decides about a way.

The script is walked through with conditions that remember how they came out. Pure like the explorer itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from dialogs import explorer
from dialogs.answers.base import AnswerType
from dialogs.expressions import Expression, HasNow, Scope
from dialogs.findings import Report
from dialogs.inputs import Given, Refused, Said, Tapped, World
from dialogs.outcome import Outcome
from dialogs.script import Ask, Branch, Do, Option, Script, Step
from dialogs.state import DialogState
from dialogs.transcript import NOW
from dialogs.tree import Binary, Call, Literal, walk

Seen = set[tuple[str, str]]  # (step, what came about)
Watch = Callable[[Expression, str], Expression]
_DATED = (AnswerType.DATE, AnswerType.DATETIME)


@dataclass(frozen=True, slots=True)
class Coverage:
    """What was walked through: the explorer's report, all branches as (step, branch), and those nobody took."""

    report: Report
    branches: tuple[tuple[str, str], ...]
    missed: tuple[tuple[str, str], ...]

    @property
    def step_share(self) -> float:
        """Return the reached part of the steps, 0 to 1."""
        return (self.report.steps - len(self.report.unreached)) / max(1, self.report.steps)

    @property
    def branch_share(self) -> float:
        """Return the taken part of the branches, 0 to 1; a script without any has taken all."""
        return (len(self.branches) - len(self.missed)) / len(self.branches) if self.branches else 1.0

    def __str__(self) -> str:
        steps, branches = self.report.steps, len(self.branches)
        told = f"{self.report.script}: steps {steps - len(self.report.unreached)}/{steps}"
        told += f", branches {branches - len(self.missed)}/{branches}"
        told += f"\n  stopped after {self.report.states} states, the rest is unknown" if self.report.is_capped else ""
        told += "".join(f"\n  never reached: {step}" for step in self.report.unreached)
        return told + "".join(f"\n  never taken: {step}: {branch}" for step, branch in self.missed)


def measure_coverage(script: Script, kit: explorer.Kit, *, max_states: int = explorer.MAX_STATES) -> Coverage:
    """Walk through a script, the ways of its own tests among them, and tell what of it came about."""
    seen: Seen = set()
    walk = _Watch(_watch(script, seen), kit, max_states, seen)
    walk.run()
    branches = tuple(dict.fromkeys(branch for step in script.steps for branch in _list_branches(step)))
    return Coverage(walk.report(), branches, tuple(branch for branch in branches if branch not in seen))


# --- conditions that remember


@dataclass(frozen=True, slots=True)
class _Watched(Expression):
    """A condition that remembers how it came out."""

    step: str = ""
    name: str = ""
    seen: Seen = field(default_factory=set, repr=False, compare=False)

    def holds(self, scope: Scope, world: HasNow) -> bool:
        """Say whether the condition is true, and remember it."""
        is_true = Expression.holds(self, scope, world)
        self.seen.add((self.step, _side(self.name, is_true)))
        return is_true


def _side(name: str, is_true: bool) -> str:
    return f"{name} is {'true' if is_true else 'false'}"


def _watch(script: Script, seen: Seen) -> Script:
    return replace(script, steps=tuple(_watch_step(step, seen) for step in script.steps))


def _watch_step(step: Step, seen: Seen) -> Step:
    def watch(condition: Expression, name: str) -> Expression:
        return _Watched(condition.source, condition.node, condition.place, step=step.id, name=name, seen=seen)

    changed: dict[str, Any] = {"next": tuple(_watch_branch(branch, watch) for branch in step.next)}
    if step.ask_if is not None:
        changed["ask_if"] = watch(step.ask_if, "ask_if")
    if isinstance(step, Ask):
        checks = ((check, watch(check.condition, _name("check", check.condition))) for check in step.checks)
        changed["checks"] = tuple(replace(check, condition=condition) for check, condition in checks)
        changed["options"] = tuple(_watch_option(option, watch) for option in step.options)
    return replace(step, **changed)


def _watch_branch(branch: Branch, watch: Watch) -> Branch:
    condition = branch.condition
    return branch if condition is None else replace(branch, condition=watch(condition, _name("next", condition)))


def _watch_option(option: Option, watch: Watch) -> Option:
    return option if option.when is None else replace(option, when=watch(option.when, f"when of {option.key}"))


def _name(kind: str, condition: Expression) -> str:
    return f"{kind} '{condition.source}'"


def _list_branches(step: Step) -> Iterator[tuple[str, str]]:
    names = ["ask_if"] if step.ask_if is not None else []
    names += [_name("next", branch.condition) for branch in step.next if branch.condition is not None]
    if isinstance(step, Ask):
        names += [_name("check", check.condition) for check in step.checks]
        names += [f"when of {option.key}" for option in step.options if option.when is not None]
        yield from ((step.id, f"option {option.key}") for option in step.options)
        yield step.id, "retries"
    if isinstance(step, Do) and step.on_refused is not None:
        yield step.id, "on_refused"
    yield from ((step.id, _side(name, is_true)) for name in names for is_true in (True, False))


# --- what a turn brought about


class _Watch(explorer._Walk):
    """An exploration that notes options chosen, refusals and questions given up, and tries dates at the edges of checks."""

    def __init__(self, script: Script, kit: explorer.Kit, max_states: int, seen: Seen) -> None:
        super().__init__(script, kit, max_states)
        self.seen = seen
        for step in script.steps:
            if isinstance(step, Ask) and step.type in _DATED and step.checks:
                self.lines[step.id] = dict.fromkeys(_list_edge_dates(step))

    def _step(self, state: DialogState | None, world: World, given: Given, told: str) -> Outcome | None:
        outcome = super()._step(state, world, given, told)
        step = Script.find_step(self.script, state.step) if state is not None else None
        if outcome is not None and state is not None and step is not None:
            self.seen.update((step.id, branch) for branch in self._list_taken(step, state, given, outcome))
        return outcome

    def _list_taken(self, step: Step, state: DialogState, given: Given, outcome: Outcome) -> Iterator[str]:
        if isinstance(step, Do) and isinstance(given, Refused):
            yield "on_refused"
        elif isinstance(step, Ask) and isinstance(given, Tapped) and _has_answered(step, outcome):
            yield f"option {given.key}"
        elif isinstance(step, Ask) and isinstance(given, Said | Tapped) and self._gives_up(step, state, given, outcome):
            yield "retries"

    def _gives_up(self, step: Ask, state: DialogState, given: Said | Tapped, outcome: Outcome) -> bool:
        is_word = isinstance(given, Said) and given.heard.text in self.words.values()
        if is_word or state.tries != step.retries.limit - 1:
            return False
        if step.retries.then == "handoff":
            return outcome.asked == "handoff"
        if step.retries.then == "cancel":
            return outcome.ended == "cancelled"
        kept = outcome.state.answers.get(step.id) if outcome.state is not None else None
        return (outcome.state is None or outcome.state.step != step.id) and (kept is None or kept.value is None)


def _list_edge_dates(step: Ask) -> Iterator[str]:
    """Yield the last day that a check on days_until() allows and the first that it does not, as a person would say it."""
    for node in (each for check in step.checks for each in walk(check.condition.node)):
        match node:
            case Binary(left=Call(function="days_until"), right=Literal(value=int() as days)):
                for each in (NOW + timedelta(days=days + more) for more in (-1, 0, 1)):
                    yield f"{each.year}年{each.month}月{each.day}日" + ("下午三点" * (step.type is AnswerType.DATETIME))


def _has_answered(step: Ask, outcome: Outcome) -> bool:
    return outcome.state is None or step.id in outcome.state.answers or outcome.state.step != step.id

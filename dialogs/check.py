"""Looks for mistakes in a script before anyone talks to it: ways, names, types, options, texts, effects. Runs nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from dialogs.check_names import NameCheck, list_uses
from dialogs.check_texts import check_options, check_texts
from dialogs.effects import EFFECTS, list_arguments
from dialogs.expressions import Expression
from dialogs.fields import suggest
from dialogs.flow import BEYOND, Edge, find_known, find_reachable, find_restless, list_edges, resolve
from dialogs.places import Place, Problem
from dialogs.script import Ask, Do, End, Script, Start, Step
from dialogs.tree import Literal
from dialogs.words import GlobalWords, normalise

FACTS = frozenset(
    {f"owner.{part}" for part in ("name", "title", "bound", "room", "rooms", "community", "relation", "phone_tail")}
    | {"staff.name", "staff.role", "args.rest", "args.first", "args.more", "now.date", "now.hour"}
    | {"service.code", "service.label", "service.butler"}
)
_NEEDS = frozenset({"bound"})


@dataclass(frozen=True, slots=True)
class Names:
    """What a script may speak of outside itself. `scripts` tells the vars each takes; `services` may be started, too."""

    scripts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    effects: frozenset[str] = frozenset(EFFECTS)
    services: frozenset[str] = frozenset()
    facts: frozenset[str] = FACTS
    words: GlobalWords | None = None
    forbidden: tuple[str, ...] = ()


def check_script(script: Script, names: Names) -> list[Problem]:
    """Return every mistake of one script, in the order of the file."""
    edges = list_edges(script)
    found = [
        *_check_head(script),
        *_check_targets(script, edges),
        *_check_ways(script, edges),
        *_check_expressions(script, edges, names),
    ]
    for step in script.steps:
        found += _check_step(script, step, names)
    unique = dict.fromkeys(found)
    return sorted(unique, key=lambda problem: (problem.place.line, problem.place.column))


def check_scripts(scripts: Sequence[Script]) -> list[Problem]:
    """Return what two scripts claim at the same time: ids, trigger words, clicks, events, intents, commands."""
    problems: list[Problem] = []
    for kind in ("id", "words", "clicks", "events", "intents", "commands"):
        seen: dict[str, Script] = {}
        for script in scripts:
            for claim in _list_claims(script, kind):
                earlier = seen.setdefault(claim, script)
                if earlier is not script:
                    message = f"{kind} '{claim}' belongs to {earlier.id} ({earlier.place.file}) already"
                    problems.append(Problem(script.place, f"duplicate_{kind}", message))
    return problems


def _list_claims(script: Script, kind: str) -> tuple[str, ...]:
    if kind == "id":
        return (script.id,)
    claims: tuple[str, ...] = getattr(script.triggers, kind)
    return tuple(dict.fromkeys(normalise(each) for each in claims)) if kind in ("words", "commands") else claims


def _check_head(script: Script) -> Iterator[Problem]:
    for need in script.needs:
        if need not in _NEEDS:
            yield Problem(script.place, "unknown_need", f"'needs' knows {', '.join(sorted(_NEEDS))}, not '{need}'")
    for old, new in script.aliases.items():
        if new not in script.positions:
            yield Problem(script.place, "alias", f"the alias '{old}' leads to '{new}', which is no step{_near(script, new)}")
        if old in script.positions:
            yield Problem(script.place, "alias", f"the alias '{old}' hides the step of that name")


def _near(script: Script, target: str) -> str:
    return suggest(target, script.positions)


def _check_targets(script: Script, edges: tuple[Edge, ...]) -> Iterator[Problem]:
    for edge in edges:
        target = resolve(script, edge.target)
        if target != BEYOND and target not in script.positions:
            message = f"'{edge.origin}' leads to '{edge.target}', which is no step{_near(script, edge.target)}"
            yield Problem(edge.place, "unknown_step", message)


def _check_ways(script: Script, edges: tuple[Edge, ...]) -> Iterator[Problem]:
    reachable = find_reachable(script, edges)
    for step in script.steps:
        if step.id not in reachable:
            yield Problem(step.place, "unreachable", f"no way leads to '{step.id}'")
        yield from _check_branches(step)
    for edge in edges:
        if edge.target == BEYOND and edge.origin in reachable:
            yield Problem(edge.place, "no_end", f"behind '{edge.origin}' the script runs out without an end")
    restless = find_restless(script, edges)
    if restless:
        place = script.steps[script.positions[restless[0]]].place
        yield Problem(place, "endless", f"a circle that never waits for the person: {', '.join(restless)}")
    if not any(_can_leave(step) for step in script.steps if step.id in reachable):
        yield Problem(script.place, "no_end", "no way leads to an end or to another script")


def _can_leave(step: Step) -> bool:
    return isinstance(step, End | Start) or (isinstance(step, Ask) and any(option.start for option in step.options))


def _check_branches(step: Step) -> Iterator[Problem]:
    if step.next and step.next[-1].condition is not None:
        yield Problem(step.next[-1].place, "no_else", f"the ways on from '{step.id}' need an 'else'")
    for branch in step.next[:-1]:
        if branch.condition is None:
            yield Problem(branch.place, "else_first", f"what stands behind the 'else' of '{step.id}' is never taken")


def _check_expressions(script: Script, edges: tuple[Edge, ...], names: Names) -> Iterator[Problem]:
    check = NameCheck(
        script=script,
        facts=names.facts,
        asks={step.id: step for step in script.steps if isinstance(step, Ask)},
        saves=frozenset(step.save for step in script.steps if isinstance(step, Do) and step.save),
        possible=find_known(script, edges, surely=False),
        sure=find_known(script, edges, surely=True),
    )
    for step in script.steps:
        for use in list_uses(step):
            yield from check.check(use)


def _check_step(script: Script, step: Step, names: Names) -> Iterator[Problem]:
    yield from check_texts(script, step, names.forbidden)
    match step:
        case Ask():
            yield from check_options(step, names.words)
            for option in step.options:
                if option.start:
                    yield from _check_start(option.start, option.args, option.place, names)
        case Do():
            yield from _check_effect(step, names)
        case Start() if step.script.is_fixed:
            yield from _check_start(step.script.source, step.args, step.place, names)


def _check_start(target: str, args: Mapping[str, Expression], place: Place, names: Names) -> Iterator[Problem]:
    if target not in names.scripts:
        if target not in names.services:
            near = suggest(target, [*names.scripts, *names.services])
            yield Problem(place, "unknown_script", f"there is no script '{target}'{near}")
        return
    for name, expression in args.items():
        if name not in names.scripts[target]:
            near = suggest(name, names.scripts[target])
            yield Problem(expression.place, "unknown_argument", f"'{target}' takes no '{name}'{near}")
    yield from _check_service(args, names)


def _check_effect(step: Do, names: Names) -> Iterator[Problem]:
    if step.effect not in names.effects or step.effect not in EFFECTS:
        near = suggest(step.effect, names.effects)
        yield Problem(step.place, "unknown_effect", f"there is no effect '{step.effect}'{near}")
        return
    required, optional = list_arguments(step.effect)
    for name in required:
        if name not in step.args:
            yield Problem(step.place, "missing_argument", f"the effect {step.effect} needs '{name}'")
    for name, expression in step.args.items():
        if name not in (*required, *optional):
            near = suggest(name, (*required, *optional))
            yield Problem(expression.place, "unknown_argument", f"the effect {step.effect} takes no '{name}'{near}")
    yield from _check_service(step.args, names)


def _check_service(args: Mapping[str, Expression], names: Names) -> Iterator[Problem]:
    service = args.get("service")
    if service is None or not isinstance(service.node, Literal) or not names.services:
        return
    code = str(service.node.value)
    if code not in names.services:
        yield Problem(service.place, "unknown_service", f"there is no service '{code}'{suggest(code, names.services)}")

"""Checks what a script has done and started: effects and scripts that exist, arguments they take and of the right type."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields

from dialogs.effects import EFFECTS, list_arguments
from dialogs.expressions import Expression
from dialogs.fields import suggest
from dialogs.outside import Names
from dialogs.places import Place, Problem
from dialogs.script import Ask, Do, Start, Step
from dialogs.tree import Literal

TypeOf = Callable[[Expression], str]
# by the annotation of an effect's field: types of an expression that cannot become one; "" is known at run time only
_NEVER: Mapping[str, frozenset[str]] = {
    "bool": frozenset({"number", "text", "choice", "list", "date", "time", "datetime", "timerange", "media"}),
    "int": frozenset({"text", "choice", "list", "yes or no", "date", "time", "datetime", "timerange", "media"}),
    "str": frozenset({"list", "yes or no", "media"}),
}


def check_handed(step: Step, names: Names, type_of: TypeOf) -> Iterator[Problem]:
    """Yield what is wrong with a step's effect, or with the script it or an option of it starts."""
    match step:
        case Ask():
            for option in step.options:
                if option.start:
                    yield from _check_start(option.start, option.args, option.place, names)
        case Do():
            yield from _check_effect(step, names, type_of)
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


def _check_effect(step: Do, names: Names, type_of: TypeOf) -> Iterator[Problem]:
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
    yield from _check_types(step, type_of)
    yield from _check_service(step.args, names)


def _check_types(step: Do, type_of: TypeOf) -> Iterator[Problem]:
    for each in fields(EFFECTS[step.effect]):
        expression = step.args.get(each.name)
        wanted = str(each.type).removesuffix(" | None")
        found = type_of(expression) if expression is not None else ""
        if expression is not None and found in _NEVER.get(wanted, ()):
            message = f"the effect {step.effect} takes '{each.name}' as {wanted}, this is a {found}"
            yield Problem(expression.place, "argument_type", message)


def _check_service(args: Mapping[str, Expression], names: Names) -> Iterator[Problem]:
    service = args.get("service")
    if service is None or not isinstance(service.node, Literal) or not names.services:
        return
    code = str(service.node.value)
    if code not in names.services:
        yield Problem(service.place, "unknown_service", f"there is no service '{code}'{suggest(code, names.services)}")

"""Whether what a person told in confidence stays hidden: sensitive answers in texts and in what is handed on. Runs nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dialogs.check_shown import list_shown
from dialogs.check_texts import list_texts
from dialogs.expressions import Expression
from dialogs.places import Problem
from dialogs.script import Ask, Do, Script, Start, Step

# arguments that are compared and forgotten, or shown to nobody but the one who needs them; every other one is kept in the
# clear, read by staff or by another script
MAY_TAKE = frozenset({("bind_room", "phone"), ("bind_room", "room"), ("book_order", "secret")})


def check_private(script: Script) -> Iterator[Problem]:
    """Yield every place where a sensitive answer would be read, kept or handed on whole (D06)."""
    hidden = frozenset(step.id for step in script.steps if isinstance(step, Ask) and step.sensitive)
    if not hidden:
        return
    for step in script.steps:
        for text, _ in list_texts(step):
            for hole in text.list_expressions():
                yield from _check_hole(hole, hidden)
        for target, args in _list_handed(step):
            for name, expression in args.items():
                if (target, name) not in MAY_TAKE:
                    yield from _check_handed(expression, hidden, f"{target} takes '{name}'")


def _check_hole(hole: Expression, hidden: frozenset[str]) -> Iterator[Problem]:
    for shown in list_shown(hole):
        if shown.name.path[0] in hidden and not shown.is_bare:
            root = shown.name.path[0]
            message = f"'{root}' is sensitive; write {{{{ {root} }}}} alone, then it is shown masked"
            yield Problem(hole.place.shift(shown.name.column - 1), "sensitive_shown", message)


def _list_handed(step: Step) -> Iterator[tuple[str, Mapping[str, Expression]]]:
    match step:
        case Do():
            yield step.effect, step.args
        case Start():
            yield "another script", step.args
        case Ask():
            yield from (("another script", option.args) for option in step.options)


def _check_handed(expression: Expression, hidden: frozenset[str], where: str) -> Iterator[Problem]:
    for shown in list_shown(expression):
        if shown.name.path[0] in hidden:
            message = f"'{shown.name.path[0]}' is sensitive; {where} and keeps it in the clear. It goes along with the answers"
            yield Problem(expression.place.shift(shown.name.column - 1), "sensitive_passed", message)

"""Checks that what a text shows is there on every way to it: results of effects and answers. Runs nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dialogs.check_shown import Shown, list_shown
from dialogs.check_texts import list_texts
from dialogs.expressions import Expression
from dialogs.flow import Edge, find_known
from dialogs.places import Problem
from dialogs.script import Ask, Do, Script, Start, Step, Template


@dataclass(frozen=True, slots=True)
class _Known:
    """Names that may be shown, those that are set on some and on every way to each step."""

    saves: frozenset[str]
    asks: dict[str, Ask]
    possible: dict[str, frozenset[str]]
    sure: dict[str, frozenset[str]]


def check_sure(script: Script, edges: tuple[Edge, ...]) -> Iterator[Problem]:
    """Yield what a text shows though some way to it does not set it, unless the text or its step provides for that."""
    known = _Known(
        saves=frozenset(step.save for step in script.steps if isinstance(step, Do) and step.save),
        asks={step.id: step for step in script.steps if isinstance(step, Ask)},
        possible=find_known(script, edges, surely=False),
        sure=find_known(script, edges, surely=True),
    )
    for step in script.steps:
        if step.id in known.sure:
            for text in _list_rendered(step):
                for hole in text.list_expressions():
                    yield from _check_hole(script, step, hole, known)


def _list_rendered(step: Step) -> Iterator[Template]:
    yield from (text for text, _ in list_texts(step))
    if isinstance(step, Start):
        yield step.script


def _check_hole(script: Script, step: Step, hole: Expression, known: _Known) -> Iterator[Problem]:
    asked = _list_roots(step.ask_if)
    for shown in list_shown(hole):
        root = shown.name.path[0]
        if root == step.id or root in script.vars or root not in known.possible[step.id]:
            continue
        if not _is_guarded(root, asked | shown.guards, known) and _may_be_unset(root, step, known):
            yield _tell(step, hole, shown)


def _tell(step: Step, hole: Expression, shown: Shown) -> Problem:
    message = f"'{shown.name.path[0]}' is not set on every way to '{step.id}'; use coalesce(), if(is_empty(...), ...) or ask_if"
    return Problem(hole.place.shift(shown.name.column - 1), "maybe_unset", message)


def _is_guarded(root: str, asked: frozenset[str], known: _Known) -> bool:
    """Say whether a condition around it asks about the name, or about what decided that it was asked."""
    ask = known.asks.get(root)
    deciding = _list_roots(ask.ask_if) if ask is not None else frozenset()
    return root in asked or bool(deciding & asked)


def _list_roots(condition: Expression | None) -> frozenset[str]:
    return frozenset() if condition is None else frozenset(name.split(".")[0] for name in condition.names())


def _may_be_unset(root: str, step: Step, known: _Known) -> bool:
    if root in known.saves:
        return root not in known.sure[step.id]
    ask = known.asks.get(root)
    if ask is None:
        return False
    return not ask.required or ask.retries.then == "skip" or root not in known.sure[step.id]

"""Looks for mistakes in a script before anyone talks to it: ways, names, types, options, texts, effects. Runs nothing."""

from __future__ import annotations

from collections.abc import Iterator

from dialogs.check_effects import check_handed
from dialogs.check_head import check_head, check_scripts
from dialogs.check_names import NameCheck, list_uses
from dialogs.check_patterns import explain_pattern
from dialogs.check_prices import check_prices
from dialogs.check_private import check_private
from dialogs.check_sure import check_sure
from dialogs.check_survey import check_survey
from dialogs.check_texts import check_options, check_texts
from dialogs.check_ways import check_ways, list_ways
from dialogs.flow import Edge, find_known, list_set
from dialogs.outside import FACTS, SURVEY_FACTS, Names
from dialogs.places import Problem
from dialogs.script import Ask, Script, ScriptKind

__all__ = ["FACTS", "Names", "check_script", "check_scripts"]


def check_script(script: Script, names: Names) -> list[Problem]:
    """Return every mistake of one script, in the order of the file."""
    edges = list_ways(script)
    check = _build_check(script, edges, names)
    found = [
        *check_head(script, names),
        *check_ways(script, edges),
        *(problem for step in script.steps for use in list_uses(step) for problem in check.check(use)),
        *check_sure(script, edges),
        *check_private(script),
        *check_prices(script),
        *_check_patterns(script),
        *check_survey(script, names),
    ]
    for step in script.steps:
        found += check_texts(script, step, names.forbidden)
        found += check_handed(step, names, check.type_of)
        if isinstance(step, Ask):
            found += check_options(step, names.words)
    unique = dict.fromkeys(found)
    return sorted(unique, key=lambda problem: (problem.place.line, problem.place.column))


def _build_check(script: Script, edges: tuple[Edge, ...], names: Names) -> NameCheck:
    return NameCheck(
        script=script,
        facts=_list_facts(script, names),
        asks={step.id: step for step in script.steps if isinstance(step, Ask)},
        saves=frozenset(
            name for step in script.steps for name in list_set(step) if not isinstance(step, Ask) or name != step.id
        ),
        possible=find_known(script, edges, surely=False),
    )


def _list_facts(script: Script, names: Names) -> frozenset[str]:
    """Return the facts a script may speak of; a survey also of consents and of what is known already."""
    if script.kind is not ScriptKind.SURVEY:
        return names.facts
    parts = ("value", "values", "label", "at")
    return names.facts | SURVEY_FACTS | {f"tags.{key}.{part}" for key in names.tags for part in parts}


def _check_patterns(script: Script) -> Iterator[Problem]:
    for step in script.steps:
        if isinstance(step, Ask) and step.pattern:
            reason = explain_pattern(step.pattern)
            if reason:
                yield Problem(step.place, "unsafe_pattern", f"the pattern of '{step.id}': {reason}")

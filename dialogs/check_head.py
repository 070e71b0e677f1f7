"""Checks what stands above a script's steps: needs, aliases, vars, triggers, and what two scripts claim. Runs nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from dialogs.check_names import list_uses
from dialogs.fields import suggest
from dialogs.outside import NEEDS, READ_BY_HOST, Names
from dialogs.places import Problem
from dialogs.script import Script
from dialogs.words import normalise

_TWICE: Mapping[str, str] = {
    "id": "duplicate_script",
    "words": "duplicate_words",
    "clicks": "duplicate_clicks",
    "events": "duplicate_events",
    "intents": "duplicate_intents",
    "commands": "duplicate_commands",
}


def check_head(script: Script, names: Names) -> Iterator[Problem]:
    """Yield needs, aliases, variables and triggers that cannot work."""
    for need in script.needs:
        if need not in NEEDS:
            near = suggest(need, NEEDS)
            yield Problem(script.place, "unknown_need", f"'needs' knows {', '.join(sorted(NEEDS))}, not '{need}'{near}")
    for old, new in script.aliases.items():
        if new not in script.positions:
            near = suggest(new, script.positions)
            yield Problem(script.place, "alias", f"the alias '{old}' leads to '{new}', which is no step{near}")
        if old in script.positions:
            yield Problem(script.place, "alias", f"the alias '{old}' hides the step of that name")
    yield from _check_vars(script)
    yield from _check_triggers(script, names)


def _check_vars(script: Script) -> Iterator[Problem]:
    """A variable is read by an expression, or by its name answers the question of that id."""
    spoken = {name.split(".")[0] for step in script.steps for use in list_uses(step) for name in use.expression.names()}
    for name in script.vars:
        if name not in spoken and name not in script.positions and name not in READ_BY_HOST:
            near = suggest(name, sorted(spoken))
            yield Problem(script.place, "unused_var", f"nothing in the script reads the variable '{name}'{near}")


def _check_triggers(script: Script, names: Names) -> Iterator[Problem]:
    for intent in script.triggers.intents:
        if names.services and intent not in names.services:
            near = suggest(intent, names.services)
            yield Problem(script.place, "unknown_intent", f"the catalogue has no '{intent}', so nothing means it{near}")
    for word in script.triggers.words:
        if normalise(word).isdecimal():
            yield Problem(script.place, "digits", f"the trigger '{word}' is a number; numbers mean the shown options")
        command = names.words.hear(word) if names.words is not None else ""
        if command:
            message = f"the trigger '{word}' means {command} everywhere and is never heard here"
            yield Problem(script.place, "global_word", message)


def check_scripts(scripts: Sequence[Script]) -> list[Problem]:
    """Return what two scripts claim at the same time: ids, trigger words, clicks, events, intents, commands."""
    problems: list[Problem] = []
    for kind, code in _TWICE.items():
        seen: dict[str, Script] = {}
        for script in scripts:
            for claim in _list_claims(script, kind):
                earlier = seen.setdefault(claim, script)
                if earlier is not script:
                    message = f"{kind} '{claim}' belongs to {earlier.id} ({earlier.place.file}) already"
                    problems.append(Problem(script.place, code, message))
    return problems


def _list_claims(script: Script, kind: str) -> tuple[str, ...]:
    if kind == "id":
        return (script.id,)
    claims: tuple[str, ...] = getattr(script.triggers, kind)
    return tuple(dict.fromkeys(normalise(each) for each in claims)) if kind in ("words", "commands") else claims

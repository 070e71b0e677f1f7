"""A script as staff read it: what it says and asks in order, what each answer writes down, what its own tests prove. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from console.script_words import list_drawn_words, name_effect
from dialogs.check import Names, check_script
from dialogs.effects import EFFECTS
from dialogs.places import Problem
from dialogs.script import Ask, Compute, Do, End, Say, Script, ScriptTest, Start, Step, Template
from dialogs.transcript import run_test
from handlers.content import Content

HOLE = re.compile(r"\{\{.*?\}\}", re.DOTALL)
PERSONS = ("owner", "staff")


@dataclass(frozen=True, slots=True)
class OptionView:
    """One choice: what is read, other words for it, the tag value it stands for, where it leads."""

    label: str
    say: tuple[str, ...]
    value: str
    leads: str


@dataclass(frozen=True, slots=True)
class StepView:
    """One step. `kind` is ask, say, do, compute, start or end; `tag` and `consent` belong to a survey's question."""

    id: str
    kind: str
    text: str
    condition: str = ""
    type: str = ""
    name: str = ""
    is_required: bool = True
    options: Sequence[OptionView] = ()
    tag: str = ""
    consent: str = ""
    why: str = ""
    hint: str = ""
    is_staff: bool = False


@dataclass(frozen=True, slots=True)
class TestView:
    """One transcript of a script: its lines as (who, words), and what of it does not hold."""

    name: str
    lines: Sequence[tuple[str, str]]
    failures: Sequence[str]


def list_steps(content: Content, script: Script) -> list[StepView]:
    """Return the steps in the order of the file; what a script fills in stands as dots."""
    return [_view(content, step) for step in script.steps]


def _view(content: Content, step: Step) -> StepView:
    condition = step.ask_if.source if step.ask_if is not None else ""
    match step:
        case Ask():
            return _view_question(content, step, condition)
        case Say() | End():
            return StepView(
                step.id, type(step).__name__.lower(), _read(content, step.text, getattr(step, "key", "")), condition
            )
        case Do():
            return StepView(step.id, "do", name_effect(content, step.effect), condition)
        case Compute():
            return StepView(step.id, "compute", step.value.source, condition, name=step.name)
        case Start():
            return StepView(step.id, "start", HOLE.sub("…", step.script.source), condition)


def _view_question(content: Content, step: Ask, condition: str) -> StepView:
    key = content.vocabulary.keys.get(step.inquiry.tag)
    options = [
        OptionView(
            label=HOLE.sub("…", option.label.source),
            say=option.say,
            value=(option.value or option.label.source) if step.inquiry.tag else "",
            leads=option.start or option.goto or "",
        )
        for option in step.options
    ]
    return StepView(
        step.id,
        "ask",
        _read(content, step.text, step.key),
        condition,
        type=step.type.value,
        name=step.name,
        is_required=step.required,
        options=options,
        tag=key.label if key is not None else step.inquiry.tag,
        consent=step.inquiry.consent,
        why=step.inquiry.why,
        hint=step.inquiry.hint,
        is_staff=step.inquiry.is_staff,
    )


def _read(content: Content, text: Template | None, key: str) -> str:
    phrase = content.texts.phrases.get(key) if key else text
    return HOLE.sub("…", phrase.source) if phrase is not None else ""


def list_tags(content: Content, script: Script) -> list[str]:
    """Return what the answers of a script write down about a person, by the label of the tag."""
    tags = [step.inquiry.tag for step in script.steps if isinstance(step, Ask) and step.inquiry.tag]
    keys = content.vocabulary.keys
    return [keys[tag].label if tag in keys else tag for tag in dict.fromkeys(tags)]


def count_turns(script: Script) -> int | None:
    """Return how often a person writes in the shortest of the script's tests that comes to a good end; None without one."""
    good = [test for test in script.tests if any(turn.who == "ended" and turn.text == "completed" for turn in test.turns)]
    counts = [sum(turn.who in PERSONS for turn in test.turns) for test in good]
    return min(counts, default=None)


def list_tests(content: Content, script: Script) -> list[TestView]:
    """Run a script's own tests and return what they say and whether they hold; some milliseconds each."""
    return [_run(content, script, test) for test in script.tests]


def _run(content: Content, script: Script, test: ScriptTest) -> TestView:
    failures = run_test(script, test, content.texts, content.words, content.calendar)
    lines = [(turn.who, name_effect(content, turn.text) if turn.who == "effect" else turn.text) for turn in test.turns]
    return TestView(test.name, [line for line in lines if line[1]], failures)


def list_problems(content: Content, script: Script) -> list[Problem]:
    """Look for mistakes in a script as at a start; it is empty for what runs."""
    names = Names(
        {each.id: each.vars for each in content.scripts.values()},
        frozenset(EFFECTS),
        frozenset(content.labels),
        words=content.words,
        forbidden=content.forbidden.words,
        tags=content.vocabulary.keys,
        never=tuple(content.vocabulary.forbidden),
    )
    return check_script(script, names)


def list_picture_words(content: Content, script: Script) -> dict[str, str]:
    """Return the words of a script's picture: ours, and the general phrases that it says."""
    keys = {step.key for step in script.steps if isinstance(step, Ask | End) and step.key}
    phrases = content.texts.phrases
    return {**list_drawn_words(content), **{key: phrases[key].source for key in keys if key in phrases}}

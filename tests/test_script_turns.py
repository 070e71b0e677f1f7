"""Every shipped script on the ways of its own tests: re-delivered messages, restarts between turns, names of any length."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import pytest

from bot.commands.coverage import LONGEST_MARK
from dialogs import engine, transcript
from dialogs.bundles import split_source
from dialogs.inputs import Begin, Given, Ran, Refused, World
from dialogs.outcome import Outcome
from dialogs.parse import parse_script
from dialogs.script import Script, ScriptTest
from dialogs.state import DialogState, dump_state, load_state
from handlers.wording import LIMIT_BYTES, render_reply
from tests.walks import CONTENT

LONG = 20  # characters of the longest name we know of: 阿卜杜热西提·买买提·吐尔逊


@dataclass
class Recorded(transcript.Rehearsal):
    """Remembers every turn: the state before it, what came in, what it brought."""

    turns: list[tuple[DialogState | None, Given, Outcome]] = field(default_factory=list)

    def feed(self, given: Given) -> None:
        before = self.outcome.state
        transcript.Rehearsal.feed(self, given)
        self.turns.append((before, given, self.outcome))


@dataclass
class Restarted(Recorded):
    """Comes back from the database before every turn, with the script read anew from what is kept of it."""

    def feed(self, given: Given) -> None:
        state = self.outcome.state
        if state is not None:
            self.outcome = replace(self.outcome, state=load_state(json.loads(json.dumps(dump_state(state)))))
            self.script = read_again(self.script.id)
        Recorded.feed(self, given)


@dataclass
class Lengthened(Recorded):
    """Gets the longest names from every effect."""

    def feed(self, given: Given) -> None:
        if isinstance(given, Ran | Refused):
            given = replace(given, result=lengthen(given.result))
        Recorded.feed(self, given)


@cache
def read_again(script_id: str) -> Script:
    file, source = CONTENT.sources[script_id]
    text, parts = split_source(source, file)
    return parse_script(text, file, parts)


def lengthen(value: Any) -> Any:
    """Return the value with every short Chinese text in it repeated to the length of a long name."""
    if isinstance(value, Mapping):
        return {name: lengthen(each) for name, each in value.items()}
    if isinstance(value, str) and re.search("[\u4e00-\u9fff]", value) and len(value) < LONG:
        return (value * LONG)[:LONG]
    return value


def rehearse(script: Script, test: ScriptTest, kind: type[Recorded]) -> Recorded:
    turns = list(test.turns)
    is_opened = bool(turns) and turns[0].who in ("owner", "staff") and not test.starts_silent
    args, said = transcript.split_command(script, turns.pop(0).text if is_opened else "")
    facts, handed = transcript.complete_facts(test.facts, args), dict(test.vars)
    if kind is Lengthened:
        facts, handed = {**facts, "owner": lengthen(facts["owner"]), "staff": lengthen(facts["staff"])}, lengthen(handed)
    run = kind(script, CONTENT.texts, CONTENT.words, World(transcript.NOW, CONTENT.calendar, facts))
    run.feed(Begin({**({"args": args} if args else {}), **handed}, said))
    for turn in turns:
        transcript._LINES[turn.who](run, turn)
    run.settle()
    return run


SCRIPTS = pytest.mark.parametrize("script", CONTENT.scripts.values(), ids=CONTENT.scripts)


@SCRIPTS
def test_the_same_message_from_the_same_state_brings_the_same(script: Script) -> None:
    for test in script.tests:
        run = rehearse(script, test, Recorded)
        for before, given, outcome in run.turns:
            again = engine.step(script, before, given, run.world, run.texts, run.words)
            assert again == outcome, f"{test.name}: {given}"


@SCRIPTS
def test_a_restart_before_every_turn_changes_nothing(script: Script) -> None:
    for test in script.tests:
        straight, restarted = rehearse(script, test, Recorded), rehearse(script, test, Restarted)
        assert restarted.failures == straight.failures
        assert [turn[2] for turn in restarted.turns] == [turn[2] for turn in straight.turns], test.name


@SCRIPTS
def test_no_reply_is_over_the_limit_with_the_longest_names(script: Script) -> None:
    for test in script.tests:
        replies = [reply for _, _, outcome in rehearse(script, test, Lengthened).turns for reply in outcome.replies]
        sizes = {reply.step: len(render_reply(reply, LONGEST_MARK).encode()) for reply in replies}
        assert {step: size for step, size in sizes.items() if size > LIMIT_BYTES} == {}, test.name

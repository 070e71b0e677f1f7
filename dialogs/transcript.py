"""Runs a script's own tests: lines of a conversation in, what did not hold out. Effects are answered with made-up results."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from dialogs import engine
from dialogs.answers.base import Heard
from dialogs.calendar import Calendar
from dialogs.effects import EFFECTS, Effect
from dialogs.inputs import Begin, Given, Ran, Refused, Said, Tapped, World
from dialogs.outcome import Outcome, render_plain
from dialogs.script import Do, Script, ScriptTest, Turn
from dialogs.state import Answer
from dialogs.texts import EngineTexts
from dialogs.usual import RESULTS
from dialogs.words import GlobalWords

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=timezone(timedelta(hours=8)))  # a Saturday
MAX_EFFECTS = 20

_NAMES = {kind: name for name, kind in EFFECTS.items()}
_MARKED = re.compile(r"\[(?P<kind>image|voice|video|file|location|tap)\]\s*(?P<rest>.*)", re.DOTALL)


@dataclass(slots=True)
class Rehearsal:
    """One transcript being run: where the conversation stands, and what was heard and done since the last line."""

    script: Script
    texts: EngineTexts
    words: GlobalWords
    world: World
    outcome: Outcome = field(default_factory=lambda: Outcome(None))
    heard: list[str] = field(default_factory=list)
    done: list[Effect] = field(default_factory=list)  # effects no line has spoken of yet
    asked: str = ""
    failures: list[str] = field(default_factory=list)

    def feed(self, given: Given) -> None:
        """Take one engine step and keep what it brought."""
        self.outcome = engine.step(self.script, self.outcome.state, given, self.world, self.texts, self.words)
        self.heard += [render_plain(reply) for reply in self.outcome.replies]
        self.done += self.outcome.effects
        self.asked = self.outcome.asked or self.asked

    def is_pending(self) -> bool:
        """Say whether an effect waits for its result."""
        return self.outcome.state is not None and self.outcome.state.waiting_effect

    def settle(self) -> None:
        """Answer waiting effects with their usual results."""
        for _ in range(MAX_EFFECTS):
            if not self.settle_one():
                return

    def settle_one(self) -> bool:
        """Answer the waiting effect with its usual result; tells whether there was one."""
        if not self.is_pending():
            return False
        self.feed(Ran(RESULTS.get(_NAMES[type(self.outcome.effects[0])], {})))
        return True

    def text(self) -> str:
        """Return all that was heard since the last line of the person."""
        return "\n".join(self.heard)

    def fail(self, turn: Turn, message: str) -> None:
        """Keep one failure with the place of its line."""
        self.failures.append(f"{turn.place}: {message}")


def run_test(script: Script, test: ScriptTest, texts: EngineTexts, words: GlobalWords, calendar: Calendar) -> list[str]:
    """Run one transcript and return every line that did not hold, each with its place; empty when all held."""
    turns = list(test.turns)
    is_opened = bool(turns) and turns[0].who in ("owner", "staff") and not test.starts_silent
    sentence = turns.pop(0).text if is_opened else ""
    args, said = split_command(script, sentence)
    world = World(NOW, calendar, complete_facts(test.facts, args))
    rehearsal = Rehearsal(script, texts, words, world)
    handed = {"args": args} if args else {}
    rehearsal.feed(Begin({**handed, **test.vars}, said))
    for turn in turns:
        _LINES[turn.who](rehearsal, turn)
    rehearsal.settle()
    return rehearsal.failures


def measure_coverage(script: Script) -> Counter[str]:
    """Return how often each effect is spoken of in a script's tests; 0 for one that never is."""
    spoken = Counter(turn.text for test in script.tests for turn in test.turns if turn.who == "effect")
    return Counter({step.effect: spoken[step.effect] for step in script.steps if isinstance(step, Do)})


def split_command(script: Script, sentence: str) -> tuple[dict[str, str], str]:
    """Return the words behind a staff command and the sentence that is left."""
    first, _, rest = sentence.strip().partition(" ")
    if first not in script.triggers.commands:
        return {}, sentence
    head, _, more = rest.strip().partition(" ")
    return {"rest": rest.strip(), "first": head, "more": more.strip()}, sentence


def complete_facts(facts: Mapping[str, Any], args: Mapping[str, str]) -> dict[str, Any]:
    """Return the facts of a test with everything filled in that a script may ask for."""
    given_owner = facts.get("owner", {})
    owner = {"name": "", "title": "", "bound": False, "room": "", "community": "", "relation": "", "phone_tail": ""}
    owner |= {"title": given_owner.get("name", ""), **given_owner}
    rooms = given_owner.get("rooms", [owner["room"]] if owner["room"] else [])
    base = {
        "owner": {**owner, "rooms": rooms},
        "staff": {"name": "", "role": ""},
        "args": {"rest": "", "first": "", "more": "", **args},
        "service": {"code": "", "label": "", "butler": ""},
    }
    known = {"consents": {}, "may_ask": {}, "tags": read_knows(facts.get("knows", {}))}
    return {**base, **known, **{name: value for name, value in facts.items() if name not in ("owner", "knows")}}


def read_knows(knows: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts `tags` for `knows: {pet.kind: [犬]}`: said yesterday."""
    tags: dict[str, Any] = {}
    for key, given in knows.items():
        values = [str(value) for value in (given if isinstance(given, list) else [given])]
        *heads, last = key.split(".")
        inner = tags
        for head in heads:
            inner = inner.setdefault(head, {})
        at = (NOW - timedelta(days=1)).isoformat()
        inner[last] = {"value": values[0], "values": values, "label": "、".join(values), "at": at}
    return tags


def _hear_person(rehearsal: Rehearsal, turn: Turn) -> None:
    rehearsal.settle()
    rehearsal.heard.clear()
    rehearsal.done.clear()
    rehearsal.asked = ""
    if rehearsal.outcome.state is None:
        rehearsal.fail(turn, f"the script is over ({rehearsal.outcome.ended}), nobody hears '{turn.text}'")
        return
    rehearsal.feed(read_line(turn.text, rehearsal.outcome.state.turn))


def read_line(text: str, turn: int) -> Given:
    """Return what a line of a person stands for: words, or [image], [tap] key and the like."""
    marked = _MARKED.fullmatch(text.strip())
    if marked is None:
        return Said(Heard("text", text))
    rest = marked["rest"].strip()
    match marked["kind"]:
        case "tap":
            return Tapped(turn, rest)
        case "voice":
            return Said(Heard("voice", rest, media_id="voice-1"))
        case "location":
            return Said(Heard("location", latitude=39.9, longitude=116.4, label=rest))
        case "image":
            return Said(Heard("image", media_id="image-1", label=rest))
        case "video":
            return Said(Heard("video", media_id="video-1", label=rest))
    return Said(Heard("file", media_id="file-1", label=rest))


def _expect_text(rehearsal: Rehearsal, turn: Turn) -> None:
    if turn.text not in rehearsal.text():
        rehearsal.settle()
    if turn.text not in rehearsal.text():
        rehearsal.fail(turn, f"'{turn.text}' was not said; it was: {rehearsal.text()!r}")


def _expect_silence(rehearsal: Rehearsal, turn: Turn) -> None:
    rehearsal.settle()
    if turn.text in rehearsal.text():
        rehearsal.fail(turn, f"'{turn.text}' was said: {rehearsal.text()!r}")


def _expect_effect(rehearsal: Rehearsal, turn: Turn) -> None:
    if not rehearsal.done:
        rehearsal.settle_one()
    if not rehearsal.done:
        rehearsal.fail(turn, f"no effect {turn.text}; it was said: {rehearsal.text()!r}")
        return
    effect = rehearsal.done.pop(0)
    name = _NAMES[type(effect)]
    if name != turn.text:
        rehearsal.fail(turn, f"the effect was {name}, not {turn.text}")
        return
    for key, wanted in turn.given.items():
        found = _plain(getattr(effect, key, None))
        if not _agrees(found, wanted):
            rehearsal.fail(turn, f"{name}.{key} was {found!r}, not {wanted!r}")


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: each.value if isinstance(each, Answer) else each for name, each in value.items()}
    return value


def _agrees(found: Any, wanted: Any) -> bool:
    if isinstance(found, Mapping) and isinstance(wanted, Mapping):
        return all(name in found and _agrees(found[name], each) for name, each in wanted.items())
    return bool(found == wanted) or (isinstance(found, str) and found == str(wanted))


def _give_result(rehearsal: Rehearsal, turn: Turn) -> None:
    state = rehearsal.outcome.state
    step = rehearsal.script.find_step(state.step) if state is not None and state.waiting_effect else None
    if not isinstance(step, Do):
        rehearsal.fail(turn, "no effect waits for a result")
        return
    named = turn.given.get(step.save)
    rehearsal.feed(Ran(named if isinstance(named, Mapping) else turn.given))


def _give_refusal(rehearsal: Rehearsal, turn: Turn) -> None:
    if not rehearsal.is_pending():
        rehearsal.fail(turn, "no effect waits to be refused")
        return
    rehearsal.feed(Refused(turn.text, turn.given))


def _expect(find: Callable[[Rehearsal], str | None]) -> Callable[[Rehearsal, Turn], None]:
    def expect(rehearsal: Rehearsal, turn: Turn) -> None:
        rehearsal.settle()
        found = find(rehearsal)
        if found != turn.text:
            rehearsal.fail(turn, f"{turn.who} was {found!r}, not {turn.text!r}")

    return expect


_LINES: dict[str, Callable[[Rehearsal, Turn], None]] = {
    "owner": _hear_person,
    "staff": _hear_person,
    "bot": _expect_text,
    "not": _expect_silence,
    "effect": _expect_effect,
    "result": _give_result,
    "refused": _give_refusal,
    "ended": _expect(lambda run: run.outcome.ended),
    "asked": _expect(lambda run: run.asked),
    "start": _expect(lambda run: run.outcome.start.script if run.outcome.start else None),
    "step": _expect(lambda run: run.outcome.state.step if run.outcome.state else None),
}

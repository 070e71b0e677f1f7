"""What an exploration finds: the report, what is wrong with one outcome, and states that no way leads out of."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from dialogs.inputs import Begin, Given, Ran, Refused, Said, Tapped, TimedOut
from dialogs.outcome import Outcome, Reply
from dialogs.script import End, Script
from dialogs.state import DialogState

LIMIT_BYTES = 2048  # of one text to a phone
_GOOD_ENDS = ("completed", "refused", "cancelled", "too_many_turns")
_MAX_TOLD = 200


@dataclass(frozen=True, slots=True)
class Report:
    """What a walk found: faults in words, steps and ways never taken; `is_capped` when it stopped before the end."""

    script: str
    states: int
    turns: int
    steps: int
    ways: int
    faults: tuple[str, ...] = ()
    unreached: tuple[str, ...] = ()
    untaken: tuple[str, ...] = ()
    is_capped: bool = False

    def __str__(self) -> str:
        told = f"{self.script}: {self.states} states, {self.turns} turns"
        told += f", steps {self.steps - len(self.unreached)}/{self.steps}, ways {self.ways - len(self.untaken)}/{self.ways}"
        told += "".join(f"\n  {fault}" for fault in self.faults)
        told += f"\n  never reached: {', '.join(self.unreached)}" if self.unreached else ""
        told += f"\n  never taken: {', '.join(self.untaken)}" if self.untaken else ""
        return told + (f"\n  stopped after {self.states} states, the rest is unknown" if self.is_capped else "")


def list_faults(script: Script, outcome: Outcome, last: str, render: Callable[[Reply], str]) -> Iterator[str]:
    """Yield what is wrong with one outcome; `last` is the step the engine stood on last."""
    for reply in outcome.replies:
        text = render(reply)
        if not text.strip():
            yield f"an empty reply at '{reply.step}'"
        if len(text.encode()) > LIMIT_BYTES:
            yield f"a reply of {len(text.encode())} bytes at '{reply.step}', {LIMIT_BYTES} are allowed"
    if outcome.state is None:
        yield from _list_faults_of_end(script, outcome, last)
    elif not outcome.state.waiting_effect and not outcome.asked and not outcome.replies:
        yield f"it waits at '{outcome.state.step}' and says nothing"


def _list_faults_of_end(script: Script, outcome: Outcome, last: str) -> Iterator[str]:
    if outcome.ended not in _GOOD_ENDS:
        yield f"it gives up at '{last}': {outcome.ended}"
    step = script.steps[script.positions[last]]
    is_empty_end = isinstance(step, End) and outcome.ended == step.result and (step.text is None or not step.text.source)
    if outcome.start is None and not is_empty_end and all(reply.step != last for reply in outcome.replies):
        yield f"it ends at '{last}' and says nothing"


def find_dead_ends(onward: Mapping[Hashable, Iterable[Hashable]], ways_out: Iterable[Hashable]) -> list[Hashable]:
    """Return the states from which no chain of turns leads to one of `ways_out`, in the order they were met."""
    backward: dict[Hashable, list[Hashable]] = {}
    for origin, targets in onward.items():
        for target in targets:
            backward.setdefault(target, []).append(origin)
    alive = set(ways_out)
    waiting = list(alive)
    while waiting:
        fresh = set(backward.get(waiting.pop(), ())) - alive
        alive |= fresh
        waiting += fresh
    return [state for state in onward if state not in alive]


def describe(given: Given) -> str:
    """Return what came in as a line of a script's own test would tell it."""
    match given:
        case Said(heard=heard):
            return (heard.text[:20] or f"[{heard.kind}]") if heard.kind == "text" else f"[{heard.kind}]"
        case Tapped(key=key):
            return f"[tap] {key}"
        case Ran(result=result):
            return f"result {dict(result)}"
        case Refused(reason=reason):
            return f"refused {reason}"
        case Begin(vars=handed, sentence=sentence):
            return sentence or (f"with {dict(handed)}" if handed else "silently")
        case TimedOut(kind=kind):
            return f"[{kind}]"


def shorten(told: str) -> str:
    """Return the end of a long way."""
    return told if len(told) <= _MAX_TOLD else "…" + told[-_MAX_TOLD:]


def tell_place(state: DialogState | None) -> Hashable:
    """Return where a conversation stands and with what answers, however it came there."""
    return state and (state.step, state.page, json.dumps({name: each.value for name, each in state.answers.items()}))

"""What length costs: a turn in a script of sixty questions beside the same turn in one of six; and the walk of all.

A turn here is what the engine and the stored state cost: read the state, take the step, write the state.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

from bench.machine import print_table
from bench.parts import measure
from bot.commands.coverage import build_kit
from bot.content import load_content
from dialogs import engine
from dialogs.answers.base import Heard
from dialogs.explorer import explore
from dialogs.inputs import Begin, Said, World
from dialogs.parse import parse_script
from dialogs.script import Script, ScriptKind
from dialogs.state import DialogState, dump_state, load_state
from dialogs.transcript import NOW
from handlers.content import Content

SHORT, LONG, THIRD = 6, 60, 3
MOST, MOST_SECONDS = 1.15, 60.0


def run(_folder: Path, rounds: int) -> bool:
    """Print both tables; False when a long script's turn costs more or the walk takes too long."""
    content, _ = load_content()
    turns = [_build_turn(content, _write_script(questions)) for questions in (SHORT, LONG)]
    pairs = [[measure(turn, 1000, 1)[0] for turn in turns] for _ in range(max(rounds, 5))]  # side by side, round by round
    ratios = [long / short for short, long in pairs]
    ratio = statistics.median(ratios)
    medians = [statistics.median(each) for each in zip(*pairs, strict=True)]
    rows = [(f"{name} questions", f"{each:.1f}") for name, each in zip((SHORT, LONG), medians, strict=True)]
    rows.append(("ratio", f"{ratio:.2f} ({min(ratios):.2f}..{max(ratios):.2f}), at most {MOST}"))
    print_table("The third turn of a script, engine and state", ("script of", "microseconds"), rows)
    seconds, states = _walk(content)
    rows = [(f"{len(content.scripts)} scripts, {states:,} states", f"{seconds:.1f} s, at most {MOST_SECONDS:.0f}")]
    print_table("The explorer walks every script", ("what", "time"), rows)
    return ratio <= MOST and seconds <= MOST_SECONDS


def _write_script(questions: int) -> Script:
    steps = "".join(
        f"  - {{id: q{number}, ask: 第{number}问？, type: text, name: 第{number}项}}\n" for number in range(questions)
    )
    text = f"id: bench.long\nkind: service\ntitle: 长短\nsteps:\n{steps}  - {{id: done, end: 好了。}}\n"
    return parse_script(text, "bench.yaml")


def _build_turn(content: Content, script: Script) -> Callable[[], object]:
    world = World(NOW, content.calendar, {})
    step = _stepper(content, script, world)
    state = engine.step(script, None, Begin({}, ""), world, content.texts, content.words).state
    for _ in range(THIRD - 1):
        state = step(_living(state))
    stored = dump_state(_living(state))
    return lambda: dump_state(_living(step(load_state(stored))))


def _living(state: DialogState | None) -> DialogState:
    assert state is not None
    return state


def _stepper(content: Content, script: Script, world: World) -> Callable[[DialogState], DialogState | None]:
    said = Said(Heard("text", "一句话就够了"))
    return lambda state: engine.step(script, state, said, world, content.texts, content.words).state


def _walk(content: Content) -> tuple[float, int]:
    began = time.perf_counter()
    walked = (script for script in content.scripts.values() if script.kind is not ScriptKind.PART)
    states = sum(explore(script, build_kit(content, script)).states for script in walked)
    return time.perf_counter() - began, states

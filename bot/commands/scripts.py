"""Commands for those who write scripts: talk to one in the terminal, draw one. No database, nothing is sent or kept."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from bot.commands.opening import print_json

if TYPE_CHECKING:
    from dialogs.script import Script
    from dialogs.transcript import Rehearsal
    from handlers.content import Content


@click.command()
@click.argument("script")
@click.option("--set", "given", multiple=True, metavar="NAME=VALUE", help="Hand in a variable; sentence is her first one.")
@click.option("--fact", "facts", multiple=True, metavar="NAME=VALUE", help="What is known, such as owner.bound=false.")
def play(script: str, given: tuple[str, ...], facts: tuple[str, ...]) -> None:
    """Talk to SCRIPT: one line a message, [image] and [tap] KEY too; ? shows the state. Effects get made-up results."""
    content = _load()
    found = _find(content, script)
    values = dict(_read_pair(pair, "--set") for pair in given)
    run = _begin(content, found, values, dict(_read_pair(pair, "--fact") for pair in facts))
    while _show(run) and (line := sys.stdin.readline()):
        _answer(run, line.strip())


@click.command()
@click.argument("script")
@click.option("--svg", "is_picture", is_flag=True, help="Print a finished picture (SVG) instead.")
def draw(script: str, *, is_picture: bool) -> None:
    """Print SCRIPT as a Mermaid flowchart."""
    from dialogs.diagram import draw_script
    from dialogs.picture import draw_picture

    found = _find(_load(), script)
    click.echo(draw_picture(found) if is_picture else draw_script(found), nl=False)


def _load() -> Content:
    from bot.content import load_content

    return load_content()[0]


def _find(content: Content, name: str) -> Script:
    from dialogs.fields import suggest

    found = content.scripts.get(name)
    if found is None:
        raise click.BadParameter(f"there is no script '{name}'{suggest(name, content.scripts)}", param_hint="SCRIPT")
    return found


def _read_pair(pair: str, option: str) -> tuple[str, Any]:
    """Read name=value; true, false, null and lists are JSON, all else, numbers too, is text."""
    name, is_pair, text = pair.partition("=")
    if not is_pair or not name:
        raise click.BadParameter(f"'{pair}' is not NAME=VALUE", param_hint=option)
    try:
        value = json.loads(text)
    except ValueError:
        value = text
    return name, text if isinstance(value, int | float | str) and not isinstance(value, bool) else value


def _begin(content: Content, script: Script, values: dict[str, Any], facts: dict[str, Any]) -> Rehearsal:
    from dialogs import transcript
    from dialogs.inputs import Begin
    from dialogs.probes import build_world

    args, sentence = transcript.split_command(script, str(values.pop("sentence", "")))
    nested = {**_list_known(content, str(values.get("service", script.id))), "args": dict(args)}
    for name, value in facts.items():
        head, _, part = name.partition(".")
        if not part:
            raise click.BadParameter(f"'{name}' has no dot, as in owner.bound", param_hint="--fact")
        nested.setdefault(head, {})[part] = value
    run = transcript.Rehearsal(script, content.texts, content.words, build_world(nested, content.calendar))
    run.feed(Begin({**({"args": nested["args"]} if args else {}), **values}, sentence))
    return run


def _list_known(content: Content, code: str) -> dict[str, dict[str, Any]]:
    service = content.services.get(code)
    facts: dict[str, dict[str, Any]] = {"owner": {"bound": True, "room": "1栋-2单元-301", "name": "张阿姨"}}
    return {**facts, "service": {"code": code, "label": service.label, "butler": service.butler}} if service else facts


def _show(run: Rehearsal) -> bool:
    """Print what was said and done since the last line; say whether the script goes on."""
    while True:
        for line in _list_news(run):
            click.echo(line)
        if not run.is_pending():
            return run.outcome.state is not None
        _settle(run)


def _list_news(run: Rehearsal) -> Iterator[str]:
    yield from run.heard
    for effect in run.done:
        yield f"[effect] {effect}"
    outcome = run.outcome
    if run.asked:
        yield f"[asked] {run.asked}"
    if outcome.start is not None:
        yield f"[start] {outcome.start.script} {dict(outcome.start.vars)}"
    if outcome.ended is not None:
        yield f"[ended] {outcome.ended}"
    run.heard.clear()
    run.done.clear()
    run.asked = ""


def _settle(run: Rehearsal) -> None:
    """Answer the waiting effect with its usual result."""
    from dialogs.inputs import Ran
    from dialogs.usual import RESULTS

    state = run.outcome.state
    step = run.script.find_step(state.step) if state else None
    result = RESULTS.get(getattr(step, "effect", ""), {})
    click.echo(f"[result] {dict(result)}")
    run.feed(Ran(result))


def _answer(run: Rehearsal, line: str) -> None:
    from dialogs.state import dump_state
    from dialogs.transcript import read_line

    state = run.outcome.state
    if line in {"?", "？"} and state is not None:
        print_json(dump_state(state))
    elif line and state is not None:
        run.feed(read_line(line, state.turn))

"""Commands for those who edit scripts that are live: who waits where, and how recorded conversations would go today."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.commands.opening import open_runtime, print_json

if TYPE_CHECKING:
    from dialogs.replay import Compared
    from dialogs.script import Script
    from handlers.runtime import Runtime


@click.command()
def waiting() -> None:
    """Count the conversations that wait for a person: one JSON line for each script, revision and step."""
    from handlers.revisions import count_waiting

    with open_runtime() as runtime:
        for each in count_waiting(runtime):
            oldest = runtime.local(each.oldest).isoformat(timespec="seconds") if each.oldest else None
            print_json({**asdict(each), "oldest": oldest})


@click.command()
@click.argument("script")
@click.option("--last", default=20, type=click.IntRange(1, 1000), help="How many recorded conversations; 20 without it.")
@click.option("--file", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Transcripts instead.")
@click.option("--against", metavar="REVISION", default="", help="A stored revision instead of the current one.")
def replay(script: str, last: int, file: Path | None, against: str) -> None:
    """Run recorded conversations of SCRIPT on its current revision and show what the bot would say differently.

    By default the last real ones, masked. Effects get made-up results, so both revisions run side by side: the one of
    that time, and the current. --file takes transcripts as they stand in a script's `tests`. Nothing is written.
    Exit code 1 when anything differs.
    """
    from dialogs.replay import compare_transcripts

    with open_runtime() as runtime:
        target = _find_target(runtime, script, against)
        content = runtime.content
        if file is not None:
            compared = compare_transcripts(
                target, file.read_text(encoding="utf-8-sig"), str(file), content.texts, content.words, content.calendar
            )
        else:
            compared = _replay_recorded(runtime, target, last)
    _show(compared)


def _find_target(runtime: Runtime, script_id: str, revision: str) -> Script:
    from dialogs.fields import suggest
    from handlers.upgrades import find_stored

    current = runtime.content.scripts.get(script_id)
    if current is not None and revision in ("", current.revision):
        return current
    if not revision:
        near = suggest(script_id, runtime.content.scripts)
        raise click.BadParameter(f"there is no script '{script_id}'{near}", param_hint="SCRIPT")
    with runtime.database.reading() as tx:
        stored = find_stored(tx.session, script_id, revision)
    if stored is None:
        raise click.BadParameter(f"no revision {revision} of '{script_id}' is kept", param_hint="--against")
    return stored


def _replay_recorded(runtime: Runtime, target: Script, last: int) -> list[Compared]:
    from dialogs.replay import compare_recorded
    from handlers.recordings import list_recordings

    content = runtime.content
    return [
        compare_recorded(target, each, content.texts, content.words, content.calendar)
        for each in list_recordings(runtime, target.id, last)
    ]


def _show(compared: list[Compared]) -> None:
    for each in compared:
        click.echo(f"{each.name}: same" if each.is_same else f"{each.name}:\n{each.diff}")
    different = sum(not each.is_same for each in compared)
    what = "conversation" if len(compared) == 1 else "conversations"
    click.echo(f"{len(compared)} {what}: {len(compared) - different} same, {different} different", err=True)
    if different:
        raise click.exceptions.Exit(1)

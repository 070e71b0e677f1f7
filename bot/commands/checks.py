"""Commands that look and change nothing: settings and content, and what a text is taken for."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from bot.commands.opening import open_runtime, print_json, read_settings

if TYPE_CHECKING:
    from handlers.runtime import Runtime

ENCODINGS = ("utf-8-sig", "gb18030")  # what editors and spreadsheets of the office write


@click.command()
@click.option("--live", "is_live", is_flag=True, help="Also against the conversations that run in the database.")
def check(*, is_live: bool) -> None:
    """Validate the settings and all of content/; every problem is one line, exit code 1 if there is any.

    With --live also what an edit would do to conversations that run: a step that is gone while people wait on it, a
    question whose type changed although answers are kept.
    """
    from bot.content import check_content

    problems = [*_check_settings(), *(str(problem) for problem in check_content())]
    if is_live and not problems:
        problems = _check_live()
    for problem in problems:
        click.echo(problem)
    if problems:
        click.echo(f"{len(problems)} problem{'s' if len(problems) > 1 else ''}", err=True)
        raise click.exceptions.Exit(1)
    click.echo("settings and content are in order", err=True)


def _check_live() -> list[str]:
    """Return what today's content would do to running conversations; without a database that is one clear line."""
    from sqlalchemy.exc import OperationalError

    from handlers.revisions import check_live

    with open_runtime() as runtime:
        try:
            return [str(problem) for problem in check_live(runtime)]
        except OperationalError as error:
            reason = " ".join(str(error.orig).split())
            if "no such table" in reason:
                raise  # it is there, but older than this version: the doors say what to do
            raise click.ClickException(f"--live needs the database, which is not reachable: {reason}") from error


def _check_settings() -> tuple[str, ...]:
    from bot.settings import SettingsError

    try:
        read_settings()
    except SettingsError as error:
        return error.problems
    return ()


@click.command()
@click.argument("text", required=False)
@click.option("--file", "file", type=click.File("rb"), help="One text per line; - is stdin.")
def understand(text: str | None, file: BinaryIO | None) -> None:
    """Tell what a TEXT is taken for: one JSON line each with intent, confidence, candidates and slots."""
    if (text is None) == (file is None):
        raise click.UsageError("give either a TEXT or --file")
    texts = [text] if file is None else list(_read_lines(file))
    with open_runtime() as runtime:
        for each in texts:
            print_json(_describe(runtime, each or ""))


def _read_lines(file: BinaryIO) -> Iterator[str]:
    """Give the lines of a text in any of the encodings, empty ones too; raise click.ClickException for anything else."""
    raw = file.read()
    for encoding in ENCODINGS:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        yield from (line.rstrip("\n") for line in io.StringIO(text, newline=None))
        return
    raise click.ClickException(f"{file.name} is neither UTF-8 nor GBK text: save it as UTF-8")


def _describe(runtime: Runtime, text: str) -> dict[str, Any]:
    from handlers.slots import read_slots

    found = runtime.understander.understand(text)
    service = runtime.content.services.get(found.intent)
    named = {"service": {"value": service.code, "label": service.label}} if service else {}
    return {
        "intent": found.intent,
        "confidence": round(found.confidence, 4),
        "candidates": [{"intent": each.intent, "confidence": round(each.confidence, 4)} for each in found.candidates],
        "slots": named | read_slots(runtime, text),
    }

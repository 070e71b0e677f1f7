"""The command that tells how much of the scripts is walked through by their own tests and the explorer. Changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from dialogs.explorer import Kit
    from dialogs.script import Script
    from handlers.content import Content

LONGEST_MARK = "t100000-200"  # of a prompt: it stands in every link
LEAST_STEPS, LEAST_BRANCHES = 1.0, 0.95


@click.command()
@click.argument("script", required=False)
def coverage(script: str | None) -> None:
    """Print which steps and branches of SCRIPT, or of all, nobody reaches; exit code 1 when it is too many."""
    from bot.content import load_content
    from dialogs.coverage import measure_coverage
    from dialogs.fields import suggest

    content, _ = load_content()
    if script is not None and script not in content.scripts:
        near = suggest(script, content.scripts)
        raise click.BadParameter(f"there is no script '{script}'{near}", param_hint="SCRIPT")
    chosen = [content.scripts[script]] if script is not None else list(content.scripts.values())
    short = 0
    for each in chosen:
        found = measure_coverage(each, build_kit(content, each))
        click.echo(str(found))
        short += found.step_share < LEAST_STEPS or found.branch_share < LEAST_BRANCHES
    if short:
        click.echo(
            f"{short} of {len(chosen)} scripts below {LEAST_STEPS:.0%} of steps or {LEAST_BRANCHES:.0%} of branches", err=True
        )
        raise click.exceptions.Exit(1)


def build_kit(content: Content, script: Script) -> Kit:
    """Return what a walk through a shipped script needs: the general booking is walked through for every service."""
    from dialogs.explorer import Kit
    from handlers.turns import GENERAL_SCRIPT
    from handlers.wording import render_reply

    is_general = script.id == GENERAL_SCRIPT
    services = [service for code, service in content.services.items() if is_general or code == script.id]
    facts = [{"service": {"code": each.code, "label": each.label, "butler": each.butler}} for each in services]
    return Kit(content.texts, content.words, content.calendar, lambda reply: render_reply(reply, LONGEST_MARK), facts)

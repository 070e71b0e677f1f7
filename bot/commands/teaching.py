"""What was not understood, for those who teach: the open sentences, or the taught ones as a file of utterances."""

from __future__ import annotations

import click

from bot.commands.opening import open_runtime, print_json


@click.command()
@click.option("--taught", is_flag=True, help="Print taught and chosen sentences as YAML for content/utterances.")
def unheard(*, taught: bool) -> None:
    """List sentences that were not understood, masked, the most frequent first, as JSON Lines."""
    from handlers.unheard import render_taught
    from models.unheard import UnheardStatus, list_unheard

    with open_runtime() as runtime:
        if taught:
            click.echo(render_taught(runtime), nl=False)
            return
        with runtime.database.reading() as tx:
            for row in list_unheard(tx.session, UnheardStatus.OPEN):
                print_json({"text": row.text, "times": row.times, "candidates": row.candidates, "last_at": row.last_at})

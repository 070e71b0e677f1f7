"""The command that learns the weights of the understanding anew from the sentences under content/."""

from __future__ import annotations

import click


@click.command()
def train() -> None:
    """Learn content/understanding/weights.json anew from intents and utterances; the same sentences give the same file."""
    from bot.training import write_weights

    click.echo(f"written: {write_weights()}", err=True)

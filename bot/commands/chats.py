"""Commands that look into a conversation, or talk in one as the platform would."""

from __future__ import annotations

import click

from bot.commands.opening import open_runtime, print_json

LONGEST_OPENID = 64  # as in the messages of the platform


@click.command()
@click.argument("openid")
def conversation(openid: str) -> None:
    """Show where the conversation of OPENID stands, as JSON; script is null when none is open."""
    from handlers.conversations import describe

    with open_runtime() as runtime:
        print_json(describe(runtime, openid))


@click.command()
@click.argument("openid")
@click.argument("text")
def say(openid: str, text: str) -> None:
    """Feed TEXT of OPENID through the same path as the webhook and print the reply."""
    from handlers import inbound

    if not 1 <= len(openid.strip()) <= LONGEST_OPENID:
        raise click.BadParameter(f"an openid has 1 to {LONGEST_OPENID} characters", param_hint="OPENID")
    with open_runtime() as runtime:
        click.echo(inbound.say(runtime, openid, text))

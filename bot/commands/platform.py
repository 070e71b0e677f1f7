"""Commands that talk to the platform about the account's custom menu."""

from __future__ import annotations

import click

from bot.commands.opening import open_runtime, print_json


@click.group()
def menu() -> None:
    """Publish or show the account's custom menu."""


@menu.command()
def publish() -> None:
    """Make content/menus the account's menu."""
    from handlers import menus

    with open_runtime() as runtime:
        print_json(menus.publish(runtime))


@menu.command()
def show() -> None:
    """Show the account's menu as the platform has it; null without one."""
    from handlers import menus

    with open_runtime() as runtime:
        print_json(menus.show(runtime))

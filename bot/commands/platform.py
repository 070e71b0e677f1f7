"""Commands about menus: the account's on the platform, and why a household's is as it is."""

from __future__ import annotations

import click

from bot.commands.opening import open_runtime, print_json


@click.group()
def menu() -> None:
    """Publish or show the account's custom menu; explain a household's menu in the chat."""


@menu.command()
def publish() -> None:
    """Make content/menus/account.yaml the account's menu, with its conditional menus where their tags stand there."""
    from handlers import menus

    with open_runtime() as runtime:
        published = menus.publish(runtime, runtime.account_tags)
    print_json(published)
    for each in published["left_out"]:
        click.echo(f"left out, the menu for {each['for']}: {each['why']}", err=True)


@menu.command()
def show() -> None:
    """Show the account's menu as the platform has it; null without one."""
    from handlers import menus

    with open_runtime() as runtime:
        print_json(menus.show(runtime))


@menu.command()
@click.argument("openid", metavar="OPENID")
def explain(openid: str) -> None:
    """Tell what the chat's menu of a person shows, hides and why, as JSON; every rule with its conditions."""
    from handlers import menus

    with open_runtime() as runtime:
        print_json(menus.explain(runtime, openid))

"""The command that turns services of an estate on and off, and tells which it offers."""

from __future__ import annotations

import click

from bot.commands.opening import open_runtime, print_json, who


@click.command(context_settings={"ignore_unknown_options": True})
@click.option("--evidence", default="", help="What allows it: a decision, a contract, a legal review.")
@click.option("--by", default="", help="Who does it.")
@click.argument("community", metavar="COMMUNITY")
@click.argument("changes", nargs=-1, type=click.UNPROCESSED, metavar="[+code|-code ...]")
def services(evidence: str, by: str, community: str, changes: tuple[str, ...]) -> None:
    """List what an estate offers and how many wished for it, as JSON Lines; with codes, turn services on or off; audited."""
    from handlers import estate_services

    for change in changes:
        if change[0] not in "+-" or len(change) == 1:
            raise click.UsageError(f"{change}: write +code or -code")
    with open_runtime() as runtime:
        if changes:
            changed = estate_services.switch(runtime, community, changes, evidence=evidence, by=by or who())
            print_json({"community": community, "changed": changed})
            return
        found = estate_services.list_services(runtime, community)
    for each in found:
        print_json(each)

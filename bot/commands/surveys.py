"""Commands about surveys: inviting people to one, and what one has brought."""

from __future__ import annotations

import click

from bot.commands.opening import open_runtime, print_json, who


@click.group(name="survey")
def survey_group() -> None:
    """Invite owners to a survey, and count its answers."""


@survey_group.command(name="invite")
@click.argument("survey")
@click.option("--audience", "expression", required=True, help="Who is invited; see the command `audience`.")
@click.option("--by", default="", help="Who does it; the user of this machine without it.")
@click.option("--dry-run", "is_dry", is_flag=True, help="Count, invite nobody.")
def invite(survey: str, expression: str, by: str, *, is_dry: bool) -> None:
    """Invite those whom EXPR selects to SURVEY and print asked, waiting and skipped as JSON."""
    from handlers import survey_invitations

    with open_runtime() as runtime:
        print_json(survey_invitations.invite_audience(runtime, survey, expression, by or who(), dry_run=is_dry))


@survey_group.command(name="results")
@click.argument("survey")
def results(survey: str) -> None:
    """Print the counts of SURVEY as JSON: runs, sources, and every question with its options."""
    from dataclasses import asdict

    from handlers import survey_results

    with open_runtime() as runtime:
        print_json(asdict(survey_results.count_results(runtime, survey)))


@survey_group.command(name="coverage")
def coverage() -> None:
    """Print, by building, the share of residents of whom each tag is known."""
    from handlers import survey_results

    with open_runtime() as runtime:
        print_json(survey_results.measure_buildings(runtime))

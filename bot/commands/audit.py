"""Commands about the audit: is it whole, and who did what how often."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo

import click

from bot.commands.opening import open_runtime, parse_at, print_json, who

REPORT_DAYS = 30


@click.group("audit")
def audit_group() -> None:
    """Look whether the audit is whole, or count what is in it."""


@audit_group.command()
def verify() -> None:
    """Walk the whole chain; exit code 1 names the first row that was changed, put in, or is missing."""
    from handlers.audit_chain import verify as walk

    with open_runtime() as runtime:
        verdict = walk(runtime)
    print_json(
        {
            "whole": verdict.is_whole,
            "sealed": verdict.sealed,
            "head": verdict.head,
            "row": verdict.row_id,
            "fault": verdict.fault or None,
        }
    )
    if not verdict.is_whole:
        where = f"row {verdict.row_id}" if verdict.row_id is not None else "the audit"
        raise click.ClickException(f"the audit is broken: {where}: {verdict.fault}")


@audit_group.command()
@click.option("--from", "since", help="First day or instant, ISO; without an offset the estate's. Thirty days back without it.")
@click.option("--to", "until", help="Last day or instant, ISO; a day is taken whole. Now without it.")
@click.option("--minors", "is_minors", is_flag=True, help="What is held of children and was done with it, in numbers (D08).")
@click.option("--year", type=click.IntRange(2020, 2200), help="With --minors: of which year; last year without it.")
def report(since: str | None, until: str | None, year: int | None, *, is_minors: bool) -> None:
    """Count by person and action, as JSON; with --minors the yearly report on children's data."""
    from models.audits import count_actions

    if is_minors:
        _report_minors(year)
        return
    with open_runtime() as runtime:
        zone = runtime.options.zone
        last = _parse_end(until, zone) if until else runtime.now() + timedelta(seconds=1)
        first = parse_at(since, zone, "--from") if since else last - timedelta(days=REPORT_DAYS)
        with runtime.database.reading() as tx:
            found = count_actions(tx.session, first, last)
        print_json(
            {
                "from": runtime.local(first).isoformat(timespec="seconds"),
                "to": runtime.local(last).isoformat(timespec="seconds"),
                "people": [{"by": by, "total": sum(each.values()), "actions": each} for by, each in found.items()],
            }
        )


def _report_minors(year: int | None) -> None:
    from handlers import minors_audit

    with open_runtime() as runtime:
        print_json(minors_audit.report(runtime, year or runtime.today().year - 1, who()))


def _parse_end(value: str, zone: tzinfo) -> datetime:
    """Read an end: the end of a day, or an instant."""
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return parse_at(value, zone, "--to")
    return datetime.combine(day + timedelta(days=1), time(), zone)

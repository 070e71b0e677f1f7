"""Commands that bring registers in from CSV files and take data out as JSON Lines."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.commands.opening import open_runtime, print_json, who

if TYPE_CHECKING:
    from handlers.imports import ImportReport

CSV_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
KINDS = (
    "owners",
    "staff",
    "orders",
    "complaints",
    "tasks",
    "visits",
    "responses",
    "campaigns",
    "deliveries",
    "payments",
    "suppliers",
    "consents",
    "audit",
)
SKIP_HELP = "Import the good rows and write the rest to FILE.rejected.csv."


@click.group("import")
def import_group() -> None:
    """Bring in owners, staff, tags, offers, bills or points from a CSV file; the same file twice changes nothing."""


@import_group.command("owners")
@click.argument("file", type=CSV_FILE)
@click.option("--skip-bad", is_flag=True, help=SKIP_HELP)
@click.option("--dry-run", "is_dry", is_flag=True, help="Print what would change as a table, write nothing.")
def import_owners(file: Path, *, skip_bad: bool, is_dry: bool) -> None:
    """Import people and homes.

    Header: community,building,unit,room,name,phone,relation,moved_in_on,birthday,openid,tags
    with tags as key=value;key=value. Any bad row: all are listed and nothing is imported.
    """
    from handlers import imports

    with open_runtime() as runtime:
        report = imports.import_owners(runtime, file, skip_bad=skip_bad, by=who(), dry_run=is_dry, tell=Progress().tell)
    if is_dry and not report.is_refused:
        _show_preview(report)
    else:
        _tell(report)


@import_group.command("staff")
@click.argument("file", type=CSV_FILE)
@click.option("--skip-bad", is_flag=True, help=SKIP_HELP)
def import_staff(file: Path, *, skip_bad: bool) -> None:
    """Import staff and suppliers.

    Header: name,phone,role,openid,buildings with buildings as community/building;... (community/* is all that are known).
    Any bad row: all are listed and nothing is imported.
    """
    from handlers import imports

    with open_runtime() as runtime:
        _tell(imports.import_staff(runtime, file, skip_bad=skip_bad, by=who()))


@import_group.command("offers")
@click.argument("file", type=CSV_FILE)
@click.option("--skip-bad", is_flag=True, help=SKIP_HELP)
def import_offers(file: Path, *, skip_bad: bool) -> None:
    """Put up courses, activities, goods, group-buys and things to lend.

    Header: code,kind,community,title,note,price,unit,stock,min_count,starts_at,deadline_at,loan_days,status
    and, when wanted, service and ages. kind is course, activity, goods, group_buy or loan; price is in yuan; times are
    2026-01-31 19:00. Known again by code. Any bad row: all are listed and nothing is imported.
    """
    from handlers import imports

    with open_runtime() as runtime:
        _tell(imports.import_offers(runtime, file, skip_bad=skip_bad, by=who()))


@import_group.command("bills")
@click.argument("file", type=CSV_FILE)
@click.option("--skip-bad", is_flag=True, help=SKIP_HELP)
def import_bills(file: Path, *, skip_bad: bool) -> None:
    """Import what homes owe and have paid.

    Header: community,building,unit,room,item,period,amount,due_on,paid_on with amount in yuan; an empty paid_on is open.
    Known again by room, item and period. Any bad row: all are listed and nothing is imported.
    """
    from handlers import imports

    with open_runtime() as runtime:
        _tell(imports.import_bills(runtime, file, skip_bad=skip_bad, by=who()))


@import_group.command("points")
@click.argument("file", type=CSV_FILE)
@click.option("--skip-bad", is_flag=True, help=SKIP_HELP)
def import_points(file: Path, *, skip_bad: bool) -> None:
    """Import points given (5) or spent (-20).

    Header: phone,openid,points,reason,on with phone or openid filled in. The same row again is the same entry.
    Any bad row: all are listed and nothing is imported.
    """
    from handlers import imports

    with open_runtime() as runtime:
        _tell(imports.import_points(runtime, file, skip_bad=skip_bad, by=who()))


@import_group.command("tags")
@click.argument("file", type=CSV_FILE)
@click.option("--skip-bad", is_flag=True, help=SKIP_HELP)
@click.option("--dry-run", "is_dry", is_flag=True, help="Count what would change, write nothing.")
def import_tags(file: Path, *, skip_bad: bool, is_dry: bool) -> None:
    """Import tags of known people.

    Header: openid_or_phone,community,building,unit,room,tags with tags as key=value;-key=value (a minus takes away).
    Who is meant: by openid, phone, home, or several of them. What contradicts her own word is left as a conflict.
    Any bad row: all are listed and nothing is imported.
    """
    from handlers import imports

    with open_runtime() as runtime:
        _tell(imports.import_tags(runtime, file, skip_bad=skip_bad, by=who(), dry_run=is_dry))
        if is_dry:
            click.echo("a dry run: nothing is written", err=True)


class Progress:
    """Says on stderr, at most once a second, how far a long file is."""

    def __init__(self) -> None:
        self.told_at = time.monotonic()

    def tell(self, what: str, rows: int) -> None:
        """Say it when a second has passed since the last word."""
        if time.monotonic() - self.told_at >= 1:
            self.told_at = time.monotonic()
            click.echo(f"{rows} rows {what}", err=True)


def _show_preview(report: ImportReport) -> None:
    """Print counts, then what would change line by line; of very many only the first."""
    counts = [("created", report.created), ("updated", report.updated)]
    counts += [(f"  {name}", number) for name, number in sorted(report.fields.items())]
    counts += [("unchanged", report.unchanged), ("conflicts", report.conflicts), ("bad", report.rejected)]
    for name, number in counts:
        click.echo(f"{name:<16}{number:>8}")
    if report.changes:
        click.echo("\nline\tname\tfield\tbefore\tafter")
    for change in report.changes:
        click.echo("\t".join(str(each) for each in change))
    if (more := sum(report.fields.values()) - len(report.changes)) > 0:
        click.echo(f"... and {more} more")
    for problem in report.problems:
        click.echo(problem, err=True)
    click.echo("a dry run: nothing is written", err=True)


def _tell(report: ImportReport) -> None:
    for problem in report.problems:
        click.echo(problem, err=True)
    if report.is_refused:
        click.echo(f"nothing imported: {len(report.problems)} bad row(s); --skip-bad imports the good ones", err=True)
        raise click.exceptions.Exit(1)
    print_json(
        {
            "rows": report.rows,
            "created": report.created,
            "updated": report.updated,
            "unchanged": report.unchanged,
            "rejected": report.rejected,
            **({"tags": report.tags} if report.tags else {}),
        }
    )
    for note in report.notes:
        click.echo(note, err=True)
    if report.rejected_file:
        click.echo(f"{report.rejected} row(s) written to {report.rejected_file}", err=True)


@click.command("export")
@click.argument("kind", type=click.Choice(KINDS), metavar="KIND")
@click.option("--unmask", is_flag=True, help="Show phone numbers in full; this is audited.")
def export_command(kind: str, *, unmask: bool) -> None:
    """Print all rows of a KIND as JSON Lines.

    KIND is one of owners, staff, orders, complaints, tasks, visits, responses, campaigns, deliveries, payments,
    suppliers, consents, audit.
    """
    from handlers.exports import export

    with open_runtime() as runtime:
        for row in export(runtime, kind, unmask=unmask, by=who()):
            print_json(row)

"""Registers come in: owners with their homes, staff, offers, bills, points. All of a file, or its good rows when asked.

One transaction a file. Reads it twice, so that the database is locked only while good rows are written.
"""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

from handlers.errors import InvalidInputError
from handlers.import_bills import BILL_COLUMNS, BillImport
from handlers.import_files import Table
from handlers.import_offers import OFFER_COLUMNS, OFFER_EXTRAS, OfferImport
from handlers.import_owners import OWNER_COLUMNS, OwnerImport
from handlers.import_people import OwnerRow
from handlers.import_points import POINT_COLUMNS, PointImport
from handlers.import_preview import OwnerPreview
from handlers.import_runs import (
    Importer,
    ImportReport,
    ItemT,
    Problems,
    Tell,
    check,
    list_problems,
    lock_imports,
    parse_good,
    take_batches,
    tell_nobody,
)
from handlers.import_staff import STAFF_COLUMNS, StaffImport
from handlers.import_tags import TAG_COLUMNS, TagImport
from handlers.runtime import Runtime
from handlers.tag_rules import TagOrigin
from models.audits import add_audit


def import_owners(
    runtime: Runtime,
    path: Path,
    *,
    skip_bad: bool = False,
    by: str = "system",
    dry_run: bool = False,
    tell: Tell = tell_nobody,
) -> ImportReport:
    """Import people and homes from a CSV file.

    Nothing is written when a row is bad, unless `skip_bad`: then the good ones are, and the rest goes to
    FILE.rejected.csv. A person is known again by phone and name, else by room and name; an empty cell leaves what is
    known. The same file twice changes nothing. A dry run says what would change, field by field, and writes nothing.
    Raises InvalidInputError for a file that is no such register.
    """
    origin = TagOrigin("import", by, evidence=path.name[:100], batch=uuid4().hex)
    writer: Importer[OwnerRow] = OwnerPreview(runtime, origin) if dry_run else OwnerImport(runtime, origin, is_checked=True)
    table, checker = Table(path, OWNER_COLUMNS), OwnerImport(runtime, origin)
    return _import(runtime, table, checker, writer, skip_bad=skip_bad, by=by, is_dry=dry_run, tell=tell)


def import_staff(runtime: Runtime, path: Path, *, skip_bad: bool = False, by: str = "system") -> ImportReport:
    """Import staff and suppliers from a CSV file, under the same rules; known again by phone, openid, or name and role.

    Buildings that nobody knows yet are made, because staff often come before owners.
    """
    importer = StaffImport(runtime)
    return _import(runtime, Table(path, STAFF_COLUMNS), importer, StaffImport(runtime), skip_bad=skip_bad, by=by)


def import_offers(runtime: Runtime, path: Path, *, skip_bad: bool = False, by: str = "system") -> ImportReport:
    """Import courses, activities, goods, group-buys and loans under the same rules; known again by code.

    Here an empty cell is an empty value, but status: how a group-buy ended is never overwritten.
    """
    table = Table(path, OFFER_COLUMNS, OFFER_EXTRAS)
    return _import(runtime, table, OfferImport(runtime), OfferImport(runtime), skip_bad=skip_bad, by=by)


def import_bills(runtime: Runtime, path: Path, *, skip_bad: bool = False, by: str = "system") -> ImportReport:
    """Import bills under the same rules; known again by room, item and period. Amounts are in yuan."""
    return _import(runtime, Table(path, BILL_COLUMNS), BillImport(runtime), BillImport(runtime), skip_bad=skip_bad, by=by)


def import_points(runtime: Runtime, path: Path, *, skip_bad: bool = False, by: str = "system") -> ImportReport:
    """Import points under the same rules; an entry is never changed, the same row again is the same entry."""
    return _import(runtime, Table(path, POINT_COLUMNS), PointImport(runtime), PointImport(runtime), skip_bad=skip_bad, by=by)


def import_tags(
    runtime: Runtime, path: Path, *, skip_bad: bool = False, by: str = "system", dry_run: bool = False
) -> ImportReport:
    """Import tags of known people under the same rules: by openid or phone, by home, or both where one is not enough.

    Nothing is overwritten that she said herself or staff saw: that is a conflict. Level 2 wants her consent, else the row is
    bad. A dry run counts and writes nothing.
    """
    origin = TagOrigin("import", by, evidence=path.name[:100], batch=uuid4().hex)
    writer = TagImport(runtime, origin, is_dry=dry_run)
    return _import(
        runtime, Table(path, TAG_COLUMNS), TagImport(runtime, origin), writer, skip_bad=skip_bad, by=by, is_dry=dry_run
    )


def _import(
    runtime: Runtime,
    table: Table,
    checker: Importer[ItemT],
    writer: Importer[ItemT],
    *,
    skip_bad: bool,
    by: str,
    is_dry: bool = False,
    tell: Tell = tell_nobody,
) -> ImportReport:
    report = ImportReport()
    bad = check(runtime, table, checker, report, tell)
    report.problems, report.rejected = list_problems(bad), len(bad)
    if bad and not skip_bad:
        report.is_refused = True
        return report
    with runtime.database.reading() if is_dry else runtime.transaction() as tx:
        if not is_dry:
            lock_imports(tx)
        for items in take_batches(parse_good(table, writer, bad)):
            _refuse_news(writer.find_conflicts(tx, items))
            writer.write(tx, items, report)
            tell("compared" if is_dry else "written", report.created + report.updated + report.unchanged)
        if is_dry:
            return report
        counts = {"rows": report.rows, "created": report.created, "updated": report.updated, "rejected": len(bad)}
        add_audit(tx.session, runtime.now(), by, "import", f"file:{table.path.name[:100]}", **counts)
    if bad:
        report.rejected_file = table.find_rejected_file()
        table.write_rejected(bad, report.rejected_file, "; ".join)
    return report


def _refuse_news(conflicts: Problems) -> None:
    """Stop when the register changed between the look and the write; the transaction leaves nothing."""
    if conflicts:
        problems = tuple(list_problems(conflicts))
        raise InvalidInputError("the register changed meanwhile, nothing was imported: try again", problems)

"""Registers come in: owners with their homes, staff, offers, bills, points. All of a file, or its good rows when asked.

One transaction a file. Reads it twice, so that the database is locked only while good rows are written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar
from uuid import uuid4

from sqlalchemy import text

from handlers.errors import InvalidInputError
from handlers.import_bills import BILL_COLUMNS, BillImport
from handlers.import_files import Row, Table
from handlers.import_offers import OFFER_COLUMNS, OFFER_EXTRAS, OfferImport
from handlers.import_owners import OWNER_COLUMNS, OwnerImport
from handlers.import_people import OwnerRow
from handlers.import_points import POINT_COLUMNS, PointImport
from handlers.import_preview import OwnerPreview
from handlers.import_staff import STAFF_COLUMNS, StaffImport
from handlers.import_tags import TAG_COLUMNS, TagImport
from handlers.runtime import Runtime
from handlers.tag_rules import TagOrigin
from models.audits import add_audit
from models.database import Transaction

BATCH = 1000
MOST_NOTES = 50
MOST_CHANGES = 200
LOCK = 4_712_2026  # one import at a time on PostgreSQL, where two could make the same person at once
ItemT = TypeVar("ItemT")
Tell = Callable[[str, int], None]  # told how many rows are checked, then written


def tell_nobody(_what: str, _rows: int) -> None:
    """Keep progress to oneself."""


@dataclass(slots=True)
class ImportReport:
    """What became of a file: counts of rows, and every problem as `line N: what, what to do`; notes are no problems."""

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    tags: dict[str, int] = field(default_factory=dict)  # of an import of tags: what became of them
    conflicts: int = 0  # of a preview: tags that contradict what is known
    fields: dict[str, int] = field(default_factory=dict)  # of a preview: how often each field would change
    changes: list[tuple[int, str, str, str, str]] = field(default_factory=list)  # line, name, field, before, after
    is_refused: bool = False
    rejected_file: Path | None = None

    def note(self, words: str) -> None:
        """Remember something to tell that is no problem; of very many only the first."""
        if len(self.notes) < MOST_NOTES:
            self.notes.append(words)

    def count_change(self, line: int, name: str, name_of_field: str, before: str, after: str) -> None:
        """Count a field that would change; of very many only the first are shown."""
        self.fields[name_of_field] = self.fields.get(name_of_field, 0) + 1
        if len(self.changes) < MOST_CHANGES:
            self.changes.append((line, name, name_of_field, before, after))


class Importer(Protocol[ItemT]):
    """One kind of register: cells -> item or problems, items against the database, items into it."""

    def parse(self, row: Row) -> ItemT | list[str]:
        """Return the item of a row, or what is wrong with it; remembers what a file may not say twice."""
        ...

    def find_conflicts(self, tx: Transaction, items: Sequence[ItemT]) -> dict[int, list[str]]:
        """Return what the database has against items: line -> problems. Writes nothing."""
        ...

    def write(self, tx: Transaction, items: Sequence[ItemT], report: ImportReport) -> None:
        """Write items and count them."""
        ...


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
    bad = _check(runtime, table, checker, report, tell)
    report.problems = [f"line {line}: {words}" for line in sorted(bad) for words in bad[line]]
    report.rejected = len(bad)
    if bad and not skip_bad:
        report.is_refused = True
        return report
    with runtime.database.reading() if is_dry else runtime.transaction() as tx:
        if not tx.is_sqlite and not is_dry:
            tx.connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        for items in _batches(_parse_good(table, writer, bad)):
            _refuse_news(writer.find_conflicts(tx, items))
            writer.write(tx, items, report)
            tell("compared" if is_dry else "written", report.created + report.updated + report.unchanged)
        if is_dry:
            return report
        counts = {"rows": report.rows, "created": report.created, "updated": report.updated, "rejected": len(bad)}
        add_audit(tx.session, runtime.now(), by, "import", f"file:{table.path.name[:100]}", **counts)
    if bad:
        report.rejected_file = table.write_rejected(bad)
    return report


def _check(runtime: Runtime, table: Table, checker: Importer[ItemT], report: ImportReport, tell: Tell) -> dict[int, list[str]]:
    """Look at every row, first by itself and then against the database; return line -> problems."""
    bad: dict[int, list[str]] = {}

    def parse_all() -> Iterator[ItemT]:
        for row in table:
            report.rows += 1
            found = [row.problem] if row.problem else checker.parse(row)
            if isinstance(found, list):
                bad[row.line] = found
            else:
                yield found

    for items in _batches(parse_all()):
        with runtime.database.reading() as tx:
            for line, problems in checker.find_conflicts(tx, items).items():
                bad.setdefault(line, []).extend(problems)
        tell("checked", report.rows)
    return bad


def _parse_good(table: Table, writer: Importer[ItemT], bad: dict[int, list[str]]) -> Iterator[ItemT]:
    for row in table:
        if row.line not in bad:
            found = writer.parse(row)
            if not isinstance(found, list):
                yield found


def _refuse_news(conflicts: dict[int, list[str]]) -> None:
    """Stop when the register changed between the look and the write; the transaction leaves nothing."""
    if conflicts:
        problems = tuple(f"line {line}: {words}" for line, found in sorted(conflicts.items()) for words in found)
        raise InvalidInputError("the register changed meanwhile, nothing was imported: try again", problems)


def _batches(items: Iterable[ItemT]) -> Iterator[list[ItemT]]:
    batch: list[ItemT] = []
    for item in items:
        batch.append(item)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch

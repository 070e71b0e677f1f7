"""A register that staff brought comes in: first a look that writes nothing, then, after a yes, row by row in pieces."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from handlers import job_files
from handlers.errors import InvalidInputError
from handlers.import_files import TOO_LONG, Table
from handlers.import_owners import OWNER_COLUMNS, OwnerImport
from handlers.import_preview import OwnerPreview
from handlers.import_runs import TOO_BAD, Importer, ImportReport, Tell, check, lock_imports, parse_good, take_batches
from handlers.import_tags import TAG_COLUMNS, TagImport
from handlers.import_words import explain_all
from handlers.job_steps import WAKE, beat, close, rests, settle, step
from handlers.runtime import Runtime
from handlers.tag_rules import TagOrigin
from models.audits import add_audit
from models.jobs import Job, JobKind, JobState

PIECE = 500  # rows that are written at once: on SQLite nobody else writes meanwhile
MOST_SHOWN = 200
MOST_ROWS, MOST_BAD = 200_000, 20_000  # what a worker's memory holds with ease; longer files are the command line's
HEADER_LINE = 1


@dataclass(frozen=True, slots=True)
class Register:
    """A kind of register: its columns, and what checks, previews and writes it."""

    columns: tuple[str, ...]
    checker: Callable[[Runtime, TagOrigin, frozenset[int] | None], Importer[Any]]
    preview: Callable[[Runtime, TagOrigin, frozenset[int] | None], Importer[Any]]
    writer: Callable[[Runtime, TagOrigin, frozenset[int] | None], Importer[Any]]


REGISTERS: Mapping[str, Register] = {
    JobKind.IMPORT_OWNERS.value: Register(
        OWNER_COLUMNS,
        lambda runtime, origin, mine: OwnerImport(runtime, origin, building_ids=mine),
        lambda runtime, origin, mine: OwnerPreview(runtime, origin, building_ids=mine),
        lambda runtime, origin, mine: OwnerImport(runtime, origin, is_checked=True, building_ids=mine),
    ),
    JobKind.IMPORT_TAGS.value: Register(
        TAG_COLUMNS,
        lambda runtime, origin, mine: TagImport(runtime, origin, building_ids=mine),
        lambda runtime, origin, mine: TagImport(runtime, origin, is_dry=True, building_ids=mine),
        lambda runtime, origin, mine: TagImport(runtime, origin, building_ids=mine),
    ),
}


def carry_import(runtime: Runtime, job: Job) -> None:
    """Look at the file of a job that is being checked; write what was agreed to of one that runs."""
    try:
        (_preview if job.state == JobState.CHECKING.value else _write)(runtime, job)
    except InvalidInputError as error:
        faults = job_files.dump_problems(list(error.problems[:MOST_SHOWN]))
        job_files.write_json(_folder(runtime, job) / job_files.PREVIEW, {"faults": faults})
        known = str(error) if str(error) in (TOO_LONG, TOO_BAD) else "encoding"
        settle(runtime, job, JobState.REFUSED, "header" if error.problems else known)


def _preview(runtime: Runtime, job: Job) -> None:
    """Find out what would change, and keep it for whoever is to say yes."""
    register, table, report = REGISTERS[job.kind], _open(runtime, job), ImportReport()
    given = (runtime, _origin(job), _scope(job))
    bad = check(runtime, table, register.checker(*given), report, _tell_half(runtime, job, 0), MOST_BAD)
    writer, tell = register.preview(*given), _tell_half(runtime, job, job.rows_total)
    with runtime.database.reading() as tx:
        for items in take_batches(parse_good(table, writer, bad)):
            late = writer.find_conflicts(tx, items)
            writer.write(tx, [item for item in items if item.line not in late], report)
            tell("compared", report.created + report.updated + report.unchanged)
    folder = _folder(runtime, job)
    job_files.write_bad(folder, bad)
    shown = {str(line): job_files.dump_problems(bad[line]) for line in sorted(bad)[:MOST_SHOWN]}
    told = {"problems": shown, "fields": report.fields, "changes": report.changes, "tags": report.tags}
    job_files.write_json(folder / job_files.PREVIEW, told)
    with step(runtime, job) as (_, row):
        row.counts = {
            "rows": report.rows,
            "created": report.created,
            "updated": report.updated,
            "unchanged": report.unchanged,
            "rejected": len(bad),
            "conflicts": report.conflicts + report.tags.get("conflict", 0),
        }
        row.rows_total = row.rows_done = report.rows
        if report.rows > len(bad):
            close(runtime, row, JobState.READY, row.error)
        else:
            close(runtime, row, JobState.REFUSED, "all_bad" if bad else "empty")
    if not row.is_living:
        job_files.remove_input(runtime, row)


def _tell_half(runtime: Runtime, job: Job, before: int) -> Tell:
    """Return what tells of one of the two looks at a file: each is half of the way."""
    return lambda _what, rows: beat(runtime, job, (before + rows) // 2)


def _write(runtime: Runtime, job: Job) -> None:
    """Write the rows behind the place that was reached; the file was looked at again when nothing was reached yet."""
    table, folder = _open(runtime, job), _folder(runtime, job)
    if job.place < HEADER_LINE and not _look_again(runtime, job, table):
        return
    bad = job_files.read_bad(folder)
    writer = REGISTERS[job.kind].writer(runtime, _origin(job), _scope(job))
    for items in take_batches(parse_good(table, writer, bad, after=job.place), PIECE):
        _write_piece(runtime, job, writer, items)
        if rests(runtime, job):
            return
    _finish(runtime, job, table, bad)


def _look_again(runtime: Runtime, job: Job, table: Table) -> bool:
    """Check the file once more, because days may lie between the look and the yes; False when it must be looked at anew.

    Who wanted all or nothing gets nothing when a row turned bad meanwhile.
    """
    report = ImportReport()
    checker = REGISTERS[job.kind].checker(runtime, _origin(job), _scope(job))
    bad = check(runtime, table, checker, report, lambda _what, _rows: beat(runtime, job, 0), MOST_BAD)
    if bad and not job.skips_bad:
        with step(runtime, job) as (tx, row):
            row.state, row.error, row.lease_until, row.rows_done = JobState.CHECKING.value, "changed", None, 0
            tx.wake(WAKE, row.id)
        return False
    job_files.write_bad(_folder(runtime, job), bad)
    with step(runtime, job) as (_, row):
        row.place, row.rows_done, row.rows_total, row.counts = HEADER_LINE, 0, max(report.rows - len(bad), 1), {}
    return True


def _write_piece(runtime: Runtime, job: Job, writer: Importer[Any], items: Sequence[Any]) -> None:
    report = ImportReport()
    with step(runtime, job) as (tx, row):
        lock_imports(tx)
        late = writer.find_conflicts(tx, items)
        good = [item for item in items if item.line not in late]
        writer.write(tx, good, report)
        row.place, row.rows_done = items[-1].line, row.rows_done + len(items)
        row.late = row.late | {str(line): job_files.dump_problems(problems) for line, problems in late.items()}
        found = {"created": report.created, "updated": report.updated, "unchanged": report.unchanged}
        row.counts = {name: row.counts.get(name, 0) + number for name, number in found.items()}


def _finish(runtime: Runtime, job: Job, table: Table, bad: dict[int, list[str]]) -> None:
    """Write the rows that were left out into a file, tell the audit, and let the upload go."""
    with step(runtime, job) as (tx, row):
        late = {int(line): job_files.load_problems(problems) for line, problems in row.late.items()}
        rejected = bad | late
        if rejected:
            table.write_rejected(
                rejected, _folder(runtime, job) / job_files.RESULT, lambda problems: explain_all(runtime, problems)
            )
        row.counts = {**row.counts, "rejected": len(rejected), "rows": row.rows_total + len(bad)}
        row.has_result, row.late = bool(rejected), {}
        close(runtime, row, JobState.DONE)
        add_audit(tx.session, runtime.now(), row.by, "import", f"file:{row.name[:100]}", **row.counts)
    job_files.remove_input(runtime, row)


def _open(runtime: Runtime, job: Job) -> Table:
    return Table(_folder(runtime, job) / job_files.UPLOAD, REGISTERS[job.kind].columns, most_rows=MOST_ROWS)


def _folder(runtime: Runtime, job: Job) -> Path:
    return job_files.find_folder(runtime, job.token)


def _origin(job: Job) -> TagOrigin:
    return TagOrigin("import", job.by, evidence=job.name[:100], batch=job.token[:40])


def _scope(job: Job) -> frozenset[int] | None:
    return None if job.building_ids is None else frozenset(job.building_ids)

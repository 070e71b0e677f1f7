"""A list of owners goes out in pieces, into a file for the one who asked: masked, within her scope, audited with its count."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from handlers import job_files
from handlers.import_files import guard_cell
from handlers.job_steps import close, rests, step
from handlers.owner_export import COLUMNS, make_watermark, read_page
from handlers.pushes import read_audience
from handlers.runtime import Runtime
from models.audits import add_audit
from models.jobs import Job, JobState
from models.listings import Scope
from models.owner_lists import OwnerQuery


def carry_export(runtime: Runtime, job: Job) -> None:
    """Write the owners behind the place that was reached, page by page, and tell the audit how many it were at the end."""
    query = make_query(runtime, job)
    path = job_files.open_result(job_files.find_folder(runtime, job.token), job.size)
    after: int | None = job.place
    done = job.rows_done
    with path.open("ab") as file:
        if not job.size:
            file.write(b"\xef\xbb\xbf" + render_rows([COLUMNS]))
        while after is not None:
            with runtime.database.reading() as tx:
                rows, after = read_page(runtime, tx, query, after)
            done += len(rows)
            end = [make_watermark(runtime, job.by, done)] if after is None else []
            file.write(render_rows([*rows, *end]))
            file.flush()
            with step(runtime, job) as (_, row):
                row.size, row.rows_done = file.tell(), row.rows_done + len(rows)
                row.place = after if after is not None else int(rows[-1][0]) if rows else row.place
            if after is not None and rests(runtime, job):
                return
    with step(runtime, job) as (tx, row):
        row.rows_total, row.has_result, row.counts = max(row.rows_done, 1), True, {"rows": row.rows_done}
        close(runtime, row, JobState.DONE)
        add_audit(tx.session, runtime.now(), row.by, "export", "export:owners", count=row.rows_done, unmask=False)


def make_query(runtime: Runtime, job: Job) -> OwnerQuery:
    """Return whom a job is about: as it was when it was asked for."""
    audience = read_audience(runtime, job.audience) if job.audience else None
    scope = Scope(None if job.building_ids is None else frozenset(job.building_ids))
    return OwnerQuery(audience, scope, job.created_at, runtime.local(job.created_at).date())


def render_rows(rows: Iterable[Sequence[str]]) -> bytes:
    """Return rows as CSV that spreadsheets never run."""
    text = io.StringIO()
    csv.writer(text).writerows([guard_cell(cell) for cell in row] for row in rows)
    return text.getvalue().encode()

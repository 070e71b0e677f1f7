"""Owners go out as a file: the filtered list, phones masked, behind the second factor, bounded and audited."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from flask import Blueprint, Response, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from console.importing import find, give_result, hand, make_ticket, render_job
from console.owners import LIST, read_filter, read_text
from console.permissions import Permission, needs
from console.room import LARGEST_ID, reader, runtime, scope
from handlers import jobs
from handlers.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from handlers.import_files import guard_cell
from handlers.owner_export import COLUMNS, export_owners, make_watermark
from models.jobs import JobKind
from models.owner_lists import OwnerQuery, count_owners

AT_ONCE = 2_000  # a longer list would keep its page waiting
LARGEST_LIST = 50_000  # more is the command line's, in other hands
KIND = JobKind.EXPORT_OWNERS.value
blueprint = Blueprint("transfers", __name__, url_prefix="/transfers")


@blueprint.get("/owners")
@needs(Permission.EXPORT_OWNERS)
def show() -> ResponseReturnValue:
    """Show how many would go out, before anything does."""
    expression = read_text("audience")
    audience, fault = read_filter(expression)
    if fault:
        return redirect(url_for(LIST, audience=expression))
    with runtime().database.reading() as tx:
        count = count_owners(tx.session, OwnerQuery(audience, scope(), runtime().now(), runtime().today()))
    shown = {"count": count, "most": LARGEST_LIST, "alone": hand().alone, "at_once": AT_ONCE, "ticket": make_ticket()}
    mine, waiting = jobs.list_mine(runtime(), hand(), [KIND]), jobs.list_waiting(runtime(), hand())
    return render_template("console/export.html", expression=expression, mine=mine, waiting=waiting, **shown)


@blueprint.post("/owners")
@needs(Permission.EXPORT_OWNERS)
def download() -> ResponseReturnValue:
    """Give the list as CSV; a long one is written by a worker, more than may leave is refused and nothing goes out."""
    expression = read_text("audience")
    audience, fault = read_filter(expression)
    if fault:
        return redirect(url_for(LIST, audience=expression), 303)
    query = OwnerQuery(audience, scope(), runtime().now(), runtime().today())
    with runtime().database.reading() as tx:
        count = count_owners(tx.session, query)
    if min(AT_ONCE, hand().alone) < count <= LARGEST_LIST:
        return _ask(expression, count)
    try:
        rows = export_owners(runtime(), reader().audit_name, query)
    except InvalidInputError:
        return redirect(url_for("console.transfers.show", audience=expression or None), 303)
    headers = {"Content-Disposition": f"attachment; filename=owners-{runtime().today():%Y%m%d}.csv"}
    end = make_watermark(runtime(), reader().audit_name, len(rows))
    return Response(render_csv([COLUMNS, *rows, end]), mimetype="text/csv", headers=headers)


def _ask(expression: str, count: int) -> ResponseReturnValue:
    try:
        job_id = jobs.ask_export(runtime(), hand(), read_text("ticket"), expression, count)
    except (InvalidInputError, ConflictError):
        return redirect(url_for("console.transfers.show", audience=expression or None), 303)
    return redirect(url_for("console.transfers.show_job", job_id=job_id), 303)


@blueprint.get("/jobs/<int:job_id>")
@needs(Permission.EXPORT_OWNERS)
def show_job(job_id: int) -> str:
    """Show how far a list is."""
    return render_job(find(job_id, KIND))


@blueprint.post("/jobs/<int:job_id>/stop")
@needs(Permission.EXPORT_OWNERS)
def stop(job_id: int) -> ResponseReturnValue:
    """Let it be."""
    find(job_id, KIND)
    jobs.stop(runtime(), hand(), job_id)
    return redirect(url_for("console.transfers.show_job", job_id=job_id), 303)


@blueprint.post("/jobs/<int:job_id>/approve")
@needs(Permission.EXPORT_OWNERS)
def approve(job_id: int) -> ResponseReturnValue:
    """Agree to a large list of a colleague's (D17)."""
    try:
        jobs.approve(runtime(), hand(), min(job_id, LARGEST_ID))
    except NotFoundError:
        abort(404)
    except ForbiddenError:
        abort(403)
    return redirect(url_for("console.transfers.show"), 303)


@blueprint.get("/jobs/<int:job_id>/list")
@needs(Permission.EXPORT_OWNERS)
def give_list(job_id: int) -> Response:
    """Give a list that is ready."""
    return give_result(find(job_id, KIND), "owners")


def render_csv(rows: Iterable[Sequence[str]]) -> str:
    """Return CSV that spreadsheets read as Chinese text and never as formulas."""
    file = io.StringIO()
    csv.writer(file).writerows([guard_cell(cell) for cell in row] for row in rows)
    return "\ufeff" + file.getvalue()

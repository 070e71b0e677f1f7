"""Owners go out as a file: the filtered list, phones masked, behind the second factor, bounded and audited."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from flask import Blueprint, Response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from console.owners import LIST, read_filter, read_text
from console.permissions import Permission, needs
from console.room import reader, runtime, scope
from handlers.errors import InvalidInputError
from handlers.owner_export import COLUMNS, MOST_ROWS, export_owners
from models.owner_lists import OwnerQuery, count_owners

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run a cell that begins so
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
    return render_template("console/export.html", expression=expression, count=count, most=MOST_ROWS)


@blueprint.post("/owners")
@needs(Permission.EXPORT_OWNERS)
def download() -> ResponseReturnValue:
    """Give the list as CSV; more than may leave at once is refused and nothing goes out."""
    expression = read_text("audience")
    audience, fault = read_filter(expression)
    if fault:
        return redirect(url_for(LIST, audience=expression), 303)
    query = OwnerQuery(audience, scope(), runtime().now(), runtime().today())
    try:
        rows = export_owners(runtime(), reader().audit_name, query)
    except InvalidInputError:
        return redirect(url_for("console.transfers.show", audience=expression or None), 303)
    headers = {"Content-Disposition": f"attachment; filename=owners-{runtime().today():%Y%m%d}.csv"}
    return Response(render_csv([COLUMNS, *rows]), mimetype="text/csv", headers=headers)


def render_csv(rows: Iterable[Sequence[str]]) -> str:
    """Return CSV that spreadsheets read as Chinese text and never as formulas."""
    file = io.StringIO()
    csv.writer(file).writerows([guard_cell(cell) for cell in row] for row in rows)
    return "\ufeff" + file.getvalue()


def guard_cell(cell: str) -> str:
    """Return a cell that is shown and not run."""
    return f"'{cell}" if cell.lstrip().startswith(FORMULA) or cell.startswith(FORMULA) else cell

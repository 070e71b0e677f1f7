"""Complaints: the list and one complaint's file."""

from __future__ import annotations

from flask import Blueprint, render_template

from console.cases import list_answers, open_file, read_filter
from console.permissions import Permission, needs
from console.room import read_cursor, runtime, scope
from models.cases import CaseStatus, Complaint
from models.listings import list_cases, list_communities

SCRIPT = "complaint"
HEAD = ("category", "text")  # answers that stand at the top of the page already
blueprint = Blueprint("complaints", __name__, url_prefix="/complaints")


@blueprint.get("")
@needs(Permission.SEE_COMPLAINTS)
def show_list() -> str:
    """Show a page of complaints, narrowed by status, category and estate."""
    wanted = read_filter("category")
    with runtime().database.reading() as tx:
        return render_template(
            "console/complaints.html",
            page=list_cases(tx.session, Complaint, scope(), wanted, read_cursor()),
            wanted=wanted,
            statuses=list(CaseStatus),
            categories=list_categories(),
            communities=[(each.id, each.name) for each in list_communities(tx.session, scope())],
        )


@blueprint.get("/<no>")
@needs(Permission.SEE_COMPLAINTS)
def show(no: str) -> str:
    """Show one complaint; the reading is audited."""
    file = open_file(Complaint, no, "complaint")
    rest = {step: slot for step, slot in file.row.case.slots.items() if step not in HEAD}
    return render_template("console/complaint.html", file=file, answers=list_answers(SCRIPT, rest))


def list_categories() -> list[str]:
    """Return the categories that the script of complaints offers."""
    script = runtime().content.scripts.get(SCRIPT)
    steps = script.steps if script else ()
    return [option.key for step in steps if step.id == "category" for option in getattr(step, "options", ())]

"""The audit: who changed or saw what, newest first."""

from __future__ import annotations

from flask import Blueprint, render_template

from console.permissions import Permission, needs
from console.room import read_cursor, runtime, scope
from models.listings import list_audit

blueprint = Blueprint("audit", __name__, url_prefix="/audit")


@blueprint.get("")
@needs(Permission.SEE_AUDIT)
def show_list() -> str:
    """Show a page of entries."""
    with runtime().database.reading() as tx:
        return render_template("console/audit.html", page=list_audit(tx.session, scope(), read_cursor()))

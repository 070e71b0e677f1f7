"""The audit: who changed or saw what, newest first."""

from __future__ import annotations

from flask import Blueprint, render_template

from console.permissions import Permission, needs
from console.room import read_cursor, runtime, scope
from models.listings import list_audit
from models.staff import name_actors

blueprint = Blueprint("audit", __name__, url_prefix="/audit")


@blueprint.get("")
@needs(Permission.SEE_AUDIT)
def show_list() -> str:
    """Show a page of entries."""
    labels = {key: each.label for key, each in runtime().content.vocabulary.keys.items()}
    with runtime().database.reading() as tx:
        page = list_audit(tx.session, scope(), read_cursor())
        names = name_actors(tx.session, {each.by for each in page.rows} | {each.subject for each in page.rows})
    return render_template("console/audit.html", page=page, names=names, labels=labels)

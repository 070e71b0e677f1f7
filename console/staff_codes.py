"""Codes by which a colleague's own WeChat is known: made, shown once, taken back. The code itself is kept nowhere."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console.owners import read_text
from console.permissions import Permission, needs
from console.room import LARGEST_ID, read_cursor, reader, runtime, scope
from handlers.errors import NotFoundError
from handlers.staff_codes import IssuedCode, issue_code_to, revoke_code
from models.staff_codes import list_colleagues

LIST = "console.staff_codes.show_list"
blueprint = Blueprint("staff_codes", __name__, url_prefix="/staff-codes")


@blueprint.get("")
@needs(Permission.ACCOUNTS)
def show_list() -> str:
    """Show the colleagues in the reader's buildings: who is bound to a WeChat, and whose code lives."""
    return _render(None)


@blueprint.post("/<int:staff_id>")
@needs(Permission.ACCOUNTS)
def issue(staff_id: int) -> ResponseReturnValue:
    """Make a code and show it, this once; an older one of hers ends."""
    try:
        issued = issue_code_to(runtime(), reader().hand, _bounded(staff_id))
    except NotFoundError:
        abort(404)
    return _render(issued)


@blueprint.post("/<int:staff_id>/revoke")
@needs(Permission.ACCOUNTS)
def revoke(staff_id: int) -> ResponseReturnValue:
    """End a code that nobody has used."""
    try:
        revoke_code(runtime(), reader().hand, _bounded(staff_id))
    except NotFoundError:
        abort(404)
    return redirect(url_for(LIST, said="revoked"), 303)


def _render(issued: IssuedCode | None) -> str:
    words = read_text("words")[:40]
    with runtime().database.reading() as tx:
        page = list_colleagues(tx.session, scope(), words, runtime().now(), read_cursor())
        is_revoked = request.args.get("said") == "revoked"
        return render_template("console/staff_codes.html", page=page, issued=issued, typed=words, is_revoked=is_revoked)


def _bounded(staff_id: int) -> int:
    return staff_id if 0 < staff_id <= LARGEST_ID else 0

"""Numbers that lead nowhere (R95): whose, what the last call found, who looks into it; a new number or a new finding."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console.owners import read_text
from console.permissions import Permission, needs
from console.room import LARGEST_ID, read_cursor, reader, runtime, scope
from dialogs.answers.phone import find_phones
from handlers.errors import InvalidInputError, NotFoundError
from handlers.phone_states import STATES, replace_phone, set_phone_state
from models.owner_cards import is_inside
from models.phone_lists import CLEANED, count_phones, list_phones

LIST = "console.phones.show_list"
SAID = ("state", "replaced", "same", "bad_phone")
blueprint = Blueprint("phones", __name__, url_prefix="/phones")


@blueprint.get("")
@needs(Permission.EDIT_OWNERS)
def show_list() -> str:
    """Show a page of the owners in the reader's buildings whose number is dead or refused; of one state when asked."""
    asked, said = request.args.get("state", ""), request.args.get("said", "")
    states = (asked,) if asked in CLEANED else CLEANED
    with runtime().database.reading() as tx:
        return render_template(
            "console/phones.html",
            page=list_phones(tx.session, scope(), states, read_cursor()),
            counts=count_phones(tx.session, scope()),
            state=asked if asked in CLEANED else "",
            listed=CLEANED,
            states=STATES,
            said=said if said in SAID else "",
        )


@blueprint.post("/<int:owner_id>/state")
@needs(Permission.EDIT_OWNERS)
def note_state(owner_id: int) -> ResponseReturnValue:
    """Write down what a call found."""
    state = read_text("state")
    if state not in STATES:
        abort(400)
    with runtime().transaction() as tx:
        if not 0 < owner_id <= LARGEST_ID or not is_inside(tx.session, owner_id, scope()):
            abort(404)
        try:
            set_phone_state(runtime(), tx, owner_id, state, reader().audit_name)
        except (NotFoundError, InvalidInputError):
            abort(404)
    return _back("state")


@blueprint.post("/<int:owner_id>/number")
@needs(Permission.EDIT_OWNERS)
def replace(owner_id: int) -> ResponseReturnValue:
    """Write down a new number; the old one stays in the history."""
    phones = [each.replace("-", "") for each in find_phones(read_text("phone")[:40])]
    with runtime().transaction() as tx:
        if not 0 < owner_id <= LARGEST_ID or not is_inside(tx.session, owner_id, scope()):
            abort(404)
        if len(phones) != 1:
            return _back("bad_phone")
        try:
            is_new = replace_phone(runtime(), tx, owner_id, phones[0], reader().audit_name)
        except NotFoundError:
            abort(404)
    return _back("replaced" if is_new else "same")


def _back(said: str) -> ResponseReturnValue:
    state = request.form.get("listed", "")
    return redirect(url_for(LIST, said=said, state=state if state in CLEANED else None), 303)

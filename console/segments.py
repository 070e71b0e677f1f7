"""Saved segments: keep the audience of a list under a name, take one out. They are shown beside the list of owners."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from console.owners import LIST, read_text
from console.permissions import Permission, needs
from console.room import LARGEST_ID, reader, runtime
from handlers.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from handlers.segments import remove_segment, save_segment
from models.audience.errors import AudienceError

blueprint = Blueprint("segments", __name__, url_prefix="/segments")


@blueprint.post("")
@needs(Permission.SEE_OWNERS)
def save() -> ResponseReturnValue:
    """Keep an audience; back to the list with what became of it and what was typed."""
    expression, name = read_text("audience"), read_text("name")
    try:
        save_segment(runtime(), reader().audit_name, name, expression)
    except ConflictError:
        said = "taken"
    except InvalidInputError:
        said = "name"
    except AudienceError:
        said = ""  # the list shows where it is wrong
    else:
        said, name = "saved", ""
    return redirect(url_for(LIST, audience=expression, said=said or None, name=name or None), 303)


@blueprint.post("/<int:segment_id>/remove")
@needs(Permission.SEE_OWNERS)
def remove(segment_id: int) -> ResponseReturnValue:
    """Take a segment out: one's own, or any for whom may tag many."""
    if segment_id > LARGEST_ID:
        abort(404)
    try:
        remove_segment(runtime(), reader().audit_name, segment_id, is_in_charge=reader().may(Permission.TAG_MANY))
    except NotFoundError:
        abort(404)
    except ForbiddenError:
        abort(403)
    return redirect(url_for(LIST, audience=request.form.get("audience") or None, said="removed"), 303)

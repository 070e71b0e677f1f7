"""Sentences that were not understood: staff name the wish behind one, or let it go; taught ones go into the next training."""

from __future__ import annotations

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console.permissions import Permission, needs
from console.room import reader, runtime
from handlers import unheard
from handlers.errors import InvalidInputError, NotFoundError
from models.unheard import UnheardStatus, list_unheard

blueprint = Blueprint("unheard", __name__, url_prefix="/unheard")


@blueprint.get("")
@needs(Permission.TEACH)
def show_list() -> str:
    """Show the sentences of a status, the most frequent first; no name and no number stands in them."""
    asked = request.args.get("status", "")
    status = UnheardStatus(asked) if asked in list(UnheardStatus) else UnheardStatus.OPEN
    with runtime().database.reading() as tx:
        rows = list_unheard(tx.session, status)
        labels = runtime().content.labels
        return render_template(
            "console/unheard.html", rows=rows, status=status.value, statuses=list(UnheardStatus), labels=labels
        )


@blueprint.post("/<int:unheard_id>")
@needs(Permission.TEACH)
def teach(unheard_id: int) -> ResponseReturnValue:
    """Take the name of a wish, or `none`."""
    try:
        unheard.teach(runtime(), reader().audit_name, unheard_id, request.form.get("code", ""))
    except NotFoundError:
        abort(404)
    except InvalidInputError:
        abort(400)
    return redirect(url_for("console.unheard.show_list", status=request.form.get("status")), 303)


@blueprint.get("/taught.yaml")
@needs(Permission.TEACH)
def download() -> Response:
    """Give taught sentences as a file for content/utterances."""
    text = unheard.render_taught(runtime())
    headers = {"Content-Disposition": "attachment; filename=taught.yaml"}
    return Response(text, mimetype="application/yaml", headers=headers)

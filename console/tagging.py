"""Tags are changed: of one owner on her card, of everybody on a filtered list after a look at what would happen."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console.owners import LIST, read_filter, read_text
from console.permissions import Permission, needs
from console.room import LARGEST_ID, reader, runtime, scope
from handlers import tag_desk
from handlers.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from handlers.tag_desk import TagHand
from handlers.tag_history import Undoing
from handlers.tag_rules import Outcome
from handlers.tag_words import TagWish

CARD = "console.cards.show"
blueprint = Blueprint("tagging", __name__, url_prefix="/owners")


@blueprint.post("/<int:owner_id>/tags")
@needs(Permission.TAG_OWNERS)
def add(owner_id: int) -> ResponseReturnValue:
    """Give an owner a tag: one of the select, or a key with a written value."""
    key, value = _read_pick()
    try:
        write = tag_desk.add_tag(runtime(), _hand(), _bounded(owner_id), key, value, read_text("evidence"))
    except NotFoundError:
        abort(404)
    except ForbiddenError:
        abort(403)
    said = write.reason if write.outcome is Outcome.REFUSED else write.outcome.value
    return redirect(url_for(CARD, owner_id=owner_id, said=said, _anchor="tags"), 303)


@blueprint.post("/<int:owner_id>/tags/remove")
@needs(Permission.TAG_OWNERS)
def remove(owner_id: int) -> ResponseReturnValue:
    """Take one tag away."""
    key, value = _read_pick()
    try:
        write = tag_desk.drop_tag(runtime(), _hand(), _bounded(owner_id), key, value)
    except NotFoundError:
        abort(404)
    except ForbiddenError:
        abort(403)
    said = write.reason or "removed"
    return redirect(url_for(CARD, owner_id=owner_id, said=said, _anchor="tags"), 303)


@blueprint.post("/<int:owner_id>/changes/<int:change_id>/undo")
@needs(Permission.TAG_OWNERS)
def undo(owner_id: int, change_id: int) -> ResponseReturnValue:
    """Take a change back."""
    try:
        outcome = tag_desk.undo_change(runtime(), _hand(), _bounded(owner_id), _bounded(change_id))
    except NotFoundError:
        abort(404)
    except ForbiddenError:
        abort(403)
    return redirect(url_for(CARD, owner_id=owner_id, said=outcome.value, _anchor="tags"), 303)


@blueprint.post("/<int:owner_id>/conflicts/<int:conflict_id>")
@needs(Permission.TAG_OWNERS)
def decide(owner_id: int, conflict_id: int) -> ResponseReturnValue:
    """Decide which of two values stands."""
    is_taken = request.form.get("take") == "other"
    said = "decided"
    try:
        written = tag_desk.decide_conflict(runtime(), _hand(), _bounded(owner_id), _bounded(conflict_id), is_taken=is_taken)
        said = written.reason or said if written else said
    except NotFoundError:
        abort(404)
    except ForbiddenError:
        abort(403)
    except ConflictError:
        said = "already"
    return redirect(url_for(CARD, owner_id=owner_id, said=said, _anchor="tags"), 303)


@blueprint.post("/tag-many")
@needs(Permission.TAG_MANY)
def preview() -> ResponseReturnValue:
    """Show how many owners of the filtered list a change is about and what it would do."""
    expression, wish = read_text("audience"), _read_wish()
    if wish is None or not expression or read_filter(expression)[1]:
        return redirect(url_for(LIST, audience=expression or None, said="no_tag" if wish is None else "no_filter"), 303)
    return _render_preview(expression, wish, "")


@blueprint.post("/tag-many/confirm")
@needs(Permission.TAG_MANY)
def confirm() -> ResponseReturnValue:
    """Do it, when as many owners are meant as were shown."""
    expression, wish, shown = read_text("audience"), _read_wish(), read_text("matched")
    if wish is None or not expression or read_filter(expression)[1] or not (shown.isascii() and shown.isdigit()):
        return redirect(url_for(LIST, audience=expression or None, said="no_filter"), 303)
    try:
        report = tag_desk.tag_many(runtime(), _hand(), expression, wish, read_text("evidence"), int(shown[:9]))
    except ConflictError:
        return _render_preview(expression, wish, "moved", 409)
    except ForbiddenError:
        abort(403)
    except InvalidInputError:
        return redirect(url_for(LIST, audience=expression, said="too_many"), 303)
    return render_template("console/tag_many.html", expression=expression, wish=wish, report=report, fault="", is_done=True)


@blueprint.post("/tag-many/undo")
@needs(Permission.TAG_MANY)
def undo_many() -> ResponseReturnValue:
    """Take one's own act on many back."""
    try:
        done = tag_desk.undo_many(runtime(), _hand(), read_text("batch")[:40])
    except NotFoundError:
        abort(404)
    except ForbiddenError:
        abort(403)
    said = "undone" if set(done) == {Undoing.UNDONE} else "undone_some"
    return redirect(url_for(LIST, audience=read_text("audience") or None, said=said), 303)


def _render_preview(expression: str, wish: TagWish, fault: str, status: int = 200) -> ResponseReturnValue:
    try:
        report = tag_desk.preview_many(runtime(), _hand(), expression, wish)
    except ForbiddenError:
        abort(403)
    except InvalidInputError:
        return redirect(url_for(LIST, audience=expression, said="too_many"), 303)
    shown = {"expression": expression, "wish": wish, "report": report, "evidence": read_text("evidence")}
    return render_template("console/tag_many.html", **shown, fault=fault, is_done=False), status


def _hand() -> TagHand:
    account = reader()
    return TagHand(account.audit_name, account.role, scope())


def _bounded(number: int) -> int:
    if not 0 < number <= LARGEST_ID:
        abort(404)
    return number


def _read_pick() -> tuple[str, str]:
    """Return key and value: of the select (`key=value`), or of the two fields beside it."""
    key, _, value = read_text("pick").partition("=")
    return (key, value) if key else (read_text("key")[:60], read_text("value")[:200])


def _read_wish() -> TagWish | None:
    key, value = _read_pick()
    try:
        return tag_desk.read_wish(runtime(), key, value, is_added=request.form.get("do") != "remove")
    except InvalidInputError:
        return None

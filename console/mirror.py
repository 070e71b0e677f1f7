"""The account's own tags and remarks: where they stand, what somebody changed on the platform, what the platform refuses."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console.permissions import Permission, needs
from console.room import LARGEST_ID, note, read_cursor, reader, runtime, scope
from handlers import mirror_changes, mirror_followers
from handlers.errors import ConflictError, NotFoundError
from handlers.mirror_changes import Decision
from models.mirror import MirrorStatus, count_states, find_newest_run, list_pauses, list_tags_of_account
from models.mirror_views import find_difference, list_differences, list_held

blueprint = Blueprint("mirror", __name__, url_prefix="/account-tags")
PAGE = "console.mirror.show"


@blueprint.get("")
@needs(Permission.TAG_MANY)
def show() -> str:
    """Show the tags, how many followers stand where, and what waits for a person."""
    with runtime().database.reading() as tx:
        return render_template(
            "console/mirror.html",
            run=find_newest_run(tx.session),
            pauses=list_pauses(tx.session, runtime().now()),
            counts=count_states(tx.session),
            tags=list_tags_of_account(tx.session),
            page=list_differences(tx.session, scope(), read_cursor()),
            held=list_held(tx.session, scope()),
            sees_all=_sees_all(),
            said=request.args.get("said", ""),
            statuses=MirrorStatus,
        )


@blueprint.post("/sync")
@needs(Permission.TAG_MANY)
def compare_now() -> ResponseReturnValue:
    """Have all followers compared with the register."""
    mirror_followers.begin(runtime())
    note("account_sync", "account:all")
    return _go_back("begun")


@blueprint.post("/changes/<int:change_id>")
@needs(Permission.TAG_MANY)
def decide(change_id: int) -> ResponseReturnValue:
    """Take over what the platform has, or put ours back."""
    with runtime().database.reading() as tx:
        found = find_difference(tx.session, scope(), change_id) if change_id <= LARGEST_ID else None
    if found is None:
        abort(404)
    decision = Decision.TAKE if request.form.get("take") == "theirs" else Decision.RESTORE
    try:
        reason = mirror_changes.decide(runtime(), change_id, decision, reader().audit_name)
    except (ConflictError, NotFoundError):
        reason = "already"
    return _go_back(reason or decision.value)


@blueprint.post("/held")
@needs(Permission.TAG_MANY)
def settle_follower() -> ResponseReturnValue:
    """Try once more what is held for a follower, or let it be."""
    openid = request.form.get("openid", "")[:64]
    with runtime().database.reading() as tx:
        if not openid or not list_held(tx.session, scope(), openid):
            abort(404)
    act = mirror_changes.try_again if request.form.get("do") == "retry" else mirror_changes.let_be
    try:
        act(runtime(), openid, reader().audit_name)
    except NotFoundError:
        return _go_back("already")
    return _go_back("retry" if act is mirror_changes.try_again else "left")


@blueprint.post("/tags/<int:tag_id>")
@needs(Permission.TAG_MANY)
def settle_tag(tag_id: int) -> ResponseReturnValue:
    """Try once more to have a tag on the account, or do without it."""
    if tag_id > LARGEST_ID or not _sees_all():
        abort(404)
    act = mirror_changes.try_tag_again if request.form.get("do") == "retry" else mirror_changes.stop_tag
    try:
        act(runtime(), tag_id, reader().audit_name)
    except NotFoundError:
        abort(404)
    return _go_back("retry" if act is mirror_changes.try_tag_again else "stopped")


def _sees_all() -> bool:
    return scope().building_ids is None


def _go_back(said: str) -> ResponseReturnValue:
    return redirect(url_for(PAGE, said=said), 303)

"""The vocabulary of tags: what may be known of people, how sensitive it is, how long it lives, and of how many it is known."""

from __future__ import annotations

from collections import Counter

from flask import Blueprint, render_template

from console.permissions import Permission, needs
from console.room import runtime, scope
from models.coverage import measure_whole

blueprint = Blueprint("vocabulary", __name__, url_prefix="/content/tags")


@blueprint.get("")
@needs(Permission.SEE_CONTENT)
def show() -> str:
    """Show every key by group, with how many people of the reader's buildings have a living value of it."""
    with runtime().database.reading() as tx:
        whole = measure_whole(tx.session, scope(), runtime().now())
    vocabulary = runtime().content.vocabulary
    keys = vocabulary.keys
    grouped = [(group, [keys[key] for key in group.keys if key in keys]) for group in vocabulary.groups.values()]
    named = {key.key for _, members in grouped for key in members}
    others = [key for key in keys.values() if key.key not in named]
    return render_template(
        "console/vocabulary.html",
        groups=[(group, members) for group, members in grouped if members],
        others=others,
        never=[group for group, _ in grouped if group.sensitivity == "X"],
        forbidden=sorted(vocabulary.forbidden),
        living=Counter(whole.known),
        people=whole.people,
    )

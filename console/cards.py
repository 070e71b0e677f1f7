"""One owner's card: home and people, tags with where they come from, consents, and a timeline. Every opening is audited."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flask import Blueprint, abort, render_template, request

from console.owners import label_tags, list_picks
from console.permissions import Permission, needs
from console.room import LARGEST_ID, make_veil, note_reading, reader, runtime, scope
from dialogs.script import Ask
from dialogs.survey import NO_INQUIRY
from handlers.content import Content
from models.card_views import Blinds, find_view
from models.owner_cards import HeldTag
from models.staff import Role
from models.vocabulary import LISTED, TagKey, Vocabulary

KINDS = ("message", "order", "complaint", "push", "answer", "consent")
blueprint = Blueprint("cards", __name__, url_prefix="/owners")


@blueprint.get("/<int:owner_id>")
@needs(Permission.SEE_OWNERS)
def show(owner_id: int) -> str:
    """Show an owner's card; the reading is audited and counted for the alarms."""
    return render_card(owner_id)


def render_card(owner_id: int, **more: object) -> str:
    """Return a card's page; 404 for an owner outside the scope. `more` is what a form on it has to say."""
    if not 0 < owner_id <= LARGEST_ID:
        abort(404)
    content, kind = runtime().content, request.args.get("kind", "")
    with runtime().transaction() as tx:
        view = find_view(tx.session, owner_id, scope(), runtime().now(), runtime().today(), _find_blinds(content))
        if view is None:
            abort(404)
        note_reading(tx, f"owner:{owner_id}")
    timeline = [event for event in view.card.timeline if kind not in KINDS or event.kind == kind]
    labels = label_tags(content.vocabulary)
    return render_template(
        "console/owner.html",
        card=view.card,
        consents=view.consents,
        tags=group_tags(content.vocabulary, view.card.tags, labels),
        hidden=sum(tag.key not in labels for tag in view.card.tags),
        changes=[each for each in view.changes if each.key in labels],
        names=view.names,
        timeline=timeline,
        kind=kind if kind in KINDS else "",
        kinds=KINDS,
        picks=list_picks(content.vocabulary),
        free=list_free(content.vocabulary),
        titles={script.id: script.title for script in content.scripts.values()},
        conflicts=[each for each in view.card.conflicts if each.key in labels],
        labels=labels,
        **more,
    )


def group_tags(vocabulary: Vocabulary, tags: Sequence[HeldTag], labels: dict[str, str]) -> list[tuple[str, list[HeldTag]]]:
    """Return (label of the key, its tags) in the order of the vocabulary, without keys the reader may not see."""
    held: dict[str, list[HeldTag]] = {}
    for tag in tags:
        held.setdefault(tag.key, []).append(tag)
    order = [key for key in vocabulary.keys if key in held] + [key for key in held if key not in vocabulary.keys]
    return [(labels.get(key, key), held[key]) for key in order if key in labels]


def list_free(vocabulary: Vocabulary) -> list[TagKey]:
    """Return the keys whose values are written and not chosen."""
    return [key for key in vocabulary.keys.values() if key.kind not in LISTED and not key.is_computed]


def _find_blinds(content: Content) -> Blinds:
    """Return what the reader is not shown: talk about private work, and answers of level 2."""
    account = reader()
    scripts: frozenset[str] = frozenset()
    if not account.is_built_in and account.role != Role.SUPERVISOR.value:
        veil = make_veil(content, account.staff_id)
        scripts = frozenset(script for code, script in content.by_intent.items() if veil.covers(code))
    sees_all = account.may(Permission.SEE_SENSITIVE)
    return Blinds(scripts, frozenset() if sees_all else frozenset(_list_sensitive(content)))


def _list_sensitive(content: Content) -> Iterator[tuple[str, str]]:
    """Give (survey, question) of the questions that need a consent of their own, or write a tag of level 2."""
    keys = content.vocabulary.keys
    for script in content.scripts.values():
        for step in script.steps if script.survey is not None else ():
            inquiry = step.inquiry if isinstance(step, Ask) else NO_INQUIRY
            if inquiry.consent or (inquiry.tag in keys and keys[inquiry.tag].level > 1):
                yield script.id, step.id

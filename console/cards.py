"""One owner's card: home and people, tags with where they come from, consents, and a timeline. Every opening is audited."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import unescape

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
from models.timelines import Wanted, read_place
from models.vocabulary import LISTED, TagKey, Vocabulary

KINDS = ("message", "notice", "order", "complaint", "push", "answer", "consent", "tag", "merge")
LINK = re.compile(r"<a [^>]*>(.*?)</a>", re.DOTALL)
ADDRESS = re.compile(r"https?://[^\s<>\"]+")
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
    wanted = Wanted(kind if kind in KINDS else "", read_place(request.args.get("behind", "")[:80]))
    blinds = _find_blinds(content)
    with runtime().transaction() as tx:
        now, today = runtime().now(), runtime().today()
        view = find_view(tx.session, owner_id, scope(), now, today, blinds=blinds, wanted=wanted)
        if view is None:
            abort(404)
        note_reading(tx, f"owner:{owner_id}")
    labels = label_tags(content.vocabulary)
    return render_template(
        "console/owner.html",
        card=view.card,
        consents=view.consents,
        tags=group_tags(content.vocabulary, view.card.tags, labels),
        hidden=sum(tag.key not in labels for tag in view.card.tags),
        changes=[each for each in view.changes if each.key in labels],
        names=view.names,
        timeline=view.card.timeline,
        older=view.older.render() if view.older else None,
        is_later=wanted.behind is not None,
        plain=read_plain,
        kind=wanted.kind,
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


def read_plain(text: str) -> str:
    """Return a text of the chat without its links: an address in it may open what is the owner's alone."""
    return ADDRESS.sub("（链接）", unescape(LINK.sub(r"\1", text)))


def _find_blinds(content: Content) -> Blinds:
    """Return what the reader is not shown: talk about private work, and what is known of level 2."""
    account = reader()
    scripts: frozenset[str] = frozenset()
    if not account.is_built_in and account.role != Role.SUPERVISOR.value:
        veil = make_veil(content, account.staff_id)
        scripts = frozenset(script for code, script in content.by_intent.items() if veil.covers(code))
    if account.may(Permission.SEE_SENSITIVE):
        return Blinds(scripts)
    keys = {key.key: key.label for key in content.vocabulary.keys.values() if key.level > 1}
    return Blinds(scripts, frozenset(_list_sensitive(content)), frozenset(keys), frozenset(keys.values()))


def _list_sensitive(content: Content) -> Iterator[tuple[str, str]]:
    """Give (survey, question) of the questions that need a consent of their own, or write a tag of level 2."""
    keys = content.vocabulary.keys
    for script in content.scripts.values():
        for step in script.steps if script.survey is not None else ():
            inquiry = step.inquiry if isinstance(step, Ask) else NO_INQUIRY
            if inquiry.consent or (inquiry.tag in keys and keys[inquiry.tag].level > 1):
                yield script.id, step.id

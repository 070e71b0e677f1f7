"""Owners: the list, narrowed by an audience or by what staff know of one person; its saved segments beside it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template, request

from console.permissions import Permission, needs
from console.room import LARGEST_ID, read_id, reader, runtime, scope
from handlers.pushes import read_audience
from models.audience.errors import AudienceError, Code
from models.audience.nodes import Audience, Condition, list_leaves
from models.database import Transaction
from models.owner_lists import OwnerPage, OwnerQuery, count_owners, list_owners
from models.owner_search import search_owners
from models.segments import list_segments
from models.vocabulary import LISTED, Vocabulary

LIST = "console.owners.show_list"
LONGEST_WORDS = 40
SHOWN_TAGS = 6
blueprint = Blueprint("owners", __name__, url_prefix="/owners")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with an audience: before, at and behind the place, so that a page can mark it."""

    code: str
    place: int
    before: str
    at: str
    after: str
    suggestion: str


@blueprint.get("")
@needs(Permission.SEE_OWNERS)
def show_list() -> tuple[str, int]:
    """Show a page of owners: those of an audience, or those that a search finds; 422 with the place of a mistake."""
    words, expression = read_text("words")[:LONGEST_WORDS], read_text("audience")
    audience, fault = read_filter(expression)
    with runtime().database.reading() as tx:
        page, count = (OwnerPage([]), 0) if fault else _list(tx, words, audience)
        segments = list_segments(tx.session)
    shown = {"page": page, "count": count, "words_typed": words, "expression": expression, "fault": fault, "segments": segments}
    vocabulary = runtime().content.vocabulary
    return render_template(
        "console/owners.html", **shown, labels=label_tags(vocabulary), picks=list_picks(vocabulary), most=SHOWN_TAGS
    ), 422 if fault else 200


def _list(tx: Transaction, words: str, audience: Audience | None) -> tuple[OwnerPage, int]:
    if words:
        rows = search_owners(tx.session, scope(), words)
        return OwnerPage(rows), len({row.id for row in rows})
    query = OwnerQuery(audience, scope(), runtime().now(), runtime().today())
    after = min(read_id("behind") or 0, LARGEST_ID)
    return list_owners(tx.session, query, after_id=after), count_owners(tx.session, query)


def read_text(name: str) -> str:
    """Return a field of the address line or the form without what a database cannot keep."""
    return request.values.get(name, "").replace("\x00", "").strip()


def read_filter(expression: str) -> tuple[Audience | None, Fault | None]:
    """Return the audience of a text (None for an empty one), or what is wrong with it and where."""
    if not expression:
        return None, None
    try:
        audience = read_audience(runtime(), expression)
    except AudienceError as error:
        return None, describe_fault(expression, error)
    if not reader().may(Permission.SEE_SENSITIVE) and any(map(_is_sealed, list_leaves(audience.node))):
        return None, Fault(Code.SEALED_FIELD.value, 1, "", expression, "", "")  # the list would tell what she may not read
    return audience, None


def tells_sensitive(expression: str) -> bool:
    """Tell whether to name who is in an audience would tell the reader what she may not read (D06)."""
    fault = read_filter(expression)[1]
    return fault is not None and not reader().may(Permission.SEE_SENSITIVE)


def _is_sealed(leaf: object) -> bool:
    key = runtime().content.vocabulary.keys.get(leaf.field) if isinstance(leaf, Condition) else None
    return key is not None and key.level > 1


def describe_fault(expression: str, error: AudienceError) -> Fault:
    """Return a mistake with the text cut at its place; a word is marked whole."""
    start = min(error.position, len(expression))
    end = start
    while end < len(expression) and expression[end] not in " ()（）,，且或":
        end += 1
    end = max(end, min(start + 1, len(expression)))
    return Fault(error.code.value, start + 1, expression[:start], expression[start:end], expression[end:], error.suggestion)


def label_tags(vocabulary: Vocabulary) -> dict[str, str]:
    """Return key -> what people call it; keys the reader may not see the values of are left out."""
    sees_all = reader().may(Permission.SEE_SENSITIVE)
    return {key.key: key.label for key in vocabulary.keys.values() if key.level == 1 or sees_all}


def list_picks(vocabulary: Vocabulary) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return for a select: (label of the key, [(key=value, value)]) of the keys whose values are listed."""
    return [
        (key.label, [(f"{key.key}={value}", value) for value in key.values])
        for key in vocabulary.keys.values()
        if key.kind in LISTED and not key.is_computed
    ]

"""Rows of the register that may be one person: the pairs with their reasons, what a merge would do, and both answers to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from console.owners import label_tags
from console.permissions import Permission, needs
from console.room import LARGEST_ID, note_reading, reader, runtime, scope
from handlers.doubles import list_doubles, tell_apart
from handlers.errors import ConflictError, InvalidInputError, NotFoundError
from handlers.merging import MergeReport, merge_owners, preview_merge
from models.database import Transaction
from models.owner_cards import CardHome, OwnerCard, find_card
from models.places import Room
from models.timelines import Wanted

LIST = "console.doubles.show_list"
MOST_SHOWN = 50
SAID = ("merged", "apart", "gone", "chain")
blueprint = Blueprint("doubles", __name__, url_prefix="/doubles")


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two, as far as it takes to tell whether they are one."""

    id: int
    name: str
    phone: str
    homes: tuple[CardHome, ...]
    is_following: bool
    spoke_at: datetime | None
    tags: int


@blueprint.get("")
@needs(Permission.MERGE_OWNERS)
def show_list() -> str:
    """Show the surest pairs in the reader's buildings."""
    found = list_doubles(runtime(), scope())
    said = request.args.get("said", "")
    shown = {"pairs": found[:MOST_SHOWN], "left": max(0, len(found) - MOST_SHOWN), "said": said if said in SAID else ""}
    return render_template("console/doubles.html", **shown)


@blueprint.get("/<int:keep>/<int:drop>")
@needs(Permission.MERGE_OWNERS)
def show(keep: int, drop: int) -> ResponseReturnValue:
    """Show two side by side and what would become of them as one; the reading of both is audited."""
    with runtime().transaction() as tx:
        sides = [_look(tx, keep), _look(tx, drop)]
    report, fault = _preview(keep, drop)
    labels = label_tags(runtime().content.vocabulary)
    conflicts = [(labels[key], kept, other) for key, kept, other in report.conflicts if key in labels] if report else []
    hidden = len(report.conflicts) - len(conflicts) if report else 0
    shown = {"sides": sides, "report": report, "fault": fault, "conflicts": conflicts, "hidden": hidden}
    return render_template("console/double.html", **shown)


@blueprint.post("/<int:keep>/<int:drop>/merge")
@needs(Permission.MERGE_OWNERS)
def merge(keep: int, drop: int) -> ResponseReturnValue:
    """Make one person of two."""
    _check(keep, drop)
    return _do(lambda: merge_owners(runtime(), keep, drop, reader().audit_name), "merged")


@blueprint.post("/<int:keep>/<int:drop>/apart")
@needs(Permission.MERGE_OWNERS)
def part(keep: int, drop: int) -> ResponseReturnValue:
    """Say that they are two people."""
    _check(keep, drop)
    return _do(lambda: tell_apart(runtime(), keep, drop, reader().audit_name), "apart")


def _do(work: Callable[[], object], said: str) -> ResponseReturnValue:
    try:
        work()
    except (NotFoundError, InvalidInputError):
        said = "gone"
    except ConflictError:
        said = "chain"
    return redirect(url_for(LIST, said=said), 303)


def _preview(keep: int, drop: int) -> tuple[MergeReport | None, str]:
    try:
        return preview_merge(runtime(), keep, drop, reader().audit_name), ""
    except (NotFoundError, InvalidInputError):
        abort(404)
    except ConflictError:
        return None, "chain"


def _check(keep: int, drop: int) -> None:
    """Refuse owners outside the scope."""
    with runtime().database.reading() as tx:
        for owner_id in (keep, drop):
            _get(tx, owner_id)


def _look(tx: Transaction, owner_id: int) -> Side:
    card = _get(tx, owner_id)
    note_reading(tx, f"owner:{owner_id}")
    spoken = [each.message_at for each in card.contacts if each.message_at is not None]
    return Side(
        id=card.id,
        name=card.name,
        phone=card.phone or "",
        homes=tuple(card.homes),
        is_following=any(each.is_following for each in card.contacts),
        spoke_at=max(spoken, default=None),
        tags=len(card.tags),
    )


def _get(tx: Transaction, owner_id: int) -> OwnerCard:
    """Return an owner all of whose homes the reader may see: a merge moves them all."""
    if not 0 < owner_id <= LARGEST_ID:
        abort(404)
    now, today = runtime().now(), runtime().today()
    card = find_card(tx.session, owner_id, scope(), now, today, Wanted("merge", most=1))
    if card is None or not _is_whole(tx, card):
        abort(404)
    return card


def _is_whole(tx: Transaction, card: OwnerCard) -> bool:
    held = scope().building_ids
    if held is None:
        return True
    rooms = select(Room.building_id).where(Room.id.in_([home.room_id for home in card.homes]))
    return set(tx.session.scalars(rooms)) <= held

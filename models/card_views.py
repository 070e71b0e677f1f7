"""An owner's card as one reader may see it: homes, people, orders and complaints outside her scope or private are left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.cases import Complaint, Order
from models.consents import Consent, PersonIds, find_newest, find_versions
from models.listings import Scope
from models.owner_cards import OwnerCard, TimelineEvent, find_card
from models.places import Room
from models.staff import Staff
from models.tag_changes import TagChange, list_changes

HIDDEN = "hidden"  # the status of an event whose words the reader may not see
MOST_CHANGES = 12


@dataclass(frozen=True, slots=True)
class CardView:
    """A card; by purpose the consent that decides, with whether it was to the text in force; the last changes of tags.

    `names` are those of the staff who stand behind tags and changes, by how they are kept (`staff:7`).
    """

    card: OwnerCard
    consents: dict[str, tuple[Consent, bool]]
    changes: Sequence[TagChange]
    names: dict[str, str]


@dataclass(frozen=True, slots=True)
class Blinds:
    """What is not shown: messages in these scripts, answers to these questions as (survey, question)."""

    scripts: frozenset[str] = frozenset()
    questions: frozenset[tuple[str, str]] = frozenset()


def find_view(session: Session, owner_id: int, scope: Scope, now: datetime, today: date, blinds: Blinds) -> CardView | None:
    """Return an owner's card for a reader; None where there is none in the scope."""
    card = find_card(session, owner_id, scope, now, today)
    if card is None:
        return None
    homes = _find_rooms(session, scope, [home.room_id for home in card.homes])
    orders = _find_nos(session, Order, owner_id, scope)
    complaints = _find_nos(session, Complaint, owner_id, scope)
    events = [event for event in card.timeline if _is_shown(event, orders, complaints)]
    shown = replace(
        card,
        homes=[home for home in card.homes if home.room_id in homes],
        people=[each for each in card.people if each.room_id in homes],
        timeline=[_blind(event, blinds) for event in events],
    )
    versions = find_versions(session)
    newest = find_newest(session, PersonIds(owner_id))
    changes = list_changes(session, owner_id, MOST_CHANGES)
    actors = {tag.by or "" for tag in card.tags} | {each.by for each in card.conflicts} | {each.by for each in changes}
    consents = {code: (row, row.text_version == versions.get(code)) for code, row in newest.items()}
    return CardView(shown, consents, changes, _find_names(session, actors))


def _find_names(session: Session, actors: set[str]) -> dict[str, str]:
    ids = [int(each[6:]) for each in actors if each.startswith("staff:") and each[6:].isdecimal()]
    return {f"staff:{staff.id}": staff.name for staff in session.scalars(select(Staff).where(Staff.id.in_(ids)))}


def _find_rooms(session: Session, scope: Scope, room_ids: list[int]) -> set[int]:
    return set(session.scalars(select(Room.id).where(Room.id.in_(room_ids), scope.holds(Room.building_id))))


def _find_nos(session: Session, model: type[Order] | type[Complaint], owner_id: int, scope: Scope) -> set[str]:
    mine = (model.owner_id == owner_id, scope.holds(model.building_id), scope.shows(model))
    return set(session.scalars(select(model.no).where(*mine)))


def _is_shown(event: TimelineEvent, orders: set[str], complaints: set[str]) -> bool:
    if event.kind == "order":
        return event.ref in orders
    return event.kind != "complaint" or event.ref in complaints


def _blind(event: TimelineEvent, blinds: Blinds) -> TimelineEvent:
    is_blind = event.kind == "message" and event.ref in blinds.scripts
    is_blind = is_blind or (event.kind == "answer" and (event.ref, event.title) in blinds.questions)
    return replace(event, text="", status=HIDDEN) if is_blind else event

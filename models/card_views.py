"""An owner's card as one reader may see it: homes, people, cases and words outside her scope or private are left out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.answers import SurveyAnswer
from models.cases import Complaint, Order
from models.consents import Consent, PersonIds, find_newest, find_versions
from models.listings import Scope
from models.owner_cards import OwnerCard, find_card
from models.places import Room
from models.sealing import Secret
from models.staff import name_actors
from models.tag_changes import TagChange, list_changes
from models.timelines import EVERYTHING, Place, TimelineEvent, Wanted

HIDDEN = "hidden"  # the status of an event whose words the reader may not see
SPOKEN = ("message", "notice")
MOST_CHANGES = 12
_NO = re.compile(r"(?<![A-Z0-9])[DT]\d{10,}(?!\d)")  # of an order or complaint, as take_number gives it


@dataclass(frozen=True, slots=True)
class CardView:
    """A card; by purpose the consent that decides, with whether it was to the text in force; the last changes of tags.

    `names` are those of the staff who stand behind tags and changes, by how they are kept (`staff:7`). `older` is where
    the next page of the timeline begins, None at its end.
    """

    card: OwnerCard
    consents: dict[str, tuple[Consent, bool]]
    changes: Sequence[TagChange]
    names: dict[str, str]
    older: Place | None = None


@dataclass(frozen=True, slots=True)
class Blinds:
    """What is not shown: talk in these scripts, answers to these questions as (survey, question), tags of these keys.

    `words` are what people call those tags: a text of ours that names one is not shown either.
    """

    scripts: frozenset[str] = frozenset()
    questions: frozenset[tuple[str, str]] = frozenset()
    keys: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Sight:
    """What one reader sees of one page: the numbers of cases that are hers to see, and when something sensitive was said."""

    blinds: Blinds
    seen: frozenset[str]
    is_limited: bool
    sensitive: frozenset[datetime] = field(default_factory=frozenset)


def find_view(
    session: Session, owner_id: int, scope: Scope, now: datetime, today: date, *, blinds: Blinds, wanted: Wanted = EVERYTHING
) -> CardView | None:
    """Return an owner's card for a reader; None where there is none in the scope."""
    card = find_card(session, owner_id, scope, now, today, replace(wanted, traces_scripts=bool(blinds.scripts)))
    if card is None:
        return None
    homes = _find_rooms(session, scope, [home.room_id for home in card.homes])
    events = card.timeline[: wanted.most]
    sight = _look(session, owner_id, scope, blinds, events)
    shown = replace(
        card,
        homes=[home for home in card.homes if home.room_id in homes],
        people=[each for each in card.people if each.room_id in homes],
        timeline=[_blind(event, sight) for event in events if _is_shown(event, sight)],
    )
    versions = find_versions(session)
    newest = find_newest(session, PersonIds(owner_id))
    changes = list_changes(session, owner_id, MOST_CHANGES)
    actors = {tag.by or "" for tag in card.tags} | {each.by for each in card.conflicts} | {each.by for each in changes}
    actors |= {event.text for event in events if event.kind in ("tag", "merge")}
    consents = {code: (row, row.text_version == versions.get(code)) for code, row in newest.items()}
    older = events[-1].place if len(card.timeline) > len(events) else None
    return CardView(shown, consents, changes, name_actors(session, actors), older)


def _find_rooms(session: Session, scope: Scope, room_ids: list[int]) -> set[int]:
    return set(session.scalars(select(Room.id).where(Room.id.in_(room_ids), scope.holds(Room.building_id))))


def _look(session: Session, owner_id: int, scope: Scope, blinds: Blinds, events: Sequence[TimelineEvent]) -> _Sight:
    """Find out what of a page the reader may see: by the numbers of cases that stand in it, and the instants in it."""
    is_limited = scope.building_ids is not None or scope.veil is not None
    nos = {event.ref for event in events if event.kind in ("order", "complaint")}
    if is_limited:
        nos |= {no for event in events if event.kind in SPOKEN for no in _list_nos(event)}
    seen = _find_nos(session, Order, owner_id, scope, nos) | _find_nos(session, Complaint, owner_id, scope, nos)
    spoken = [event.at for event in events if event.kind == "message"]
    sensitive: set[datetime] = set()
    if blinds.questions and spoken:
        said = select(SurveyAnswer.at, SurveyAnswer.survey, SurveyAnswer.question)
        rows = session.execute(said.where(SurveyAnswer.owner_id == owner_id, SurveyAnswer.at.in_(spoken)))
        sensitive = {at for at, survey, question in rows if (survey, question) in blinds.questions}
    return _Sight(blinds, frozenset(seen), is_limited, frozenset(sensitive))


def _list_nos(event: TimelineEvent) -> list[str]:
    return _NO.findall(f"{event.text}\n{event.answer}")


def _find_nos(
    session: Session, model: type[Order] | type[Complaint], owner_id: int, scope: Scope, nos: Iterable[str]
) -> set[str]:
    wanted = sorted(nos)
    mine = (model.no.in_(wanted), model.owner_id == owner_id, scope.holds(model.building_id), scope.shows(model))
    return set(session.scalars(select(model.no).where(*mine))) if wanted else set()


def _is_shown(event: TimelineEvent, sight: _Sight) -> bool:
    return event.kind not in ("order", "complaint") or event.ref in sight.seen


def _blind(event: TimelineEvent, sight: _Sight) -> TimelineEvent:
    return replace(event, text="", answer="", status=HIDDEN) if _is_blind(event, sight) else event


def _is_blind(event: TimelineEvent, sight: _Sight) -> bool:
    blinds = sight.blinds
    if event.kind == "answer":
        return (event.ref, event.title) in blinds.questions
    if event.kind == "tag":
        return event.title in blinds.keys
    if event.kind not in SPOKEN:
        return False
    ours = event.text if event.kind == "notice" else event.answer
    return (
        bool(event.scripts & blinds.scripts)
        or event.at in sight.sensitive
        or (bool(blinds.keys) and (isinstance(event.text, Secret) or isinstance(event.answer, Secret)))
        or any(word in ours for word in blinds.words)
        or (sight.is_limited and any(no not in sight.seen for no in _list_nos(event)))
    )

"""What surveys brought, in numbers: runs, answers per question, how much is known of whom. Within a scope; writes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, distinct, exists, func, or_, select, true
from sqlalchemy.orm import Session

from models.answers import SurveyAnswer
from models.listings import Scope
from models.owners import Residence
from models.places import Building, Community, Room
from models.runs import ScriptRun
from models.tags import OwnerTag, Tag


@dataclass(slots=True)
class QuestionCount:
    """Answers to one question: how many, and of each option by its label; what was written freely is only counted."""

    answers: int = 0
    written: int = 0
    options: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class BuildingCoverage:
    """A building: its people, and of how many of them a living value of a key is known."""

    building_id: int
    name: str
    people: int
    known: dict[str, int]


def count_runs(session: Session, scope: Scope) -> dict[str, Counter[str]]:
    """Return survey -> result -> number of runs; `open` for those that have not ended."""
    result = func.coalesce(ScriptRun.result, "open")
    statement = select(ScriptRun.script, result, func.count()).group_by(ScriptRun.script, result)
    if scope.building_ids is not None:
        statement = statement.where(ScriptRun.building_id.in_(scope.building_ids))
    found: dict[str, Counter[str]] = {}
    for script, ended, number in session.execute(statement):
        found.setdefault(script, Counter())[ended] += number
    return found


def count_answers(session: Session, survey: str, scope: Scope) -> dict[str, QuestionCount]:
    """Return question -> its answers that stand. An answer with several options counts for each of them."""
    statement = (
        select(SurveyAnswer.question, SurveyAnswer.key, SurveyAnswer.label, func.count())
        .where(SurveyAnswer.survey == survey, SurveyAnswer.undone_at.is_(None), _is_inside(scope))
        .group_by(SurveyAnswer.question, SurveyAnswer.key, SurveyAnswer.label)
    )
    found: dict[str, QuestionCount] = {}
    for question, key, label, number in session.execute(statement):
        counted = found.setdefault(question, QuestionCount())
        counted.answers += number
        if key is None:
            counted.written += number
            continue
        for each in label.split("、") if "," in key else (label,):
            counted.options[each] += number
    return found


def measure_buildings(session: Session, scope: Scope, now: datetime) -> Sequence[BuildingCoverage]:
    """Return the buildings of a scope by estate and name, with how much is known of their people (R80)."""
    living = (Residence.ended_on.is_(None), scope.holds(Room.building_id))
    people = dict(
        session.execute(
            select(Room.building_id, func.count(distinct(Residence.owner_id)))
            .join(Room, Room.id == Residence.room_id)
            .where(*living)
            .group_by(Room.building_id)
        ).all()
    )
    statement = (
        select(Room.building_id, Tag.key, func.count(distinct(OwnerTag.owner_id)))
        .select_from(Residence)
        .join(Room, Room.id == Residence.room_id)
        .join(OwnerTag, OwnerTag.owner_id == Residence.owner_id)
        .join(Tag, Tag.id == OwnerTag.tag_id)
        .where(*living, or_(OwnerTag.expires_at.is_(None), OwnerTag.expires_at > now))
        .group_by(Room.building_id, Tag.key)
    )
    known: dict[int, dict[str, int]] = {}
    for building_id, key, number in session.execute(statement):
        known.setdefault(building_id, {})[key] = number
    places = (
        select(Building.id, Community.name, Building.name)
        .join(Community, Community.id == Building.community_id)
        .where(Building.id.in_(people))
        .order_by(Community.id, func.length(Building.name), Building.name)
    )
    rows = session.execute(places).all()
    is_one = len({row[1] for row in rows}) == 1
    return [
        BuildingCoverage(number, name if is_one else f"{estate} {name}", people[number], known.get(number, {}))
        for number, estate, name in rows
    ]


def _is_inside(scope: Scope) -> ColumnElement[bool]:
    """Return the condition that an answer is of somebody in the scope; what a group said is for those who see all."""
    if scope.building_ids is None:
        return true()
    home = exists().where(Residence.owner_id == SurveyAnswer.owner_id, Residence.ended_on.is_(None))
    return home.where(Room.id == Residence.room_id, Room.building_id.in_(scope.building_ids))

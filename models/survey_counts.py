"""What surveys brought, in numbers: runs, and answers per question. Within a scope; writes nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, exists, func, select, true
from sqlalchemy.orm import Session

from models.answers import SurveyAnswer
from models.listings import Scope
from models.owners import Residence
from models.places import Room
from models.runs import ScriptRun


@dataclass(slots=True)
class QuestionCount:
    """Answers to one question: how many, of each option by its label, of each key; what was written freely is only counted."""

    answers: int = 0
    written: int = 0
    options: Counter[str] = field(default_factory=Counter)
    keys: Counter[str] = field(default_factory=Counter)


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
        counted.keys[key] += number
        for each in label.split("、") if "," in key else (label,):
            counted.options[each] += number
    return found


def _is_inside(scope: Scope) -> ColumnElement[bool]:
    """Return the condition that an answer is of somebody in the scope; what a group said is for those who see all."""
    if scope.building_ids is None:
        return true()
    home = exists().where(Residence.owner_id == SurveyAnswer.owner_id, Residence.ended_on.is_(None))
    return home.where(Room.id == Residence.room_id, Room.building_id.in_(scope.building_ids))

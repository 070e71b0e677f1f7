"""What surveys brought: counts per question and option, and how many residents are known by which tag. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import func, select

from dialogs.answers.base import AnswerType
from dialogs.script import Ask, Script
from handlers.errors import NotFoundError
from handlers.runtime import Runtime
from models import coverage
from models.answers import SurveyAnswer
from models.listings import Scope
from models.survey_counts import QuestionCount, count_answers, count_runs
from models.visits import Visit

_LISTED = (AnswerType.CHOICE, AnswerType.MULTI, AnswerType.YESNO)
_MEASURED = (AnswerType.NUMBER, AnswerType.AMOUNT, AnswerType.RATING)


@dataclass(frozen=True, slots=True)
class QuestionResult:
    """One question: how many answered it, how often each option was chosen (label -> count), the mean of numbers."""

    question: str
    name: str
    answered: int = 0
    options: Mapping[str, int] = field(default_factory=dict)
    mean: float | None = None


@dataclass(frozen=True, slots=True)
class SurveyResult:
    """One survey: runs by how they ended (null: under way), answers by source (R87), visits by status, its questions."""

    survey: str
    title: str
    runs: Mapping[str, int]
    sources: Mapping[str, int]
    visits: Mapping[str, int]
    questions: tuple[QuestionResult, ...]


def count_results(runtime: Runtime, survey: str) -> SurveyResult:
    """Return the results of a survey by its id. Raises NotFoundError where there is none."""
    script = runtime.content.scripts.get(survey)
    if script is None or script.survey is None:
        raise NotFoundError(f"there is no survey {survey}")
    with runtime.database.reading() as tx:
        session = tx.session
        counts = count_answers(session, survey, Scope())
        standing = (SurveyAnswer.survey == survey, SurveyAnswer.undone_at.is_(None))
        by_source = select(SurveyAnswer.source, func.count()).where(*standing).group_by(SurveyAnswer.source)
        visits = select(Visit.status, func.count()).where(Visit.survey == survey).group_by(Visit.status)
        return SurveyResult(
            survey,
            script.title,
            dict(count_runs(session, Scope()).get(survey, {})),
            dict(session.execute(by_source).all()),
            dict(session.execute(visits).all()),
            tuple(_read_question(step, counts.get(step.id, QuestionCount())) for step in list_questions(script)),
        )


def list_questions(script: Script) -> list[Ask]:
    """Return the questions whose answers are recorded: neither consents nor summaries."""
    asks = [step for step in script.steps if isinstance(step, Ask)]
    return [step for step in asks if step.type is not AnswerType.REVIEW and not step.inquiry.asks]


def _read_question(step: Ask, count: QuestionCount) -> QuestionResult:
    """Return the counts of one question; who chose several options counts once for each of them."""
    options = dict(count.options) if step.type in _LISTED else {}
    mean = None
    if step.type in _MEASURED and count.keys:
        mean = sum(float(key) * number for key, number in count.keys.items()) / count.keys.total()
    return QuestionResult(step.id, step.name, count.answers, options, mean)


def measure_buildings(runtime: Runtime) -> dict[str, dict[str, float]]:
    """Return, by building, the share of its residents of whom a living value of each key is known (R80).

    Where there are several estates a building is named with its estate.
    """
    found: dict[str, dict[str, float]] = {}
    start: int | None = 0
    while start is not None:
        with runtime.database.reading() as tx:
            page = coverage.measure_buildings(tx.session, Scope(), runtime.now(), start)
        for each in page.buildings:
            found[each.name] = {key: number / each.people for key, number in sorted(each.known.items())}
        start = page.next_start
    return found

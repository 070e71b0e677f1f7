"""How much scripts are used: who is in them now, where people left them, what came of them. Counts, nobody's names.

Four grouped statements over open conversations and over what is recent, each by an index. What somebody cancelled in
words leaves no row, so it is not counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, func, select, type_coerce
from sqlalchemy.orm import Session

from models.answers import SurveyAnswer
from models.base import Json
from models.cases import Complaint, Feedback, Order
from models.conversations import Conversation
from models.runs import ScriptRun

FINISHED = ("completed", "done")
COMPLAINT, FEEDBACK = "complaint", "feedback"
MOST_READ = 2_000


@dataclass(slots=True)
class Usage:
    """One script: conversations under way, those that were left by step (empty: unknown), runs by how they ended."""

    talking: int = 0
    left: Counter[str] = field(default_factory=Counter)
    runs: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Activity:
    """All scripts: usage by script; orders by service, and how many complaints and suggestions there were."""

    usage: dict[str, Usage]
    booked: Counter[str]

    def find(self, script: str) -> Usage:
        """Return a script's usage."""
        return self.usage.get(script) or Usage()


def measure_usage(session: Session, since: datetime, left_before: datetime) -> Activity:
    """Count what happened after `since`; who has been silent since `left_before` has left."""
    usage: dict[str, Usage] = {}
    for script, step, is_left, number in session.execute(_select_conversations(since, left_before)):
        found = usage.setdefault(script, Usage())
        if is_left:
            found.left[step or ""] += number
        else:
            found.talking += number
    result = func.coalesce(ScriptRun.result, "open")
    runs = select(ScriptRun.script, result, func.count()).where(ScriptRun.started_at > since)
    for script, ended, number in session.execute(runs.group_by(ScriptRun.script, result)):
        usage.setdefault(script, Usage()).runs[ended] += number
    orders = select(Order.service, func.count()).where(Order.created_at > since).group_by(Order.service)
    booked = Counter(dict(session.execute(orders).all()))
    for model, name in ((Complaint, COMPLAINT), (Feedback, FEEDBACK)):
        booked[name] = session.scalar(select(func.count()).select_from(model).where(model.created_at > since)) or 0
    return Activity(usage, booked)


def _select_conversations(since: datetime, left_before: datetime) -> Select[*tuple[Any, ...]]:
    """Select (script, step, is left, number); of a conversation that is sealed nobody sees the step from here."""
    step = func.coalesce(type_coerce(Conversation.state, Json)["step"].as_string(), "")
    is_left = case((Conversation.updated_at <= left_before, 1), else_=0)
    statement = select(Conversation.script, step, is_left, func.count())
    statement = statement.where(Conversation.script.is_not(None), Conversation.updated_at > since)
    return statement.group_by(Conversation.script, step, is_left)


def count_left_steps(session: Session, script: str, since: datetime, left_before: datetime) -> Counter[str]:
    """Return where people left one script, step by step, of the newest MOST_READ; here sealed conversations are opened too."""
    mine = (Conversation.script == script, Conversation.updated_at > since, Conversation.updated_at <= left_before)
    states = session.scalars(select(Conversation.state).where(*mine).order_by(Conversation.updated_at.desc()).limit(MOST_READ))
    return Counter(str((state or {}).get("step", "")) for state in states)


def count_last_answers(session: Session, survey: str, since: datetime) -> Sequence[tuple[str, int]]:
    """Return (question, number) of the last answers in runs of a survey that did not come to their end, most first."""
    unfinished = (
        ScriptRun.script == survey,
        ScriptRun.started_at > since,
        func.coalesce(ScriptRun.result, "").not_in(FINISHED),
    )
    last = (
        select(func.max(SurveyAnswer.id))
        .join(ScriptRun, ScriptRun.id == SurveyAnswer.run_id)
        .where(*unfinished)
        .group_by(SurveyAnswer.run_id)
    )
    number = func.count()
    statement = select(SurveyAnswer.question, number).where(SurveyAnswer.id.in_(last)).group_by(SurveyAnswer.question)
    return [(question, count) for question, count in session.execute(statement.order_by(number.desc(), SurveyAnswer.question))]

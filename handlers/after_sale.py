"""The day after an owner has said that something is in order she is asked how it was: once, and nothing a second time (R59).

What she has said already (that it is in order) is handed to the survey, which leaves it out. Staff may have asked first.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import Select, and_, exists, literal, select
from sqlalchemy.exc import SQLAlchemyError

from handlers import deliveries, survey_invitations
from handlers.runtime import Runtime
from models.answers import InvitationStatus, SurveyAnswer, SurveyInvitation
from models.cases import CaseStatus, Complaint, Order
from models.tasks import Task

LOG = logging.getLogger(__name__)
EARLIEST, LATEST = timedelta(hours=20), timedelta(hours=44)  # her last word still lets a message through
COMPLAINT = "complaint"
BY = "system"


def invite_due(runtime: Runtime) -> int:
    """Invite those who confirmed something a day ago to the survey that follows it; returns how many."""
    if not runtime.content.inviting.after or deliveries.end_of_quiet(runtime) is not None:
        return 0
    return sum(_invite(runtime, *each) for each in _list_due(runtime))


def _list_due(runtime: Runtime) -> list[tuple[str, int, str]]:
    """Return (number, owner, what was done) of every case that is a day old and whose owner was not asked anything lately."""
    with runtime.database.reading() as tx:
        rows = [row for statement in _select_due(runtime) for row in tx.session.execute(statement)]
    return [(row.no, row.owner_id, row.done) for row in rows if row.done in runtime.content.inviting.after]


def _select_due(runtime: Runtime) -> Iterator[Select[str, int | None, str]]:
    now, inviting = runtime.now(), runtime.content.inviting
    for model, is_its in ((Order, Task.order_id == Order.id), (Complaint, Task.complaint_id == Complaint.id)):
        done = (Order.service if model is Order else literal(COMPLAINT)).label("done")
        invited = and_(SurveyInvitation.owner_id == model.owner_id, SurveyInvitation.at > now - timedelta(days=inviting.days))
        surveys = SurveyAnswer.survey.in_(sorted(set(inviting.after.values())))
        answered = and_(SurveyAnswer.owner_id == model.owner_id, SurveyAnswer.at >= model.updated_at, surveys)
        yield (
            select(Task.no, model.owner_id, done)
            .join(model, is_its)
            .where(model.status == CaseStatus.CONFIRMED.value, model.owner_id.is_not(None))
            .where(model.updated_at.between(now - LATEST, now - EARLIEST))
            .where(~exists().where(invited), ~exists().where(answered))
            .order_by(Task.id)
        )


def _invite(runtime: Runtime, no: str, owner_id: int, done: str) -> int:
    script = runtime.content.scripts.get(runtime.content.inviting.after[done])
    if script is None:
        return 0
    try:
        told = survey_invitations.invite_owner(runtime, script, owner_id, BY, values={"no": no})
    except SQLAlchemyError:
        LOG.exception("a return visit waits for the next tick no=%s", no)
        return 0
    return int(told in (InvitationStatus.ASKED, InvitationStatus.WAITING))

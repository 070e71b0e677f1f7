"""The yearly look at what is held of children (D08): a task for the supervisor each January, and the numbers she needs.

Counts only: no name, no value, no openid leaves here. What the estate holds nothing of needs no audit, and no task comes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select

from dialogs.script import Ask
from handlers import notices
from handlers.assignment import assign
from handlers.consent_state import is_granted
from handlers.runtime import Runtime
from models.answers import SurveyAnswer
from models.audits import AuditEntry, add_audit
from models.cases import CaseEvent, take_number
from models.consents import Consent
from models.database import Transaction
from models.staff import Staff
from models.tags import OwnerTag, Tag
from models.tasks import Task, TaskKind

CRON = "0 9 10 jan *"
MINORS = "minors"
DEEDS = ("read", "tag", "untag", "export")


def ask_for_audit(runtime: Runtime, tx: Transaction) -> bool:
    """Give the supervisor the task of last year's audit; False, and no task, where nothing of children is held."""
    if not count_people(runtime, tx):
        return False
    year = runtime.today().year - 1
    task = Task(
        no=take_number(tx.connection, "C", runtime.day(runtime.now())),
        kind=TaskKind.AUDIT.value,
        service=TaskKind.AUDIT.value,
        summary=runtime.say("audit.minors_task", year=year),
    )
    staff = assign(runtime, tx, task, runtime.content.duty(TaskKind.AUDIT.value))
    tx.session.add(CaseEvent(task_id=task.id, event="task_created", by="system", note=str(year), at=runtime.now()))
    _tell(runtime, tx, task, staff)
    return True


def _tell(runtime: Runtime, tx: Transaction, task: Task, staff: Staff | None) -> None:
    text = runtime.say("audit.new_minors", no=task.no, summary=task.summary)
    fields = {"no": task.no, "summary": task.summary, "at": f"{runtime.local(runtime.now()):%Y-%m-%d %H:%M}"}
    notices.notify(runtime, tx, staff.openid if staff else None, text, template="task", fields=fields)


def count_people(runtime: Runtime, tx: Transaction) -> int:
    """Return of how many people something about a child is held."""
    return tx.session.scalar(select(func.count(func.distinct(OwnerTag.owner_id))).where(_is_held(runtime))) or 0


def report(runtime: Runtime, year: int, by: str) -> dict[str, Any]:
    """Return what is held of children and what was done with it in a year of the estate's zone; audited.

    `findings` names what must not be: values without a living consent, values past their time.
    """
    zone = runtime.options.zone
    since, until = datetime(year, 1, 1, tzinfo=zone), datetime(year + 1, 1, 1, tzinfo=zone)
    with runtime.transaction() as tx:
        held = select(OwnerTag.owner_id, Tag.key, OwnerTag.expires_at).join(Tag, Tag.id == OwnerTag.tag_id)
        rows = tx.session.execute(held.where(_is_held(runtime))).all()
        people = sorted({row.owner_id for row in rows})
        unfounded = sum(not is_granted(tx.session, each, MINORS, runtime.now()) for each in people)
        overdue = sum(row.expires_at is not None and row.expires_at <= runtime.now() for row in rows)
        found = {
            "year": year,
            "standard": runtime.content.vocabulary.standard,
            "people": len(people),
            "values": dict(sorted(Counter(row.key for row in rows).items())),
            "answers": _count_answers(runtime, tx),
            "consents": _count_consents(tx, since, until),
            "deeds": _count_deeds(runtime, tx, since, until, people),
            "findings": {"people_without_consent": unfounded, "values_past_their_time": overdue},
        }
        add_audit(tx.session, runtime.now(), by, "audit_report", MINORS, year=year, people=len(people))
    return found


def _list_keys(runtime: Runtime) -> list[str]:
    return [key.key for key in runtime.content.vocabulary.keys.values() if key.purpose == MINORS]


def _is_held(runtime: Runtime) -> Any:
    return OwnerTag.tag_id.in_(select(Tag.id).where(Tag.key.in_(_list_keys(runtime))))


def _count_answers(runtime: Runtime, tx: Transaction) -> int:
    asked = [
        and_(SurveyAnswer.survey == script.id, SurveyAnswer.question == step.id)
        for script in runtime.content.scripts.values()
        for step in script.steps
        if isinstance(step, Ask) and step.inquiry.consent == MINORS
    ]
    standing = select(func.count()).where(or_(*asked), SurveyAnswer.undone_at.is_(None))
    return (tx.session.scalar(standing) or 0) if asked else 0


def _count_consents(tx: Transaction, since: datetime, until: datetime) -> dict[str, int]:
    """Return how many said yes and how many no in the year."""
    said = select(Consent.granted, func.count()).where(Consent.purpose == MINORS, Consent.at >= since, Consent.at < until)
    counts = dict(tx.session.execute(said.group_by(Consent.granted)).all())
    return {"granted": counts.get(True, 0), "refused_or_withdrawn": counts.get(False, 0)}


def _count_deeds(
    runtime: Runtime, tx: Transaction, since: datetime, until: datetime, people: Sequence[int]
) -> dict[str, dict[str, int]]:
    """Return deed -> who -> how often: cards of these people that were read, values changed, exports of everybody."""
    keys, subjects = set(_list_keys(runtime)), {f"owner:{each}" for each in people}
    entries = select(AuditEntry.by, AuditEntry.action, AuditEntry.subject, AuditEntry.detail)
    within = entries.where(AuditEntry.at >= since, AuditEntry.at < until, AuditEntry.action.in_(DEEDS))
    done: dict[str, Counter[str]] = {}
    for by, action, subject, detail in tx.session.execute(within):
        if action == "export" or (subject in subjects and (action == "read" or detail.get("key") in keys)):
            done.setdefault(action, Counter())[by] += 1
    return {action: dict(sorted(counts.items())) for action, counts in sorted(done.items())}

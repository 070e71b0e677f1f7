"""What a survey is handed when it begins: consents, what may be asked, what is known of the owner. Reads, writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from dialogs.script import Ask, Script
from handlers import consents
from handlers.runtime import Runtime
from models.cases import CaseStatus
from models.consents import PersonIds
from models.owners import Owner, find_home
from models.tags import OwnerTag, Tag
from models.tasks import Task, TaskKind, TaskStatus

_CASES = (TaskKind.ORDER.value, TaskKind.COMPLAINT.value)


def list_inquiries(script: Script) -> tuple[Ask, ...]:
    """Return the questions of a script."""
    return tuple(step for step in script.steps if isinstance(step, Ask))


def list_purposes(script: Script) -> tuple[str, ...]:
    """Return the consents that a survey may have to ask for, its own first."""
    own = script.survey.purpose if script.survey is not None else ""
    return tuple(dict.fromkeys(filter(None, (own, *(step.inquiry.consent for step in list_inquiries(script))))))


def find_facts(runtime: Runtime, session: Session, script: Script, person: PersonIds, *, is_own_wish: bool) -> dict[str, Any]:
    """Return consents, may_ask, the texts of consents and the tags of a person as a survey is handed them.

    Who asks for the survey herself may be asked for its consent again, whatever she said before (D04 is about us asking).
    """
    facts: dict[str, Any] = consents.read_facts(session, person, runtime.now())
    if is_own_wish and script.survey is not None and script.survey.purpose:
        facts["may_ask"] = {**facts["may_ask"], script.survey.purpose: True}
    fresh = {step.inquiry.tag for step in list_inquiries(script) if step.inquiry.fresh is not None}
    tags = find_tags(session, person.owner_id, fresh, runtime.now()) if person.owner_id is not None and fresh else {}
    return {**facts, "tags": nest(tags, runtime)}


def find_texts(runtime: Runtime, script: Script) -> dict[str, str]:
    """Return the texts in force of the consents a survey may ask for."""
    book = runtime.content.consents.purposes
    return {code: book[code].text for code in list_purposes(script) if code in book}


def find_tags(session: Session, owner_id: int, keys: Iterable[str], now: datetime) -> dict[str, tuple[list[str], datetime]]:
    """Return the living tags of these keys: key -> values and when the oldest of them was said."""
    is_living = or_(OwnerTag.expires_at.is_(None), OwnerTag.expires_at > now)
    statement = select(Tag.key, Tag.value, OwnerTag.at).join(OwnerTag, OwnerTag.tag_id == Tag.id)
    statement = statement.where(OwnerTag.owner_id == owner_id, Tag.key.in_(sorted(keys)), is_living)
    found: dict[str, tuple[list[str], datetime]] = {}
    for key, value, at in session.execute(statement.order_by(Tag.key, Tag.value)):
        values, oldest = found.get(key, ([], at))
        found[key] = ([*values, value], min(oldest, at))
    return found


def nest(tags: Mapping[str, tuple[list[str], datetime]], runtime: Runtime) -> dict[str, Any]:
    """Return tags as expressions read them: {pet: {kind: {value, values, label, at}}}."""
    facts: dict[str, Any] = {}
    for key, (values, at) in tags.items():
        *heads, last = key.split(".")
        inner = facts
        for head in heads:
            inner = inner.setdefault(head, {})
        said_at = runtime.local(at).isoformat()
        inner[last] = {"value": values[0], "values": values, "label": "、".join(values), "at": said_at}
    return facts


def find_case(runtime: Runtime, session: Session, script: Script, owner_id: int | None, no: str = "") -> dict[str, Any]:
    """Return what a return visit is told of the newest thing finished for an owner, or of the one named (R59).

    `no`, `service`, and `is_solved` when she has said so already: nobody is asked the same twice.
    """
    if owner_id is None or not {"no", "service"} <= set(script.vars):
        return {}
    done = [Task.owner_id == owner_id, Task.status == TaskStatus.DONE.value, Task.kind.in_(_CASES)]
    done += [Task.no == no] if no else []
    task = session.scalar(select(Task).where(*done).order_by(Task.done_at.desc(), Task.id.desc()).limit(1))
    case = (task.order or task.complaint) if task is not None else None
    if task is None or case is None:
        return {}
    kind = runtime.say(f"complaint.category.{task.complaint.category}") if task.complaint is not None else ""
    known = {"no": task.no, "service": kind or runtime.content.label(task.service or "")}
    return {**known, "is_solved": True} if case.status == CaseStatus.CONFIRMED.value else known


def describe_owner(session: Session, owner_id: int) -> dict[str, Any]:
    """Return what a script knows of an owner, for a conversation that somebody else leads."""
    owner, home = session.get_one(Owner, owner_id), find_home(session, owner_id)
    room = home.room.label if home else ""
    return {
        "name": owner.name,
        "title": owner.name,
        "bound": True,
        "room": room,
        "rooms": [room] if room else [],
        "relation": home.relation if home else "",
        "phone_tail": (owner.phone or "")[-4:],
    }

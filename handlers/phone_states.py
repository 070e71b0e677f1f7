"""What is known of owners' phone numbers: calls that failed, numbers that were replaced, the task to find a new one (R95).

A number is never taken away here, only replaced by a newer one, and the old one stays in the history. The tag phone.state
follows, so that audiences can ask for it.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import exists, select

from handlers import notices
from handlers.assignment import assign
from handlers.errors import InvalidInputError, NotFoundError
from handlers.runtime import Runtime
from handlers.tag_writes import TagOrigin, remove_tag, write_tag
from models.audits import add_audit
from models.cases import CaseEvent, take_number
from models.database import Transaction
from models.owners import DEAD_PHONES, Owner, PhoneEvent, PhoneState, find_home
from models.tasks import LIVING, Task, TaskKind

FAILURES_TO_VERIFY = 2
REPORTED, REPLACED = "reported", "replaced"
TAG, SOURCE = "phone.state", "register"
STATES = tuple(state.value for state in PhoneState)


@dataclass(frozen=True, slots=True)
class PhoneOutcome:
    """What became of a report: the state before and now, dead calls in a row, the task it led to (its NO, else None)."""

    before: str
    state: str
    failures: int
    task_no: str | None = None


def set_phone_state(runtime: Runtime, tx: Transaction, owner_id: int, state: str, by: str, evidence: str = "") -> PhoneOutcome:
    """Note what a call found of a person's number; the second dead call in a row asks the butler, once (R95).

    `state` is one of STATES. `evidence` is the message, visit or task it was said in: the same number, state and
    evidence again is the same call and changes nothing. Raises NotFoundError for an unknown person, InvalidInputError
    for a person without a number or a state that there is not.
    """
    if state not in STATES:
        raise InvalidInputError(f"there is no phone state {state}: choose one of {', '.join(STATES)}")
    owner = _lock_owner(tx, owner_id)
    if not owner.phone:
        raise InvalidInputError(f"the owner with id {owner_id} has no number")
    before = owner.phone_state
    if evidence and _is_told(tx, owner, state, evidence):
        return PhoneOutcome(before, before, owner.phone_failures)
    _remember(runtime, tx, owner, action=REPORTED, state=state, by=by, evidence=evidence[:200] or None)
    if state in DEAD_PHONES:
        owner.phone_failures += 1
    elif state == PhoneState.VALID.value:
        owner.phone_failures = 0
    owner.phone_state, owner.phone_changed_at = state, runtime.now()
    _follow(runtime, tx, owner_id, state, by, evidence)
    add_audit(tx.session, runtime.now(), by, "phone_state", f"owner:{owner_id}", state=state, failures=owner.phone_failures)
    tx.flush()
    task_no = _ask_to_verify(runtime, tx, owner) if owner.phone_failures == FAILURES_TO_VERIFY else None
    return PhoneOutcome(before, state, owner.phone_failures, task_no)


def replace_phone(runtime: Runtime, tx: Transaction, owner_id: int, phone: str, by: str, evidence: str = "") -> bool:
    """Give a person another number (digits); the old one is kept in the history. False when it is hers already."""
    owner = _lock_owner(tx, owner_id)
    if owner.phone == phone:
        return False
    if owner.phone:
        state, proof = owner.phone_state, evidence[:200] or None
        _remember(runtime, tx, owner, action=REPLACED, state=state, by=by, evidence=proof)
    owner.phone, owner.phone_state, owner.phone_failures = phone, PhoneState.UNCHECKED.value, 0
    owner.phone_changed_at = runtime.now()
    _follow(runtime, tx, owner_id, None, by, evidence)
    add_audit(tx.session, runtime.now(), by, "phone_replaced", f"owner:{owner_id}")
    tx.flush()
    return True


def _follow(runtime: Runtime, tx: Transaction, owner_id: int, state: str | None, by: str, evidence: str) -> None:
    """Let the tag say what the register says; a call is newer than whatever was said of the number before."""
    origin = TagOrigin(SOURCE, by, evidence=evidence or None)
    remove_tag(runtime, tx, owner_id, TAG, None, origin)
    if state is not None:
        write_tag(runtime, tx, owner_id, TAG, state, origin)


def _lock_owner(tx: Transaction, owner_id: int) -> Owner:
    tx.flush()
    owner = tx.session.get(Owner, owner_id, with_for_update=True, populate_existing=True)
    if owner is None:
        raise NotFoundError(f"no owner has the id {owner_id}")
    return owner


def _is_told(tx: Transaction, owner: Owner, state: str, evidence: str) -> bool:
    told = exists().where(
        PhoneEvent.owner_id == owner.id,
        PhoneEvent.phone == owner.phone,
        PhoneEvent.state == state,
        PhoneEvent.evidence == evidence[:200],
        PhoneEvent.action == REPORTED,
    )
    return bool(tx.session.scalar(select(told)))


def _remember(runtime: Runtime, tx: Transaction, owner: Owner, **said: str | None) -> None:
    tx.session.add(PhoneEvent(owner_id=owner.id, phone=owner.phone, at=runtime.now(), **said))


def _ask_to_verify(runtime: Runtime, tx: Transaction, owner: Owner) -> str | None:
    """Give the butler the task to find a new number; None while she has one for this person already."""
    verify, session = TaskKind.VERIFY.value, tx.session
    waiting = exists().where(Task.owner_id == owner.id, Task.kind == verify, Task.status.in_(LIVING))
    if session.scalar(select(waiting)):
        return None
    home = find_home(session, owner.id)
    task = Task(
        no=take_number(tx.connection, "C", runtime.day(runtime.now())),
        kind=verify,
        summary=runtime.say("task.verify", state=owner.phone_state),
        owner_id=owner.id,
        building_id=home.room.building_id if home else None,
    )
    butler = assign(runtime, tx, task, runtime.content.duty(verify))
    session.add(CaseEvent(task_id=task.id, event="task_created", by="system", note="", at=runtime.now()))
    values = {"owner": owner.name, "room": home.room.label if home else "", "state": owner.phone_state}
    text = runtime.say("task.new_verify", no=task.no, **values)
    fields = {"no": task.no, "summary": task.summary, "at": f"{runtime.local(runtime.now()):%Y-%m-%d %H:%M}"}
    notices.notify(runtime, tx, butler.openid if butler else None, text, template="task", fields=fields)
    return task.no

"""What somebody changed on the platform: kept as rows, closed when the platform agrees again, decided by staff."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from sqlalchemy import select

from handlers.errors import ConflictError, NotFoundError
from handlers.mirror_plan import LET_BE, plan, put_due
from handlers.mirror_round import Round
from handlers.runtime import Runtime
from handlers.tag_rules import Outcome, TagOrigin
from handlers.tag_writes import remove_tag, write_tag
from models.audits import add_audit
from models.database import Transaction
from models.followers import Follower
from models.mirror import (
    JOB,
    AccountTag,
    Foreign,
    ForeignChange,
    MirrorState,
    MirrorStatus,
    TagStatus,
    list_open_changes,
)

SOURCE = "account"
VANISHED = "vanished"


class Decision(StrEnum):
    """What staff say of a foreign change."""

    TAKE = "taken"  # what the platform has is right
    RESTORE = "restored"  # put ours back


def keep(runtime: Runtime, tx: Transaction, each: Round, row: MirrorState, ours: Mapping[int, int]) -> None:
    """Keep what is foreign about a follower, once, and end what is so no longer. `ours`: platform's id -> our id."""
    open_ones = {(change.what, change.tag_id): change for change in list_open_changes(tx.session, [each.openid])}
    for found in each.wanted.foreign:
        tag_id = ours[found.platform_id] if found.platform_id is not None else None
        known = open_ones.pop((found.what.value, tag_id), None)
        if known is not None:
            known.ours, known.theirs = found.ours, found.theirs[:120]
            continue
        said = {"what": found.what.value, "ours": found.ours, "theirs": found.theirs[:120]}
        tx.session.add(ForeignChange(openid=each.openid, tag_id=tag_id, at=runtime.now(), **said))
    for change in open_ones.values():
        change.decided_at, change.decided_by, change.decision = runtime.now(), "system", VANISHED
    tx.session.flush()


def decide(runtime: Runtime, change_id: int, decision: Decision, by: str) -> str:
    """Decide a foreign change; returns "" or why it could not be taken over: no_owner, or what keeps the tag out.

    Taking over changes our register (or keeps their remark, or their name of a tag, or lets a deleted tag go); restoring
    lets the worker put ours back. Raises NotFoundError, ConflictError when it was decided before.
    """
    with runtime.transaction() as tx:
        change = tx.session.get(ForeignChange, change_id, with_for_update=True)
        if change is None:
            raise NotFoundError(f"there is no foreign change {change_id}")
        if change.decided_at is not None:
            raise ConflictError(f"the foreign change {change_id} was decided already: {change.decision}")
        if change.openid is None:
            _decide_tag(runtime, tx, change, decision)
        elif reason := _decide_follower(runtime, tx, change, decision, by):
            return reason
        change.decided_at, change.decided_by, change.decision = runtime.now(), by[:80], decision.value
        detail = {"what": change.what, "decision": decision.value, "tag": change.tag_id}
        add_audit(tx.session, runtime.now(), by, "account_change", f"account_change:{change.id}", **detail)
    return ""


def _decide_tag(runtime: Runtime, tx: Transaction, change: ForeignChange, decision: Decision) -> None:
    """A tag itself was renamed or deleted on the platform."""
    tag = tx.session.get_one(AccountTag, change.tag_id, with_for_update=True)
    tag.due_at, tag.attempts, tag.reason = runtime.now(), 0, None
    if change.what == Foreign.RENAMED.value:
        if decision is Decision.TAKE:
            tag.known_name = change.theirs[:60]
        else:
            tag.status = TagStatus.PLANNED.value
        return
    tag.platform_id, tag.known_name, tag.is_adopted, tag.people = None, None, False, None
    tag.status = (TagStatus.STOPPED if decision is Decision.TAKE else TagStatus.PLANNED).value


def _decide_follower(runtime: Runtime, tx: Transaction, change: ForeignChange, decision: Decision, by: str) -> str:
    """A follower's tag or remark was changed on the platform: from now on we know it as it is there."""
    openid = str(change.openid)
    state = tx.session.get_one(MirrorState, openid, with_for_update=True)
    if change.what == Foreign.REMARK.value:
        if decision is Decision.TAKE:
            state.kept_remark, state.kept_for = change.theirs, state.wanted_remark
        else:
            state.written_remark, state.kept_remark, state.kept_for = change.theirs, None, None
    else:
        tag = tx.session.get_one(AccountTag, change.tag_id)
        if decision is Decision.TAKE and (reason := _take_over(runtime, tx, openid, tag, change, by)):
            return reason
        is_on = change.what == Foreign.TAG_ON.value
        rest = [each for each in state.known if each != tag.platform_id]
        state.known = sorted([*rest, tag.platform_id]) if is_on and tag.platform_id else rest
    tx.session.flush()
    plan(runtime, tx, [openid], due_at=runtime.now())
    tx.wake(JOB)
    return ""


def _take_over(runtime: Runtime, tx: Transaction, openid: str, tag: AccountTag, change: ForeignChange, by: str) -> str:
    """Let our register say of a person what the platform says."""
    owner_id = tx.session.scalar(select(Follower.owner_id).where(Follower.openid == openid))
    if owner_id is None:
        return "no_owner"
    origin = TagOrigin(SOURCE, by, evidence=f"account_change:{change.id}")
    if change.what == Foreign.TAG_ON.value:
        written = write_tag(runtime, tx, owner_id, tag.key, tag.value, origin, is_decided=True)
    else:
        written = remove_tag(runtime, tx, owner_id, tag.key, tag.value, origin)
    return written.reason if written.outcome is Outcome.REFUSED and written.reason != "absent" else ""


def try_again(runtime: Runtime, openid: str, by: str) -> None:
    """Try what is held for a follower once more, now. Raises NotFoundError when nothing of hers is held."""
    with runtime.transaction() as tx:
        state = _get_held(tx, openid)
        put_due(state, runtime.now())
        add_audit(tx.session, runtime.now(), by, "account_retry", f"openid:{openid}")
        tx.wake(JOB)


def let_be(runtime: Runtime, openid: str, by: str) -> None:
    """Leave a follower as she is on the platform until something of hers changes. Raises NotFoundError."""
    with runtime.transaction() as tx:
        state = _get_held(tx, openid)
        state.status, state.reason = MirrorStatus.IDLE.value, LET_BE
        add_audit(tx.session, runtime.now(), by, "account_let_be", f"openid:{openid}")


def _get_held(tx: Transaction, openid: str) -> MirrorState:
    state = tx.session.get(MirrorState, openid, with_for_update=True)
    if state is None or state.status != MirrorStatus.HELD.value:
        raise NotFoundError(f"nothing is held for {openid}")
    return state


def try_tag_again(runtime: Runtime, tag_id: int, by: str) -> None:
    """Try to make a tag of the account once more. Raises NotFoundError unless it is held or stopped."""
    _move_tag(runtime, tag_id, TagStatus.PLANNED, by)


def stop_tag(runtime: Runtime, tag_id: int, by: str) -> None:
    """Do without a tag that the platform refuses, until content calls it otherwise. Raises NotFoundError unless it is held."""
    _move_tag(runtime, tag_id, TagStatus.STOPPED, by)


def _move_tag(runtime: Runtime, tag_id: int, status: TagStatus, by: str) -> None:
    with runtime.transaction() as tx:
        tag = tx.session.get(AccountTag, tag_id, with_for_update=True)
        if tag is None or tag.status not in (TagStatus.HELD.value, TagStatus.STOPPED.value):
            raise NotFoundError(f"no tag of the account with the id {tag_id} is held")
        tag.status, tag.due_at, tag.attempts, tag.reason = status.value, runtime.now(), 0, None
        add_audit(tx.session, runtime.now(), by, "account_tag", f"account_tag:{tag_id}", status=status.value)
        tx.wake(JOB)

"""The account's own tags: made, found, renamed and taken off as content names them; what others did to them is noted.

Nothing here decides who carries them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from sqlalchemy import delete, select, update

from handlers.errors import GatewayError
from handlers.mirror_calls import PERSON_CODES, TAG_GONE, Api, Fault, call_in_halves, is_account_wide, judge, put_pause
from handlers.ports import PlatformTag
from handlers.runtime import Runtime
from models.database import Database, Transaction
from models.mirror import AccountTag, Foreign, ForeignChange, TagStatus, list_known_carriers, list_pauses, mark_carriers

LOOK_EVERY, LEASE = timedelta(days=1), timedelta(minutes=5)
BATCH, CALL = 100, 50
LOOKED_AT = tuple(each.value for each in (TagStatus.PLANNED, TagStatus.MAKING, TagStatus.STANDING, TagStatus.LEAVING))
DELETED = "deleted"
TAKEN = "name_taken"  # by another tag of ours


@dataclass(frozen=True, slots=True)
class _Tag:
    """A tag as it was claimed."""

    id: int
    name: str
    known_name: str
    platform_id: int | None
    status: TagStatus
    is_adopted: bool
    attempts: int
    was_making: bool


@dataclass(frozen=True, slots=True)
class _End:
    """What became of one: its state, and what the platform says of it."""

    status: TagStatus
    found: PlatformTag | None = None
    fault: Fault | None = None
    is_adopted: bool = False
    foreign: Foreign | None = None


class StandingTags:
    """Implements handlers.ports.AccountTags by our rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find_account_tag(self, key: str, value: str) -> int | None:
        """Return the platform's id of a tag, None while it is not kept there."""
        mine = (AccountTag.key == key, AccountTag.value == value, AccountTag.status == TagStatus.STANDING.value)
        with self._database.reading() as tx:
            return tx.connection.scalar(select(AccountTag.platform_id).where(*mine))


def keep_due(runtime: Runtime) -> int:
    """Bring the account's tags that are due to where content wants them, and look at the others; returns how many."""
    claimed = _claim(runtime)
    if not claimed:
        return 0
    try:
        listed = {each.id: each for each in runtime.gateway.list_tags()}
    except GatewayError as error:
        ends = {tag.id: _End(_fall_back(tag), fault=judge(runtime, error, tag.attempts)) for tag in claimed}
    else:
        ends = {tag.id: _bring(runtime, tag, listed) for tag in claimed}
    with runtime.transaction() as tx:
        _settle_all(runtime, tx, ends)
        wide = [end.fault for end in ends.values() if end.fault and is_account_wide(end.fault)]
        if wide:
            put_pause(runtime, tx, Api.TAGS, wide[0])
    return len(claimed)


def is_due(runtime: Runtime, tx: Transaction) -> bool:
    """Tell whether a tag of the account waits to be looked at."""
    due = select(AccountTag.id).where(AccountTag.status.in_(LOOKED_AT), AccountTag.due_at <= runtime.now())
    return tx.connection.scalar(due.limit(1)) is not None


def _claim(runtime: Runtime) -> list[_Tag]:
    """Take the tags that are due; that a call to make one may be under way is written down before it is made."""
    now = runtime.now()
    with runtime.transaction() as tx:
        if not is_due(runtime, tx) or Api.TAGS.value in list_pauses(tx.session, now):
            return []
        due = (AccountTag.status.in_(LOOKED_AT), AccountTag.due_at <= now)
        statement = select(AccountTag).where(*due).order_by(AccountTag.id).limit(BATCH)
        rows = tx.session.scalars(statement if tx.is_sqlite else statement.with_for_update(skip_locked=True)).all()
        claimed = [_note(row) for row in rows]
        for row in rows:
            row.due_at, row.attempts = now + LEASE, row.attempts + 1
            if row.status == TagStatus.PLANNED.value and row.platform_id is None:
                row.status = TagStatus.MAKING.value
    return claimed


def _note(row: AccountTag) -> _Tag:
    status = TagStatus(row.status)
    return _Tag(
        id=row.id,
        name=row.name,
        known_name=row.known_name or "",
        platform_id=row.platform_id,
        status=TagStatus.PLANNED if status is TagStatus.MAKING else status,
        is_adopted=row.is_adopted,
        attempts=row.attempts + 1,
        was_making=status is TagStatus.MAKING,
    )


def _lock(tx: Transaction, ids: Sequence[int]) -> Sequence[AccountTag]:
    return tx.session.scalars(select(AccountTag).where(AccountTag.id.in_(ids)).order_by(AccountTag.id).with_for_update()).all()


def _bring(runtime: Runtime, tag: _Tag, listed: Mapping[int, PlatformTag]) -> _End:
    """Do for one tag what is to be done, and tell what came of it."""
    try:
        if tag.status is TagStatus.LEAVING:
            return _take_off(runtime, tag, listed)
        if tag.platform_id is not None:
            return _look(runtime, tag, listed.get(tag.platform_id))
        same = next((each for each in listed.values() if each.name == tag.name), None)
        if same is not None:
            return _End(TagStatus.STANDING, same, is_adopted=not tag.was_making)
        return _End(TagStatus.STANDING, PlatformTag(runtime.gateway.create_tag(tag.name), tag.name))
    except GatewayError as error:
        fault = judge(runtime, error, tag.attempts)
        if fault.code == TAG_GONE:  # between the list and the call
            return _End(TagStatus.HELD, foreign=Foreign.DELETED)
        return _End(_fall_back(tag) if fault.retry_at else TagStatus.HELD, fault=fault)


def _fall_back(tag: _Tag) -> TagStatus:
    """Return where a tag stands after a call of which nothing is known: a name found next time may be ours."""
    is_new = tag.status is TagStatus.PLANNED and tag.platform_id is None
    return TagStatus.MAKING if is_new else tag.status


def _take_off(runtime: Runtime, tag: _Tag, listed: Mapping[int, PlatformTag]) -> _End:
    """Delete a tag of ours with all who carry it; one that was there before us stays, and only leaves those we put it on."""
    if tag.platform_id is None or tag.platform_id not in listed:
        return _End(TagStatus.LEAVING)
    if not tag.is_adopted:
        runtime.gateway.delete_tag(tag.platform_id)
        return _End(TagStatus.LEAVING)
    with runtime.database.reading() as tx:
        openids = list_known_carriers(tx, tag.platform_id)
    for start in range(0, len(openids), CALL):
        part = openids[start : start + CALL]
        for _, error in call_in_halves(part, partial(runtime.gateway.untag_people, tag.platform_id)):
            if error is not None and error.code not in PERSON_CODES:
                raise error
    return _End(TagStatus.LEAVING)


def _look(runtime: Runtime, tag: _Tag, found: PlatformTag | None) -> _End:
    if found is None:
        return _End(TagStatus.HELD, foreign=Foreign.DELETED)
    if tag.status is TagStatus.PLANNED and found.name != tag.name and tag.platform_id is not None:
        runtime.gateway.rename_tag(tag.platform_id, tag.name)
        return _End(TagStatus.STANDING, PlatformTag(found.id, tag.name, found.people), is_adopted=tag.is_adopted)
    is_foreign = found.name not in (tag.name, tag.known_name)
    return _End(TagStatus.STANDING, found, is_adopted=tag.is_adopted, foreign=Foreign.RENAMED if is_foreign else None)


def _settle_all(runtime: Runtime, tx: Transaction, ends: Mapping[int, _End]) -> None:
    """Write down what came of each tag; what many tags need is asked and written once for all."""
    rows = _lock(tx, list(ends))
    taken = _find_places(tx, [end.found.id for end in ends.values() if end.found is not None])
    new, agreed = [], []
    for row in rows:
        end, was = ends[row.id], row.status
        if end.found is not None and taken.setdefault(end.found.id, row.id) != row.id:
            end = _End(TagStatus.HELD, fault=Fault(TAKEN, None, None))
        _settle(runtime, tx, row, end)
        if end.status is TagStatus.STANDING and end.foreign is None:
            agreed.append(row.id)
        if end.status is TagStatus.STANDING and end.found and not end.fault and was != TagStatus.STANDING.value:
            new.append((row.key, row.value))
    _close_tag_changes(runtime, tx, agreed)
    mark_carriers(tx, new)


def _settle(runtime: Runtime, tx: Transaction, row: AccountTag, end: _End) -> None:
    if end.status is TagStatus.LEAVING and end.fault is None:
        forget_tag(tx, row)
        return
    row.status, row.reason = end.status.value, end.fault.reason if end.fault else None
    row.due_at = end.fault.retry_at if end.fault and end.fault.retry_at else runtime.now() + LOOK_EVERY
    if end.foreign is Foreign.DELETED:
        row.reason = DELETED
    if end.foreign is not None:
        note_tag_change(tx, row, end.foreign, end.found.name if end.found else "", runtime)
    if end.status is TagStatus.STANDING and end.found is not None and end.fault is None:
        row.platform_id, row.people, row.is_adopted, row.attempts = end.found.id, end.found.people, end.is_adopted, 0
        if end.foreign is None:
            row.known_name = end.found.name


def _find_places(tx: Transaction, platform_ids: Sequence[int]) -> dict[int, int]:
    """Return which of our tags has which of the platform's."""
    places = select(AccountTag.platform_id, AccountTag.id).where(AccountTag.platform_id.in_(platform_ids))
    return {row.platform_id: row.id for row in tx.connection.execute(places)} if platform_ids else {}


def note_tag_change(tx: Transaction, row: AccountTag, what: Foreign, theirs: str, runtime: Runtime) -> None:
    """Note once what somebody did to a tag itself."""
    open_ones = (ForeignChange.tag_id == row.id, ForeignChange.what == what.value, ForeignChange.decided_at.is_(None))
    known = tx.session.scalar(select(ForeignChange).where(*open_ones, ForeignChange.openid.is_(None)))
    if known is not None:
        known.theirs = theirs
        return
    tx.session.add(ForeignChange(tag_id=row.id, what=what.value, ours=row.name, theirs=theirs, at=runtime.now()))


def _close_tag_changes(runtime: Runtime, tx: Transaction, tag_ids: Sequence[int]) -> None:
    """End what was noted about tags themselves: the platform agrees again."""
    mine = (ForeignChange.tag_id.in_(tag_ids), ForeignChange.openid.is_(None), ForeignChange.decided_at.is_(None))
    ended = {"decided_at": runtime.now(), "decided_by": "system", "decision": "vanished"}
    if tag_ids:
        tx.session.execute(update(ForeignChange).where(*mine).values(**ended))


def forget_tag(tx: Transaction, row: AccountTag) -> None:
    """Take a tag and what was noted about it away."""
    tx.session.execute(delete(ForeignChange).where(ForeignChange.tag_id == row.id))
    tx.session.delete(row)
    tx.session.flush()


def list_standing(runtime: Runtime, tx: Transaction) -> list[AccountTag]:
    """Return the tags that stand on the platform, in the order of content, which is their weight."""
    order = {(tag.key, tag.value): at for at, tag in enumerate(runtime.content.mirror.tags)}
    rows = tx.session.scalars(select(AccountTag).where(AccountTag.status == TagStatus.STANDING.value)).all()
    return sorted(
        (row for row in rows if row.platform_id), key=lambda row: (order.get((row.key, row.value), len(order)), row.id)
    )


def look_again(tx: Transaction, platform_ids: Collection[int], runtime: Runtime) -> None:
    """Have tags looked at soon: the platform said that there are no such."""
    if platform_ids:
        statement = update(AccountTag).where(AccountTag.platform_id.in_(platform_ids))
        tx.connection.execute(statement.values(due_at=runtime.now()))

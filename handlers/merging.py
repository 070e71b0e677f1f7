"""Makes one person of two rows of the register, with everything that names her, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

from sqlalchemy import ColumnElement, delete, insert, select, update
from sqlalchemy.orm import Session

from handlers.errors import ConflictError, InvalidInputError, NotFoundError
from handlers.pushes import update_counts
from handlers.runtime import Runtime
from handlers.tag_basis import may_be_kept
from models.audits import add_audit
from models.campaigns import Delivery
from models.database import Transaction, table_of
from models.merges import Merge, find_merge, holds_merged, move_plain
from models.mirror import mark_owners
from models.outbox import SendStatus
from models.owners import Owner, PhoneEvent, PhoneState, Residence
from models.sealing import Secret, hide
from models.tag_changes import TagConflict, list_conflicts
from models.tags import OwnerTag, Tag

MERGED = "merged"
# of two deliveries of one push the one that came further is kept
FURTHEST = (
    *(SendStatus.DELIVERED, SendStatus.SENT, SendStatus.UNKNOWN, SendStatus.LEASED),
    *(SendStatus.PLANNED, SendStatus.FAILED, SendStatus.SKIPPED),
)
_TAGS, _DELIVERIES, _HOMES = table_of(OwnerTag), table_of(Delivery), table_of(Residence)
_SAID = tuple(column.name for column in _TAGS.columns if column.name != "owner_id")


@dataclass(frozen=True, slots=True)
class MergeReport:
    """What a merge did: rows by table that now name `keep`, and tags on which the two differed (key, kept, other)."""

    keep: int
    drop: int
    moved: dict[str, int] = field(default_factory=dict)
    conflicts: list[tuple[str, str, str]] = field(default_factory=list)


def merge_owners(runtime: Runtime, keep_id: int, drop_id: int, by: str) -> MergeReport:
    """Merge the owner `drop_id` into `keep_id`: homes, tags, orders, followers, history; her name stays as `keep_id` has it.

    Tags that contradict each other stay as they are with `keep_id` and become conflicts for staff. Raises NotFoundError for
    an unknown person, ConflictError for one who was merged already, or into whom another was: chains are not made.
    """
    with runtime.transaction() as tx:
        return _join(runtime, tx, keep_id, drop_id, by)


def preview_merge(runtime: Runtime, keep_id: int, drop_id: int, by: str) -> MergeReport:
    """Return what a merge would do, and do nothing: it is carried out and taken back. Raises what merge_owners raises."""
    try:
        _join_in_vain(runtime, keep_id, drop_id, by)
    except _TakenBackError as taken:
        return taken.report


class _TakenBackError(Exception):
    """Ends a transaction without leaving anything of it."""

    def __init__(self, report: MergeReport) -> None:
        super().__init__("a preview")
        self.report = report


def _join_in_vain(runtime: Runtime, keep_id: int, drop_id: int, by: str) -> NoReturn:
    with runtime.transaction() as tx:
        raise _TakenBackError(_join(runtime, tx, keep_id, drop_id, by))


def _join(runtime: Runtime, tx: Transaction, keep_id: int, drop_id: int, by: str) -> MergeReport:
    if keep_id == drop_id:
        raise InvalidInputError("an owner cannot be merged into herself: give two ids")
    keep, drop = _lock(tx, keep_id, drop_id)
    _refuse_chain(tx.session, keep, drop)
    _join_person(runtime, tx, keep, drop, by)
    tx.flush()
    moved = move_plain(tx, keep_id, drop_id)  # consents before the tags that rest on them
    conflicts = _join_tags(runtime, tx, keep_id, drop_id, by)
    moved |= _join_homes(tx, keep_id, drop_id) | _join_deliveries(tx, keep_id, drop_id)
    _note(runtime, tx, drop, MergeReport(keep_id, drop_id, moved, conflicts), by)
    tx.session.delete(drop)
    tx.flush()
    mark_owners(tx, [keep_id])
    return MergeReport(keep_id, drop_id, moved, conflicts)


def _lock(tx: Transaction, keep_id: int, drop_id: int) -> tuple[Owner, Owner]:
    statement = select(Owner).where(Owner.id.in_((keep_id, drop_id))).order_by(Owner.id).with_for_update()
    found = {owner.id: owner for owner in tx.session.scalars(statement)}
    for owner_id in (keep_id, drop_id):
        if owner_id not in found:
            merge = find_merge(tx.session, owner_id)
            if merge is not None:
                raise ConflictError(f"the owner with id {owner_id} was merged into {merge.owner_id} already")
            raise NotFoundError(f"no owner has the id {owner_id}")
    return found[keep_id], found[drop_id]


def _refuse_chain(session: Session, keep: Owner, drop: Owner) -> None:
    if holds_merged(session, drop.id):
        raise ConflictError(f"somebody was merged into {drop.id} before: keep {drop.id} and drop {keep.id} instead")


def _join_person(runtime: Runtime, tx: Transaction, keep: Owner, drop: Owner, by: str) -> None:
    """Take what the person who stays has not; another number stays in the history."""
    if drop.phone and not keep.phone:
        keep.phone, keep.phone_state = drop.phone, drop.phone_state
        keep.phone_failures, keep.phone_changed_at = drop.phone_failures, drop.phone_changed_at
    elif drop.phone and drop.phone != keep.phone:
        values = {"phone": drop.phone, "state": drop.phone_state, "by": by, "at": runtime.now()}
        tx.session.add(PhoneEvent(owner_id=keep.id, action=MERGED, **values))
    elif drop.phone and keep.phone_state == PhoneState.UNCHECKED.value:
        keep.phone_state, keep.phone_failures = drop.phone_state, drop.phone_failures
    keep.birthday = keep.birthday or drop.birthday
    keep.created_at = min(keep.created_at, drop.created_at)


def _note(runtime: Runtime, tx: Transaction, drop: Owner, report: MergeReport, by: str) -> None:
    now = runtime.now()
    values = {"owner_id": report.keep, "dropped_name": drop.name, "by": by[:80], "moved": report.moved, "at": now}
    tx.session.add(Merge(dropped_id=drop.id, **values))
    detail = {"dropped": drop.id, "moved": report.moved, "conflicts": [key for key, _, _ in report.conflicts]}
    add_audit(tx.session, now, by, "merge", f"owner:{report.keep}", **detail)


def _join_homes(tx: Transaction, keep: int, drop: int) -> dict[str, int]:
    """Bring homes over; they get new numbers, so that the main home stays what it was. One that both have stays once."""
    hers = {row.room_id: row for row in _read(tx, _HOMES.c.owner_id == keep)}
    moved = 0
    for row in _read(tx, _HOMES.c.owner_id == drop):
        tx.connection.execute(delete(_HOMES).where(_HOMES.c.id == row.id))
        same = hers.get(row.room_id)
        if same is None:
            values = {"relation": row.relation, "moved_in_on": row.moved_in_on, "ended_on": row.ended_on}
            tx.connection.execute(insert(_HOMES).values(owner_id=keep, room_id=row.room_id, **values))
            moved += 1
            continue
        days = [day for day in (same.moved_in_on, row.moved_in_on) if day]
        ends = [same.ended_on, row.ended_on]
        values = {"moved_in_on": min(days, default=None), "ended_on": None if None in ends else max(ends)}
        tx.connection.execute(update(_HOMES).where(_HOMES.c.id == same.id).values(**values))
    return {"residence": moved} if moved else {}


def _read(tx: Transaction, condition: ColumnElement[bool]) -> Sequence[Any]:
    return tx.connection.execute(select(_HOMES).where(condition).order_by(_HOMES.c.id)).all()


def _join_deliveries(tx: Transaction, keep: int, drop: int) -> dict[str, int]:
    """Bring deliveries over; of two of one push the one that came further stays."""
    columns = (_DELIVERIES.c.id, _DELIVERIES.c.campaign_id, _DELIVERIES.c.status)
    hers, others = (
        {row.campaign_id: row for row in tx.connection.execute(select(*columns).where(_DELIVERIES.c.owner_id == owner_id))}
        for owner_id in (keep, drop)
    )
    both = hers.keys() & others.keys()
    worse = [max(hers[each], others[each], key=lambda row: FURTHEST.index(SendStatus(row.status))).id for each in both]
    if worse:
        tx.connection.execute(delete(_DELIVERIES).where(_DELIVERIES.c.id.in_(worse)))
    moved = tx.connection.execute(update(_DELIVERIES).where(_DELIVERIES.c.owner_id == drop).values(owner_id=keep)).rowcount
    for campaign_id in both:
        update_counts(tx, campaign_id)
    return {"delivery": moved} if moved else {}


def _join_tags(runtime: Runtime, tx: Transaction, keep: int, drop: int, by: str) -> list[tuple[str, str, str]]:
    """Bring tags over as they were said; what has expired, or wants a consent that is not there, goes. Returns conflicts."""
    now, keys = runtime.now(), runtime.content.vocabulary.keys
    for row in _read_tags(tx, keep):  # the other one may have taken her consent back since
        if row.key in keys and not may_be_kept(runtime, tx, keep, row.key, row.purpose):
            tx.connection.execute(delete(_TAGS).where(_TAGS.c.owner_id == keep, _TAGS.c.tag_id == row.tag_id))
    hers = _read_tags(tx, keep)
    conflicts: list[tuple[str, str, str]] = []
    for row in _read_tags(tx, drop):
        rule = keys.get(row.key)
        is_alive = row.expires_at is None or row.expires_at > now
        if rule is None or not is_alive or not may_be_kept(runtime, tx, keep, row.key, row.purpose):
            continue
        living = [each for each in hers if each.key == row.key and (each.expires_at is None or each.expires_at > now)]
        against = [each.value for each in living if rule.excludes(row.value, each.value)]
        if against:
            conflicts.append((row.key, "、".join(against), row.value))
            _keep_conflict(tx, keep, row, conflicts[-1], by)
            continue
        _take_tag(tx, keep, row, [each for each in hers if each.key == row.key])
    tx.connection.execute(delete(_TAGS).where(_TAGS.c.owner_id == drop))
    return conflicts


def _read_tags(tx: Transaction, owner_id: int) -> Sequence[Any]:
    statement = select(Tag.key, Tag.value, _TAGS).join(_TAGS, _TAGS.c.tag_id == Tag.id).where(_TAGS.c.owner_id == owner_id)
    return tx.connection.execute(statement.order_by(Tag.key, Tag.value)).all()


def _take_tag(tx: Transaction, keep: int, row: Any, hers: Sequence[Any]) -> None:
    """Put a tag on the person who stays; where she has the same, the younger one stands."""
    values = {name: getattr(row, name) for name in _SAID}
    same = next((each for each in hers if each.tag_id == row.tag_id), None)
    if same is None:
        tx.connection.execute(insert(_TAGS).values(owner_id=keep, **values))
    elif row.at > same.at:
        mine = (_TAGS.c.owner_id == keep, _TAGS.c.tag_id == row.tag_id)
        tx.connection.execute(update(_TAGS).where(*mine).values(**values))


def _keep_conflict(tx: Transaction, keep: int, row: Any, said: tuple[str, str, str], by: str) -> None:
    key, kept, other = said
    if any(each.other == other for each in list_conflicts(tx.session, keep, key)):
        return
    kept = hide(isinstance(other, Secret), kept[:120], key)
    values = {"source": row.source, "by": (row.by or by)[:80], "evidence": row.evidence, "at": row.at}
    tx.session.add(TagConflict(owner_id=keep, key=key, kept=kept, other=other, **values))

"""Works out what followers are to have on the platform, from marks, from tags that have died, and for a page of followers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from handlers.mirror_rules import MirrorBook, choose, render_remark
from handlers.runtime import Runtime
from models.answers import SurveyAnswer
from models.database import Transaction, insert_for
from models.followers import Follower
from models.mirror import (
    AccountTag,
    ForeignChange,
    MirrorMark,
    MirrorState,
    MirrorStatus,
    TagStatus,
    add_states,
    list_marked,
    list_tags_of_account,
    mark_owners,
)
from models.owners import Owner, Residence
from models.places import Room
from models.tags import OwnerTag, Tag

BATCH = 500
REST = timedelta(minutes=1)  # so that what changes in one talk goes in one call
AGAIN, LET_BE = "again", "let_be"  # something came while a worker held her; staff leave her as she is
GONE = (TagStatus.LEAVING.value, TagStatus.STOPPED.value)


@dataclass(slots=True)
class _Wanted:
    """What the register wants of one owner."""

    tags: dict[tuple[str, str], datetime | None] = field(default_factory=dict)
    room: str = ""
    called: str = ""


def note_tags(runtime: Runtime, tx: Transaction, owner_ids: Sequence[int], keys: Sequence[str]) -> None:
    """Note that tags of owners changed, when any of the keys stands on the platform: else it costs nothing."""
    if not runtime.content.mirror.keys.isdisjoint(keys):
        mark_owners(tx, owner_ids)


def find_standing(tags: Sequence[AccountTag]) -> dict[int, int]:
    """Return the tags that stand on the platform: our id -> its id."""
    return {each.id: each.platform_id for each in tags if each.platform_id and each.status == TagStatus.STANDING.value}


def drain_marks(runtime: Runtime) -> int:
    """Work out a batch of marked followers, and those of whom a tag has died since; returns how many marks were used."""
    now = runtime.now()
    with runtime.transaction() as tx:
        marks = list_marked(tx, BATCH)
        dead = select(MirrorState.openid).where(MirrorState.stale_at <= now).limit(BATCH)
        openids = list(dict.fromkeys([*(openid for _, openid in marks), *tx.connection.scalars(dead)]))
        if openids:
            plan(runtime, tx, openids, due_at=now + REST)
            tx.connection.execute(delete(MirrorMark).where(MirrorMark.id.in_([mark_id for mark_id, _ in marks])))
    return len(openids)


def plan(runtime: Runtime, tx: Transaction, openids: Sequence[str], *, due_at: datetime, is_forced: bool = False) -> None:
    """Write down what these followers are to have; who differs, or was never looked at, is due then. `is_forced`: all are."""
    tags = store_tags(runtime, tx)
    places = {(tag.key, tag.value): tag.id for tag in tags if tag.status not in GONE}
    order = {(tag.key, tag.value): at for at, tag in enumerate(runtime.content.mirror.tags)}
    add_states(tx, openids, runtime.now())
    statement = select(MirrorState).where(MirrorState.openid.in_(openids)).order_by(MirrorState.openid)
    states = tx.session.scalars(statement.with_for_update()).all()
    people = _read_people(runtime, tx, openids)
    standing = find_standing(tags)
    for state in states:
        owner = people.get(state.openid)
        before = (state.wanted, state.wanted_remark)
        mine = sorted((each for each in owner.tags if each in places and each in order), key=order.__getitem__) if owner else []
        state.wanted = [places[each] for each in mine]
        ends = [end for each in mine if owner and (end := owner.tags[each]) is not None]
        state.stale_at = min(ends, default=None)
        state.wanted_remark = render_remark(owner.room, owner.called) if owner and runtime.content.mirror.is_remarking else ""
        is_same = before == (state.wanted, state.wanted_remark)
        is_left = is_same and (state.reason == LET_BE or (state.status == MirrorStatus.HELD.value and not is_forced))
        if not is_left and (is_forced or is_pending(state, standing)):
            put_due(state, due_at)


def put_due(state: MirrorState, due_at: datetime) -> None:
    """Let a worker look at a follower; one that a worker holds is looked at again when it is done, one that waits, waits."""
    if state.status == MirrorStatus.LEASED.value:
        state.reason = AGAIN
    if state.status in (MirrorStatus.IDLE.value, MirrorStatus.HELD.value):
        state.status, state.attempts, state.reason, state.due_at = MirrorStatus.PLANNED.value, 0, None, due_at
    elif state.status == MirrorStatus.PLANNED.value and state.attempts == 0:
        state.due_at = min(state.due_at, due_at)


def is_pending(state: MirrorState, standing: Mapping[int, int]) -> bool:
    """Tell whether what we know of the platform is not what she is to have."""
    if not state.is_read:
        return bool(state.wanted or state.wanted_remark)
    ours = set(standing.values())
    wanted = choose(state, standing, state.others)
    is_remarked = state.wanted_remark in (state.written_remark or "", state.kept_for)
    return set(wanted) != ours & set(state.known) or not is_remarked


def store_tags(runtime: Runtime, tx: Transaction) -> Sequence[AccountTag]:
    """Return the account's tags as rows, made to say what content says: new ones planned, others leaving or renamed."""
    now, named = runtime.now(), {(each.key, each.value): each.name for each in runtime.content.mirror.tags}
    known = {(tag.key, tag.value): tag for tag in list_tags_of_account(tx.session)}
    if new := [pair for pair in named if pair not in known]:
        blank = {"status": TagStatus.PLANNED.value, "due_at": now, "attempts": 0, "is_adopted": False}
        rows = [{"key": key, "value": value, "name": named[key, value], **blank} for key, value in new]
        tx.connection.execute(insert_for(tx.connection, AccountTag).on_conflict_do_nothing(), rows)
        known = {(tag.key, tag.value): tag for tag in list_tags_of_account(tx.session)}
    for pair, tag in known.items():
        name = named.get(pair)
        if name is None and tag.status not in GONE:
            tag.status, tag.due_at, tag.attempts = TagStatus.LEAVING.value, now, 0
        elif name is not None and (tag.name != name or tag.status == TagStatus.LEAVING.value):
            tag.name, tag.status, tag.due_at, tag.attempts = name, TagStatus.PLANNED.value, now, 0
    tx.session.flush()
    return list(known.values())


def _read_people(runtime: Runtime, tx: Transaction, openids: Sequence[str]) -> Mapping[str, _Wanted]:
    """Return by openid what the register says of those who follow and are known."""
    hers = select(Follower.openid, Follower.owner_id).where(Follower.openid.in_(openids), Follower.is_following)
    owners = {row.openid: row.owner_id for row in tx.connection.execute(hers) if row.owner_id is not None}
    found: defaultdict[int, _Wanted] = defaultdict(_Wanted)
    ids = set(owners.values())
    if not ids:
        return {}
    _read_tags(runtime, tx, ids, found)
    _read_names(runtime.content.mirror, tx, ids, found)
    return {openid: found[owner_id] for openid, owner_id in owners.items()}


def _read_tags(runtime: Runtime, tx: Transaction, ids: set[int], found: Mapping[int, _Wanted]) -> None:
    statement = (
        select(OwnerTag.owner_id, Tag.key, Tag.value, OwnerTag.expires_at)
        .join(Tag, Tag.id == OwnerTag.tag_id)
        .where(OwnerTag.owner_id.in_(ids), Tag.key.in_(runtime.content.mirror.keys))
        .where(OwnerTag.expires_at.is_(None) | (OwnerTag.expires_at > runtime.now()))
    )
    for owner_id, key, value, expires_at in tx.connection.execute(statement):
        found[owner_id].tags[key, value] = expires_at


def _read_names(book: MirrorBook, tx: Transaction, ids: set[int], found: Mapping[int, _Wanted]) -> None:
    """Read the main home of each, and how she is called: as she said herself, else her name."""
    for owner_id, name in tx.connection.execute(select(Owner.id, Owner.name).where(Owner.id.in_(ids))):
        found[owner_id].called = name
    homes = (
        select(Residence.owner_id, Room.label)
        .join(Room, Room.id == Residence.room_id)
        .where(Residence.owner_id.in_(ids), Residence.ended_on.is_(None))
        .order_by(Residence.id.desc())
    )
    for home in tx.connection.execute(homes):
        found[home.owner_id].room = home.label
    if book.called:
        survey, question = book.called
        said = (SurveyAnswer.survey == survey, SurveyAnswer.question == question, SurveyAnswer.undone_at.is_(None))
        statement = select(SurveyAnswer.owner_id, SurveyAnswer.label).where(SurveyAnswer.owner_id.in_(ids), *said)
        for whose, label in tx.connection.execute(statement.order_by(SurveyAnswer.id)):
            if whose is not None and label.strip():
                found[whose].called = label.strip()


def forget_states(runtime: Runtime, tx: Transaction, openids: Sequence[str]) -> None:
    """Note that the platform has dropped what it kept of followers who left: nothing of ours stands on them any more."""
    tx.session.flush()
    blank = {"known": [], "others": 0, "is_read": False, "trying": None, "trying_remark": None}
    calm = {"status": MirrorStatus.IDLE.value, "fence": MirrorState.fence + 1, "lease_until": None, "reason": None}
    gone = update(MirrorState).where(MirrorState.openid.in_(openids))
    tx.connection.execute(gone.values(**blank, **calm, written_remark=None, kept_remark=None, kept_for=None))
    close_changes(runtime, tx, openids)


def close_changes(runtime: Runtime, tx: Transaction, openids: Sequence[str]) -> None:
    """End what waits for a decision about followers: it is so no longer."""
    hers = (ForeignChange.openid.in_(openids), ForeignChange.decided_at.is_(None))
    ended = {"decided_at": runtime.now(), "decided_by": "system", "decision": "vanished"}
    tx.connection.execute(update(ForeignChange).where(*hers).values(**ended))

"""What of the register stands on the platform as tags and remarks of followers: wanted, known there, and where they differ.

The rows are the queue: whoever changes a tag or a home marks the follower in the same transaction, a worker does the rest.
`known` and `trying` hold ids of the platform, `wanted` holds ours (AccountTag.id), weightiest first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, and_, cast, func, insert, literal, or_, select, text, tuple_
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, BigId
from models.database import Transaction, insert_for, table_of
from models.followers import Follower
from models.tags import OwnerTag, Tag

JOB = "mirror_account"


class TagStatus(StrEnum):
    """Where a tag of the account stands."""

    PLANNED = "planned"  # to be made on the platform
    MAKING = "making"  # the call may have been made; a name found there is ours
    STANDING = "standing"
    HELD = "held"  # the platform refuses; a person decides
    STOPPED = "stopped"  # taken off on the platform, and staff agreed
    LEAVING = "leaving"  # no longer named by content: to be taken off


class MirrorStatus(StrEnum):
    """Where a follower stands."""

    IDLE = "idle"
    PLANNED = "planned"
    LEASED = "leased"
    HELD = "held"


class Foreign(StrEnum):
    """What somebody changed on the platform."""

    TAG_ON = "tag_on"
    TAG_OFF = "tag_off"
    REMARK = "remark"
    RENAMED = "renamed"  # a tag itself
    DELETED = "deleted"  # a tag itself


class AccountTag(Base):
    """One tag of ours as a tag of the account. `known_name` is what the platform calls it, `is_adopted` that it was there."""

    __tablename__ = "account_tag"
    __table_args__ = (UniqueConstraint("key", "value"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str] = mapped_column(String(60))
    value: Mapped[str] = mapped_column(String(120))
    name: Mapped[str] = mapped_column(String(30))
    known_name: Mapped[str | None] = mapped_column(String(60))
    platform_id: Mapped[int | None] = mapped_column(unique=True)
    is_adopted: Mapped[bool] = mapped_column(default=False)
    status: Mapped[str] = mapped_column(String(10), default=TagStatus.PLANNED.value)
    reason: Mapped[str | None] = mapped_column(String(60))
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    people: Mapped[int | None]  # who carry it, as the platform said last


class MirrorState(Base):
    """One follower. `written_remark` is what we wrote last, `kept_remark` one of somebody else that staff agreed to.

    `others` counts tags on her that are not ours: a person holds 20. `trying` and `trying_remark` are written before the
    calls, so that after a crash our own doing is not taken for somebody else's.
    """

    __tablename__ = "account_follower"
    __table_args__ = (Index("ix_account_follower_status_due_at", "status", "due_at"),)

    openid: Mapped[str] = mapped_column(String(64), primary_key=True)
    wanted: Mapped[list[Any]] = mapped_column(default=list)
    wanted_remark: Mapped[str] = mapped_column(String(30), default="")
    known: Mapped[list[Any]] = mapped_column(default=list)
    written_remark: Mapped[str | None] = mapped_column(String(120))
    kept_remark: Mapped[str | None] = mapped_column(String(120))
    kept_for: Mapped[str | None] = mapped_column(String(30))
    trying: Mapped[list[Any] | None]
    trying_remark: Mapped[str | None] = mapped_column(String(30))
    others: Mapped[int] = mapped_column(default=0)
    is_read: Mapped[bool] = mapped_column(default=False)
    status: Mapped[str] = mapped_column(String(10), default=MirrorStatus.IDLE.value)
    reason: Mapped[str | None] = mapped_column(String(60))
    attempts: Mapped[int] = mapped_column(default=0)
    fence: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    stale_at: Mapped[datetime | None] = mapped_column(index=True)  # when the first of her tags dies
    listed_at: Mapped[datetime | None] = mapped_column(index=True)
    checked_at: Mapped[datetime | None]


class MirrorMark(Base):
    """Something of a follower has changed. Rows are only added and taken away, so nobody waits for anybody."""

    __tablename__ = "account_mark"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    openid: Mapped[str] = mapped_column(String(64), index=True)


class ForeignChange(Base):
    """What differs on the platform without our doing; nothing is overwritten before somebody decides."""

    __tablename__ = "account_change"
    __table_args__ = (
        Index("ix_account_change_openid", "openid"),
        Index(
            "ix_account_change_open",
            "id",
            sqlite_where=text("decided_at IS NULL"),
            postgresql_where=text("decided_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    openid: Mapped[str | None] = mapped_column(String(64))
    tag_id: Mapped[int | None] = mapped_column(ForeignKey("account_tag.id"))
    what: Mapped[str] = mapped_column(String(10))
    ours: Mapped[str] = mapped_column(String(120), default="")
    theirs: Mapped[str] = mapped_column(String(120), default="")
    at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(String(80))
    decision: Mapped[str | None] = mapped_column(String(10))  # taken, restored, vanished


class AccountPause(Base):
    """One kind of call waits: a quota is used up, or somebody has to set the account right."""

    __tablename__ = "account_pause"

    api: Mapped[str] = mapped_column(String(20), primary_key=True)
    until: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(60))
    code: Mapped[int | None]


class AccountRun(Base):
    """One listing of all followers, page by page behind `cursor`; the day is unique, so any number of clocks start one."""

    __tablename__ = "account_run"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    day: Mapped[date] = mapped_column(unique=True)
    started_at: Mapped[datetime]
    due_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    cursor: Mapped[str] = mapped_column(String(64), default="")
    listed: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]
    reason: Mapped[str | None] = mapped_column(String(60))


_STATE, _MARK = table_of(MirrorState), table_of(MirrorMark)


def mark_owners(tx: Transaction, owner_ids: Collection[int]) -> None:
    """Note that something of these owners changed; who follows with no account of hers costs nothing. Wakes a worker."""
    if owner_ids:
        hers = select(Follower.openid).where(Follower.owner_id.in_(owner_ids))
        tx.connection.execute(insert(_MARK).from_select(["openid"], hers))
        tx.wake(JOB)


def mark_openids(tx: Transaction, openids: Iterable[str]) -> None:
    """Note that something of these followers changed. Wakes a worker."""
    if rows := [{"openid": openid} for openid in openids]:
        tx.connection.execute(insert(_MARK), rows)
        tx.wake(JOB)


def mark_carriers(tx: Transaction, tags: Sequence[tuple[str, str]]) -> None:
    """Note that all who carry one of these tags, (key, value), are to be looked at again."""
    if not tags:
        return
    hers = (
        select(Follower.openid)
        .join(OwnerTag, OwnerTag.owner_id == Follower.owner_id)
        .join(Tag, Tag.id == OwnerTag.tag_id)
        .where(tuple_(Tag.key, Tag.value).in_(tags))
        .distinct()
    )
    tx.connection.execute(insert(_MARK).from_select(["openid"], hers))


def list_marked(tx: Transaction, most: int) -> Sequence[tuple[int, str]]:
    """Return the oldest marks, (id, openid)."""
    statement = select(MirrorMark.id, MirrorMark.openid).order_by(MirrorMark.id).limit(most)
    return [(row.id, row.openid) for row in tx.connection.execute(statement)]


def is_unfinished(now: datetime) -> Any:
    """Return the condition that a follower waits for a worker: planned, or leased by one that is gone."""
    waiting = and_(MirrorState.status == MirrorStatus.PLANNED.value, MirrorState.due_at <= now)
    abandoned = and_(MirrorState.status == MirrorStatus.LEASED.value, MirrorState.lease_until < now)
    return or_(waiting, abandoned)


def add_states(tx: Transaction, openids: Sequence[str], now: datetime) -> None:
    """Make the rows of followers that have none."""
    if openids:
        statement = insert_for(tx.connection, MirrorState).on_conflict_do_nothing()
        blank: Mapping[str, Any] = {
            "wanted": [],
            "wanted_remark": "",
            "known": [],
            "others": 0,
            "is_read": False,
            "attempts": 0,
            "fence": 0,
            "status": MirrorStatus.IDLE.value,
            "due_at": now,
        }
        tx.connection.execute(statement, [{"openid": openid, **blank} for openid in openids])


def list_known_carriers(tx: Transaction, platform_id: int) -> list[str]:
    """Return the followers on whom a tag of the account stands, as far as we know."""
    like = cast(MirrorState.known, String).like(f"%{platform_id}%")
    rows = tx.connection.execute(select(MirrorState.openid, MirrorState.known).where(like).order_by(MirrorState.openid))
    return [row.openid for row in rows if platform_id in row.known]


def list_open_changes(session: Session, openids: Collection[str]) -> Sequence[ForeignChange]:
    """Return what of these followers waits for a decision."""
    statement = select(ForeignChange).where(ForeignChange.openid.in_(openids), ForeignChange.decided_at.is_(None))
    return session.scalars(statement).all()


def list_tags_of_account(session: Session) -> Sequence[AccountTag]:
    """Return all tags of the account that are or were ours, in the order they were named first."""
    return session.scalars(select(AccountTag).order_by(AccountTag.id)).all()


def list_pauses(session: Session, now: datetime) -> dict[str, AccountPause]:
    """Return which kinds of calls wait now."""
    return {each.api: each for each in session.scalars(select(AccountPause).where(AccountPause.until > now))}


def find_newest_run(session: Session) -> AccountRun | None:
    """Return the newest listing."""
    return session.scalar(select(AccountRun).order_by(AccountRun.id.desc()).limit(1))


def count_states(session: Session) -> dict[str, int]:
    """Return how many followers stand where."""
    statement = select(MirrorState.status, func.count()).group_by(MirrorState.status)
    return dict(session.execute(statement).all())


def add_missing_states(tx: Transaction, now: datetime) -> None:
    """Make the rows of followers of ours that the platform did not list and nobody has looked at."""
    known = select(literal(1)).where(MirrorState.openid == Follower.openid).exists()
    missing = tx.connection.scalars(select(Follower.openid).where(Follower.is_following, ~known)).all()
    for start in range(0, len(missing), 500):
        add_states(tx, missing[start : start + 500], now)

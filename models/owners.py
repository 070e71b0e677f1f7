"""Owner-friends and their homes: who a person is, how she is reached by phone, where she lives and in what relation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, ScalarSelect, String, UniqueConstraint, cast, func, literal, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from models.base import Base, BigId
from models.database import Transaction
from models.joining import JoinTexts
from models.places import Community, Room


class Relation(StrEnum):
    """How a person belongs to a home (scripts-and-tags B4 family.role)."""

    OWNER = "业主"
    FAMILY = "家人"
    TENANT = "租客"
    PROXY = "代办"


class Stage(StrEnum):
    """Owner stage, computed from the move-in date (R163)."""

    PROSPECTIVE = "准业主"
    SETTLING = "磨合期"
    STABLE = "稳定期"
    VETERAN = "老业主"


class PhoneState(StrEnum):
    """What is known of a number (R95): a new one waits to be rung, a dead one is rung no more."""

    VALID = "有效"
    UNASSIGNED = "空号"
    SUSPENDED = "停机"
    WRONG = "错号"
    REFUSED = "拒接"
    UNCHECKED = "待核"


DEAD_PHONES = (PhoneState.UNASSIGNED.value, PhoneState.SUSPENDED.value, PhoneState.WRONG.value)
DOUBTED = "phone_state NOT IN ('待核', '有效')"  # few are: an index of their own, which an import of many never touches
SETTLING_DAYS, STABLE_DAYS = 365, 730


def compute_stage(moved_in_on: date | None, today: date) -> Stage:
    """Return the stage: not moved in, up to one year, up to two years, longer (R163)."""
    if moved_in_on is None or moved_in_on > today:
        return Stage.PROSPECTIVE
    days = (today - moved_in_on).days
    if days < SETTLING_DAYS:
        return Stage.SETTLING
    return Stage.STABLE if days <= STABLE_DAYS else Stage.VETERAN


class Owner(Base):
    """A person of the register. `phone` is digits only; `phone_failures` counts calls in a row that found it dead (R95).

    No id is given twice: what the audit says of somebody who was forgotten must never seem to be said of somebody else.
    """

    __tablename__ = "owner"
    __table_args__ = (
        Index("ix_owner_doubted", "phone_state", "id", sqlite_where=text(DOUBTED), postgresql_where=text(DOUBTED)),
        {"sqlite_autoincrement": True},  # the number of somebody erased is never given again
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(60), index=True)
    phone: Mapped[str | None] = mapped_column(String(20), index=True)
    birthday: Mapped[date | None]
    created_at: Mapped[datetime]
    phone_state: Mapped[str] = mapped_column(
        String(4), default=PhoneState.UNCHECKED.value, server_default=PhoneState.UNCHECKED.value
    )
    phone_changed_at: Mapped[datetime | None]
    phone_failures: Mapped[int] = mapped_column(default=0, server_default="0")

    residences: Mapped[list[Residence]] = relationship(back_populates="owner", order_by="Residence.id")


def reserve_ids(tx: Transaction, number: int) -> Sequence[int]:
    """Return ids for so many owners that are about to be inserted, in one statement, where many come at once."""
    if tx.is_sqlite:  # the transaction holds the only write lock
        last = tx.connection.scalar(text("SELECT seq FROM sqlite_sequence WHERE name = 'owner'")) or 0
        return range(last + 1, last + 1 + number)
    sequence = func.nextval(func.pg_get_serial_sequence("owner", "id"))
    series = func.generate_series(1, number).table_valued("n").render_derived()
    return list(tx.connection.scalars(select(sequence).select_from(series)))


class PhoneEvent(Base):
    """What was said of a number, and every number that was replaced: a number never goes without a trace (R95).

    `action` is `reported` (`state` is what was found) or `replaced` (`phone` and `state` are the old number's).
    """

    __tablename__ = "phone_event"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("owner.id"), index=True)
    phone: Mapped[str | None] = mapped_column(String(20))
    action: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(4))
    by: Mapped[str] = mapped_column(String(80))
    evidence: Mapped[str | None] = mapped_column(String(200))
    at: Mapped[datetime]


class Residence(Base):
    """A person in a home. The home with the lowest id that has not ended is the main one."""

    __tablename__ = "residence"
    __table_args__ = (UniqueConstraint("owner_id", "room_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("owner.id"))
    room_id: Mapped[int] = mapped_column(ForeignKey("room.id"), index=True)
    relation: Mapped[str] = mapped_column(String(20), default=Relation.OWNER.value)
    moved_in_on: Mapped[date | None]
    ended_on: Mapped[date | None]

    owner: Mapped[Owner] = relationship(back_populates="residences")
    room: Mapped[Room] = relationship(lazy="joined")


def find_home(session: Session, owner_id: int) -> Residence | None:
    """Return the main home of a person, None when she has none."""
    statement = (
        select(Residence).where(Residence.owner_id == owner_id, Residence.ended_on.is_(None)).order_by(Residence.id).limit(1)
    )
    return session.scalar(statement)


@dataclass(frozen=True, slots=True)
class LivingHome:
    """A home that has not ended, as a turn knows it; `id` is the residence's."""

    id: int
    room_id: int
    building_id: int
    community_id: int
    relation: str
    room: str
    community: str


_BETWEEN, _AFTER = "\x1f", "\x1e"  # an import refuses such characters in names
_PARTS = (
    *(cast(column, String) for column in (Residence.id, Room.id, Room.building_id, Room.community_id)),
    *(Residence.relation, Room.label, Community.name),
)


def select_homes() -> ScalarSelect[str]:
    """Return all living homes of the statement's Owner as one text, for `read_homes`: a turn reads them with the rest."""
    line = _PARTS[0]
    for part in _PARTS[1:]:
        line = line + literal(_BETWEEN) + part
    return (
        select(JoinTexts(line, literal(_AFTER)))
        .select_from(Residence)
        .join(Room, Room.id == Residence.room_id)
        .join(Community, Community.id == Room.community_id)
        .where(Residence.owner_id == Owner.id, Residence.ended_on.is_(None))
        .correlate(Owner)
        .scalar_subquery()
    )


def read_homes(text: str | None) -> tuple[LivingHome, ...]:
    """Return the homes of such a text, the main one first."""
    homes = []
    for line in (text or "").split(_AFTER):
        parts = line.split(_BETWEEN)
        if len(parts) == len(_PARTS):
            homes.append(LivingHome(*(int(each) for each in parts[:4]), *parts[4:]))  # type: ignore[arg-type]
    return tuple(sorted(homes, key=lambda home: home.id))

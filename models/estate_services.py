"""Which services an estate has turned on or off, with why and by whom. No row: what the catalogue says.

A turn reads the switches of a person's estates with everything else, as one text, so that nobody pays for asking.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, ScalarSelect, String, case, cast, func, literal, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base
from models.database import Transaction, insert_for
from models.joining import JoinTexts
from models.owners import Owner, Residence
from models.places import Building, Community, Room
from models.tasks import Task, TaskKind


class EstateService(Base):
    """One switch. `evidence` is what allows it: a contract, a decision, a legal review (R15)."""

    __tablename__ = "estate_service"

    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), primary_key=True)
    service: Mapped[str] = mapped_column(String(60), primary_key=True)
    is_enabled: Mapped[bool]
    evidence: Mapped[str | None] = mapped_column(String(200))
    by: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]


_SIGN = case((EstateService.is_enabled, literal("+")), else_=literal("-"))
_LINE = cast(EstateService.community_id, String) + _SIGN + EstateService.service


def select_switches() -> ScalarSelect[str]:
    """Return the switches of all estates where the statement's Owner lives as one text, for `read_switches`."""
    return (
        select(JoinTexts(_LINE, literal(" ")))
        .select_from(Residence)
        .join(Room, Room.id == Residence.room_id)
        .join(EstateService, EstateService.community_id == Room.community_id)
        .where(Residence.owner_id == Owner.id, Residence.ended_on.is_(None))
        .correlate(Owner)
        .scalar_subquery()
    )


def read_switches(text: str | None, community_id: int | None) -> dict[str, bool]:
    """Return one estate's switches of such a text: service -> is it on."""
    found: dict[str, bool] = {}
    for line in (text or "").split():
        sign = "+" if "+" in line else "-"
        estate, _, service = line.partition(sign)
        if estate == str(community_id):
            found[service] = sign == "+"
    return found


def find_community(session: Session, name: str) -> Community | None:
    """Return the estate of that name, None without one."""
    return session.scalar(select(Community).where(Community.name == name))


def list_switches(session: Session, community_id: int) -> Mapping[str, EstateService]:
    """Return an estate's switches by service."""
    found = session.scalars(select(EstateService).where(EstateService.community_id == community_id))
    return {each.service: each for each in found}


def put_switch(tx: Transaction, community_id: int, service: str, **values: Any) -> None:
    """Write a switch, over the one that is there."""
    statement = insert_for(tx.connection, EstateService).values(community_id=community_id, service=service, **values)
    tx.connection.execute(statement.on_conflict_do_update(index_elements=["community_id", "service"], set_=values))


def count_wishes(session: Session, community_id: int) -> dict[str, int]:
    """Return how often people of an estate wished for each service: tasks stay when their wishes are forgotten."""
    statement = (
        select(Task.service, func.count())
        .join(Building, Building.id == Task.building_id)
        .where(Task.kind == TaskKind.FEEDBACK.value, Task.service.contains("."), Building.community_id == community_id)
        .group_by(Task.service)
    )
    return {service: number for service, number in session.execute(statement) if service}


def find_wish(session: Session, openid: str, service: str) -> str | None:
    """Return the number of a person's wish for a service, None when she has not wished for it."""
    mine = (Task.openid == openid, Task.kind == TaskKind.FEEDBACK.value, Task.service == service)
    return session.scalar(select(Task.no).where(*mine).order_by(Task.id).limit(1))

"""Staff and suppliers: role, and the buildings they answer for."""

from __future__ import annotations

from collections.abc import Set
from enum import StrEnum

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from models.base import Base, BigId
from models.places import Building


class Role(StrEnum):
    """What a staff member does; decides which tasks reach him and what he may do."""

    BUTLER = "butler"
    SERVICE_DESK = "service_desk"
    TECHNICIAN = "technician"
    SUPERVISOR = "supervisor"
    OPERATIONS = "operations"
    FINANCE = "finance"
    SUPPLIER = "supplier"


class StaffBuilding(Base):
    """A building a staff member answers for."""

    __tablename__ = "staff_building"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    building_id: Mapped[int] = mapped_column(ForeignKey("building.id"), primary_key=True, index=True)


class Staff(Base):
    """A person who works here. Without buildings the scope is every estate."""

    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(60), index=True)
    phone: Mapped[str | None] = mapped_column(String(20), unique=True)
    role: Mapped[str] = mapped_column(String(20), index=True)
    openid: Mapped[str | None] = mapped_column(String(64), unique=True)
    is_active: Mapped[bool] = mapped_column(default=True)

    buildings: Mapped[list[Building]] = relationship(secondary="staff_building", order_by=Building.id)

    def covers(self, building_id: int | None) -> bool:
        """Tell whether a building lies in this person's scope."""
        return not self.buildings or any(each.id == building_id for each in self.buildings)


def name_actors(session: Session, actors: Set[str]) -> dict[str, str]:
    """Return the names of those among the actors of rows whom these call staff:NUMBER; one query, none when there are none."""
    ids = [int(each[6:]) for each in actors if each.startswith("staff:") and each[6:].isdecimal()]
    rows = session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(ids))) if ids else ()
    return {f"staff:{number}": name for number, name in rows}

"""Where people live: community, building, unit, room."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from models.base import Base, BigId


class Community(Base):
    """An estate."""

    __tablename__ = "community"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)


class Building(Base):
    """A building of an estate; butlers are responsible for buildings."""

    __tablename__ = "building"
    __table_args__ = (UniqueConstraint("community_id", "name"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    name: Mapped[str] = mapped_column(String(40))
    community: Mapped[Community] = relationship(lazy="joined")


class Unit(Base):
    """An entrance of a building."""

    __tablename__ = "unit"
    __table_args__ = (UniqueConstraint("building_id", "name"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    building_id: Mapped[int] = mapped_column(ForeignKey("building.id"))
    name: Mapped[str] = mapped_column(String(40))


class Room(Base):
    """A home. Community and building are repeated here because every scope check and audience asks for them."""

    __tablename__ = "room"
    __table_args__ = (UniqueConstraint("unit_id", "name"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), index=True)
    building_id: Mapped[int] = mapped_column(ForeignKey("building.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    name: Mapped[str] = mapped_column(String(40))
    label: Mapped[str] = mapped_column(String(120), index=True)  # building-unit-room, what people write

    building: Mapped[Building] = relationship(lazy="select")


def render_room_label(building: str, unit: str, room: str) -> str:
    """Return the label people read: 1栋-2单元-301."""
    return "-".join(part for part in (building, unit, room) if part)


def get_or_create_building(session: Session, community: str, building: str) -> Building:
    """Return the building, made with its community where it is new."""
    place = session.scalar(select(Community).where(Community.name == community))
    if place is None:
        place = Community(name=community)
        session.add(place)
        session.flush()
    found = session.scalar(select(Building).where(Building.community_id == place.id, Building.name == building))
    if found is None:
        found = Building(community_id=place.id, name=building)
        session.add(found)
        session.flush()
    return found


def get_or_create_room(session: Session, community: str, building: str, unit: str, room: str) -> Room:
    """Return the room, made with everything above it where it is new."""
    house = get_or_create_building(session, community, building)
    entrance = session.scalar(select(Unit).where(Unit.building_id == house.id, Unit.name == unit))
    if entrance is None:
        entrance = Unit(building_id=house.id, name=unit)
        session.add(entrance)
        session.flush()
    found = session.scalar(select(Room).where(Room.unit_id == entrance.id, Room.name == room))
    if found is None:
        found = Room(
            community_id=house.community_id,
            building_id=house.id,
            unit_id=entrance.id,
            name=room,
            label=render_room_label(building, unit, room),
        )
        session.add(found)
        session.flush()
    return found

"""Where people live: community, building, unit, room; and how their names, written in many ways, are one name.

A place is shown as it was first written. It is known by its plain name, which is kept beside it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, BigId

BUILDING, UNIT, ROOM = "building", "unit", "room"
LONGEST_NAME = 40
_MARKS = {
    BUILDING: re.compile(r"(?:号楼|[栋幢]楼?|[座楼号#])$"),
    UNIT: re.compile(r"(?:单元|门)$"),
    ROOM: re.compile(r"(?:号房|[室房号])$"),
}
_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_ONE = f"[{''.join(char for char, digit in _DIGITS.items() if digit)}]"
_COUNTED = re.compile(
    rf"(?:(?P<hundreds>{_ONE})百(?:零|(?={_ONE}十|$)))?(?:(?P<tens>{_ONE}?)十)?(?P<ones>{_ONE})?"
)  # 二十一, 一百零二
_SPELLED = re.compile(rf"[{''.join(_DIGITS)}]+")  # 五零二


@lru_cache(4096)
def plain_name(kind: str, name: str) -> str:
    """Return what a building, a unit or a room is known by: `1` for 1, 01, 1栋, 1号楼 and 一栋; 东1栋 and A1 stay.

    Full width and spaces are of no account, capitals are. Only a name that is a number, or letters and digits, loses its mark.
    """
    text = "".join(unicodedata.normalize("NFKC", name).split())
    core = _MARKS[kind].sub("", text)
    if core.isascii() and core.isalnum():
        return re.sub(r"^0+(?=\d)", "", core)
    return _count(core) or text[:LONGEST_NAME]


def _count(core: str) -> str:
    """Return the digits of a number in Chinese; empty where it is none."""
    if _SPELLED.fullmatch(core):
        return "".join(str(_DIGITS[char]) for char in core).lstrip("0") or "0"
    found = _COUNTED.fullmatch(core) if core else None
    if found is None:
        return ""
    hundreds, ones = (_DIGITS[found[part]] if found[part] else 0 for part in ("hundreds", "ones"))
    tens = 0 if found["tens"] is None else _DIGITS[found["tens"]] if found["tens"] else 1
    return str(hundreds * 100 + tens * 10 + ones)


def _plain_of(kind: str) -> Callable[[Any], str]:
    """Return the column's own value for a row that does not name it."""
    return lambda context: plain_name(kind, context.get_current_parameters()["name"])


class Community(Base):
    """An estate."""

    __tablename__ = "community"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)


class Building(Base):
    """A building of an estate; butlers are responsible for buildings."""

    __tablename__ = "building"
    __table_args__ = (UniqueConstraint("community_id", "plain"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    plain: Mapped[str] = mapped_column(String(LONGEST_NAME), default=_plain_of(BUILDING))
    community: Mapped[Community] = relationship(lazy="joined")


class Unit(Base):
    """An entrance of a building."""

    __tablename__ = "unit"
    __table_args__ = (UniqueConstraint("building_id", "plain"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    building_id: Mapped[int] = mapped_column(ForeignKey("building.id"))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    plain: Mapped[str] = mapped_column(String(LONGEST_NAME), default=_plain_of(UNIT))


class Room(Base):
    """A home. Community and building are repeated here because every scope check and audience asks for them."""

    __tablename__ = "room"
    __table_args__ = (UniqueConstraint("unit_id", "plain"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), index=True)
    building_id: Mapped[int] = mapped_column(ForeignKey("building.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    plain: Mapped[str] = mapped_column(String(LONGEST_NAME), default=_plain_of(ROOM))
    label: Mapped[str] = mapped_column(String(120), index=True)  # building-unit-room, what people write

    building: Mapped[Building] = relationship(lazy="select")


def render_room_label(building: str, unit: str, room: str) -> str:
    """Return the label people read: 1栋-2单元-301."""
    return "-".join(part for part in (building, unit, room) if part)


def read_plain_label(text: str) -> str:
    """Return what a whole room is known by, 1-2-301 for 1栋-2单元-0301; empty for what has not its three parts."""
    parts = re.split(r"[-－]", text)
    if len(parts) != len(_MARKS) or not all(part.strip() for part in parts):
        return ""
    return "-".join(plain_name(kind, part) for kind, part in zip(_MARKS, parts, strict=True))

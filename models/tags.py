"""Tags of owners: a tag is a key and a value; an owner's tag has a source, a time and an expiry."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, ForeignKey, Index, String, UniqueConstraint, delete, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from models.base import Base, BigId
from models.database import insert_for, table_of
from models.sealing import Sealed, Secret


class Tag(Base):
    """One value of one key. `number` is its leading number (`2+` is 2), so that `car.count >= 1` can be asked."""

    __tablename__ = "tag"
    __table_args__ = (UniqueConstraint("key", "value"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str] = mapped_column(String(60))
    value: Mapped[str] = mapped_column(Sealed())  # of a key of level 2 sealed: equal values are still equal (D06)
    number: Mapped[float | None]


_DIES = text("expires_at IS NOT NULL")


class OwnerTag(Base):
    """A tag on an owner. The primary key finds an owner's tags, one index a tag's owners, the other what lapsed long ago."""

    __tablename__ = "owner_tag"
    # audience/tag_sql.py enters by this name; expires_at is in it so that an audience reads the index alone
    __table_args__ = (
        Index("ix_owner_tag_tag_id_owner_id", "tag_id", "owner_id", "expires_at"),
        Index("ix_owner_tag_expires_at", "expires_at", sqlite_where=_DIES, postgresql_where=_DIES),
    )

    owner_id: Mapped[int] = mapped_column(ForeignKey("owner.id", ondelete="CASCADE"), primary_key=True)
    tag_id: Mapped[int] = mapped_column(ForeignKey("tag.id"), primary_key=True)
    source: Mapped[str] = mapped_column(String(40))
    evidence: Mapped[str | None] = mapped_column(Sealed())  # repeats what was said: of level 2 sealed as well
    by: Mapped[str | None] = mapped_column(String(80))
    purpose: Mapped[str | None] = mapped_column(String(20))  # the consent it rests on; None is the service itself
    answer_id: Mapped[int | None] = mapped_column(BigId)  # the answer of a survey it comes from
    at: Mapped[datetime]
    expires_at: Mapped[datetime | None]

    tag: Mapped[Tag] = relationship(lazy="joined")


ROW = table_of(OwnerTag)
KEPT = ("source", "evidence", "by", "purpose", "answer_id", "at", "expires_at")  # what a row says beside whose it is


def read_number(value: str) -> float | None:
    """Return the number a tag value starts with, None when it does not."""
    found = re.match(r"\d+(\.\d+)?", value)
    return float(found.group()) if found else None


def get_or_create_tag(connection: Connection, key: str, value: str) -> int:
    """Return the id of a tag, made where it is new; safe when two do it at once."""
    number = None if isinstance(value, Secret) else read_number(value)
    statement = insert_for(connection, Tag).values(key=key, value=value, number=number)
    connection.execute(statement.on_conflict_do_nothing())
    return connection.execute(select(Tag.id).where(Tag.key == key, Tag.value == value)).scalar_one()


def list_tags(session: Session, owner_id: int, now: datetime) -> dict[str, list[str]]:
    """Return an owner's living tags: key -> values."""
    statement = (
        select(Tag.key, Tag.value)
        .join(OwnerTag)
        .where(OwnerTag.owner_id == owner_id, (OwnerTag.expires_at.is_(None)) | (OwnerTag.expires_at > now))
        .order_by(Tag.key, Tag.value)
    )
    tags: dict[str, list[str]] = {}
    for key, value in session.execute(statement):
        tags.setdefault(key, []).append(value)
    return tags


def read_rows(connection: Connection, owner_id: int, key: str) -> list[dict[str, Any]]:
    """Return an owner's rows of a key, expired ones too, as mappings with value, tag_id and what is KEPT."""
    columns = (Tag.value, OwnerTag.tag_id, *(ROW.c[name] for name in KEPT))
    statement = select(*columns).join(Tag, Tag.id == OwnerTag.tag_id).where(OwnerTag.owner_id == owner_id, Tag.key == key)
    return [dict(row) for row in connection.execute(statement.order_by(OwnerTag.tag_id)).mappings()]


def put_row(connection: Connection, owner_id: int, tag_id: int, values: Mapping[str, Any]) -> None:
    """Write a row, or over the one that is there; without a source only over it."""
    if "source" not in values:
        mine = (ROW.c.owner_id == owner_id, ROW.c.tag_id == tag_id)
        connection.execute(update(ROW).where(*mine).values(**values))
        return
    statement = insert_for(connection, OwnerTag).values(owner_id=owner_id, tag_id=tag_id, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["owner_id", "tag_id"], set_=dict(values)))


def delete_rows(connection: Connection, owner_id: int, tag_ids: Collection[int]) -> None:
    """Take rows of an owner away."""
    if tag_ids:
        connection.execute(delete(ROW).where(ROW.c.owner_id == owner_id, ROW.c.tag_id.in_(tag_ids)))

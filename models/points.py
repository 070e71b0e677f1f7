"""Points as a ledger: entries only, the balance is their sum (R184). Nothing is ever changed or taken out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, BigId
from models.database import Transaction, insert_for


class PointEntry(Base):
    """Points given or spent (negative). `key` says what for, so that nothing counts twice."""

    __tablename__ = "point_entry"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("owner.id"), index=True)
    points: Mapped[int]
    reason: Mapped[str] = mapped_column(String(80))
    key: Mapped[str] = mapped_column(String(120), unique=True)
    at: Mapped[datetime]


def add_points(tx: Transaction, owner_id: int, points: int, reason: str, key: str, at: datetime) -> bool:
    """Add an entry unless its key is there; tells whether it is new."""
    statement = insert_for(tx.connection, PointEntry).values(owner_id=owner_id, points=points, reason=reason, key=key, at=at)
    statement = statement.on_conflict_do_nothing(index_elements=["key"]).returning(PointEntry.id)
    return tx.connection.scalar(statement) is not None


def sum_points(session: Session, owner_id: int) -> int:
    """Return the balance."""
    return int(
        session.scalar(select(func.coalesce(func.sum(PointEntry.points), 0)).where(PointEntry.owner_id == owner_id)) or 0
    )


def list_last(session: Session, owner_id: int, count: int) -> Sequence[PointEntry]:
    """Return the newest entries."""
    statement = select(PointEntry).where(PointEntry.owner_id == owner_id)
    return session.scalars(statement.order_by(PointEntry.at.desc(), PointEntry.id.desc()).limit(count)).all()

"""What people agreed to or refused, purpose by purpose: append only, the newest row of a person and purpose decides (D01).

The texts that were read out are kept too, one row a version, so that it can be shown what was agreed to.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, ForeignKey, String, Text, UniqueConstraint, false, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, BigId
from models.database import Transaction, insert_for
from models.followers import Follower


class ConsentChannel(StrEnum):
    """Where a person said it."""

    CHAT = "chat"
    STAFF = "staff"
    CONSOLE = "console"
    IMPORT = "import"


class PersonIds(NamedTuple):
    """Who is meant: a person of the register, a follower, or both. Unknown parts are None."""

    owner_id: int | None = None
    openid: str | None = None


class Consent(Base):
    """One word of a person on one purpose. `evidence` is the key of her message, or who heard it."""

    __tablename__ = "consent"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("owner.id"), index=True)
    openid: Mapped[str | None] = mapped_column(String(64), index=True)
    purpose: Mapped[str] = mapped_column(String(40))
    granted: Mapped[bool]
    text_version: Mapped[str] = mapped_column(String(40))
    channel: Mapped[str] = mapped_column(String(12))
    evidence: Mapped[str] = mapped_column(String(200), default="")
    by: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]


class ConsentText(Base):
    """A text as it was read out. The one with the newest `since` is in force; an older grant is stale."""

    __tablename__ = "consent_text"
    __table_args__ = (UniqueConstraint("purpose", "version"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    purpose: Mapped[str] = mapped_column(String(40))
    version: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(60))
    text: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime]


def is_about(person: PersonIds) -> ColumnElement[bool]:
    """Return the condition that a consent is the person's: said as owner, or by a follower who is this owner."""
    found: list[ColumnElement[bool]] = []
    if person.openid:
        found.append(Consent.openid == person.openid)
    if person.owner_id is not None:
        hers = select(Follower.openid).where(Follower.owner_id == person.owner_id)
        found += [Consent.owner_id == person.owner_id, Consent.openid.in_(hers) & Consent.owner_id.is_(None)]
    return or_(*found) if found else false()


def has_agreed(owner_id: Any, openid: Any, purpose: str, version: str) -> ColumnElement[bool]:
    """Return the condition that the newest word of a person on a purpose is a yes, and to this version of the text."""
    said = (Consent.owner_id == owner_id) | ((Consent.openid == openid) & Consent.owner_id.is_(None))
    is_yes = Consent.granted.is_(True) & (Consent.text_version == version)
    newest = select(is_yes).where(Consent.purpose == purpose, said).order_by(Consent.id.desc()).limit(1)
    return func.coalesce(newest.correlate_except(Consent).scalar_subquery(), false())


def find_newest(session: Session, person: PersonIds) -> dict[str, Consent]:
    """Return the row that decides, by purpose."""
    newest = select(func.max(Consent.id)).where(is_about(person)).group_by(Consent.purpose)
    return {each.purpose: each for each in session.scalars(select(Consent).where(Consent.id.in_(newest)))}


def find_versions(session: Session) -> dict[str, str]:
    """Return the version that is in force, by purpose."""
    statement = select(ConsentText.purpose, ConsentText.version).order_by(ConsentText.since, ConsentText.id)
    return dict(session.execute(statement).all())


def store_text(tx: Transaction, purpose: str, version: str, title: str, text: str, now: datetime) -> None:
    """Put a text in force unless it is; a version that comes back is in force from now."""
    newest = select(ConsentText.version).where(ConsentText.purpose == purpose)
    if tx.connection.scalar(newest.order_by(ConsentText.since.desc(), ConsentText.id.desc()).limit(1)) == version:
        return
    values = {"title": title, "text": text, "since": now}
    statement = insert_for(tx.connection, ConsentText).values(purpose=purpose, version=version, **values)
    tx.connection.execute(statement.on_conflict_do_update(index_elements=["purpose", "version"], set_=values))


def page_consents(session: Session, after: int, most: int) -> Sequence[Consent]:
    """Return rows behind an id, in the order of ids."""
    return session.scalars(select(Consent).where(Consent.id > after).order_by(Consent.id).limit(most)).all()

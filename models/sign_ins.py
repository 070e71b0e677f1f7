"""Tries to sign in to the staff pages: counted by login and address, so that guessing is slow in every process at once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, BigId


class SignInAttempt(Base):
    """One try that has not succeeded. `login` is what was typed, cut to its length."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (Index("ix_sign_in_attempt_login_address", "login", "address"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    login: Mapped[str] = mapped_column(String(80))
    address: Mapped[str] = mapped_column(String(45))
    at: Mapped[datetime] = mapped_column(index=True)


def add_attempt(session: Session, login: str, address: str, at: datetime) -> int:
    """Write a try down before the password is looked at; returns its id."""
    attempt = SignInAttempt(login=login, address=address, at=at)
    session.add(attempt)
    session.flush()
    return attempt.id


def count_attempts(session: Session, login: str, address: str, since: datetime) -> int:
    """Return how many tries of a login from an address there were after `since`."""
    statement = select(func.count()).where(
        SignInAttempt.login == login, SignInAttempt.address == address, SignInAttempt.at > since
    )
    return session.scalar(statement) or 0


def count_login_attempts(session: Session, login: str, since: datetime) -> int:
    """Return how many tries of a login there were after `since`, wherever they came from."""
    return session.scalar(select(func.count()).where(SignInAttempt.login == login, SignInAttempt.at > since)) or 0


def remove_attempt(session: Session, attempt_id: int) -> None:
    """Take one try back: a refused one must not make the wait longer."""
    session.execute(delete(SignInAttempt).where(SignInAttempt.id == attempt_id))


def forgive_attempts(session: Session, login: str, address: str, before: datetime) -> None:
    """Forget the tries of somebody who got in, and everybody's from `before`."""
    session.execute(
        delete(SignInAttempt).where(
            ((SignInAttempt.login == login) & (SignInAttempt.address == address)) | (SignInAttempt.at <= before)
        )
    )

"""Tries to sign in to the staff pages, counted so that guessing is slow everywhere, and the sessions of those who got in.

A session is a row, so that one that ended is over whatever a browser still sends. Here are digests of what a browser
keeps, never the thing itself.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, delete, func, select, update
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


class ConsoleSession(Base):
    """One browser that is signed in. `digest` is that of the random number it keeps; `seen_at` is right to the minute."""

    __tablename__ = "console_session"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("console_account.id"), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    begun_at: Mapped[datetime]
    seen_at: Mapped[datetime]


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


def count_address_attempts(session: Session, address: str, since: datetime) -> int:
    """Return how many tries came from an address after `since`, whatever the login."""
    return session.scalar(select(func.count()).where(SignInAttempt.address == address, SignInAttempt.at > since)) or 0


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


def add_session(session: Session, account_id: int, digest: str, at: datetime) -> None:
    """Write down that a browser is signed in."""
    session.add(ConsoleSession(account_id=account_id, digest=digest, begun_at=at, seen_at=at))
    session.flush()


def find_session(session: Session, digest: str) -> ConsoleSession | None:
    """Return the session of a browser."""
    return session.scalar(select(ConsoleSession).where(ConsoleSession.digest == digest))


def note_seen(session: Session, digest: str, at: datetime) -> None:
    """Write down that a session was used."""
    session.execute(update(ConsoleSession).where(ConsoleSession.digest == digest).values(seen_at=at))


def rename_session(session: Session, digest: str, new_digest: str) -> bool:
    """Give a session another number; False when it had ended."""
    statement = update(ConsoleSession).where(ConsoleSession.digest == digest).values(digest=new_digest)
    is_renamed: bool = session.execute(statement).rowcount == 1  # type: ignore[attr-defined]
    return is_renamed


def end_session(session: Session, digest: str) -> None:
    """End one session."""
    session.execute(delete(ConsoleSession).where(ConsoleSession.digest == digest))


def remove_old_sessions(session: Session, before: datetime) -> None:
    """Forget the sessions that began so long ago that they are over."""
    session.execute(delete(ConsoleSession).where(ConsoleSession.begun_at <= before))

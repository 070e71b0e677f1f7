"""Followers of the account: who an openid is, and the ledger of the platform's sending windows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, BigId

MESSAGE_WINDOW = timedelta(hours=48)
WINDOW_GRAIN = timedelta(minutes=1)
CLICK_WINDOW = timedelta(minutes=1)
CLICK_MESSAGES = 3


class Follower(Base):
    """One openid. `message_*` is the 48 h window since her last message, `click_*` the minute after a click or scan.

    The platform allows 5 messages in the first and 3 in the second; passive replies do not count. See `is_in_minute`.
    """

    __tablename__ = "follower"

    openid: Mapped[str] = mapped_column(String(64), primary_key=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("owner.id"), index=True)
    is_following: Mapped[bool] = mapped_column(default=True)
    followed_at: Mapped[datetime | None]
    unfollowed_at: Mapped[datetime | None]
    scene: Mapped[str | None] = mapped_column(String(64))
    message_at: Mapped[datetime | None]
    message_sent: Mapped[int] = mapped_column(default=0)
    click_at: Mapped[datetime | None]
    click_sent: Mapped[int] = mapped_column(default=0)


PERSONAL = "@personal"  # what PushStop calls all pushes that are chosen by what is known of her (D09)


class PushStop(Base):
    """A person wants no pushes of `topic`; the empty topic is all of them but service notices (D10), see also PERSONAL."""

    __tablename__ = "push_stop"
    __table_args__ = (UniqueConstraint("openid", "topic"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    openid: Mapped[str] = mapped_column(String(64), index=True)
    topic: Mapped[str] = mapped_column(String(40), default="")
    at: Mapped[datetime]


class BindAttempt(Base):
    """A wrong try to bind a room: five in an hour lock the door for that openid."""

    __tablename__ = "bind_attempt"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    openid: Mapped[str] = mapped_column(String(64), index=True)
    at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Window:
    """What may still be sent: `kind` is message, click or closed; `left` messages."""

    kind: str
    left: int


def is_in_minute(message_at: datetime | None, now: datetime) -> bool:
    """Tell whether a window was opened less than a minute ago.

    While nothing is sent in it, it is not opened anew: it ends a minute early at most, and most answers of a conversation
    cost a write less.
    """
    return message_at is not None and timedelta() <= now - message_at < WINDOW_GRAIN


def open_window(follower: Follower, now: datetime, window_messages: int) -> Window:
    """Return the window that is open for the follower now (A9: 5 per 48 h, 3 per minute after a click)."""
    if not follower.is_following:
        return Window("closed", 0)
    if follower.click_at is not None and timedelta() <= now - follower.click_at < CLICK_WINDOW:
        left = CLICK_MESSAGES - follower.click_sent
        if left > 0:
            return Window("click", left)
    if follower.message_at is not None and timedelta() <= now - follower.message_at < MESSAGE_WINDOW:
        left = window_messages - follower.message_sent
        if left > 0:
            return Window("message", left)
    return Window("closed", 0)


# Which of a person's accounts reaches her: one that still follows, and the one she followed with last.
REACHING = (Follower.is_following.desc(), Follower.followed_at.desc().nulls_last(), Follower.openid)


def find_openid(session: Session, owner_id: int) -> str | None:
    """Return the openid that reaches a person, None without any."""
    return session.scalar(select(Follower.openid).where(Follower.owner_id == owner_id).order_by(*REACHING).limit(1))

"""Conversations, the revisions of scripts they run on, and the messages that came in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId
from models.sealing import Sealed, SealedJson


class Conversation(Base):
    """One row per openid: the lock that keeps a person's messages in order, and where her dialog stands.

    `state` is the engine's state or null. `round` counts scripts begun or resumed, so that a tap on an option of an
    earlier one is known to be old. `waiting` lists what comes when the running script has ended. `rest` is the unread
    remainder of a long reply. `handover_task_id` is set while a person answers instead of the bot. `held` counts
    notices that wait for the person to write again, because no channel was open. `timer_at` is the instant at which
    silence has a consequence, `timer_kind` which one: the row is its own timer, so an answer overwrites it. `home_id` is
    the residence that somebody with several homes spoke of last.
    """

    __tablename__ = "conversation"

    openid: Mapped[str] = mapped_column(String(64), primary_key=True)
    state: Mapped[dict[str, Any] | None] = mapped_column(SealedJson())
    script: Mapped[str | None] = mapped_column(String(80), index=True)
    revision: Mapped[str | None] = mapped_column(String(64))
    round: Mapped[int] = mapped_column(default=0)
    waiting: Mapped[list[Any]] = mapped_column(SealedJson(), default=list)
    rest: Mapped[str | None] = mapped_column(Text)
    handover_task_id: Mapped[int | None]
    held: Mapped[int] = mapped_column(default=0)
    updated_at: Mapped[datetime | None]  # the person's last message; a timer that fires leaves it
    timer_at: Mapped[datetime | None] = mapped_column(index=True)
    timer_kind: Mapped[str | None] = mapped_column(String(12))
    home_id: Mapped[int | None] = mapped_column(BigId)


class ScriptRevision(Base):
    """The text of a script as it was when a conversation started on it; never changed, only added."""

    __tablename__ = "script_revision"
    __table_args__ = (UniqueConstraint("script", "revision"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    script: Mapped[str] = mapped_column(String(80))
    revision: Mapped[str] = mapped_column(String(64))
    file: Mapped[str] = mapped_column(String(200))
    source: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class InboundMessage(Base):
    """A handled message. `key` is unique: a re-delivery finds the first answer in `reply` (null = success)."""

    __tablename__ = "inbound_message"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    openid: Mapped[str] = mapped_column(String(64), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    text: Mapped[str | None] = mapped_column(Sealed())
    media_id: Mapped[str | None] = mapped_column(String(200))
    script: Mapped[str | None] = mapped_column(String(80))
    reply: Mapped[str | None] = mapped_column(Sealed())
    at: Mapped[datetime] = mapped_column(index=True)

"""What people answered in surveys, and who was invited to one. An answer that was taken back stays as a row without effect."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, BigId
from models.sealing import Sealed


class SurveyAnswer(Base):
    """One answer: of whom (nobody, when a group said it), to which question of which revision, by whom it was asked.

    `key` is what was chosen (several joined by a comma), `label` how it reads, `raw` what was said. `asker` is `bot` or
    `staff:ID`, `source` the way (R87).
    """

    __tablename__ = "answer"
    __table_args__ = (
        Index("ix_answer_run_id", "run_id"),
        Index("ix_answer_survey_question", "survey", "question"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("script_run.id"))
    visit_id: Mapped[int | None] = mapped_column(ForeignKey("visit.id"), index=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("owner.id"), index=True)
    openid: Mapped[str | None] = mapped_column(String(64), index=True)
    survey: Mapped[str] = mapped_column(String(80))
    revision: Mapped[str] = mapped_column(String(64))
    question: Mapped[str] = mapped_column(String(120))
    key: Mapped[str | None] = mapped_column(Sealed())
    label: Mapped[str] = mapped_column(Sealed())
    raw: Mapped[str] = mapped_column(Sealed(), default="")
    source: Mapped[str] = mapped_column(String(20))
    asker: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(index=True)
    undone_at: Mapped[datetime | None]


class InvitationStatus(StrEnum):
    """Where an invitation stands: it waits for her next message, her question was asked, or it lapsed."""

    WAITING = "waiting"
    ASKED = "asked"


class SurveyInvitation(Base):
    """That an owner was invited to a survey: at most one a week each, and one run is asked for once."""

    __tablename__ = "survey_invitation"
    __table_args__ = (Index("ix_survey_invitation_owner_id_at", "owner_id", "at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    survey: Mapped[str] = mapped_column(String(80), index=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("owner.id"))
    openid: Mapped[str] = mapped_column(String(64), index=True)
    status: Mapped[str] = mapped_column(String(12))
    by: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(index=True)


def list_standing(session: Session, run_id: int) -> Sequence[SurveyAnswer]:
    """Return a run's answers that have not been taken back, in the order they were given."""
    statement = select(SurveyAnswer).where(SurveyAnswer.run_id == run_id, SurveyAnswer.undone_at.is_(None))
    return session.scalars(statement.order_by(SurveyAnswer.id)).all()


def undo_answers(session: Session, ids: Sequence[int], at: datetime) -> None:
    """Take answers back."""
    session.execute(update(SurveyAnswer).where(SurveyAnswer.id.in_(ids)).values(undone_at=at))


def note_asked(session: Session, openid: str, survey: str) -> None:
    """Mark an invitation that waited as asked: its first question is out."""
    waiting = (SurveyInvitation.openid == openid, SurveyInvitation.survey == survey)
    statement = update(SurveyInvitation).where(*waiting, SurveyInvitation.status == InvitationStatus.WAITING.value)
    session.execute(statement.values(status=InvitationStatus.ASKED.value))

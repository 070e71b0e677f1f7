"""Rolls: for a tag that many have, who has it, a bit a person, so that audiences among a million are counted in an instant.

A roll is a copy of owner_tag and never more: a trigger marks the page of everybody whose tags change, in the same transaction,
and a reader works marked pages out from the rows themselves. roll_keeping.py writes pages anew; nothing else writes here.
An id is never given twice, so the bit of somebody who was erased says nothing, and goes with the next page.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import DDL, Index, LargeBinary, event
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId
from models.database import table_of
from models.tags import OwnerTag

PAGE = 8_192  # owner ids on one page, a bit each: one kilobyte; stands in the triggers of the first migration too


class Roll(Base):
    """A tag that has a roll. A page of it that is neither kept nor marked never had anybody."""

    __tablename__ = "tag_roll"

    tag_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    at: Mapped[datetime]


class RollPage(Base):
    """One page: bit n is owner `page * PAGE + n`, true of who had a living tag at `made_at`; good until the first `dies_at`."""

    __tablename__ = "tag_roll_page"

    tag_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    page: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    bits: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime]
    dies_at: Mapped[datetime | None] = mapped_column(index=True)


class RollMark(Base):
    """A page that is not true any more. Rows are only added and removed, so no writer of tags ever waits for another."""

    __tablename__ = "tag_roll_mark"
    __table_args__ = (Index("ix_tag_roll_mark_tag_id_page", "tag_id", "page"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    tag_id: Mapped[int] = mapped_column(BigId)
    page: Mapped[int]


_MARKING = f"INSERT INTO tag_roll_mark (tag_id, page) SELECT DISTINCT tag_id, owner_id / {PAGE} FROM changed;"  # noqa: S608
_FUNCTION = "CREATE FUNCTION owner_tag_mark() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN " + _MARKING + " RETURN NULL; END $$"


def _lite(name: str, when: str, *sides: str) -> str:
    marks = "".join(_mark(f"{side}.tag_id", f"{side}.owner_id / {PAGE}") for side in sides)
    return f"CREATE TRIGGER {name} AFTER {when} ON owner_tag BEGIN{marks} END"


def _mark(tag_id: str, page: str) -> str:
    known = f"SELECT 1 FROM tag_roll_mark WHERE tag_id = {tag_id} AND page = {page}"  # noqa: S608 - names of ours
    return f" INSERT INTO tag_roll_mark (tag_id, page) SELECT {tag_id}, {page} WHERE NOT EXISTS ({known});"


def _trigger(name: str, when: str, side: str) -> str:
    changed = f"AFTER {when} ON owner_tag REFERENCING {side} TABLE AS changed"
    return f"CREATE TRIGGER {name} {changed} FOR EACH STATEMENT EXECUTE FUNCTION owner_tag_mark()"


# On PostgreSQL no mark is spared because there is one: it may be the one that a writer of pages is about to take away.
TRIGGERS: Mapping[str, tuple[str, ...]] = {
    "sqlite": (
        _lite("owner_tag_added", "INSERT", "NEW"),
        _lite("owner_tag_removed", "DELETE", "OLD"),
        _lite("owner_tag_changed", "UPDATE OF owner_id, tag_id, expires_at", "OLD", "NEW"),
    ),
    "postgresql": (
        _FUNCTION,
        _trigger("owner_tag_added", "INSERT", "NEW"),
        _trigger("owner_tag_removed", "DELETE", "OLD"),
        _trigger("owner_tag_was", "UPDATE", "OLD"),
        _trigger("owner_tag_changed", "UPDATE", "NEW"),
    ),
}
Base.metadata.info.setdefault("triggers", []).append((TRIGGERS, ("owner_tag_mark",)))
for _dialect, _texts in TRIGGERS.items():
    for _text in _texts:
        event.listen(table_of(OwnerTag), "after_create", DDL(_text).execute_if(dialect=_dialect))  # type: ignore[no-untyped-call]

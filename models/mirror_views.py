"""What of the account's tags and remarks waits for somebody, with the names that belong to it, for staff pages and commands.

Nothing here writes. Who sees some buildings only sees their people; a tag itself is for who sees every estate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, exists, func, select, true
from sqlalchemy.orm import Session

from models.followers import Follower
from models.listings import Cursor, Page, Scope, turn_page
from models.mirror import AccountTag, ForeignChange, MirrorState, MirrorStatus
from models.owners import Owner, Residence
from models.places import Room

SIZE = 50


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that somebody changed on the platform; without `openid` it is about the tag itself."""

    change: ForeignChange
    tag: AccountTag | None
    owner_id: int | None
    name: str
    room: str

    @property
    def id(self) -> int:
        """Return the change's id."""
        return self.change.id


@dataclass(frozen=True, slots=True)
class Held:
    """A follower with whom the platform does not go along."""

    state: MirrorState
    owner_id: int | None
    name: str
    room: str


def _room() -> ScalarSelect[str]:
    """Return the main home of the statement's Owner."""
    return (
        select(Room.label)
        .join(Residence, Residence.room_id == Room.id)
        .where(Residence.owner_id == Owner.id, Residence.ended_on.is_(None))
        .order_by(Residence.id)
        .limit(1)
        .correlate(Owner)
        .scalar_subquery()
    )


def _is_inside(scope: Scope) -> ColumnElement[bool]:
    """Return the condition that the statement's Owner lives in the scope; strangers are for who sees all."""
    if scope.building_ids is None:
        return true()
    homes = select(Residence.id).join(Room, Room.id == Residence.room_id).where(scope.holds(Room.building_id))
    return exists(homes.where(Residence.owner_id == Owner.id, Residence.ended_on.is_(None)).correlate(Owner))


def _select_open(scope: Scope) -> Select[*tuple[Any, ...]]:
    return (
        select(ForeignChange, AccountTag, Owner.id, func.coalesce(Owner.name, ""), func.coalesce(_room(), ""))
        .outerjoin(AccountTag, AccountTag.id == ForeignChange.tag_id)
        .outerjoin(Follower, Follower.openid == ForeignChange.openid)
        .outerjoin(Owner, Owner.id == Follower.owner_id)
        .where(ForeignChange.decided_at.is_(None), _is_inside(scope))
    )


def list_differences(session: Session, scope: Scope, cursor: Cursor, size: int = SIZE) -> Page[Difference]:
    """Return a page of what waits for a decision, newest first."""
    page = turn_page(session, _select_open(scope), ForeignChange.id, cursor, size)
    return Page([Difference(*row) for row in page.rows], page.older, page.newer)


def find_difference(session: Session, scope: Scope, change_id: int) -> Difference | None:
    """Return one that waits and lies in the scope."""
    row = session.execute(_select_open(scope).where(ForeignChange.id == change_id)).first()
    return Difference(*row) if row is not None else None


def list_held(session: Session, scope: Scope, openid: str | None = None) -> Sequence[Held]:
    """Return followers for whom something is held, at most a page of them; with `openid` only her."""
    statement = (
        select(MirrorState, Owner.id, func.coalesce(Owner.name, ""), func.coalesce(_room(), ""))
        .outerjoin(Follower, Follower.openid == MirrorState.openid)
        .outerjoin(Owner, Owner.id == Follower.owner_id)
        .where(MirrorState.status == MirrorStatus.HELD.value, _is_inside(scope))
    )
    if openid is not None:
        statement = statement.where(MirrorState.openid == openid)
    return [Held(*row) for row in session.execute(statement.order_by(MirrorState.openid).limit(SIZE))]

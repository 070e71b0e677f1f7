"""Rows of the register that may be one person: the same number, the same name in a room, or one follower who was both."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import Select, exists, select, union_all
from sqlalchemy.orm import Session, aliased

from handlers.errors import InvalidInputError, NotFoundError
from handlers.runtime import Runtime
from models.audits import add_audit
from models.cases import Complaint, Feedback, Order
from models.database import insert_for
from models.followers import Follower
from models.listings import Scope
from models.merges import Distinct, find_distinct
from models.owners import Owner, Residence
from models.places import Room

PHONE, ROOM_AND_NAME, FOLLOWER = "phone", "room_and_name", "openid"
EVERYWHERE = Scope()


@dataclass(slots=True)
class Double:
    """Two who may be one: `keep` is the one that a follower is bound to, else the older row."""

    keep: int
    drop: int
    names: tuple[str, str]
    reasons: list[str] = field(default_factory=list)

    @property
    def is_same_name(self) -> bool:
        """Tell whether both rows have one name; a family often shares its number."""
        return self.names[0] == self.names[1]


def list_doubles(runtime: Runtime, scope: Scope = EVERYWHERE) -> list[Double]:
    """Return likely doubles, surest first: more reasons, then the same name, then by id. Writes nothing.

    Both of them live in the scope; pairs of whom somebody has said that they are two are left out.
    """
    with runtime.database.reading() as tx:
        pairs: dict[tuple[int, int], list[str]] = {}
        for reason, statement in ((PHONE, _by_phone()), (ROOM_AND_NAME, _by_room()), (FOLLOWER, _by_follower())):
            for first, second in tx.connection.execute(statement):
                pairs.setdefault((first, second), []).append(reason)
        for pair in find_distinct(tx.session, pairs):
            del pairs[pair]
        ids = {owner_id for pair in pairs for owner_id in pair}
        inside = ids if scope.building_ids is None else _find_inside(tx.session, ids, scope)
        names, bound = _find_names(tx.session, ids), _find_bound(tx.session, ids)
    doubles = []
    for (first, second), reasons in pairs.items():
        if first not in inside or second not in inside:
            continue
        keep, drop = (second, first) if second in bound and first not in bound else (first, second)
        doubles.append(Double(keep, drop, (names[keep], names[drop]), reasons))
    return sorted(doubles, key=lambda each: (-len(each.reasons), not each.is_same_name, each.keep, each.drop))


def tell_apart(runtime: Runtime, one: int, other: int, by: str) -> None:
    """Write down that two rows are two people; they are not brought up again. Raises InvalidInputError, NotFoundError."""
    first, second = sorted((one, other))
    if first == second:
        raise InvalidInputError("one owner is one owner: give two ids")
    with runtime.transaction() as tx:
        for owner_id in (first, second):
            if tx.session.get(Owner, owner_id) is None:
                raise NotFoundError(f"no owner has the id {owner_id}")
        values = {"first_id": first, "second_id": second, "by": by[:80], "at": runtime.now()}
        written = insert_for(tx.connection, Distinct).values(**values).on_conflict_do_nothing().returning(Distinct.id)
        if tx.connection.scalar(written) is not None:
            for owner_id, another in ((first, second), (second, first)):
                add_audit(tx.session, runtime.now(), by, "tell_apart", f"owner:{owner_id}", other=another)


def _by_phone() -> Select[int, int]:
    other = aliased(Owner)
    return select(Owner.id, other.id).join(other, (other.phone == Owner.phone) & (other.id > Owner.id))


def _by_room() -> Select[int, int]:
    other, home, person = aliased(Residence), Residence, aliased(Owner)
    return (
        select(home.owner_id, other.owner_id)
        .join(other, (other.room_id == home.room_id) & (other.owner_id > home.owner_id))
        .join(Owner, Owner.id == home.owner_id)
        .join(person, (person.id == other.owner_id) & (person.name == Owner.name))
        .join(Room, Room.id == home.room_id)
        .distinct()
    )


def _by_follower() -> Select[int, int]:
    """Select owners for whom one openid has spoken: as a follower now, or with an order, complaint or word before."""
    parts = [
        select(table.openid, table.owner_id).where(table.openid.is_not(None), table.owner_id.is_not(None))
        for table in (Follower, Order, Complaint, Feedback)
    ]
    first, second = union_all(*parts).subquery("first"), union_all(*parts).subquery("second")
    return (
        select(first.c.owner_id, second.c.owner_id)
        .join(second, (second.c.openid == first.c.openid) & (second.c.owner_id > first.c.owner_id))
        .distinct()
    )


def _find_names(session: Session, ids: Iterable[int]) -> dict[int, str]:
    names: dict[int, str] = {}
    for part in _cut(ids):
        names |= dict(session.execute(select(Owner.id, Owner.name).where(Owner.id.in_(part))).all())
    return names


def _find_bound(session: Session, ids: Iterable[int]) -> set[int]:
    bound: set[int] = set()
    for part in _cut(ids):
        bound |= set(session.scalars(select(Owner.id).where(Owner.id.in_(part), exists().where(Follower.owner_id == Owner.id))))
    return bound


def _find_inside(session: Session, ids: Iterable[int], scope: Scope) -> set[int]:
    inside: set[int] = set()
    for part in _cut(ids):
        homes = select(Residence.owner_id).join(Room, Room.id == Residence.room_id)
        living = homes.where(Residence.owner_id.in_(part), Residence.ended_on.is_(None), scope.holds(Room.building_id))
        inside |= set(session.scalars(living))
    return inside


def _cut(ids: Iterable[int], size: int = 500) -> Iterable[list[int]]:
    ordered = sorted(ids)
    return (ordered[at : at + size] for at in range(0, len(ordered), size))

"""Staff change tags of owners in the chat or by command: permitted, in their scope, validated, audited."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from dialogs import effects
from dialogs.inputs import Ran, Refused
from handlers.binding import read_room_numbers
from handlers.desk import Desk
from handlers.errors import InvalidInputError, NotFoundError
from handlers.runtime import Runtime
from handlers.tag_rules import Outcome, TagOrigin
from handlers.tag_words import TagWish, UnknownTagError, read_changes, split_changes, split_words
from handlers.tag_writes import TagWrite, remove_tag, write_tag
from models.database import Transaction
from models.followers import Follower
from models.owners import Owner, Residence, find_home
from models.places import Room
from models.staff import Role, Staff, StaffBuilding
from models.tags import list_tags

MAY_TAG = tuple(role.value for role in Role if role not in (Role.SUPPLIER, Role.FINANCE))
REFUSALS = {
    "no_consent": "needs the owner's own consent",
    "refused_profile": "the owner does not want anything of this kind kept",
    "forbidden": "this is never kept about owners",
}


def make_origin(source: str, by: str, evidence: str) -> TagOrigin:
    """Return the origin of one act, with a name of its own to undo it by."""
    return TagOrigin(source, by, evidence=evidence, batch=uuid.uuid4().hex)


def apply_changes(
    runtime: Runtime, tx: Transaction, owner_id: int, changes: Sequence[TagWish], origin: TagOrigin
) -> list[tuple[TagWish, TagWrite]]:
    """Write tag changes of an owner; returns what became of each. Doing it twice only renews them."""
    written = []
    for change in changes:
        work = write_tag if change.is_added else remove_tag
        written.append((change, work(runtime, tx, owner_id, change.key, change.value, origin)))
    return written


def tag_owner(desk: Desk, effect: effects.TagOwner) -> Ran | Refused:
    """Change tags of an owner in the staff member's scope, found by name, room or phone tail (R58)."""
    if desk.person.staff_role not in MAY_TAG:
        return Refused("forbidden")
    found = _find_in_scope(desk.session, effect.who, desk.person.staff_id)
    if len(found) != 1:
        text = "\n".join(f"{owner.name} {_room_of(desk.session, owner.id)}" for owner in found[:9])
        return Refused("ambiguous" if found else "unknown", {"who": effect.who, "text": text})
    words = split_changes(effect.changes)
    if not words:
        return Refused("no_changes", {"who": effect.who})
    try:
        changes = read_changes(desk.runtime.content.vocabulary, words)
    except UnknownTagError as error:
        return Refused("unknown_tag", {"text": error.word})
    origin = make_origin("chat", f"staff:{desk.person.staff_id}", effect.changes)
    written = apply_changes(desk.runtime, desk.tx, found[0].id, changes, origin)
    refused = next((wish for wish, write in written if write.outcome is Outcome.REFUSED and write.reason != "absent"), None)
    if refused is not None and all(write.outcome is Outcome.REFUSED for _, write in written):
        return Refused("unknown_tag", {"text": refused.value})
    added, removed = _label(desk.runtime, written)
    values = {"owner": found[0].name, "added": "、".join(added), "removed": "、".join(removed)}
    return Ran({"owner": found[0].name, "text": desk.say("tag.changed", **values)})


def _label(runtime: Runtime, written: Sequence[tuple[TagWish, TagWrite]]) -> tuple[list[str], list[str]]:
    """Return (added, removed) as people read them."""
    done: tuple[list[str], list[str]] = ([], [])
    for wish, write in written:
        if write.outcome in (Outcome.WRITTEN, Outcome.CONFIRMED):
            done[0 if wish.is_added else 1].append(f"{runtime.content.vocabulary.keys[wish.key].label}：{wish.value}")
    return done


def _find_in_scope(session: Session, who: str, staff_id: int | None) -> Sequence[Owner]:
    who = who.strip()
    if not who:
        return []
    living = select(Residence.owner_id).join(Room).where(Residence.ended_on.is_(None), _in_scope(session, staff_id))
    base = select(Owner).where(Owner.id.in_(living)).order_by(Owner.id).limit(10)
    by_name = session.scalars(base.where(Owner.name == who)).all()
    if by_name:
        return by_name
    if re.fullmatch(r"\d{4}|\d{11}", who) and (by_phone := session.scalars(base.where(Owner.phone.endswith(who))).all()):
        return by_phone
    if numbers := read_room_numbers(who):
        rooms = select(Room.id, Room.label).where(Room.name.contains(numbers[-1], autoescape=True))
        ids = [room_id for room_id, label in session.execute(rooms) if _is_room(read_room_numbers(label), numbers)]
        return (
            session.scalars(base.join(Residence).where(Residence.room_id.in_(ids), Residence.ended_on.is_(None))).unique().all()
        )
    return session.scalars(base.where(Owner.name.contains(who, autoescape=True))).all()


def _is_room(label: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    return label[-len(wanted) :] == wanted


def _in_scope(session: Session, staff_id: int | None) -> ColumnElement[bool]:
    mine = select(StaffBuilding.building_id).where(StaffBuilding.staff_id == staff_id)
    is_everywhere = ~exists().where(StaffBuilding.staff_id == staff_id)
    return or_(Room.building_id.in_(mine), is_everywhere)


def _room_of(session: Session, owner_id: int) -> str:
    home = find_home(session, owner_id)
    return home.room.label if home else ""


def change(runtime: Runtime, who: str, words: Sequence[str], by: str) -> dict[str, Any]:
    """Change tags of the owner with this openid or id, as a staff member or the command line; returns hers after."""
    changes = read_changes(runtime.content.vocabulary, split_words(words))
    with runtime.transaction() as tx:
        owner_id = get_owner_id(tx.session, who)
        origin = make_origin("command", name_actor(tx.session, by), " ".join(words))
        written = apply_changes(runtime, tx, owner_id, changes, origin)
        for wish, write in written:
            if write.outcome is Outcome.REFUSED and write.reason != "absent":
                raise InvalidInputError(f"{wish.key}={wish.value}: {REFUSALS.get(write.reason, write.reason)}")
        tx.flush()
        return {
            "owner_id": owner_id,
            "tags": list_tags(tx.session, owner_id, runtime.now()),
            "conflicts": [f"{wish.key}={wish.value}" for wish, write in written if write.outcome is Outcome.CONFLICT],
        }


def get_owner_id(session: Session, who: str) -> int:
    """Return the id of the owner with this openid or id; raises NotFoundError."""
    owner_id = session.scalar(select(Follower.owner_id).where(Follower.openid == who))
    if owner_id is None and who.isdigit():
        owner_id = session.scalar(select(Owner.id).where(Owner.id == int(who)))
    if owner_id is None:
        raise NotFoundError(f"no owner has the openid or id {who}")
    return owner_id


def name_actor(session: Session, by: str) -> str:
    """Return how the audit names a staff member given by openid, name, phone or id; raises NotFoundError."""
    if not by or by.startswith("cli"):
        return by or "cli"
    matches = [Staff.openid == by, Staff.name == by, Staff.phone == by] + ([Staff.id == int(by)] if by.isdigit() else [])
    staff = session.scalar(select(Staff).where(or_(*matches), Staff.is_active.is_(True)).limit(1))
    if staff is None:
        raise NotFoundError(f"no staff member is {by}: give his openid, phone, name or id")
    return f"staff:{staff.id}"

"""Owners, staff and suppliers as rows of an export."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from handlers.export_rows import Rows, page
from handlers.runtime import Runtime
from models.database import Transaction
from models.followers import REACHING, Follower
from models.owners import Owner, Residence, compute_stage
from models.places import Building, Community, Room, Unit
from models.staff import Role, Staff
from models.tags import OwnerTag, Tag

NO_HOME = {"community": None, "building": None, "unit": None, "room": None, "relation": None, "moved_in_on": None}


def read_owners(tx: Transaction, runtime: Runtime, after: int) -> Rows:
    """Return owners with the main home, stage, openid and living tags."""
    owners = page(tx, Owner, after)
    ids = [each.id for each in owners]
    homes, openids, tags = _find_homes(tx, ids), _find_openids(tx, ids), _find_tags(tx, runtime, ids)
    today = runtime.today()
    rows: Rows = []
    for each in owners:
        home = homes.get(each.id, NO_HOME)
        stage = compute_stage(home["moved_in_on"], today)
        more = {"stage": stage.value, "openid": openids.get(each.id), "birthday": each.birthday}
        person = {"id": each.id, "name": each.name, "phone": each.phone}
        rows.append((each.id, {**person, **home, **more, "tags": tags.get(each.id, {})}))
    return rows


def _find_homes(tx: Transaction, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Return the main home of each: the lowest id that has not ended."""
    statement = (
        select(
            Residence.owner_id,
            Community.name.label("community"),
            Building.name.label("building"),
            Unit.name.label("unit"),
            Room.name.label("room"),
            Residence.relation,
            Residence.moved_in_on,
        )
        .join(Room, Room.id == Residence.room_id)
        .join(Unit, Unit.id == Room.unit_id)
        .join(Building, Building.id == Room.building_id)
        .join(Community, Community.id == Room.community_id)
        .where(Residence.owner_id.in_(ids), Residence.ended_on.is_(None))
        .order_by(Residence.id)
    )
    homes: dict[int, dict[str, Any]] = {}
    for row in tx.connection.execute(statement).mappings():
        homes.setdefault(row["owner_id"], {name: row[name] for name in NO_HOME})
    return homes


def _find_openids(tx: Transaction, ids: Sequence[int]) -> dict[int, str]:
    """Return the openid that reaches each."""
    statement = select(Follower.owner_id, Follower.openid).where(Follower.owner_id.in_(ids)).order_by(*REACHING)
    openids: dict[int, str] = {}
    for owner_id, openid in tx.connection.execute(statement):
        openids.setdefault(owner_id or 0, openid)
    return openids


def _find_tags(tx: Transaction, runtime: Runtime, ids: Sequence[int]) -> dict[int, dict[str, list[str]]]:
    statement = (
        select(OwnerTag.owner_id, Tag.key, Tag.value)
        .join(Tag, Tag.id == OwnerTag.tag_id)
        .where(OwnerTag.owner_id.in_(ids))
        .where(OwnerTag.expires_at.is_(None) | (OwnerTag.expires_at > runtime.now()))
        .order_by(Tag.key, Tag.value)
    )
    tags: dict[int, dict[str, list[str]]] = {}
    for owner_id, key, value in tx.connection.execute(statement):
        tags.setdefault(owner_id, {}).setdefault(key, []).append(value)
    return tags


def read_staff(tx: Transaction, _runtime: Runtime, after: int) -> Rows:
    """Return everybody who works here, suppliers included."""
    return [(each.id, _describe_staff(each)) for each in page(tx, Staff, after)]


def read_suppliers(tx: Transaction, _runtime: Runtime, after: int) -> Rows:
    """Return staff of the role supplier."""
    return [(each.id, _describe_staff(each)) for each in page(tx, Staff, after, Staff.role == Role.SUPPLIER.value)]


def _describe_staff(person: Staff) -> dict[str, Any]:
    buildings = [f"{each.community.name}/{each.name}" for each in person.buildings]
    return {
        "id": person.id,
        "name": person.name,
        "phone": person.phone,
        "role": person.role,
        "openid": person.openid,
        "buildings": buildings,
        "is_active": person.is_active,
    }

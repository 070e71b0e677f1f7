"""An invented estate of any size for measurements: homes, owners who follow the account, tags, and a past of messages.

Writes with bulk inserts into a fresh database of its own; never opens one that exists.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, text, update
from sqlalchemy.orm import DeclarativeBase

from bench.talk import openid_of
from migrations.run import migrate
from models.cases import Order
from models.conversations import Conversation, InboundMessage
from models.database import Database, table_of
from models.followers import Follower
from models.owners import Owner, Residence
from models.places import Building, Community, Room, Unit, render_room_label
from models.staff import Role, Staff, StaffBuilding
from models.tags import OwnerTag, Tag
from models.tasks import Task, TaskStatus

FLOORS, DOORS, UNITS, BUILDINGS = 25, 2, 2, 20  # 100 homes in a building, 2,000 in an estate
HOMES = FLOORS * DOORS * UNITS
BUTLER_BUILDINGS = 5
MESSAGES = 3
TAGS = (
    ("pet.kind", ("犬", "猫", "无")),
    ("car.count", ("0", "1", "2+")),
    ("house.use", ("自住", "出租")),
    ("elder.has", ("有", "无")),
    ("hobby", ("园艺", "书画", "太极", "摄影")),
)
NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
BATCH = 5_000


@contextmanager
def open_database(data_dir: Path) -> Iterator[Database]:
    """Make the database that our processes find in `data_dir`, with the current schema."""
    path = data_dir / "guanjia.db"
    if path.exists():
        raise FileExistsError(path)
    url = f"sqlite:///{path}"
    migrate(url)
    database = Database(url)
    try:
        yield database
    finally:
        database.close()


def fill(database: Database, owners: int) -> None:
    """Put that many owners into an empty database, each with a home, an openid, five tags and three old messages."""
    with database.transaction() as tx:
        _write_places(tx.connection, owners)
        _write_staff(tx.connection, -(-owners // HOMES))
        _write_tags(tx.connection)
        for start in range(1, owners + 1, BATCH):
            _write_owners(tx.connection, range(start, min(start + BATCH, owners + 1)))
    with database.transaction() as tx:
        tx.connection.execute(text("ANALYZE"))


def _write(connection: Connection, model: type[DeclarativeBase], rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table_of(model)), rows)


def _write_places(connection: Connection, owners: int) -> None:
    buildings = -(-owners // HOMES)
    estates = -(-buildings // BUILDINGS)
    _write(connection, Community, [{"id": number, "name": f"花园{number}期"} for number in range(1, estates + 1)])
    houses: list[dict[str, Any]] = [
        {"id": number, "community_id": (number - 1) // BUILDINGS + 1, "name": f"{(number - 1) % BUILDINGS + 1}栋"}
        for number in range(1, buildings + 1)
    ]
    _write(connection, Building, houses)
    units = [
        {"id": (house["id"] - 1) * UNITS + number, "building_id": house["id"], "name": f"{number}单元"}
        for house in houses
        for number in range(1, UNITS + 1)
    ]
    _write(connection, Unit, units)
    for start in range(1, owners + 1, BATCH):
        _write(connection, Room, [_room(number) for number in range(start, min(start + BATCH, owners + 1))])


def _room(number: int) -> dict[str, Any]:
    house, place = divmod(number - 1, HOMES)
    unit, door = divmod(place, FLOORS * DOORS)
    name = f"{door // DOORS + 1}{door % DOORS + 1:02d}"
    label = render_room_label(f"{house % BUILDINGS + 1}栋", f"{unit + 1}单元", name)
    return {
        "id": number,
        "community_id": house // BUILDINGS + 1,
        "building_id": house + 1,
        "unit_id": house * UNITS + unit + 1,
        "name": name,
        "label": label,
    }


def _write_staff(connection: Connection, buildings: int) -> None:
    """One butler for five buildings, and two people without buildings in every other role."""
    staff: list[dict[str, Any]] = []
    scopes: list[dict[str, Any]] = []
    for first in range(1, buildings + 1, BUTLER_BUILDINGS):
        staff.append(_colleague(len(staff) + 1, Role.BUTLER))
        last = min(first + BUTLER_BUILDINGS, buildings + 1)
        scopes.extend({"staff_id": len(staff), "building_id": number} for number in range(first, last))
    for role in Role:
        if role is not Role.BUTLER:
            first = len(staff) + 1
            staff.extend(_colleague(number, role) for number in (first, first + 1))
    _write(connection, Staff, staff)
    _write(connection, StaffBuilding, scopes)


def _colleague(number: int, role: Role) -> dict[str, Any]:
    return {
        "id": number,
        "name": f"同事{number}",
        "phone": f"139{number:08d}",
        "role": role.value,
        "openid": f"oStaff{number:022d}",
        "is_active": True,
    }


def _write_tags(connection: Connection) -> None:
    pairs = [(key, value) for key, values in TAGS for value in values]
    numbers = {"0": 0.0, "1": 1.0, "2+": 2.0}
    rows = [
        {"id": place, "key": key, "value": value, "number": numbers.get(value)} for place, (key, value) in enumerate(pairs, 1)
    ]
    _write(connection, Tag, rows)


def _write_owners(connection: Connection, numbers: range) -> None:
    _write(connection, Owner, [_owner(number) for number in numbers])
    _write(connection, Residence, [_residence(number) for number in numbers])
    _write(connection, Follower, [_follower(number) for number in numbers])
    _write(connection, OwnerTag, [row for number in numbers for row in _owner_tags(number)])
    _write(connection, Conversation, [_conversation(number) for number in numbers])
    _write(connection, InboundMessage, [row for number in numbers for row in _messages(number)])
    _write(connection, Order, [_order(number) for number in numbers if number % 2])


def _owner(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "name": f"住户{number}",
        "phone": f"138{number:08d}",
        "birthday": date(1950 + number % 50, number % 12 + 1, number % 28 + 1),
        "created_at": NOW,
    }


def _residence(number: int) -> dict[str, Any]:
    moved = date(2015 + number % 10, number % 12 + 1, 1)
    return {"owner_id": number, "room_id": number, "relation": "业主", "moved_in_on": moved, "ended_on": None}


def _follower(number: int) -> dict[str, Any]:
    return {
        "openid": openid_of(number),
        "owner_id": number,
        "is_following": True,
        "followed_at": NOW,
        "message_at": NOW,
        "message_sent": 0,
        "click_sent": 0,
    }


def _owner_tags(number: int) -> Iterator[dict[str, Any]]:
    first = 1
    for place, (_key, values) in enumerate(TAGS):
        chosen = (number // (place + 1)) % len(values)
        yield {"owner_id": number, "tag_id": first + chosen, "source": "import", "at": NOW, "expires_at": None}
        first += len(values)


def _conversation(number: int) -> dict[str, Any]:
    return {
        "openid": openid_of(number),
        "state": None,
        "round": 1,
        "waiting": [],
        "held": 0,
        "updated_at": NOW,
    }


def _messages(number: int) -> Iterator[dict[str, Any]]:
    for index in range(MESSAGES):
        yield {
            "key": f"{number}-{index}-{openid_of(number)}",
            "openid": openid_of(number),
            "kind": "text",
            "text": "你好",
            "script": "menu.main",
            "reply": "您需要哪一样？",
            "at": NOW - timedelta(days=index),
        }


def _order(number: int) -> dict[str, Any]:
    room = _room(number)
    return {
        "no": f"H{number:09d}",
        "owner_id": number,
        "openid": openid_of(number),
        "community_id": room["community_id"],
        "building_id": room["building_id"],
        "room_label": room["label"],
        "status": "confirmed",
        "service": "housekeeping.hourly",
        "is_urgent": False,
        "note": "",
        "slots": {},
        "created_at": NOW,
        "updated_at": NOW,
    }


def settle(database: Database) -> None:
    """Let the staff finish all their tasks, as they would between two days: a run must not leave work to the next."""
    with database.transaction() as tx:
        tx.connection.execute(update(table_of(Task)).values(status=TaskStatus.DONE.value))

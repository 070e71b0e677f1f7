"""A million owners with eight tags each, made by SQL that both databases read alike, in databases of their own."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import create_engine, text

from migrations.run import migrate
from models.database import Database
from models.roll_keeping import keep_rolls
from models.tags import read_number

PEOPLE, HOMES, BUILDINGS = 1_000_000, 100, 100
NOW = datetime(2026, 11, 21, 4, tzinfo=UTC)
LIVING, DEAD = NOW + timedelta(days=300), NOW - timedelta(days=30)
SPREAD = {  # key -> how many of a hundred people have which value
    "house.use": {"自住": 70, "出租": 22, "空置": 6, "办公": 2},
    "pet.kind": {"无": 70, "犬": 18, "猫": 10, "其他": 2},
    "car.count": {"0": 35, "1": 50, "2+": 15},
    "elder.has": {"有": 30, "无": 70},
    "family.structure": {"单身": 15, "夫妻": 20, "夫妻+1孩": 30, "夫妻+2孩以上": 10, "三代": 20, "其他": 5},
    "parcel.week": {"0-2": 40, "3-5": 40, "6+": 20},
    "hobby": {"太极": 10, "广场舞": 20, "书画": 10, "阅读": 30, "园艺": 20, "摄影": 9, "乒乓球": 1},
    "reach.freq": {"日": 5, "周": 45, "月": 40, "不要": 10},
}


@contextmanager
def open_people(url: str, people: int = PEOPLE) -> Iterator[Database]:
    """Make the people and give their database, with the rolls that the clock would have made, and as vacuuming leaves it."""
    started = time.perf_counter()
    migrate(url)
    engine = create_engine(url)
    with engine.begin() as connection:
        if url.startswith("sqlite"):
            connection.execute(text("PRAGMA cache_size=-400000"))  # making them is not what is measured
        for statement in list_statements(people):
            connection.execute(text(statement), {"now": _bind(NOW, url), "alive": _bind(LIVING, url), "dead": _bind(DEAD, url)})
    database = Database(url)
    made = time.perf_counter()
    pages = keep_rolls(database, NOW)
    kept = time.perf_counter()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE" if url.startswith("sqlite") else "VACUUM ANALYZE"))
    engine.dispose()
    print(f"{people:,} owners made in {made - started:.0f} s, {pages:,} pages of rolls in {kept - made:.0f} s", flush=True)
    try:
        yield database
    finally:
        database.close()


def _bind(at: datetime, url: str) -> Any:
    return at.strftime("%Y-%m-%d %H:%M:%S.000000") if url.startswith("sqlite") else at


def list_statements(people: int) -> list[str]:
    """Return the statements that fill an empty database: everybody has a home, every second one follows."""
    rooms = people // 2
    houses = rooms // HOMES
    estates = houses // BUILDINGS
    tags = [(key, value) for key, values in SPREAD.items() for value in values]
    rows = ", ".join(f"({n}, '{key}', '{value}', {_sql(read_number(value))})" for n, (key, value) in enumerate(tags, 1))
    house, door, keys = f"(i - 1) / {HOMES}", f"((i - 1) % {HOMES} + 101)", f"({_numbers(len(SPREAD))} SELECT i FROM n) AS m"
    name = f"({house} % {BUILDINGS} + 1) || '栋-1单元-' || {door}"
    number = f"((i - 1) % {BUILDINGS} + 1)"
    rest = "CASE WHEN (id + j) % 20 = 0 THEN :dead ELSE :alive END"
    into = {
        "community (id, name)": f"{_numbers(estates)} SELECT i, '花园' || i || '期' FROM n",
        "building (id, community_id, name, plain)": f"{_numbers(houses)}"
        f" SELECT i, (i - 1) / {BUILDINGS} + 1, {number} || '栋', CAST({number} AS TEXT) FROM n",
        "unit (id, building_id, name, plain)": f"{_numbers(houses)} SELECT i, i, '1单元', '1' FROM n",
        "room (id, community_id, building_id, unit_id, name, plain, label)": f"{_numbers(rooms)} SELECT i,"
        f" {house} / {BUILDINGS} + 1, {house} + 1, {house} + 1, CAST({door} AS TEXT), CAST({door} AS TEXT), {name} FROM n",
        "owner (id, name, phone, created_at)": f"{_numbers(people)}"
        " SELECT i, '住户' || i, '138' || SUBSTR(CAST(100000000 + i AS TEXT), 2), :now FROM n",
        "residence (owner_id, room_id, relation)": f"{_numbers(people)} SELECT i, (i - 1) / 2 + 1, '业主' FROM n",
        "follower (openid, owner_id, is_following, message_at, message_sent, click_sent)": ""
        "SELECT 'o' || id, id, true, :now, 0, 0 FROM owner WHERE id % 2 = 0",
        "tag (id, key, value, number)": f"VALUES {rows}",
        "owner_tag (owner_id, tag_id, source, evidence, at, expires_at)": f"SELECT id, {_choose()}, 'import',"
        f" 'register.csv', :now, {rest} FROM owner CROSS JOIN (SELECT i AS j FROM {keys}) AS each_key",
    }
    return [f"INSERT INTO {target} {source}" for target, source in into.items()]


def _numbers(upto: int) -> str:
    return f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {upto})"


def _sql(number: float | None) -> str:
    return "NULL" if number is None else str(number)


def _choose() -> str:
    """Return the tag of key number j for an owner: as good as random, the same every time."""
    branches, first = [], 1
    for j, values in enumerate(SPREAD.values(), 1):
        draw = f"((id * {7919 + 2 * j} + id / {j + 2} * 31 + id % {97 + j} * 13) % 100)"
        steps, share = [], 0
        for place, part in enumerate(values.values()):
            share += part
            steps.append(f"WHEN {draw} < {share} THEN {first + place}")
        branches.append(f"WHEN {j} THEN CASE {' '.join(steps)} END")
        first += len(values)
    return f"CASE j {' '.join(branches)} END"

"""A million owners with eight tags each: audiences, lists, cards and imports, on SQLite and on PostgreSQL. Takes minutes.

The people are made by SQL in databases of its own, which are thrown away. `GUANJIA_TEST_POSTGRES_URL` names another server.
"""

from __future__ import annotations

import csv
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import create_engine, text

from bench.machine import ROOT, print_table
from handlers.import_owners import OWNER_COLUMNS
from handlers.tag_gaps import everybody, measure_coverage
from migrations.run import migrate
from models.audience.parse import parse_audience
from models.audience.queries import count_audience
from models.database import Database
from models.listings import Scope
from models.owner_cards import find_card
from models.owner_lists import OwnerQuery, list_owners
from models.tags import read_number
from models.vocabulary import Vocabulary, parse_vocabulary
from tests.databases import open_postgres

PEOPLE, ROOMS, HOMES, BUILDINGS = 1_000_000, 500_000, 100, 100
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
COUNTS = (
    "养犬 且 有车 且 非出租",
    "car.count >= 1 and house.use = '自住' and not elder.has = '有'",
    "hobby = '乒乓球' and pet.kind = '犬' and not house.use = '自住'",
)
LISTS = (
    *COUNTS,
    "community = '花园7期' and 养犬 and not 有老人",
    "hobby = '乒乓球' and pet.kind = '其他' and house.use = '办公'",
)
NEEDS = {"count": 300.0, "page": 150.0, "card": 50.0}
IMPORTED, IMPORT_SECONDS, GROWTH_MIB = 100_000, 60.0, 40.0


def run(folder: Path, rounds: int) -> bool:
    """Print the tables; tells whether all needs are met on both databases."""
    path = folder / "owners.sqlite"
    with open_postgres() as server:
        made = {"SQLite": f"sqlite:///{path}", "PostgreSQL": server.create(has_schema=False)}
        rows = [row for name, url in made.items() for row in _measure(name, url, rounds)]
        server.drop(made["PostgreSQL"])
        imports = [
            row
            for name, url in (("SQLite", ""), ("PostgreSQL", server.create(has_schema=False)))
            for row in _import(name, url, folder)
        ]
    heads = ("what", "database", "rows", "ms", "min..max", "needed")
    print_table(f"{PEOPLE:,} owners with {len(SPREAD)} tags each", heads, [row[:6] for row in rows])
    heads = ("owners", "database", "seconds", "peak MiB", "needed")
    print_table("Importing a register with three tags an owner", heads, [row[:5] for row in imports])
    return all(row[-1] for row in (*rows, *imports))


def read_vocabulary() -> Vocabulary:
    """Return the vocabulary of content/."""
    return parse_vocabulary(yaml.safe_load((ROOT / "content" / "tags.yaml").read_text(encoding="utf-8")))


@contextmanager
def open_million(url: str) -> Iterator[Database]:
    """Make the people and give their database."""
    migrate(url)
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in list_statements():
            connection.execute(text(statement), {"now": _bind(NOW, url), "alive": _bind(LIVING, url), "dead": _bind(DEAD, url)})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE" if url.startswith("sqlite") else "VACUUM ANALYZE"))
    engine.dispose()
    database = Database(url)
    try:
        yield database
    finally:
        database.close()


def _bind(at: datetime, url: str) -> Any:
    return at.strftime("%Y-%m-%d %H:%M:%S.000000") if url.startswith("sqlite") else at


def list_statements() -> list[str]:
    """Return the statements that fill an empty database: everybody has a home, every second one follows."""
    houses = ROOMS // HOMES
    estates = houses // BUILDINGS
    tags = [(key, value) for key, values in SPREAD.items() for value in values]
    rows = ", ".join(f"({n}, '{key}', '{value}', {_sql(read_number(value))})" for n, (key, value) in enumerate(tags, 1))
    house, door, keys = f"(i - 1) / {HOMES}", f"((i - 1) % {HOMES} + 101)", f"({_numbers(len(SPREAD))} SELECT i FROM n) AS m"
    name = f"({house} % {BUILDINGS} + 1) || '栋-1单元-' || {door}"
    rest = "CASE WHEN (id + j) % 20 = 0 THEN :dead ELSE :alive END"
    into = {
        "community (id, name)": f"{_numbers(estates)} SELECT i, '花园' || i || '期' FROM n",
        "building (id, community_id, name)": f"{_numbers(houses)}"
        f" SELECT i, (i - 1) / {BUILDINGS} + 1, ((i - 1) % {BUILDINGS} + 1) || '栋' FROM n",
        "unit (id, building_id, name)": f"{_numbers(houses)} SELECT i, i, '1单元' FROM n",
        "room (id, community_id, building_id, unit_id, name, label)": f"{_numbers(ROOMS)}"
        f" SELECT i, {house} / {BUILDINGS} + 1, {house} + 1, {house} + 1, CAST({door} AS TEXT), {name} FROM n",
        "owner (id, name, phone, created_at)": f"{_numbers(PEOPLE)}"
        " SELECT i, '住户' || i, '138' || SUBSTR(CAST(100000000 + i AS TEXT), 2), :now FROM n",
        "residence (owner_id, room_id, relation)": f"{_numbers(PEOPLE)} SELECT i, (i - 1) / 2 + 1, '业主' FROM n",
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


def _measure(name: str, url: str, rounds: int) -> list[tuple[Any, ...]]:
    vocabulary, rows = read_vocabulary(), []
    started = time.perf_counter()
    with open_million(url) as database:
        print(f"{name}: made in {time.perf_counter() - started:.0f} s", flush=True)
        with database.reading() as tx:
            for words in COUNTS:
                audience = parse_audience(words, vocabulary)
                found, spent = _time(lambda asked=audience: count_audience(tx.connection, asked, NOW, NOW.date()), rounds)
                rows.append(_row(f"count: {words}", name, found, spent, "count"))
            for words in LISTS:
                query = OwnerQuery(parse_audience(words, vocabulary), Scope(), NOW, NOW.date())
                page, spent = _time(lambda asked=query: list_owners(tx.session, asked), rounds)
                rows.append(_row(f"first page: {words}", name, len(page.rows), spent, "page"))
            mine = OwnerQuery(parse_audience(COUNTS[0], vocabulary), Scope(frozenset({11, 12, 13})), NOW, NOW.date())
            page, spent = _time(lambda: list_owners(tx.session, mine), rounds)
            rows.append(_row("first page of a butler", name, len(page.rows), spent, "page"))
            card, spent = _time(lambda: find_card(tx.session, 765_432, Scope(), NOW, NOW.date()), rounds)
            rows.append(_row("card of an owner", name, len(card.tags) if card else 0, spent, "card"))
            share, spent = _time(lambda: measure_coverage(tx.session, everybody(), NOW), 1)
            rows.append(_row("coverage of every key", name, len(share), spent, ""))
    return rows


def _time(work: Callable[[], Any], rounds: int) -> tuple[Any, list[float]]:
    """Return what the work found and its milliseconds, after one time to warm up."""
    found, spent = work(), []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        spent.append((time.perf_counter() - started) * 1_000)
    return found, spent


def _row(what: str, name: str, found: int, spent: Sequence[float], need: str) -> tuple[Any, ...]:
    middle = statistics.median(spent)
    limit = NEEDS.get(need)
    shown = f"{limit:.0f}" if limit else ""
    return (
        what,
        name,
        f"{found:,}",
        f"{middle:.1f}",
        f"{min(spent):.1f}..{max(spent):.1f}",
        shown,
        limit is None or middle < limit,
    )


def _import(name: str, url: str, folder: Path) -> list[tuple[Any, ...]]:
    """Import a tenth and the whole into new databases, each in a process of its own; memory must not grow with the file."""
    rows, peaks = [], []
    for place, people in enumerate((IMPORTED // 10, IMPORTED)):
        path = folder / f"register-{people}.csv"
        if not path.exists():
            write_register(path, people)
        home = folder / f"{name}-{place}"
        env = {**os.environ, "GUANJIA__DATA_DIR": str(home), **({"GUANJIA__DATABASE__URL": url} if url else {})}
        subprocess.run([sys.executable, "-m", "bot", "migrate"], cwd=ROOT, env=env, check=True, capture_output=True)
        script = (
            f"import resource, sys; from bot.cli import cli; cli(['import', 'owners', {str(path)!r}], standalone_mode=False);"
        )
        script += " print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)"
        started = time.perf_counter()
        done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=env, check=True, capture_output=True, text=True)
        seconds = time.perf_counter() - started
        peaks.append(int(done.stderr.split()[-1]) / 1024)
        limit = IMPORT_SECONDS if people == IMPORTED else None
        is_met = (limit is None or seconds < limit) and peaks[-1] - peaks[0] < GROWTH_MIB
        rows.append(
            (f"{people:,}", name, f"{seconds:.1f}", f"{peaks[-1]:.0f}", f"{limit:.0f} s, flat" if limit else "", is_met)
        )
    return rows


def write_register(path: Path, people: int) -> None:
    """Write a register of so many owners with three tags each."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(OWNER_COLUMNS)
        for n in range(people):
            house, place = divmod(n, HOMES)
            tags = f"house.use=自住;car.count={n % 2};hobby={('太极', '书画', '阅读')[n % 3]}"
            home = (f"花园{house // BUILDINGS + 1}期", f"{house % BUILDINGS + 1}栋", "1单元", str(place + 101))
            writer.writerow([*home, f"住户{n}", f"138{n:08d}", "业主", "2020-05-01", "1980-01-01", "", tags])

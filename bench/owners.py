"""A million owners with eight tags each: audiences, lists, cards, search, coverage and turns of a survey, on both databases.

The databases are its own and thrown away; it takes minutes. `GUANJIA_TEST_POSTGRES_URL` names another server. A need is met
when the best of the rounds meets it: what else runs on the machine can make a figure worse, never better.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select, update

from bench.machine import ROOT, print_table
from bench.people import NOW, PEOPLE, SPREAD, open_people
from bench.product import open_product, put_over
from bench.surveys import FEW, measure_turns
from models.audience.parse import parse_audience
from models.audience.queries import count_audience
from models.coverage import measure_buildings, measure_everybody
from models.database import Database
from models.listings import Scope
from models.owner_cards import find_card
from models.owner_lists import OwnerQuery, list_owners
from models.owner_search import search_owners
from models.roll_keeping import keep_rolls
from models.tags import OwnerTag
from models.vocabulary import Vocabulary, parse_vocabulary
from tests.databases import open_postgres

COUNTS = (
    "养犬 且 有车 且 非出租",
    "car.count >= 1 and house.use = '自住' and not elder.has = '有'",
    "hobby = '乒乓球' and pet.kind = '犬' and not house.use = '自住'",
)
LISTS = (
    *COUNTS,
    "community = '花园7期' and 养犬 and not 有老人",
    "hobby = '乒乓球' and pet.kind = '其他' and house.use = '办公'",
    "not has(pet.kind)",
)
WORDS = ("住户765432", "5432", "没有这个人")
NEEDS = {"count": 300.0, "page": 150.0, "card": 50.0}
RATIO = 1.2
BUTLER = Scope(frozenset({11, 12, 13}))
CHANGED = 1_000


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing that was measured: what it found, and the milliseconds of every round."""

    what: str
    database: str
    found: int
    spent: Sequence[float]
    need: float | None = None

    @property
    def is_met(self) -> bool:
        """Tell whether it is quick enough, where it has to be."""
        return self.need is None or min(self.spent) < self.need

    @property
    def row(self) -> tuple[str, ...]:
        """Return its line in the table."""
        limit = f"{self.need:.0f}" if self.need else ""
        spread = f"{min(self.spent):.1f}..{max(self.spent):.1f}"
        return self.what, self.database, f"{self.found:,}", f"{statistics.median(self.spent):.1f}", spread, limit


def run(folder: Path, rounds: int) -> bool:
    """Print the tables; tells whether all needs are met on both databases."""
    figures: list[Figure] = []
    turns: list[tuple[str, float, float]] = []
    with ExitStack() as stack:
        runtime = stack.enter_context(open_product(folder / "product")).runtime
        server = stack.enter_context(open_postgres())
        for name in ("SQLite", "PostgreSQL"):
            urls = [
                f"sqlite:///{folder}/{size}.sqlite" if name == "SQLite" else server.create(has_schema=False)
                for size in (FEW, PEOPLE)
            ]
            with open_people(urls[0], FEW) as few, open_people(urls[1]) as many:
                figures += measure(name, many, rounds)
                turns.append((name, *measure_turns([put_over(runtime, each) for each in (few, many)], rounds)))
    heads = ("what", "database", "rows", "ms", "min..max", "needed")
    print_table(f"{PEOPLE:,} owners with {len(SPREAD)} tags each", heads, [each.row for each in figures])
    rows = [(name, f"{small:.2f}", f"{large:.2f}", f"{large / small:.2f}", RATIO) for name, small, large in turns]
    heads = ("database", f"{FEW:,} owners", f"{PEOPLE:,} owners", "ratio", "needed")
    print_table("A turn of a survey, milliseconds", heads, rows)
    return all(each.is_met for each in figures) and all(large / small <= RATIO for _, small, large in turns)


def read_vocabulary() -> Vocabulary:
    """Return the vocabulary of content/."""
    return parse_vocabulary(yaml.safe_load((ROOT / "content" / "tags.yaml").read_text(encoding="utf-8")))


def measure(name: str, database: Database, rounds: int) -> list[Figure]:
    """Measure what staff ask of the people, then what the rolls cost when tags change."""
    figures = []
    with database.reading() as tx:
        for what, need, work in list_works(tx.session, read_vocabulary()):
            figures.append(_time(what, name, work, rounds, NEEDS.get(need)))
    return [*figures, *_measure_changes(name, database)]


def list_works(session: Any, vocabulary: Vocabulary) -> Iterator[tuple[str, str, Callable[[], int]]]:
    """Give what is measured: its name, its need, and the work, which returns how many rows it found."""

    def ask(words: str, scope: Scope) -> OwnerQuery:
        return OwnerQuery(parse_audience(words, vocabulary), scope, NOW, NOW.date())

    def open_card() -> int:
        session.expire_all()
        card = find_card(session, 765_432, Scope(), NOW, NOW.date())
        return len(card.tags) if card else 0

    for words in COUNTS:
        audience = parse_audience(words, vocabulary)
        yield f"count: {words}", "count", lambda asked=audience: count_audience(session.connection(), asked, NOW, NOW.date())
    for words in LISTS:
        query = ask(words, Scope())
        yield f"first page: {words}", "page", lambda asked=query: len(list_owners(session, asked).rows)
    yield "first page of a butler", "page", lambda: len(list_owners(session, ask(COUNTS[0], BUTLER)).rows)
    yield "card of an owner", "card", open_card
    for words in WORDS:
        yield f"search: {words}", "", lambda asked=words: len(search_owners(session, Scope(), asked))
    yield "coverage of a page of buildings", "", lambda: len(measure_buildings(session, Scope(), NOW, 2_000).buildings)
    yield "coverage of every key", "", lambda: len(measure_everybody(session, NOW).known)


def _measure_changes(name: str, database: Database) -> list[Figure]:
    """Change tags all over the register: what a count costs before its pages are written anew, and what the writing costs."""
    audience = parse_audience(COUNTS[0], read_vocabulary())
    far = range(1, PEOPLE, PEOPLE // CHANGED)
    with database.transaction() as tx:
        tag_ids = select(OwnerTag.tag_id).where(OwnerTag.owner_id == 1).scalar_subquery()
        changed = update(OwnerTag).where(OwnerTag.owner_id.in_(far), OwnerTag.tag_id.in_(tag_ids))
        tx.connection.execute(changed.values(expires_at=NOW + timedelta(days=200)))
    with database.reading() as tx:
        before = _time(
            f"count, {CHANGED:,} people just changed",
            name,
            lambda: count_audience(tx.connection, audience, NOW, NOW.date()),
            1,
            NEEDS["count"],
        )
    started = time.perf_counter()
    pages = keep_rolls(database, NOW)
    return [before, Figure("pages of rolls written anew", name, pages, [(time.perf_counter() - started) * 1_000])]


def _time(what: str, name: str, work: Callable[[], int], rounds: int, need: float | None) -> Figure:
    """Measure the milliseconds of every round, after one time to warm up."""
    found, spent = work(), []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        spent.append((time.perf_counter() - started) * 1_000)
    return Figure(what, name, found, spent, need)

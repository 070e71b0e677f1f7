"""Rolls of tags are a copy that nobody can tell from the rows: after every change, at every instant, whoever writes at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, update

from models import roll_keeping, roll_reading
from models.audience.evaluate import matches
from models.audience.nodes import Audience, Node, Operator
from models.audience.parse import parse_audience
from models.audience.people import Person, load_person
from models.audience.queries import count_audience, list_audience
from models.crowds import Crowd, gather_ids, list_ids
from models.database import Database
from models.followers import Follower
from models.listings import Scope
from models.owner_lists import OwnerQuery, find_page
from models.owners import Owner, Residence
from models.roll_keeping import keep_rolls
from models.roll_reading import find_holders
from models.rolls import PAGE, Roll, RollMark, RollPage
from models.tags import OwnerTag, Tag, delete_rows, get_or_create_tag, put_row
from tests.models.audience_people import NOW, TODAY, VOCABULARY, make_people, save_people
from tests.models.test_audience_agreement import LEAVES, TAG_LEAVES, conditions_of, join_family

APART = 40  # ids so far from each other that sixteen people fill several pages
HOMES = conditions_of("community", st.sampled_from(["翠湖花园", "和平里"]), [Operator.EQUAL])
QUICK = settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow], database=None)
TREES: st.SearchStrategy[Node] = join_family(TAG_LEAVES) | join_family([*TAG_LEAVES, *TAG_LEAVES, HOMES])


@pytest.fixture(autouse=True)
def every_tag_has_a_roll(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few people are enough here."""
    monkeypatch.setattr(roll_keeping, "FEWEST", 1)


def plant(database: Database, seed: int) -> list[Person]:
    people = [replace(person, id=person.id * APART) for person in make_people(seed=seed, count=16)]
    save_people(database, people)
    return people


def check_trees(database: Database, now: datetime, trees: st.SearchStrategy[Node] = TREES) -> None:
    """Compare counts and pages with every person asked by herself."""
    with database.reading() as tx:
        ids = tx.session.scalars(select(Owner.id).order_by(Owner.id)).all()
        people = [found for each in ids if (found := load_person(tx, each, now))]

        @QUICK
        @given(trees)
        def check(node: Node) -> None:
            audience = Audience("", node)
            wanted = [person.id for person in people if matches(audience, person, now, TODAY)]
            assert count_audience(tx.connection, audience, now, TODAY) == len(wanted)
            found = find_page(tx.session, OwnerQuery(audience, Scope(), now, TODAY), 160 * APART, 7)
            assert found == [each for each in wanted if each > 160 * APART][:7]

        check()


def test_counts_and_pages_from_rolls_are_those_of_every_person_asked(database: Database) -> None:
    plant(database, seed=21)
    assert keep_rolls(database, NOW) > 0
    with database.reading() as tx:
        assert tx.session.scalar(select(func.count()).select_from(RollPage)) > 20
        assert tx.session.scalar(select(func.count()).select_from(RollMark)) == 0
    check_trees(database, NOW, join_family([*TAG_LEAVES, *LEAVES]))
    assert keep_rolls(database, NOW) == 0


def change_everything(database: Database, people: list[Person]) -> None:
    """Change tags in every way there is, and let a person go."""
    with database.transaction() as tx:
        dog, use = get_or_create_tag(tx.connection, "pet.kind", "犬"), get_or_create_tag(tx.connection, "house.use", "出租")
        for person in people[:6]:
            put_row(tx.connection, person.id, dog, {"source": "test", "at": NOW, "expires_at": None})
            put_row(tx.connection, person.id, use, {"source": "test", "at": NOW, "expires_at": NOW - timedelta(1)})
        for person in people[6:9]:
            delete_rows(tx.connection, person.id, [dog, use])
        tx.session.execute(update(OwnerTag).where(OwnerTag.owner_id == people[10].id).values(expires_at=NOW + timedelta(1)))
        gone = people[11].id
        tx.session.execute(update(Follower).where(Follower.owner_id == gone).values(owner_id=None))
        tx.session.execute(delete(Residence).where(Residence.owner_id == gone))
        tx.session.execute(delete(Owner).where(Owner.id == gone))


def test_a_change_counts_at_once_and_after_the_pages_are_written_anew(database: Database) -> None:
    people = plant(database, seed=22)
    keep_rolls(database, NOW)
    change_everything(database, people)
    check_trees(database, NOW)
    assert keep_rolls(database, NOW) > 0
    check_trees(database, NOW)


def test_who_has_died_on_a_page_leaves_at_once_and_nobody_is_believed_before_the_page_was_made(database: Database) -> None:
    plant(database, seed=23)
    keep_rolls(database, NOW)
    check_trees(database, NOW + timedelta(days=400))
    check_trees(database, NOW - timedelta(days=400))
    assert keep_rolls(database, NOW + timedelta(days=400)) > 0


def test_a_change_that_is_not_yet_committed_is_not_lost_when_pages_are_written_beside_it(database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("SQLite has one writer: there is nothing beside it")
    people = plant(database, seed=24)
    keep_rolls(database, NOW)
    dogs = parse_audience("养犬", VOCABULARY)
    with database.transaction() as tx:
        dog = get_or_create_tag(tx.connection, "pet.kind", "犬")
        put_row(tx.connection, people[0].id, dog, {"source": "test", "at": NOW, "expires_at": None})
    with database.transaction() as tx:
        for person in people:
            delete_rows(tx.connection, person.id, [dog])
        assert keep_rolls(database, NOW) > 0
        assert count_audience(tx.connection, dogs, NOW, TODAY) == 0
    with database.reading() as tx:
        assert count_audience(tx.connection, dogs, NOW, TODAY) == 0
    assert keep_rolls(database, NOW) > 0
    with database.reading() as tx:
        assert count_audience(tx.connection, dogs, NOW, TODAY) == 0


def test_of_two_keepers_one_gives_up(database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("SQLite has one writer")
    plant(database, seed=25)
    with database.transaction() as tx:
        assert tx.connection.scalar(select(func.pg_try_advisory_xact_lock(roll_keeping.LOCK)))
        assert keep_rolls(database, NOW) == 0
    assert keep_rolls(database, NOW) > 0


def test_what_would_take_long_is_left_to_the_database(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    people = plant(database, seed=26)
    audience = parse_audience("养犬 or 有车", VOCABULARY)
    wanted = [person.id for person in people if matches(audience, person, NOW, TODAY)]
    monkeypatch.setattr(roll_reading, "MOST_LOOSE", 3)
    with database.reading() as tx:
        ids = tx.session.scalars(select(Tag.id).where(Tag.key == "pet.kind")).all()
        assert find_holders(tx.connection, ids, NOW) is None
        assert count_audience(tx.connection, audience, NOW, TODAY) == len(wanted)
    keep_rolls(database, NOW)
    monkeypatch.setattr(roll_reading, "MOST_STALE", 0)
    with database.reading() as tx:
        assert find_holders(tx.connection, ids, NOW) is not None
        assert find_holders(tx.connection, ids, NOW + timedelta(days=400)) is None
        assert list_audience(tx.connection, audience, NOW, TODAY) == wanted
        page = find_page(tx.session, OwnerQuery(audience, Scope(), NOW, TODAY), 0, 50)
    assert page == wanted[:50]


def test_a_tag_that_few_have_needs_no_roll(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roll_keeping, "FEWEST", 1_000)
    plant(database, seed=27)
    assert keep_rolls(database, NOW) == 0
    with database.reading() as tx:
        left = [tx.session.scalar(select(func.count()).select_from(model)) for model in (Roll, RollPage, RollMark)]
    assert left == [0, 0, 0]
    check_trees(database, NOW)


@given(st.sets(st.integers(1, 3 * PAGE)), st.sets(st.integers(1, 3 * PAGE)), st.integers(0, 3 * PAGE), st.integers(0, 9))
def test_crowds_are_sets(one: set[int], two: set[int], after: int, most: int) -> None:
    everybody = set(range(1, 3 * PAGE + 1))
    first, second = Crowd(gather_ids(one)), Crowd(gather_ids(two))
    assert list_ids(first.bits, after, most) == sorted(each for each in one if each > after)[:most]
    for crowd, wanted in (
        (first & second, one & two),
        (first | second, one | two),
        (first & ~second, one - two),
        (~first & second, two - one),
        (~first & ~second, everybody - one - two),
        (~first | second, (everybody - one) | two),
        (~(~first | ~second), one & two),
    ):
        named = set(list_ids(crowd.bits, 0, 3 * PAGE))
        assert (everybody - named if crowd.is_others else named) == wanted
        assert crowd.named == len(named)

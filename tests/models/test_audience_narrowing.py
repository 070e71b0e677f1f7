"""A narrowed person is answered like the whole one, and tells apart nobody whom the expressions do not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.audience.evaluate import matches
from models.audience.narrowing import find_reads, narrow
from models.audience.nodes import Audience, Node, Sample, Seen, list_leaves
from models.audience.parse import parse_audience
from models.audience.people import Contact, HeldTag, Home, Person, load_person
from models.database import Database
from tests.models.audience_people import NOW, TODAY, VOCABULARY, make_people, save_people
from tests.models.test_audience_agreement import NODES

PEOPLE = make_people(seed=23, count=40)


def is_lasting(node: Node) -> bool:
    return not any(isinstance(leaf, Seen | Sample) for leaf in list_leaves(node))


@given(st.lists(NODES.filter(is_lasting), min_size=1, max_size=3))
@settings(max_examples=150, database=None)
def test_a_narrowed_person_is_answered_like_the_whole_one(nodes: list[Node]) -> None:
    audiences = [Audience("", node) for node in nodes]
    reads, midnight = find_reads(audiences), datetime.combine(TODAY, datetime.min.time(), UTC)
    for person in PEOPLE:
        whole = [matches(audience, person, NOW, TODAY) for audience in audiences]
        narrowed = narrow(person, reads, NOW)
        assert [matches(audience, narrowed, midnight, TODAY) for audience in audiences] == whole
        assert narrow(narrowed, reads, NOW) == narrowed


def test_what_nobody_asks_for_tells_nobody_apart() -> None:
    home = Home("锦绣花园", "1", "1", "101", "1栋-1单元-101", "业主", date(2020, 5, 1))
    one = Person(1, NOW, date(1980, 1, 1), (home,), (HeldTag("pet.kind", "犬"),), (Contact(message_at=NOW),))
    there = Home("翠湖花园", "9", "2", "304", "9栋-2单元-304", "业主", date(2011, 5, 1))
    tags = (HeldTag("pet.kind", "犬", NOW + timedelta(days=1)), HeldTag("hobby", "太极"), HeldTag("pet.kind", "猫", NOW))
    other = Person(2, NOW - timedelta(days=9), None, (there,), tags, (Contact(is_following=False),))
    reads = find_reads([parse_audience("养犬 and 关系 = 业主", VOCABULARY)])
    assert narrow(one, reads, NOW) == narrow(other, reads, NOW)
    assert narrow(one, reads, NOW).tags == (HeldTag("pet.kind", "犬"),)


def test_no_more_is_loaded_than_is_asked_for(database: Database) -> None:
    save_people(database, PEOPLE)
    for text in ["养犬", "关系 = 业主", "not 未绑定", "养犬 and 房号 = 101", "年龄 > 60", "everyone"]:
        audience = parse_audience(text, VOCABULARY)
        reads = find_reads([audience])
        with database.reading() as reading:
            for person in PEOPLE:
                loaded = load_person(reading, person.id, NOW, reads.parts)
                assert loaded is not None
                assert matches(audience, narrow(loaded, reads, NOW), NOW, TODAY) is matches(audience, person, NOW, TODAY)
                assert reads.tags or not loaded.tags
                assert reads.home or not loaded.homes


@pytest.mark.parametrize("asked", ["seen(30d)", "养犬 or not sample(10%)"])
def test_what_goes_by_the_instant_or_the_person_cannot_be_shared(asked: str) -> None:
    with pytest.raises(ValueError, match="seen"):
        find_reads([parse_audience(asked, VOCABULARY)])

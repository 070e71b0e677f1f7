"""The two readers of one tree, SQL and Python, must never disagree; and every tree survives being written and read."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.audience.describe import describe
from models.audience.errors import AudienceError
from models.audience.evaluate import explain, matches
from models.audience.nodes import (
    And,
    Audience,
    Condition,
    Everyone,
    Month,
    Node,
    Not,
    Operator,
    Or,
    Relative,
    Sample,
    Seen,
    Value,
    join,
)
from models.audience.parse import parse_audience
from models.audience.people import load_person
from models.audience.queries import count_audience, list_audience
from models.audience.sql import compile_sql
from models.audience.words import AND, EVERYONE, FUNCTIONS, NOT, OPERATORS, OR
from models.database import Database
from models.owners import Stage
from tests.models.audience_people import (
    BIRTHDAYS,
    CREATED,
    MOVED_IN,
    NOW,
    TAG_VALUES,
    TODAY,
    VOCABULARY,
    make_people,
    save_people,
)

EXACT = [Operator.EQUAL, Operator.NOT_EQUAL, Operator.IN, Operator.NOT_IN]
ORDER = [Operator.LESS, Operator.AT_MOST, Operator.MORE, Operator.AT_LEAST]
TEXTUAL = [Operator.CONTAINS, Operator.PREFIX]


def conditions_of(field: str, values: st.SearchStrategy[Value], operators: list[Operator]) -> st.SearchStrategy[Node]:
    def build(operator: Operator) -> st.SearchStrategy[Node]:
        sizes = {Operator.IN: (1, 3), Operator.NOT_IN: (1, 3), Operator.BETWEEN: (2, 2)}
        low, high = sizes.get(operator, (1, 1))
        return st.lists(values, min_size=low, max_size=high).map(lambda given: Condition(field, operator, tuple(given)))

    return st.sampled_from(operators).flatmap(build)


def days(known: list[date | None]) -> st.SearchStrategy[Value]:
    near = [day + timedelta(shift) for day in known if day for shift in (-1, 0, 1)]
    return st.sampled_from(near) | st.integers(-40, 40).map(Relative)


ORDERED = [*EXACT, *ORDER, Operator.BETWEEN]
TEXTS = {"community": ["翠湖花园", "和平里", "A%区"], "building": ["1", "2栋", "3幢", "一栋", "东3栋"], "unit": ["1", "二单元"]}
PIECES = st.sampled_from(["1", "栋", "%", "_", "湖", "-", "a", "A", "'", "\\", "W", "weekend", "点", "12A"])
ROOMS = st.sampled_from(["301", "12A", "12a", "301室", "0301", "1栋-1单元-301", "2-一单元-三零一"])
MONTHS = st.integers(1, 12).map(Month) | st.sampled_from([0, 1]).map(lambda number: Month(number, is_relative=True))
NUMBERS = st.sampled_from([0, 1, 2, 3, 3.5, 10, 16, 26, 59, 60, 75, 76, 2025, 2026, 5000])
CHOSEN = {key: values for key, values in TAG_VALUES.items() if VOCABULARY.keys[key].values}
HOME_LEAVES: list[st.SearchStrategy[Node]] = [
    *(conditions_of(field, st.sampled_from(values), EXACT) for field, values in TEXTS.items()),
    *(conditions_of(field, PIECES, TEXTUAL) for field in (*TEXTS, "room")),
    conditions_of("room", ROOMS, EXACT),
    conditions_of("relation", st.sampled_from(["业主", "家人", "租客", "代办"]), EXACT),
    conditions_of("stage", st.sampled_from([stage.value for stage in Stage]), EXACT),
    conditions_of("moved_in", days(list(MOVED_IN)), ORDERED),
    st.sampled_from([*TEXTS, "room", "stage", "relation", "moved_in"]).map(lambda field: Condition(field, Operator.HAS)),
]
TAG_LEAVES: list[st.SearchStrategy[Node]] = [
    *(conditions_of(key, st.sampled_from(values), EXACT) for key, values in CHOSEN.items()),
    *(conditions_of(field, PIECES, TEXTUAL) for field in ("reach.hours", "pet.kind")),
    conditions_of("car.count", NUMBERS, [*ORDER, Operator.BETWEEN]),
    conditions_of("family.members", NUMBERS, ORDERED),
    conditions_of("car.inspect_month", MONTHS, ORDERED),
    conditions_of("warranty.end", days([TODAY, date(2027, 1, 1)]), ORDERED),
    conditions_of("reach.hours", st.sampled_from(TAG_VALUES["reach.hours"]), EXACT),
    st.sampled_from([*TAG_VALUES]).map(lambda field: Condition(field, Operator.HAS)),
]
LEAVES: list[st.SearchStrategy[Node]] = [
    st.just(Everyone()),
    st.integers(0, 100).map(Seen),
    st.builds(Sample, st.sampled_from([0, 1, 1250, 5000, 10_000]), st.sampled_from(["", "a", "b'", "种子"])),
    conditions_of("birthday", days(list(BIRTHDAYS)), ORDERED),
    conditions_of("joined", days([at.date() for at in CREATED]), ORDERED),
    conditions_of("birth_month", MONTHS, ORDERED),
    conditions_of("age", NUMBERS, ORDERED),
    st.sampled_from(["birthday", "age", "birth_month"]).map(lambda field: Condition(field, Operator.HAS)),
    st.sampled_from(["bound", "following"]).flatmap(
        lambda field: st.booleans().map(lambda value: Condition(field, Operator.EQUAL, (value,)))
    ),
    *HOME_LEAVES,
    *TAG_LEAVES,
]


def join_family(leaves: list[st.SearchStrategy[Node]]) -> st.SearchStrategy[Node]:
    leaf = st.sampled_from(range(len(leaves))).flatmap(lambda at: leaves[at])
    items = st.lists(leaf | leaf.map(Not), min_size=2, max_size=4)
    return st.builds(join, st.sampled_from([And, And, Or]), items)


NODES: st.SearchStrategy[Node] = st.recursive(
    st.sampled_from(range(len(LEAVES))).flatmap(lambda at: LEAVES[at]),
    lambda children: st.one_of(
        st.lists(children, min_size=2, max_size=4).map(lambda items: join(And, items)),
        st.lists(children, min_size=2, max_size=4).map(lambda items: join(Or, items)),
        children.map(Not),
    ),
    max_leaves=8,
)
QUICK = settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow], database=None)


def test_sql_and_python_choose_the_same_people(database: Database) -> None:
    people = make_people(seed=11, count=60)
    save_people(database, people)

    @QUICK
    @given(NODES)
    def check(node: Node) -> None:
        audience = Audience("", node)
        wanted = [person.id for person in people if matches(audience, person, NOW, TODAY)]
        with database.reading() as reading:
            assert list_audience(reading.connection, audience, NOW, TODAY) == wanted

    check()


def test_conditions_of_one_family_joined_are_answered_alike(database: Database) -> None:
    people = make_people(seed=17, count=60)
    save_people(database, people)

    @QUICK
    @given(join_family(TAG_LEAVES) | join_family(HOME_LEAVES))
    def check(node: Node) -> None:
        audience = Audience("", node)
        wanted = [person.id for person in people if matches(audience, person, NOW, TODAY)]
        with database.reading() as reading:
            assert list_audience(reading.connection, audience, NOW, TODAY) == wanted

    check()


def test_every_kind_of_condition_alone_is_answered_alike(database: Database) -> None:
    people = make_people(seed=12, count=80)
    save_people(database, people)

    @QUICK
    @given(st.sampled_from(range(len(LEAVES))).flatmap(lambda at: LEAVES[at]), st.booleans())
    def check(leaf: Node, is_negated: bool) -> None:
        audience = Audience("", Not(leaf) if is_negated else leaf)
        wanted = [person.id for person in people if matches(audience, person, NOW, TODAY)]
        with database.reading() as reading:
            assert list_audience(reading.connection, audience, NOW, TODAY) == wanted

    check()


def test_a_loaded_person_is_judged_like_the_row_she_comes_from(database: Database) -> None:
    people = make_people(seed=13, count=25)
    save_people(database, people)
    audience = parse_audience("(养犬 or 小区 = 翠湖花园) and not seen(30d) or stage = 老业主", VOCABULARY)
    with database.reading() as reading:
        chosen = set(list_audience(reading.connection, audience, NOW, TODAY))
        loaded = [load_person(reading, person.id, NOW) for person in people]
        assert load_person(reading, 1, NOW) is None
    assert {person.id for person in loaded if person and matches(audience, person, NOW, TODAY)} == chosen
    assert chosen


def test_pages_follow_each_other_without_gap_or_double(database: Database) -> None:
    save_people(database, make_people(seed=14, count=30))
    audience = parse_audience("everyone", VOCABULARY)
    with database.reading() as reading:
        everyone = list_audience(reading.connection, audience, NOW, TODAY)
        paged: list[int] = []
        while page := list_audience(reading.connection, audience, NOW, TODAY, after_id=paged[-1] if paged else 0, limit=7):
            paged.extend(page)
        assert count_audience(reading.connection, audience, NOW, TODAY) == 30
    assert paged == list(everyone) == sorted(everyone)
    assert len(paged) == 30


def test_the_deepest_and_the_longest_expression_still_run(database: Database) -> None:
    people = make_people(seed=15, count=10)
    save_people(database, people)
    deep, homes, right = "养犬", "小区 = 和平里", "养犬"
    for level in range(49):
        deep = f"not ({deep} {'or' if level % 2 else 'and'} age > {level})"
    for level in range(99):
        homes = f"({homes} {'or' if level % 2 else 'and'} 楼栋 != {level})"
        right = f"(age > {level} {'or' if level % 2 else 'and'} {right})"
    wide = " and ".join(f"not car.count = {number % 2}" for number in range(250))
    for text in (deep, homes, right, "not " * 100 + "养犬", wide, wide.replace(" and ", " or ").replace("not ", "")):
        audience = parse_audience(text, VOCABULARY)
        with database.reading() as reading:
            chosen = list_audience(reading.connection, audience, NOW, TODAY)
        assert chosen == [person.id for person in people if matches(audience, person, NOW, TODAY)]


def test_no_word_of_a_user_is_part_of_the_statement() -> None:
    evil = "'; drop table owner --"
    audience = parse_audience('小区 = "\'; drop table owner --" and reach.hours ~ "\'; drop table owner --"', VOCABULARY)
    statement = compile_sql(audience, NOW, TODAY).compile()
    assert "drop" not in str(statement)
    assert [evil] in statement.params.values()


@QUICK
@given(NODES)
def test_the_canonical_text_reads_back_to_the_same_tree(node: Node) -> None:
    text = describe(Audience("", node))
    again = parse_audience(text, VOCABULARY)
    assert again.node == node
    assert describe(again) == text


@QUICK
@given(NODES)
def test_the_reasons_of_a_conjunction_add_up_to_its_answer(node: Node) -> None:
    for person in make_people(seed=16, count=3):
        audience = Audience("", node)
        reasons = explain(audience, person, NOW, TODAY)
        assert reasons
        if isinstance(node, And) and not any(isinstance(item, Or) for item in node.items):
            assert all(answer for _, answer in reasons) is matches(audience, person, NOW, TODAY)


SCRAPS = st.sampled_from(
    [
        *AND,
        *OR,
        *NOT,
        *OPERATORS,
        *EVERYONE,
        *FUNCTIONS,
        *"()（）,，、'\"“”‘’=＝<>!~^≤%％ \n\t",
        "养犬",
        "有车",
        "pet.kind",
        "小区",
        "出租",
        "收入",
        "age",
        "30d",
        "2026-02-30",
        "today",
        "today-9d",
        "10%",
        "翠湖花园",
        "1栋",
        "joined",
        "\x00",
    ]
)


@settings(max_examples=250, database=None)
@given(st.text(max_size=60) | st.lists(SCRAPS, max_size=30).map("".join) | st.lists(SCRAPS, max_size=30).map(" ".join))
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    try:
        audience = parse_audience(text, VOCABULARY)
    except AudienceError as error:
        place, shown = error.position, error.render(text)
    else:
        place, shown = 0, "^"
        assert parse_audience(describe(audience), VOCABULARY).node == audience.node
    assert 0 <= place <= len(text)
    assert shown.endswith("^")


@pytest.mark.parametrize("text", ["不" * 9999, "养犬且" * 3300, "且不" * 4900, "(" * 9999, "not " * 2400, "养犬或非" * 2400])
def test_a_malicious_text_is_refused_quickly(text: str) -> None:
    with pytest.raises(AudienceError) as caught:
        parse_audience(text, VOCABULARY)
    assert caught.value.code in {"too_deep", "too_many", "unknown_word", "expected"}

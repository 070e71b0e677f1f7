"""The language of conditions: what it means, what it refuses, and that data can never make it fail."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.expressions import FACTS, LABELS, ExpressionError, parse_expression
from dialogs.functions import PLAIN, TIMED, to_text
from dialogs.places import Place
from dialogs.syntax import MAX_DEPTH, MAX_LENGTH
from dialogs.templates import Link, parse_template
from dialogs.tree import ARITY


@dataclass(frozen=True)
class At:
    now: datetime = datetime(2026, 11, 21, 10, 0, tzinfo=timezone(timedelta(hours=8)))


SCOPE = {
    "fault": "leak",
    "likes": ["a", "b"],
    "n": 3,
    "x": 2.5,
    "yes": True,
    "no_answer": None,
    "when": {"on": "2026-11-22", "at": "15:00", "part": None},
    "day": "2026-12-01",
    "clock": "09:30",
    "span": {"from": "14:00", "to": "16:00"},
    "order": {"no": "D1", "assignee": ""},
    "service": "travel.outbound",
    LABELS: {"fault": "漏水", "likes": "甲、乙"},
    FACTS: {"service": {"label": "出境游"}},
}


def run(source: str, scope=SCOPE):
    return parse_expression(source).evaluate(scope, At())


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("1 + 2 * 3", 7), ("(1 + 2) * 3", 9), ("7 / 2", 3.5), ("-n + 1", -2), ("2 - 3 - 4", -5),
        ("'a' + 'b'", "ab"), ("fault == 'leak'", True), ("fault != 'leak'", False), ("n >= 3 and x < 3", True),
        ("not fault == 'leak'", False), ("n > 5 or yes", True), ("fault in ['leak', 'burst']", True),
        ("'a' in likes", True), ("'c' not in likes", True), ("'ea' in fault", True), ("order.no", "D1"),
        ("order.missing", None), ("missing.part", None), ("if(n > 2, 'many', 'few')", "many"),
        ("len('四个字符')", 4), ("lower('AB')", "ab"), ("upper('ab')", "AB"), ("trim('  a ')", "a"),
        ("contains(fault, 'ea')", True), ("contains(likes, 'b')", True), ("starts_with(fault, 'le')", True),
        ("round(2.5)", 3), ("round(-2.5)", -3), ("round(2.345, 2)", 2.35), ("floor(2.9)", 2), ("ceil(2.1)", 3),
        ("abs(0 - 4)", 4), ("min(3, 1, 2)", 1), ("max([3, 9])", 9), ("min(n, null)", 3), ("number('12')", 12),
        ("number('1.5')", 1.5), ("number('一')", None), ("text(3.0)", "3"), ("text(null)", None),
        ("label(fault)", "漏水"), ("label(n)", "3"), ("coalesce(no_answer, missing, 'z')", "z"),
        ("is_empty(no_answer)", True), ("is_empty('')", True), ("is_empty(0)", False), ("is_empty([])", True),
        ("days_until(when)", 1), ("days_until(day)", 10), ("hours_until(when)", 29.0), ("hour(when)", 15),
        ("hour(clock)", 9), ("hour(span)", 14), ("weekday(when)", 7), ("year(day)", 2026), ("month(day)", 12),
        ("day(day)", 1), ("age('1950-11-22')", 75), ("age('1950-11-21')", 76), ("join(likes, '/')", "a/b"),
        ("first(likes)", "a"), ("last(likes)", "b"), ("count(likes)", 2), ("count(null)", 0), ("count(fault)", 1),
        ("matches_phone('138 0013 8000')", True), ("matches_phone('12345')", False), ("'it\\'s'", "it's"),
        ("[1, 2,]", [1, 2]), ("true == 1", False), ("service", "travel.outbound"), ("service.label", "出境游"),
    ],
)  # fmt: skip
def test_an_expression_has_the_documented_value(source, value):
    assert run(source) == value


@pytest.mark.parametrize("sign", ["==", "!=", "<", "<=", ">", ">=", "in"])
@pytest.mark.parametrize("sides", [("null", "1"), ("no_answer", "'a'"), ("n", "null"), ("missing", "missing")])
def test_every_comparison_with_null_is_false(sign, sides):
    assert run(f"{sides[0]} {sign} {sides[1]}") is False


@pytest.mark.parametrize("source", ["n + null", "null - 1", "no_answer * 2", "1 / null", "-null", "'a' + null"])
def test_a_sum_with_null_is_null(source):
    assert run(source) is None


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("n > 'a'", False), ("likes < n", False), ("yes > 0", False), ("'a' + 1", None), ("likes - 1", None),
        ("n / 0", None), ("len(n)", None), ("days_until('soon')", None), ("hour(n)", None), ("join(fault)", None),
        ("min('a', 1)", None), ("round(fault)", None), ("number(likes)", None), ("lower(n)", None), ("n in n", False),
        ("contains(n, 1)", False), ("age(null)", None), ("first(n)", None), ("n.part", None),
    ],
)  # fmt: skip
def test_a_value_of_the_wrong_type_counts_as_null_and_never_raises(source, value):
    assert run(source) == value


def test_a_number_that_grows_beyond_meaning_becomes_null():
    assert run("999999999999999 * 999999999999999") is None
    assert run("*".join(["999999999999999"] * 90)) is None


@pytest.mark.parametrize(
    ("source", "column", "words"),
    [
        ("", 1, "empty"), ("fault = 'leak'", 7, "compare with '=='"), ("fault == ", 9, "ends too early"),
        ("(n", 3, "')' is missing"), ("n n", 3, "does not belong"), ("foo(n)", 1, "no function 'foo'"),
        ("len(n, n)", 1, "takes 1"), ("if(n, 1)", 1, "takes 3"), ("'open", 1, "not closed"), ('n == "a"', 6, "single"),
        ("n == “a”", 6, "full-width"), ("n == 1 $", 8, "does not belong"), ("[1, 2", 6, "']' is missing"),
        ("1234567890123456", 1, "15 digits"), ("and n", 1, "does not belong"), ("n ++", 4, "does not belong"),
        (")", 1, "does not belong"), ("n and (fault == 'a' or", 23, "ends too early"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_column(source, column, words):
    with pytest.raises(ExpressionError) as error:
        parse_expression(source)
    assert (error.value.column, words in error.value.message) == (column, True), error.value.message


@pytest.mark.parametrize(
    "source",
    [
        "'" + "a" * MAX_LENGTH + "'", "(" * (MAX_DEPTH + 1) + "1" + ")" * (MAX_DEPTH + 1), "1" + " + 1" * MAX_DEPTH,
        "not " * 500 + "n", "-" * 900 + "1", "[" * 900, "[" + "1, " * 1500 + "1]", "(" * 5000,
    ],
)  # fmt: skip
def test_length_depth_and_cost_are_limited(source):
    with pytest.raises(ExpressionError):
        parse_expression(source)


def test_every_function_of_the_grammar_has_a_body():
    assert set(ARITY) == {*PLAIN, *TIMED, "if", "coalesce", "label"}


def test_names_lists_dotted_names_in_full():
    assert parse_expression("owner.name == n and len(order.no) > 1").names() == {"owner.name", "n", "order.no"}


def test_only_the_chosen_side_of_an_if_is_used():
    assert run("if(true, 'a', 1 / 0)") == "a"


def test_the_clock_of_an_expression_is_the_world_it_is_given():
    later = type("Later", (), {"now": At().now + timedelta(days=1)})()
    assert parse_expression("days_until(when)").evaluate(SCOPE, later) == 0


def test_a_template_shows_labels_for_answers_and_values_for_the_rest():
    text = parse_template("{{ fault }}/{{ n }}/{{ order.no }}/{{ missing }}/{{ likes }}/{{ x }}/{{ yes }}")
    assert text.render(SCOPE, At()) == "漏水/3/D1//甲、乙/2.5/是"


def test_a_template_without_holes_is_the_text_itself():
    assert parse_template("您好").render({}, At()) == "您好"


@pytest.mark.parametrize(("source", "column"), [("ab {{ n", 4), ("{{ n == }}", 8), ("您好 {{ 1 + $ }}", 11)])
def test_a_mistake_in_a_template_is_told_with_its_column(source, column):
    with pytest.raises(ExpressionError) as error:
        parse_template(source)
    assert error.value.column == column


def test_a_hole_knows_its_place_in_the_file():
    (hole,) = parse_template("您好 {{ n }}", Place("a.yaml", 5, 10)).list_expressions()
    assert str(hole.place) == "a.yaml:5:15"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.dates() | st.datetimes(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["on", "at", "from", "no"]), inner),
    max_leaves=5,
)
SOURCES = [f"{name}({', '.join(['a', 'b', 'c'][: low or 1])})" for name, (low, _) in ARITY.items()]
SOURCES += [f"a {sign} b" for sign in ("+", "-", "*", "/", "==", "!=", "<", ">=", "in", "and", "or", "not in")]


@given(st.sampled_from(SOURCES), VALUES, VALUES, VALUES)
def test_no_value_makes_an_expression_raise(source, a, b, c):
    scope = {"a": a, "b": b, "c": c}
    parse_expression(source).evaluate(scope, At())
    parse_template("{{ " + source + " }}").render(scope, At())


@given(st.text(alphabet="ab1 .,'()[]+-*/<>=!notrindf\\", max_size=60))
def test_any_text_is_an_expression_or_a_mistake_with_a_column(source):
    try:
        parse_expression(source).evaluate({"a": 1}, At())
    except ExpressionError as error:
        assert 1 <= error.column <= max(1, len(source) + 1)  # noqa: PT017 - either outcome is right, both are checked


def test_only_what_is_handed_on_untouched_stays_a_link_of_ours():
    link = Link('<a href="weixin://bizmsgmenu?msgmenucontent=x&msgmenuid=1">x</a>')
    assert type(to_text(link)) is str
    assert type(to_text({"text": link})) is str

"""Invents people for expressions, to find out whether anybody at all can belong: a lint asks, no push ever does.

For every field an expression speaks of there are people without a value and with each value that could matter: those it
names, their neighbours, the vocabulary's own. Of values that answer all its conditions alike one is enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import combinations, product
from math import prod
from typing import Any

from models.audience.evaluate import matches
from models.audience.fields import BUILT_IN, Place
from models.audience.nodes import Audience, Condition, Month, Relative, Value, list_leaves
from models.audience.people import Contact, HeldTag, Home, Person
from models.owners import Relation
from models.vocabulary import LISTED, TagKind, Vocabulary

MOST = 20_000
_HOME = {"community": "某小区", "building": "某栋", "unit": "某单元", "room": "某室", "relation": Relation.OWNER.value}
_DAY = timedelta(days=1)
Choice = dict[str, Any]


def list_witnesses(audiences: Iterable[Audience], vocabulary: Vocabulary, today: date) -> list[Person] | None:
    """Return people among whom somebody belongs to each expression, and to each mixture of them, that anybody can fit.

    A person has one home. None when they would be more than can be tried.
    """
    asked: dict[str, dict[Condition, None]] = {}
    for audience in audiences:
        for leaf in list_leaves(audience.node):
            if isinstance(leaf, Condition):
                asked.setdefault(leaf.field, {})[leaf] = None
    choices = [_list_distinct(field, tuple(leaves), vocabulary, today) for field, leaves in sorted(asked.items())]
    if prod(map(len, choices)) > MOST:
        return None
    return [_make_person(number, parts, today) for number, parts in enumerate(product(*choices), 1)]


def _list_distinct(field: str, leaves: tuple[Condition, ...], vocabulary: Vocabulary, today: date) -> list[Choice]:
    """Return one choice for each way of answering the conditions on a field."""
    values = {value for leaf in leaves for value in leaf.values}
    now = datetime.combine(today, time(4), UTC)
    found: dict[tuple[bool, ...], Choice] = {}
    for choice in _list_choices(field, values, vocabulary, today):
        person = _make_person(1, (choice,), today)
        found.setdefault(tuple(matches(Audience("", leaf), person, now, today) for leaf in leaves), choice)
    return list(found.values())


def _list_choices(field: str, values: set[Value], vocabulary: Vocabulary, today: date) -> Iterator[Choice]:
    """Yield what a person may be as far as one field goes: nothing first."""
    yield {}
    known = BUILT_IN.get(field)
    if known is None:
        yield from (
            {"tags": [HeldTag(field, value) for value in held]} for held in _list_held(field, values, vocabulary, today)
        )
    elif known.place is Place.FOLLOWER:
        yield from ({"followers": (Contact(is_following=is_true),)} for is_true in (True, False))
    elif known.place is Place.HOME:
        yield from _list_homes(field, values, today)
    else:
        yield from _list_own(field, values, today)


def _list_held(field: str, values: set[Value], vocabulary: Vocabulary, today: date) -> Iterator[tuple[str, ...]]:
    key = vocabulary.keys[field]
    spelled = {text for value in values for text in _spell(value, today)}
    named = sorted(key.values if key.kind in LISTED else spelled)
    yield from ((value,) for value in named)
    if key.kind is TagKind.MULTI:
        wanted = [value for value in named if value in spelled]
        yield from (some for size in range(2, len(wanted) + 1) for some in combinations(wanted, size))


def _spell(value: Value, today: date) -> list[str]:
    match value:
        case Month():
            return [str(value.resolve(today)), str(value.resolve(today) % 12 + 1)]
        case Relative():
            return [(value.resolve(today) + shift).isoformat() for shift in (-_DAY, 0 * _DAY, _DAY)]
        case date():
            return [(value + shift).isoformat() for shift in (-_DAY, 0 * _DAY, _DAY)]
        case bool() | str():
            return [str(value)]
    return [f"{max(0, value + shift):g}" for shift in (-1, 0, 1)]


def _list_homes(field: str, values: set[Value], today: date) -> Iterator[Choice]:
    if field in ("moved_in", "stage"):
        days = {today + timedelta(days=shift) for shift in (30, -30, -500, -1500)} | set(_list_days(values, today))
        yield from ({"home": {"moved_in_on": day}} for day in (None, *sorted(days)))
    else:
        named = {str(value) for value in values} | ({each.value for each in Relation} if field == "relation" else set())
        yield from ({"home": {field: text}} for text in (*sorted(named), _HOME[field]))


def _list_own(field: str, values: set[Value], today: date) -> Iterator[Choice]:
    if field == "birth_month":
        yield from ({"birthday": date(1980, month, 15)} for month in range(1, 13))
    elif field == "age":
        ages = {int(value) + shift for value in values if isinstance(value, int | float) for shift in (-1, 0, 1)} | {40}
        yield from ({"birthday": date(today.year - age, 1, 1)} for age in sorted(ages) if 0 <= age < today.year)
    elif field == "joined":
        days = (*_list_days(values, today), today)
        yield from ({"created_at": datetime.combine(day, time(6), UTC)} for day in days)
    else:
        yield from ({"birthday": day} for day in (*_list_days(values, today), date(1980, 1, 15)))


def _list_days(values: set[Value], today: date) -> list[date]:
    days = [value.resolve(today) if isinstance(value, Relative) else value for value in values]
    return sorted({day + shift for day in days if isinstance(day, date) for shift in (-_DAY, 0 * _DAY, _DAY)})


def _make_person(number: int, parts: Iterable[Choice], today: date) -> Person:
    given: dict[str, Any] = {"created_at": datetime.combine(today - timedelta(days=400), time(6), UTC)}
    place: dict[str, Any] = {}
    tags: list[HeldTag] = []
    for part in parts:
        tags += part.get("tags", [])
        place |= part.get("home", {})
        given |= {name: value for name, value in part.items() if name not in ("tags", "home")}
    home = {**_HOME, "moved_in_on": None, **place}
    return Person(id=number, tags=tuple(tags), homes=(Home(**home, label=home["room"]),), **given)

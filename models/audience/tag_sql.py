"""Tests of tags -> SQL over owner_tag. Written for a million people with eight tags each."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Select,
    TableClause,
    and_,
    column,
    except_,
    exists,
    func,
    intersect,
    not_,
    or_,
)
from sqlalchemy import select as choose
from sqlalchemy.ext.compiler import compiles

from models.audience import comparing
from models.audience.nodes import NEGATIVE, Condition, Month, Node, Not, Operator, Relative
from models.base import UtcDateTime
from models.owners import Owner
from models.tags import OwnerTag, Tag

OWNER_ID = Owner.__table__.c.id
BY_TAG_INDEX = "ix_owner_tag_tag_id_owner_id"


class _ByTag(TableClause):
    """The table owner_tag, entered through its index by tag.

    SQLite prefers the primary key because it is unique; the other index has the expiry in it and is four times faster.
    """

    inherit_cache = True


@compiles(_ByTag, "sqlite")
def _name_index(element: _ByTag, compiler: Any, **options: Any) -> str:
    name: str = compiler.visit_table(element, **options)
    return f"{name} INDEXED BY {BY_TAG_INDEX}" if options.get("asfrom") else name


@compiles(_ByTag)
def _name_plainly(element: _ByTag, compiler: Any, **options: Any) -> str:
    name: str = compiler.visit_table(element, **options)
    return name


class _Chain(CompoundSelect[Any]):
    """A INTERSECT B EXCEPT C without brackets: SQLite has none here, and both databases read it from the left."""

    inherit_cache = True

    def self_group(self, against: Any = None) -> Any:
        """Stay without brackets inside another chain."""
        return self


BY_TAG = _ByTag(
    OwnerTag.__tablename__,
    column("owner_id", BigInteger()),
    column("tag_id", BigInteger()),
    column("expires_at", UtcDateTime()),
)


def has_tag(test: Condition, now: datetime, today: date, *, is_negated: bool) -> ColumnElement[bool]:
    """Return the condition on the owner; under a `not` the form that stops at the first row."""
    if test.operator in NEGATIVE:
        positive = Condition(test.field, NEGATIVE[test.operator], test.values)
        some = has_tag(Condition(test.field, Operator.HAS), now, today, is_negated=is_negated)
        return and_(some, not_(_exists(positive, now, today)))
    return _exists(test, now, today) if is_negated else OWNER_ID.in_(_holders(test, now, today))


def has_all_tags(wanted: list[Condition], unwanted: list[Condition], now: datetime, today: date) -> ColumnElement[bool]:
    """Return the condition that all the one and none of the other are true; none of either is negative.

    Sorted lists are merged, whatever their sizes. With nothing wanted the others are taken from all owners.
    """
    everyone = choose(Owner.__table__.alias().c.id.label("owner_id"))
    holders = [_holders(condition, now, today) for condition in wanted] or [everyone]
    chain = _Chain(intersect().keyword, *holders) if len(holders) > 1 else holders[0]
    if unwanted:
        chain = _Chain(except_().keyword, chain, *(_holders(condition, now, today) for condition in unwanted))
    return OWNER_ID.in_(chain.order_by("owner_id"))


def split_tags(items: list[Node]) -> tuple[list[Condition], list[Condition]]:
    """Return what positive and negative conditions on tags want and what they do not want."""
    wanted: list[Condition] = []
    unwanted: list[Condition] = []
    for item in items:
        if isinstance(item, Not) and isinstance(item.item, Condition):
            unwanted.append(item.item)
        elif isinstance(item, Condition) and item.operator in NEGATIVE:
            wanted.append(Condition(item.field, Operator.HAS))
            unwanted.append(Condition(item.field, NEGATIVE[item.operator], item.values))
        elif isinstance(item, Condition):
            wanted.append(item)
    return wanted, unwanted


def _holders(test: Condition, now: datetime, today: date) -> Select[Any]:
    return choose(BY_TAG.c.owner_id.label("owner_id")).where(*_is_held(test, now, today))


def _exists(test: Condition, now: datetime, today: date) -> ColumnElement[bool]:
    return exists().where(BY_TAG.c.owner_id == OWNER_ID, *_is_held(test, now, today))


def select_tag_ids(test: Condition, today: date) -> Select[int]:
    """Return the SELECT of the tags that pass a test that is not negative."""
    return choose(Tag.id).where(Tag.key == test.field, _fits(test, today))


def _is_held(test: Condition, now: datetime, today: date) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    ids = select_tag_ids(test, today)
    is_alive = or_(BY_TAG.c.expires_at.is_(None), BY_TAG.c.expires_at > now)
    is_single = len(test.values) == 1 and isinstance(test.values[0], str) and test.operator is Operator.EQUAL
    return BY_TAG.c.tag_id == ids.scalar_subquery() if is_single else BY_TAG.c.tag_id.in_(ids), is_alive


def _fits(test: Condition, today: date) -> ColumnElement[bool]:
    value: ColumnElement[Any] = Tag.__table__.c.value
    first = test.values[0] if test.values else None
    if isinstance(first, Month):
        months = comparing.list_months(test.operator, test.values, today)
        ends = func.substr(value, 5).in_(comparing.list_month_ends(months))
        return or_(value.in_(comparing.list_month_spellings(months)), and_(func.length(value) == 7, ends))
    if isinstance(first, date | Relative):
        days = [day.isoformat() for day in comparing.resolve_days(test.values, today)]
        return and_(func.length(value) == 10, compare(value, test.operator, days))
    if isinstance(first, int | float):
        return compare(Tag.__table__.c.number, test.operator, comparing.list_numbers(test.values))
    return compare(value, test.operator, comparing.list_texts(test.values))


def compare(left: ColumnElement[Any], operator: Operator, values: list[Any]) -> ColumnElement[bool]:
    """Return a comparison. Contains and prefix are made without LIKE: no wildcards, and capitals count everywhere."""
    if operator in comparing.ORDER:
        condition = comparing.ORDER[operator](left, values[0])
    elif operator is Operator.BETWEEN:
        condition = left.between(values[0], values[1])
    elif operator is Operator.CONTAINS:
        condition = func.replace(left, values[0], "") != left
    elif operator is Operator.PREFIX:
        condition = func.substr(left, 1, len(values[0])) == values[0]
    elif operator is Operator.HAS:
        condition = left.is_not(None)
    else:
        condition = left.not_in(values) if operator in NEGATIVE else left.in_(values)
    return cast("ColumnElement[bool]", condition)

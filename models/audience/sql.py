"""A tree -> one SELECT of owner ids that means the same on SQLite and PostgreSQL. Only bound parameters, no text of a user."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, extract, false, not_, or_, select, true

from models.audience import comparing
from models.audience.fields import BUILT_IN, Place, is_home_only
from models.audience.home_sql import has_home
from models.audience.nodes import (
    NEGATIVE,
    And,
    Audience,
    Condition,
    Everyone,
    Node,
    Not,
    Operator,
    Or,
    Sample,
    Seen,
    join,
)
from models.audience.tag_sql import compare, has_all_tags, has_tag, split_tags
from models.followers import Follower
from models.owners import Owner

NESTING = 10
_OWNER = Owner.__table__.c
_FOLLOWER = Follower.__table__.c


def compile_sql(audience: Audience, now: datetime, today: date) -> Select[int]:
    """Return the SELECT of the ids of an audience, in no order, each once; `today` is the day in the owners' zone."""
    return select(Owner.id).where(_Compiler(now, today).compile(audience.node))


def compile_probe(audience: Audience, now: datetime, today: date) -> ColumnElement[bool]:
    """Return the same as a condition on one row of owner, in the form that is quick to ask of few people: for first pages."""
    return _Compiler(now, today, is_negated=True).compile(audience.node)


@dataclass(frozen=True, slots=True)
class _Compiler:
    """Below a `not` conditions become EXISTS, elsewhere IN: the first is quick to refuse, the second to find."""

    now: datetime
    today: date
    is_negated: bool = False
    depth: int = 0

    def compile(self, node: Node) -> ColumnElement[bool]:
        if is_home_only(node):
            return has_home(node, self.today, is_negated=self.is_negated)
        match node:
            case And(items=items):
                return and_(*self.compile_all(items))
            case Or(items=items):
                return or_(*(self.compile_below(item) for item in items))
            case Not(item=item):
                return not_(self.compile_below(item, is_negated=True))
            case Everyone():
                return true()
            case Seen(days=days):
                return self.has_follower(_FOLLOWER.message_at >= self.now - timedelta(days=days))
            case Sample(share=share, seed=seed):
                return _draw(seed) < comparing.draw_limit(share)
            case Condition():
                return self.compile_test(node)

    def compile_below(self, node: Node, *, is_negated: bool = False) -> ColumnElement[bool]:
        """Compile one level down. Every NESTING levels start a table of their own: SQLite's parser has a low ceiling."""
        depth = self.depth + 1
        if depth % NESTING or not isinstance(node, And | Or | Not):
            return _Compiler(self.now, self.today, self.is_negated or is_negated, depth).compile(node)
        apart = select(Owner.id).where(_Compiler(self.now, self.today, depth=depth).compile(node)).cte()
        apart = apart.prefix_with("MATERIALIZED", dialect="postgresql")  # chosen once: nested, a planner may choose it per row
        return _OWNER.id.in_(select(apart.c.id))

    def compile_all(self, items: tuple[Node, ...]) -> list[ColumnElement[bool]]:
        """Compile a conjunction: homes as one, tags as one. Beside other conditions a `not` is cheaper asked last."""
        homes = [item for item in items if is_home_only(item)]
        merged = [] if self.is_negated else [item for item in items if _is_tag(item)]
        if len(merged) < len(items):
            merged = [item for item in merged if _is_positive_tag(item)]
        merged = merged if len(merged) > 1 else []
        others = [item for item in items if item not in homes and item not in merged]
        parts = [self.compile(join(And, homes))] if homes else []
        parts += [has_all_tags(*split_tags(merged), self.now, self.today)] if merged else []
        return [*parts, *(self.compile_below(item) for item in others)]

    def compile_test(self, test: Condition) -> ColumnElement[bool]:
        field = BUILT_IN.get(test.field)
        if field is None:
            return has_tag(test, self.now, self.today, is_negated=self.is_negated)
        if field.place is Place.FOLLOWER:
            condition = _FOLLOWER.is_following.is_(True) if test.field == "following" else true()
            found = self.has_follower(condition)
            return found if test.values[0] else not_(found)
        return self.compile_joined(test) if test.field == "joined" else self.compile_birth(test)

    def has_follower(self, condition: ColumnElement[bool]) -> ColumnElement[bool]:
        if self.is_negated:
            return select(_FOLLOWER.openid).where(_FOLLOWER.owner_id == _OWNER.id, condition).exists()
        return _OWNER.id.in_(select(_FOLLOWER.owner_id).where(_FOLLOWER.owner_id.is_not(None), condition))

    def compile_birth(self, test: Condition) -> ColumnElement[bool]:
        birthday: ColumnElement[Any] = _OWNER.birthday
        if test.operator is Operator.HAS:
            return birthday.is_not(None)
        if test.field == "birthday":
            condition = compare(birthday, test.operator, comparing.resolve_days(test.values, self.today))
        elif test.field == "birth_month":
            months = comparing.list_months(test.operator, test.values, self.today)
            condition = extract("month", birthday).in_(months)
        else:
            condition = self.compile_age(test)
        return and_(birthday.is_not(None), condition)

    def compile_age(self, test: Condition) -> ColumnElement[bool]:
        operator = NEGATIVE.get(test.operator, test.operator)
        spans = comparing.born_between(operator, comparing.list_numbers(test.values), self.today)
        within = or_(false(), *(and_(_OWNER.birthday > after, _OWNER.birthday <= upto) for after, upto in spans))
        return not_(within) if test.operator in NEGATIVE else within

    def compile_joined(self, test: Condition) -> ColumnElement[bool]:
        days = comparing.resolve_days(test.values, self.today)
        spans = [(comparing.start_of_day(day), comparing.end_of_day(day)) for day in days]
        (start, end), last = spans[0], spans[-1][1]
        at: ColumnElement[Any] = _OWNER.created_at
        match test.operator:
            case Operator.LESS:
                return at < start
            case Operator.AT_MOST:
                return at < end
            case Operator.MORE:
                return at >= end
            case Operator.AT_LEAST:
                return at >= start
            case Operator.BETWEEN:
                return and_(at >= start, at < last)
        within = or_(*(and_(at >= first, at < second) for first, second in spans))
        return not_(within) if test.operator in NEGATIVE else within


def _is_tag(node: Node) -> bool:
    if isinstance(node, Not):
        return _is_positive_tag(node.item)
    return isinstance(node, Condition) and node.field not in BUILT_IN


def _is_positive_tag(node: Node) -> bool:
    return isinstance(node, Condition) and node.field not in BUILT_IN and node.operator not in NEGATIVE


def _draw(seed: str) -> ColumnElement[int]:
    number, prime = comparing.seed_number(seed), comparing.PRIME
    mixed = (_OWNER.id % prime * comparing.FACTOR + number) % prime
    mixed = (mixed * mixed + number) % prime
    return (mixed * mixed + _OWNER.id) % prime

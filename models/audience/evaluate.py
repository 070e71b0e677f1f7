"""Answer an expression for one person in plain Python; sql.py must answer the same, and a test holds them together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from models.audience import comparing
from models.audience.describe import describe_node
from models.audience.fields import BUILT_IN, Place, is_home_only
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
from models.audience.people import Home, Person
from models.audience.single import ask_age, ask_home_test, ask_joined, ask_tag_value


def matches(audience: Audience, person: Person, now: datetime, today: date) -> bool:
    """Tell whether a person belongs to an audience at an instant; `today` is the day in her zone."""
    return make_judge(person, now, today)(audience)


def make_judge(person: Person, now: datetime, today: date) -> Callable[[Audience], bool]:
    """Return what tells of one person whether she belongs to audiences, as `matches` does: for asking many."""
    judge = _Judge(person, now, today)
    return lambda audience: judge.ask(audience.node)


def explain(audience: Audience, person: Person, now: datetime, today: date) -> list[tuple[str, bool]]:
    """Return why somebody is in or out: each condition with its answer; those that share one home are one line."""
    judge = _Judge(person, now, today)
    return [(describe_node(node), judge.ask(node)) for node in _list_reasons(audience.node)]


def _list_reasons(node: Node) -> list[Node]:
    if is_home_only(node) or not isinstance(node, And | Or):
        return [node]
    homes, others = _part(node.items) if isinstance(node, And) else ([], node.items)
    shared = [join(And, homes)] if homes else []
    return [*shared, *(reason for item in others for reason in _list_reasons(item))]


def _part(items: Sequence[Node]) -> tuple[list[Node], Sequence[Node]]:
    """Return what must be true of one home together, and the rest."""
    homes = [item for item in items if is_home_only(item)]
    return homes, [item for item in items if not is_home_only(item)] if homes else items


class _Judge:
    def __init__(self, person: Person, now: datetime, today: date) -> None:
        self.person, self.now, self.today = person, now, today
        self.held: dict[str, list[str]] = {}
        for tag in person.tags:
            if tag.is_alive(now):
                self.held.setdefault(tag.key, []).append(tag.value)

    def ask(self, node: Node) -> bool:
        match node:
            case And(items=items):
                homes, others = _part(items)
                if homes and not any(all(self.ask_home(item, home) for item in homes) for home in self.person.homes):
                    return False  # there is no one home of which all of it is true
                return all(map(self.ask, others))
            case Or(items=items):
                return any(self.ask(item) for item in items)
            case Not(item=item):
                return not self.ask(item)
            case Everyone():
                return True
            case Seen(days=days):
                since = self.now - timedelta(days=days)
                return any(f.message_at is not None and f.message_at >= since for f in self.person.followers)
            case Sample(share=share, seed=seed):
                return comparing.draw(self.person.id, seed) < comparing.draw_limit(share)
            case Condition():
                return self.ask_test(node)

    def ask_test(self, test: Condition) -> bool:
        field = BUILT_IN.get(test.field)
        if field is None:
            return self.ask_tag(test)
        if field.place is Place.HOME:
            return any(self.ask_home(test, home) for home in self.person.homes)
        if field.place is Place.FOLLOWER:
            found = any(follower.is_following or test.field == "bound" for follower in self.person.followers)
            return found is test.values[0]
        return self.ask_owner(test)

    def ask_owner(self, test: Condition) -> bool:
        if test.field == "joined":
            return ask_joined(test, self.person.created_at, self.today)
        birthday = self.person.birthday
        if birthday is None or test.operator is Operator.HAS:
            return birthday is not None
        if test.field == "birthday":
            return comparing.holds(test.operator, birthday, comparing.resolve_days(test.values, self.today))
        if test.field == "birth_month":
            return birthday.month in comparing.list_months(test.operator, test.values, self.today)
        return ask_age(test, birthday, self.today)

    def ask_home(self, node: Node, home: Home) -> bool:
        match node:
            case And(items=items):
                return all(self.ask_home(item, home) for item in items)
            case Or(items=items):
                return any(self.ask_home(item, home) for item in items)
            case Condition():
                return ask_home_test(node, home, self.today)
        raise AssertionError(f"{node} asks for more than a home")

    def ask_tag(self, test: Condition) -> bool:
        values = self.held.get(test.field, [])
        if test.operator in NEGATIVE:
            positive = Condition(test.field, NEGATIVE[test.operator], test.values)
            return bool(values) and not any(ask_tag_value(positive, value, self.today) for value in values)
        return any(ask_tag_value(test, value, self.today) for value in values)

"""A tree -> a crowd, from the rolls of tags and short lists of homes; what that cannot tell quickly is left to SQL."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce

from sqlalchemy import Connection

from models.audience.fields import BUILT_IN, is_home_only
from models.audience.home_sql import select_residents
from models.audience.nodes import NEGATIVE, And, Condition, Everyone, Node, Not, Operator, Or, join, list_leaves
from models.audience.tag_sql import select_tag_ids
from models.crowds import Crowd, gather_ids
from models.roll_reading import find_holders

MOST_RESIDENTS = 30_000
_PLACES = ("community", "building", "unit", "room")


@dataclass(frozen=True, slots=True)
class Gathered:
    """Everybody of whom the known part of a conjunction is true, and what is still to be asked of each of them."""

    crowd: Crowd
    rest: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Gatherer:
    """Gathers within one transaction, at an instant; `today` is the day in the owners' zone."""

    connection: Connection
    now: datetime
    today: date

    def split(self, node: Node) -> Gathered:
        """Return the crowd of what is quickly known of a tree, and the conditions that are not."""
        crowd, rest = Crowd(is_others=True), []
        for item in _list_parts(node):
            found = self.gather(item)
            if found is None:
                rest.append(item)
            else:
                crowd &= found
        return Gathered(crowd, tuple(rest))

    def gather(self, node: Node) -> Crowd | None:
        """Return the crowd of a tree, None where it is not quickly known."""
        if is_home_only(node):
            return self.gather_residents(node)
        match node:
            case And():
                return self.join(_list_parts(node), is_and=True)
            case Or(items=items):
                return self.join(items, is_and=False)
            case Not(item=item):
                found = self.gather(item)
                return None if found is None else ~found
            case Everyone():
                return Crowd(is_others=True)
            case Condition() if node.field not in BUILT_IN:
                return self.gather_holders(node)
        return None

    def join(self, items: Iterable[Node], *, is_and: bool) -> Crowd | None:
        """Return the crowd of all the items or of any; one that is not known makes the whole unknown."""
        crowds: list[Crowd] = []
        for item in items:
            found = self.gather(item)
            if found is None:
                return None
            crowds.append(found)
        return reduce(lambda one, two: one & two if is_and else one | two, crowds)

    def gather_holders(self, test: Condition) -> Crowd | None:
        """Return who has a living tag that passes; a negative test is passed by who has some and none that is named."""
        if test.operator in NEGATIVE:
            some = self.gather_holders(Condition(test.field, Operator.HAS))
            named = self.gather_holders(Condition(test.field, NEGATIVE[test.operator], test.values))
            return None if some is None or named is None else some & ~named
        tag_ids = self.connection.scalars(select_tag_ids(test, self.today)).all()
        bits = find_holders(self.connection, tag_ids, self.now)
        return None if bits is None else Crowd(bits)

    def gather_residents(self, node: Node) -> Crowd | None:
        """Return who lives there, where a place is named and few enough live there."""
        if not any(_names_place(leaf) for leaf in list_leaves(node)):
            return None
        ids = self.connection.scalars(select_residents(node, self.today).limit(MOST_RESIDENTS + 1)).all()
        return None if len(ids) > MOST_RESIDENTS else Crowd(gather_ids(ids))


def _list_parts(node: Node) -> list[Node]:
    """Return the parts of a conjunction; those that ask for a home stay one, for it is one home that they ask for."""
    if not isinstance(node, And) or is_home_only(node):
        return [node]
    homes = [item for item in node.items if is_home_only(item)]
    others = [item for item in node.items if not is_home_only(item)]
    return [*([join(And, homes)] if homes else []), *others]


def _names_place(leaf: Node) -> bool:
    return isinstance(leaf, Condition) and leaf.field in _PLACES and leaf.operator in (Operator.EQUAL, Operator.IN)

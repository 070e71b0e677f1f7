"""All of content/menus but the account's, at work: fits the menu to households, and remembers what it fitted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from functools import cached_property, lru_cache

from handlers.menu_rules import Entry, Menu, MenuRule, Shelf, compose
from models.audience.evaluate import make_judge
from models.audience.narrowing import Reads, find_reads, narrow
from models.audience.people import Part, Person

MOST_REMEMBERED = 2_000  # menus of a kilobyte; homes that the rules cannot tell apart share one

Fit = Callable[[Person | None, tuple[Shelf, ...], date], Menu]


@dataclass(frozen=True)
class MenuBook:
    """The rules, and how things are called in the menu."""

    rules: tuple[MenuRule, ...] = ()
    butlers: Mapping[str, Entry] = field(default_factory=dict)
    services: Mapping[str, Entry] = field(default_factory=dict)
    others: Mapping[str, Entry] = field(default_factory=dict)

    def fit(self, person: Person | None, offered: tuple[Shelf, ...], now: datetime, today: date) -> Menu:
        """Return a household's menu out of what its estate offers; a stranger's is the whole."""
        return self._fit(narrow(person, self._reads, now) if person else None, offered, today)

    @cached_property
    def parts(self) -> frozenset[Part]:
        """Return what of a person must be loaded for `fit`."""
        return self._reads.parts

    @cached_property
    def _reads(self) -> Reads:
        return find_reads(rule.audience for rule in self.rules)

    @cached_property
    def _fit(self) -> Fit:
        return lru_cache(MOST_REMEMBERED)(self._compose)

    def _compose(self, person: Person | None, offered: tuple[Shelf, ...], today: date) -> Menu:
        if person is None:
            return Menu(offered)
        return compose(self.rules, offered, make_judge(person, datetime.combine(today, time(), UTC), today))

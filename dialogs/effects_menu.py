"""What a conversation about the menu wants done: which services this household is offered, why, and what it misses. Values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FindMenu:
    """Find the person's menu (R129), all that her estate offers when `whole`. With a `butler` only what he offers.

    Result: butlers (key, label, words; behind them the entries mine, and all and why where rules had a say), services of
    the butler (key, label, words), count of them, title of the butler.
    """

    butler: str = ""
    whole: bool = False


@dataclass(frozen=True, slots=True)
class ExplainMenu:
    """Find why the person's menu is as it is. Result: count (of reasons), text (a line each), hidden (how many services)."""


@dataclass(frozen=True, slots=True)
class LeaveWish:
    """Keep a wish for a service that the estate does not offer, as a task of the butler. Result: no, assignee.

    Refused: already (no).
    """

    service: str


MenuEffect = FindMenu | ExplainMenu | LeaveWish
MENU_LOOKUPS = (FindMenu, ExplainMenu)

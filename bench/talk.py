"""What the measured residents say, turn by turn, and what the bot must answer: a service by the menu, one by a sentence.

Every turn moves a dialog on, and after the last one the first fits again, so every run is the same work. `steps` asks up
to the review; `bookings` confirms, and two of its fourteen turns write an order with its task and the message to a butler.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Turn:
    """A message, and a part of our bot's answer to it."""

    said: str
    answered: str


MENU, BOOK = Turn("菜单", "家政管家"), Turn("确认", "单号")
BY_MENU = (
    MENU,
    Turn("家政管家", "钟点工"),
    Turn("钟点工", "哪一天"),
    Turn("后天", "几个小时"),
    Turn("3", "平方米"),
    Turn("跳过", "固定来"),
    Turn("每周一次", "核对"),
)
BY_SENTENCE = (
    Turn("家里太乱了，想约个钟点工来打扫一下", "哪一天"),
    Turn("明天", "几个小时"),
    Turn("2", "平方米"),
    Turn("90", "固定来"),
    Turn("1", "核对"),
)
STEPS, BOOKINGS = "steps", "bookings"
TALKS = {STEPS: (*BY_MENU, MENU, *BY_SENTENCE), BOOKINGS: (*BY_MENU, BOOK, *BY_SENTENCE, BOOK)}


def openid_of(number: int) -> str:
    """Return the openid of resident `number`, 28 characters as the platform's are."""
    return f"oBench{number:022d}"


def choose_people(owners: int, people: int) -> list[str]:
    """Return the openids of `people` residents, spread evenly over the houses of all `owners`."""
    return [openid_of(1 + place * owners // people) for place in range(people)]


def plan(openids: Sequence[str], talk: str) -> Iterator[tuple[str, Turn]]:
    """Yield messages: the residents take turns, and each goes through the talk of that name in order."""
    for turn in TALKS[talk]:
        for openid in openids:
            yield openid, turn

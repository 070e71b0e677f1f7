"""What a new password must be, and passwords for one use. Pure but for the randomness of the system."""

from __future__ import annotations

import secrets
from itertools import pairwise
from pathlib import Path

SHORTEST, LONGEST = 10, 200
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another
COMMONEST = frozenset((Path(__file__).parent / "commonest_passwords.txt").read_text(encoding="utf-8").split())


def find_weakness(password: str, *own: str) -> str:
    """Return why a password is refused, empty when it is fine: short, own, common.

    `own` is what others know of the person: phone, login, name.
    """
    plain = password.casefold().strip()
    if len(password) < SHORTEST or len(password) > LONGEST:
        return "short"
    if any(word and (plain == word.casefold() or (len(word) >= 6 and word.casefold() in plain)) for word in own):
        return "own"
    if plain in COMMONEST or len(set(plain)) < 4 or _is_run(plain):
        return "common"
    return ""


def make_password() -> str:
    """Return a password for one use, easy to read out: three groups of four, 59 bits."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))


def _is_run(text: str) -> bool:
    """Tell whether every character follows the one before, upwards or downwards: 12345678901, zyxwvutsrq."""
    steps = {ord(after) - ord(before) for before, after in pairwise(text)}
    return len(steps) == 1 or steps in ({1, -9}, {-1, 9})  # a run of digits may go round: 890123

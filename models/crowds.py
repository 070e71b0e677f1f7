"""Sets of owners as one long number, bit n for owner n: a million people are and-ed, or-ed and counted in microseconds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

_STEP = 4_096
_MASK = (1 << _STEP) - 1


@dataclass(frozen=True, slots=True)
class Crowd:
    """Some owners, or with `is_others` everybody but them."""

    bits: int = 0
    is_others: bool = False

    def __invert__(self) -> Crowd:
        """Return everybody else."""
        return Crowd(self.bits, not self.is_others)

    def __and__(self, other: Crowd) -> Crowd:
        """Return who is in both."""
        if self.is_others and other.is_others:
            return Crowd(self.bits | other.bits, is_others=True)
        if self.is_others:
            return Crowd(other.bits & ~self.bits)
        return Crowd(self.bits & ~other.bits if other.is_others else self.bits & other.bits)

    def __or__(self, other: Crowd) -> Crowd:
        """Return who is in either."""
        return ~(~self & ~other)

    @property
    def named(self) -> int:
        """Return how many the bits name: the crowd itself, or who is left out of it."""
        return self.bits.bit_count()

    def holds(self, owner_id: int) -> bool:
        """Tell whether somebody is in it."""
        return bool(self.bits >> owner_id & 1) is not self.is_others


def gather_ids(ids: Iterable[int]) -> int:
    """Return the bits of these ids."""
    found = bytearray()
    for each in ids:
        place = each >> 3
        if place >= len(found):
            found.extend(bytes(place + 1 - len(found) + 1024))
        found[place] |= 1 << (each & 7)
    return int.from_bytes(found, "little")


def list_ids(bits: int, after_id: int, most: int) -> list[int]:
    """Return the first ids above `after_id`, ascending, at most `most`."""
    ids: list[int] = []
    start = after_id + 1
    left = bits >> start
    while left and len(ids) < most:
        part = left & _MASK
        while part and len(ids) < most:
            lowest = part & -part
            ids.append(start + lowest.bit_length() - 1)
            part ^= lowest
        left >>= _STEP
        start += _STEP
    return ids

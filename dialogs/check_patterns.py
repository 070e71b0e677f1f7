"""Whether a regular expression is safe to run on whatever a person sends. Reads it, never runs it on a long text.

Python's matcher goes back and tries again, so a careless pattern takes years for forty characters. A pattern is safe
here when no repetition stands inside a repetition, alternatives inside one cannot begin alike, and no character is eaten
by more than two repetitions: then the time grows at most with the square of a bounded answer.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache

MAX_PATTERN = 200
_FEW = 3  # a repetition of at most so many cannot run away
_MOST_LOOPS = 2  # over one character
_ALPHABET = frozenset(map(chr, range(32, 127))) | frozenset("\n\t　中文字零一二三号栋单元楼京沪，。：—é")
_TOKEN = re.compile(
    r"(?P<named>\(\?P<\w+>|\(\?:)|(?P<special>\(\?|\\[1-9]|\\g)|(?P<open>\()|(?P<close>\))|(?P<bar>\|)"
    r"|(?P<times>(?:[*+?]|\{\d*,?\d*\})[?+]?)|(?P<edge>[\^$]|\\[AbBZ])"
    r"|(?P<atom>\[\^?\]?(?:\\.|[^\]\\])*\]|\\.|.)",
    re.DOTALL,
)


@dataclass(slots=True)
class _Part:
    """A stretch of a pattern. `varies`: one text can be read in more than one way; `loops`: what each repetition eats."""

    first: frozenset[str] = frozenset()
    may_be_empty: bool = True
    varies: bool = False
    loops: tuple[frozenset[str], ...] = ()


@dataclass(slots=True)
class _Group:
    """A group being read: the branches closed so far and the sequence of the open one."""

    branches: list[list[_Part]] = field(default_factory=lambda: [[]])


class _UnsafeError(Exception):
    """Says why a pattern is not safe."""


def explain_pattern(pattern: str) -> str:
    """Return why a pattern may not be used, "" when it compiles and is safe."""
    if len(pattern) > MAX_PATTERN:
        return f"a pattern has at most {MAX_PATTERN} characters"
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        return f"the pattern cannot be read: {error}"
    try:
        _read(pattern)
    except _UnsafeError as error:
        return str(error)
    return ""


def _read(pattern: str) -> None:
    stack = [_Group()]
    for token in _TOKEN.finditer(pattern):
        sequence = stack[-1].branches[-1]
        match token.lastgroup:
            case "special":
                raise _UnsafeError(f"'{token[0]}' is not used in patterns: neither look-around nor back-references nor flags")
            case "named" | "open":
                stack.append(_Group())
            case "close":
                group = stack.pop()
                stack[-1].branches[-1].append(_join_branches(group))
            case "bar":
                stack[-1].branches.append([])
            case "times":
                if not sequence:
                    raise _UnsafeError(f"'{token[0]}' repeats nothing")
                sequence.append(_repeat(sequence.pop(), token[0]))
            case "atom":
                sequence.append(_Part(_list_characters(token[0]), may_be_empty=False))
    _join_branches(stack.pop())


@lru_cache(maxsize=512)
def _list_characters(atom: str) -> frozenset[str]:
    """Return the characters of a small alphabet, and of the atom itself, that it stands for."""
    single = re.compile(atom, re.DOTALL)
    return frozenset(each for each in _ALPHABET | set(atom) if single.fullmatch(each))


def _join_branches(group: _Group) -> _Part:
    parts = [_join_sequence(branch) for branch in group.branches]
    first = frozenset[str]().union(*(part.first for part in parts))
    may_be_empty = any(part.may_be_empty for part in parts)
    are_apart = sum(len(part.first) for part in parts) == len(first) and not (may_be_empty and len(parts) > 1)
    varies = not are_apart or any(part.varies for part in parts)
    return _Part(first, may_be_empty, varies, tuple(loop for part in parts for loop in part.loops))


def _join_sequence(parts: list[_Part]) -> _Part:
    whole = _Part()
    for part in parts:
        whole.first |= part.first if whole.may_be_empty else frozenset()
        whole.varies = whole.varies or part.varies or part.may_be_empty
        whole.may_be_empty = whole.may_be_empty and part.may_be_empty
        whole.loops += part.loops
    eaten = Counter(character for loop in whole.loops for character in loop)
    if eaten and max(eaten.values()) > _MOST_LOOPS:
        common = min(character for character, count in eaten.items() if count > _MOST_LOOPS)
        raise _UnsafeError(f"more than {_MOST_LOOPS} repetitions can eat '{common}'; the time to match grows too fast")
    return whole


def _repeat(part: _Part, times: str) -> _Part:
    low, high = _count(times)
    if high is not None and high <= _FEW:
        whole = _join_sequence([part] * high)
        return _Part(whole.first, whole.may_be_empty or low == 0, whole.varies or low != high, whole.loops)
    if part.varies or part.may_be_empty:
        raise _UnsafeError(f"'{times}' repeats what can be read in several ways; the time to match could explode")
    return part if low == high else _Part(part.first, low == 0, True, (part.first,))


def _count(times: str) -> tuple[int, int | None]:
    """Return how often at least and at most; None is without end."""
    known = {"*": (0, None), "+": (1, None), "?": (0, 1)}
    if times[0] in known:
        return known[times[0]]
    low, comma, high = times.rstrip("?+").strip("{}").partition(",")
    return int(low or 0), int(high) if high else None if comma else int(low or 0)

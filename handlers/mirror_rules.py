"""Which tags and which remark a follower is to have on the platform, and what a difference means. Pure: no rows, no calls.

The platform's limits (A13): 100 tags, names of 30 bytes, 20 tags a person, remarks of under 30 characters.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from models.mirror import Foreign, MirrorState
from models.vocabulary import LISTED, TagKey, Vocabulary

MOST_TAGS, MOST_OF_ONE, NAME_BYTES, REMARK_CHARS = 100, 20, 30, 29
PLATFORM_NAMES = ("未分组", "黑名单", "星标组")
SHORTEST_CALLED = 2  # characters of a name that are kept, whatever else goes
_UNITS = re.compile(r"(号楼|单元|栋|幢|楼|座|室|户)(?=-|$)")
_KEYS, _ENTRY_KEYS, _CALLED_KEYS = {"remark", "called", "tags"}, {"tag", "name"}, {"survey", "question"}


@dataclass(frozen=True, slots=True)
class MirroredTag:
    """A tag of the vocabulary under its name on the platform."""

    key: str
    value: str
    name: str


@dataclass(frozen=True)
class MirrorBook:
    """content/account_tags.yaml: the tags by priority, whether remarks are written, and whose answer says how she is called."""

    tags: tuple[MirroredTag, ...] = ()
    is_remarking: bool = False
    called: tuple[str, str] | None = None

    @cached_property
    def keys(self) -> frozenset[str]:
        """Return the keys of which a change may concern the platform."""
        return frozenset(tag.key for tag in self.tags)


class MirrorError(ValueError):
    """A list that the platform or the house would refuse; `problems` are all of them, each with the entry's number or 0."""

    def __init__(self, problems: Sequence[tuple[int, str]]) -> None:
        super().__init__("; ".join(words for _, words in problems))
        self.problems = tuple(problems)


def parse_mirror(given: Any, vocabulary: Vocabulary) -> MirrorBook:
    """Return the book a mapping describes. Raises MirrorError with every problem."""
    if not isinstance(given, Mapping):
        raise MirrorError([(0, "must be a mapping")])
    problems = [(0, f"{name}: unknown") for name in given if name not in _KEYS]
    entries = given.get("tags") or []
    tags = [_parse_entry(number, each, vocabulary, problems) for number, each in enumerate(entries, 1)]
    for what, values in (("tag", [(tag.key, tag.value) for tag in tags]), ("name", [tag.name for tag in tags])):
        problems += [(at, f"the {what} is there twice") for at, each in enumerate(values, 1) if each in values[: at - 1]]
    if len(tags) > MOST_TAGS:
        problems.append((MOST_TAGS + 1, f"{len(tags)} tags, the account holds {MOST_TAGS}"))
    called = given.get("called")
    if called is not None and (not isinstance(called, Mapping) or set(called) != _CALLED_KEYS):
        problems.append((0, "called: needs survey and question"))
    if not isinstance(given.get("remark", False), bool):
        problems.append((0, "remark: must be true or false"))
    if problems:
        raise MirrorError(problems)
    return MirrorBook(
        tuple(tags), given.get("remark", False), (str(called["survey"]), str(called["question"])) if called else None
    )


def _parse_entry(number: int, given: Any, vocabulary: Vocabulary, problems: list[tuple[int, str]]) -> MirroredTag:
    entry: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
    problems += [(number, f"{name}: unknown") for name in entry if name not in _ENTRY_KEYS]
    key, _, value = str(entry.get("tag", "")).partition("=")
    name = str(entry.get("name", ""))
    rule = vocabulary.keys.get(key)
    if rule is None or rule.kind not in LISTED or value not in rule.values:
        problems.append((number, f"'{entry.get('tag', '')}' is no key=value of tags.yaml with listed values"))
    elif reason := find_private(rule):
        problems.append((number, f"{key} {reason}: it must not leave the house"))
    if not name or name != name.strip() or len(name.encode()) > NAME_BYTES:
        problems.append((number, f"the name '{name}' has 1 to {NAME_BYTES} bytes, a Chinese character is three"))
    elif name in PLATFORM_NAMES:
        problems.append((number, f"the name '{name}' is the platform's own"))
    elif vocabulary.is_forbidden(name) or vocabulary.is_forbidden(value):
        problems.append((number, f"'{name}' names what is never kept"))
    return MirroredTag(key, value, name)


def find_private(rule: TagKey) -> str:
    """Return why the values of a key may not stand on the platform, "" when they may (D06, D11)."""
    if rule.level > 1:
        return "is of level 2"
    if rule.share_level > 1:
        return "needs her consent to be shared"
    if rule.is_staff_only:
        return "is for staff only"
    return (
        "is worked out and not stored" if rule.is_computed else "" if rule.is_in_audiences else "is never part of an audience"
    )


def render_remark(room: str, called: str) -> str:
    """Return 楼-单元-室-称呼 in under 30 characters, "" without a room (R92).

    Too long: first the words 栋, 单元, 室 go, then the end of her name, last the beginning of the house.
    """
    room, called = " ".join(room.split()), " ".join(called.split())
    if not room:
        return ""
    whole = f"{room}-{called}" if called else room
    if len(whole) <= REMARK_CHARS:
        return whole
    short = _UNITS.sub("", room)
    left = REMARK_CHARS - len(short) - 1
    if left >= min(len(called), SHORTEST_CALLED):
        return f"{short}-{cut(called, left)}"
    called = cut(called, SHORTEST_CALLED)
    room_left = REMARK_CHARS - len(called) - 2 if called else REMARK_CHARS - 1
    return f"…{short[-room_left:]}-{called}" if called else f"…{short[-room_left:]}"


def cut(text: str, most: int) -> str:
    """Return a text of at most so many characters; what was cut is told by an ellipsis."""
    if len(text) <= most:
        return text
    return f"{text[: most - 1]}…" if most > SHORTEST_CALLED else text[:most]


@dataclass(frozen=True, slots=True)
class Seen:
    """What the platform says of a follower: which tags stand on her, by its ids, and her remark."""

    tags: tuple[int, ...]
    remark: str


@dataclass(frozen=True, slots=True)
class Difference:
    """Something somebody else did: a tag by its platform id, or the remark (None)."""

    what: Foreign
    platform_id: int | None = None
    ours: str = ""
    theirs: str = ""


@dataclass(slots=True)
class Comparison:
    """What is to be done about a follower. `add` begins with the least important, for the newest tag chooses her menu (A8)."""

    add: list[int] = field(default_factory=list)
    remove: list[int] = field(default_factory=list)
    remark: str | None = None
    foreign: list[Difference] = field(default_factory=list)

    @property
    def is_quiet(self) -> bool:
        """Tell whether there is nothing to write."""
        return not self.add and not self.remove and self.remark is None


def choose(state: MirrorState, standing: Mapping[int, int], others: int) -> list[int]:
    """Return the platform ids she is to have: of her wanted ones the weightiest for which there is room."""
    ids = [standing[each] for each in state.wanted if each in standing]
    return ids[: max(0, MOST_OF_ONE - others)]


def compare(state: MirrorState, seen: Seen, standing: Mapping[int, int]) -> Comparison:
    """Hold what the platform says against what we know and want.

    `standing` maps our ids to the platform's. A difference is foreign when the platform is neither as we knew it nor as we
    want it nor as a round that was cut off may have left it; it stays foreign until staff decide or the platform agrees.
    """
    found, ours, on = Comparison(), set(standing.values()), set(seen.tags)
    named = {standing[each] for each in state.wanted if each in standing}
    stuck = [tag for tag in (on & ours) - named if _is_foreign(state, tag, is_on=True)]
    wanted = choose(state, standing, len(on - ours) + len(stuck))
    for tag in sorted((on & ours) ^ set(wanted)):
        is_on = tag in on
        if _is_foreign(state, tag, is_on=is_on):
            found.foreign.append(Difference(Foreign.TAG_ON if is_on else Foreign.TAG_OFF, tag))
        else:
            (found.remove if is_on else found.add).append(tag)
    found.add.sort(key=wanted.index, reverse=True)
    _compare_remark(state, seen.remark, found)
    return found


def _is_foreign(state: MirrorState, tag: int, *, is_on: bool) -> bool:
    """Tell whether it is not our doing that a tag stands on her, or does not: neither known so, nor tried so."""
    is_known = is_on == (tag in state.known) if state.is_read else not is_on
    return not is_known and (state.trying is None or (tag in state.trying) != is_on)


def _compare_remark(state: MirrorState, remark: str, found: Comparison) -> None:
    wanted, written = state.wanted_remark, state.written_remark
    is_agreed = remark == state.kept_remark and wanted == state.kept_for
    if remark == wanted or is_agreed:
        return
    is_ours = remark in (written, state.trying_remark) if remark else not written or state.trying_remark == ""
    if is_ours:
        found.remark = wanted
    elif wanted or written:
        found.foreign.append(Difference(Foreign.REMARK, None, wanted, remark))

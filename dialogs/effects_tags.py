"""What staff conversations want done about tags of owners (R58): plain values, run by handlers/tags.py."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FindOwners:
    """Staff: find owners in the person's scope by name, room or phone tail.

    Result: count, owners ({key, label} each, nine at most), owner (key of the only one, else ""). Refused: unknown, forbidden.
    """

    who: str


@dataclass(frozen=True, slots=True)
class ShowTags:
    """Staff: find what is known of an owner (her key). Result: name, text (a line each, with origin), and a clash as below.

    Refused: unknown, forbidden.
    """

    owner: str


@dataclass(frozen=True, slots=True)
class TagOwner:
    """Staff: change tags of an owner (her key); `changes` like `+养犬 -有车`.

    Result: owner (name), text, and a clash, where two sources disagree: clash (its number, "" without one), clash_label,
    kept, other, clash_source. Refused: unknown, unknown_tag (text names it), no_consent (text names it), no_changes,
    forbidden.
    """

    owner: str
    changes: str


@dataclass(frozen=True, slots=True)
class DecideTag:
    """Staff: end a clash: take the other value, or keep what stands. Result: text. Refused: unknown, decided, forbidden."""

    clash: str
    take: bool


@dataclass(frozen=True, slots=True)
class UndoTags:
    """Staff: take the person's own last change of tags back, at most a day old. Result: owner, text.

    Refused: nothing, changed (somebody has changed the same since; owner), forbidden.
    """


TagEffect = FindOwners | ShowTags | TagOwner | DecideTag | UndoTags
TAG_LOOKUPS: tuple[type, ...] = (FindOwners, ShowTags)

"""A person cut down to what given expressions ask of her: people who differ in none of that are equal and share answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import UTC, datetime

from models.audience.fields import BUILT_IN, Place
from models.audience.nodes import Audience, Condition, Sample, Seen, list_leaves
from models.audience.people import Contact, HeldTag, Home, Part, Person

_NEVER = datetime.min.replace(tzinfo=UTC)
_HOME = tuple(each.name for each in fields(Home))
_NOWHERE = Home("", "", "", "", "", "")
_READ_FOR = {"room": ("building", "unit", "room", "label"), "stage": ("moved_in_on",), "moved_in": ("moved_in_on",)}


@dataclass(frozen=True, slots=True)
class Reads:
    """What expressions ask for: tags by key, parts of a home by name, and whether anything of the rest."""

    tags: frozenset[str]
    home: frozenset[str]
    birthday: bool
    joined: bool
    followers: bool

    @property
    def parts(self) -> frozenset[Part]:
        """Return what of a person must be loaded for it."""
        wanted = {Part.TAGS: self.tags, Part.HOMES: self.home, Part.FOLLOWERS: self.followers, Part.OWNER: True}
        return frozenset(part for part, is_read in wanted.items() if is_read)


def find_reads(audiences: Iterable[Audience]) -> Reads:
    """Return what all of these ask for. Raises ValueError for seen() and sample(): they go by the instant and the person."""
    leaves = [leaf for audience in audiences for leaf in list_leaves(audience.node)]
    if any(isinstance(leaf, Seen | Sample) for leaf in leaves):
        raise ValueError("seen() and sample() ask for more than what is known of a person")
    names = {leaf.field for leaf in leaves if isinstance(leaf, Condition)}
    places = {name: BUILT_IN[name].place for name in names if name in BUILT_IN}
    homes = {part for name, place in places.items() if place is Place.HOME for part in _READ_FOR.get(name, (name,))}
    return Reads(
        tags=frozenset(names - set(places)),
        home=frozenset(homes),
        birthday=not names.isdisjoint(("birthday", "birth_month", "age")),
        joined="joined" in names,
        followers=Place.FOLLOWER in places.values(),
    )


def narrow(person: Person, reads: Reads, now: datetime) -> Person:
    """Return the person with nothing but that; tags that have expired by `now` are gone, the others never expire."""
    tags = [HeldTag(tag.key, tag.value) for tag in person.tags if tag.key in reads.tags and tag.is_alive(now)]
    return Person(
        id=0,
        created_at=person.created_at if reads.joined else _NEVER,
        birthday=person.birthday if reads.birthday else None,
        homes=tuple(_narrow_home(home, reads.home) for home in person.homes) if reads.home else (),
        tags=tuple(tags),
        followers=tuple(Contact(each.is_following) for each in person.followers) if reads.followers else (),
    )


def _narrow_home(home: Home, parts: frozenset[str]) -> Home:
    return Home(*(getattr(home if name in parts else _NOWHERE, name) for name in _HOME))

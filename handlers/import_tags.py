"""Tags of known people from rows of a list: who is meant, what shall change; nobody and no home is ever made here."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from handlers.import_cells import CellError, Cells, read_openid, read_phone, read_tags
from handlers.import_files import Row
from handlers.import_places import RoomKey, find_rooms, read_place
from handlers.import_scope import find_inside
from handlers.import_words import Said
from handlers.runtime import Runtime
from handlers.tag_basis import find_missing_basis
from handlers.tag_book import UNCHANGED, TagBook, Wanted
from handlers.tag_rules import Outcome, TagOrigin, find_fault
from handlers.tag_words import TagWish
from models.database import Transaction
from models.followers import Follower
from models.owners import Owner, Residence
from models.vocabulary import Vocabulary

if TYPE_CHECKING:
    from handlers.import_runs import ImportReport

TAG_COLUMNS = ("openid_or_phone", "community", "building", "unit", "room", "tags")
SOURCE = "import"
_PLACE = ("community", "building", "unit", "room")


@dataclass(frozen=True, slots=True)
class TagRow:
    """One good row: who, by openid or phone or home or both, and what changes."""

    line: int
    openid: str | None
    phone: str | None
    place: RoomKey | None
    wishes: tuple[TagWish, ...]


@dataclass(slots=True)
class _People:
    """Who lives where and has which number, for one batch."""

    by_openid: Mapping[str, int]
    by_phone: Mapping[str, set[int]]
    by_place: Mapping[RoomKey, set[int]]
    inside: set[int]  # those whom the one who brings the file may change

    def find(self, row: TagRow) -> set[int]:
        """Return the owners a row may mean: those that fit everything it says."""
        found = [self.inside]
        if row.openid:
            found.append({self.by_openid[row.openid]} if row.openid in self.by_openid else set())
        if row.phone:
            found.append(self.by_phone.get(row.phone, set()))
        if row.place:
            found.append(self.by_place.get(row.place, set()))
        return set.intersection(*found)


class TagImport:
    """Reads and writes tags; the same file twice changes nothing. `building_ids` as in OwnerImport."""

    def __init__(
        self, runtime: Runtime, origin: TagOrigin, *, is_dry: bool = False, building_ids: frozenset[int] | None = None
    ) -> None:
        self.runtime, self.origin, self.building_ids = runtime, origin, building_ids
        self.book = TagBook(runtime, origin, is_dry=is_dry)
        self.counts: Counter[str] = Counter()

    def parse(self, row: Row) -> TagRow | list[str]:
        """Return the row's values, or every problem of its cells."""
        cells = Cells(row.cells)
        who = cells.text("openid_or_phone", 64)
        is_phone = bool(re.fullmatch(r"[\d\s()（）+·.—–\-]*", who))
        place = tuple(cells.text(name, 80 if name == "community" else 40) for name in _PLACE)
        wishes = cells.read("tags", lambda value: read_wishes(value, self.runtime.content.vocabulary)) or ()
        found = TagRow(
            line=row.line,
            openid=None if is_phone else cells.read("openid_or_phone", read_openid),
            phone=cells.read("openid_or_phone", read_phone) if is_phone else None,
            place=read_place((place[0], place[1], place[2], place[3])) if all(place) else None,
            wishes=wishes,
        )
        if any(place) and not all(place):
            words = "the home is told in part only, fill in community, building, unit and room, or none"
            cells.problems.append(Said(words, "home_part"))
        elif not who and not all(place):
            cells.problems.append(Said("nobody is named, fill in openid_or_phone or the home", "nobody"))
        if not cells.cells.get("tags"):
            cells.problems.append(Said("tags is empty, write key=value;key=value", "no_tags"))
        return cells.problems or found

    def find_conflicts(self, tx: Transaction, items: Sequence[TagRow]) -> dict[int, list[str]]:
        """Return the rows that mean nobody or several people, or want what she has not agreed to."""
        people = _read_people(tx, items, self.building_ids)
        problems: dict[int, list[str]] = {}
        for row in items:
            found = people.find(row)
            if len(found) == 1:
                problems[row.line] = self._list_missing(tx, next(iter(found)), row)
            else:
                problems[row.line] = [_tell(found)]
        return {line: words for line, words in problems.items() if words}

    def write(self, tx: Transaction, items: Sequence[TagRow], report: ImportReport) -> None:
        """Write a batch and count what became of its tags."""
        people, file = _read_people(tx, items, self.building_ids), self.origin.evidence
        wanted = [Wanted(people.find(row).pop(), row.wishes, f"{file}:{row.line}") for row in items]
        for done in self.book.write(tx, wanted):
            self.counts.update(done)
            is_changed = done[Outcome.WRITTEN] > 0
            report.updated += is_changed
            report.unchanged += not is_changed
        report.tags = {name: self.counts[name] for name in (Outcome.WRITTEN, UNCHANGED, Outcome.CONFLICT, Outcome.REFUSED)}

    def _list_missing(self, tx: Transaction, owner_id: int, row: TagRow) -> list[str]:
        keys = self.runtime.content.vocabulary.keys
        wanted = {wish.key for wish in row.wishes if wish.is_added and keys[wish.key].level > 1}
        return [
            Said(f"tags hold {key}, which needs her own consent, take it out", "own_consent", key=keys[key].label)
            for key in sorted(wanted)
            if find_missing_basis(self.runtime, tx, owner_id, keys[key], self.origin)
        ]


def read_wishes(value: str, vocabulary: Vocabulary) -> tuple[TagWish, ...]:
    """Return what a cell wants: key=value or +key=value adds, -key=value takes away. Raises CellError."""
    parts = [part.strip() for part in re.split(r"[;；]", value) if part.strip()]
    gone = [part[1:] for part in parts if part[0] in "-－"]
    new = [part.lstrip("+＋") for part in parts if part[0] not in "-－"]
    wishes = [TagWish(is_added, *pair) for is_added, text in ((False, gone), (True, new)) for pair in _read(text, vocabulary)]
    return tuple(wishes)


def _read(parts: Sequence[str], vocabulary: Vocabulary) -> tuple[tuple[str, str], ...]:
    pairs = read_tags(";".join(parts), vocabulary)
    for key, value in pairs:
        if find_fault(vocabulary, key, value)[2]:
            raise CellError(f"hold {key}={value}, which is never kept, take it out", "never_kept", key=key)
    return pairs


def _tell(found: set[int]) -> str:
    if not found:
        return Said("nobody of the register fits, correct who is meant", "no_fit")
    ids = ", ".join(map(str, sorted(found)[:5]))
    words = f"{len(found)} people fit (ids {ids}), name one by openid, or by phone and home"
    return Said(words, "many_fit", count=len(found), ids=ids)


def _read_people(tx: Transaction, items: Sequence[TagRow], building_ids: frozenset[int] | None) -> _People:
    openids = {row.openid for row in items if row.openid}
    phones = {row.phone for row in items if row.phone}
    rooms = find_rooms(tx, [row.place for row in items if row.place])
    followers = select(Follower.openid, Follower.owner_id).where(Follower.openid.in_(openids), Follower.owner_id.is_not(None))
    by_openid = {openid: int(owner_id or 0) for openid, owner_id in tx.connection.execute(followers)} if openids else {}
    by_phone: dict[str, set[int]] = {}
    if phones:
        for phone, owner_id in tx.connection.execute(select(Owner.phone, Owner.id).where(Owner.phone.in_(phones))):
            by_phone.setdefault(str(phone), set()).add(owner_id)
    places = {room_id: place for place, room_id in rooms.items()}
    by_place: dict[RoomKey, set[int]] = {}
    homes = select(Residence.room_id, Residence.owner_id).where(Residence.room_id.in_(places), Residence.ended_on.is_(None))
    for room_id, owner_id in tx.connection.execute(homes) if places else ():
        by_place.setdefault(places[room_id], set()).add(owner_id)
    everybody = set(by_openid.values()).union(*by_phone.values(), *by_place.values())
    return _People(
        by_openid, by_phone, by_place, everybody if building_ids is None else find_inside(tx, building_ids, everybody)
    )

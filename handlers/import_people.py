"""People of a register and people of the database: who is who. Reads only; an import writes elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select

from handlers.import_places import RoomKey, RoomNames, find_rooms
from handlers.import_words import Said
from models.database import Transaction
from models.followers import Follower
from models.owners import Owner, Relation, Residence
from models.staff import Staff

DAYS = 10_000_000  # more than any day's number


@dataclass(frozen=True, slots=True)
class OwnerRow:
    """One good row."""

    line: int
    place: RoomKey
    names: RoomNames  # the place as the row writes it
    name: str
    phone: str | None
    relation: Relation | None
    moved_in_on: date | None
    birthday: date | None
    openid: str | None
    tags: tuple[tuple[str, str], ...]


@dataclass(slots=True, eq=False)
class Person:
    """A person as the register or the database knows her; `id` is 0 until she is written."""

    name: str
    phone: str | None
    birthday: date | None
    id: int = 0
    is_changed: bool = False
    was_phone: str | None = None  # the number that the file replaces


@dataclass(slots=True, eq=False)
class Home:
    """A person in a room as the database has it."""

    id: int
    relation: str
    moved_in_on: date | None
    ended_on: date | None


@dataclass(slots=True)
class Known:
    """What the database has of the people of a batch."""

    rooms: dict[RoomKey, int]
    by_phone: dict[tuple[str, str], Person] = field(default_factory=dict)
    by_room: dict[tuple[RoomKey, str], Person] = field(default_factory=dict)
    homes: dict[tuple[int, int], Home] = field(default_factory=dict)
    followers: dict[str, int | None] = field(default_factory=dict)
    staff: frozenset[str] = frozenset()

    def find(self, row: OwnerRow) -> Person | None:
        """Return the person of a row: by phone and name, else by room and name."""
        found = self.by_phone.get((row.phone, row.name)) if row.phone else None
        return found or self.by_room.get((row.place, row.name))

    def add(self, row: OwnerRow, person: Person) -> None:
        """Remember a person for the rows that follow."""
        self.by_room.setdefault((row.place, row.name), person)
        if row.phone:
            self.by_phone.setdefault((row.phone, row.name), person)


class SeenPeople:
    """Who was in the file so far. Keeps hashes and line numbers only, so 100,000 rows stay small."""

    def __init__(self) -> None:
        self._people: dict[int, int] = {}
        self._homes: dict[int, int] = {}
        self._openids: dict[int, int] = {}
        self._birthdays: dict[int, int] = {}  # person -> line and day in one number: a tuple each would be four times as much

    def find_repetitions(self, row: OwnerRow) -> list[str]:
        """Return what the file has said otherwise before; a row without such is remembered."""
        keys = [hash((row.place, row.name)), *([hash((row.phone, row.name))] if row.phone else [])]
        person = next((self._people[key] for key in reversed(keys) if key in self._people), row.line)
        home = hash((person, row.place))
        problems: list[str] = []
        if home in self._homes:
            words = f"the same person and room as line {self._homes[home]}, take one out"
            problems.append(Said(words, "repeated", line=self._homes[home]))
        if row.openid and self._openids.get(hash(row.openid), person) != person:
            line = self._openids[hash(row.openid)]
            problems.append(Said(f"openid is also that of line {line}, correct one", "openid_line", line=line))
        told = row.birthday.toordinal() if row.birthday else 0
        line, birthday = divmod(self._birthdays.get(person, row.line * DAYS + told), DAYS)
        if told and birthday != told:
            words = f"birthday is another than in line {line} for the same person, correct one"
            problems.append(Said(words, "birthday_line", line=line))
        if not problems:
            self._homes[home] = row.line
            for key in keys:
                self._people.setdefault(key, person)
            if row.openid:
                self._openids.setdefault(hash(row.openid), person)
            if row.birthday:
                self._birthdays.setdefault(person, row.line * DAYS + told)
        return problems


def read_known(tx: Transaction, items: Sequence[OwnerRow]) -> Known:
    """Read what the database has of a batch's people: five statements, whatever its size."""
    known = Known(find_rooms(tx, [row.place for row in items]))
    _read_by_phone(tx, known, {row.phone for row in items if row.phone})
    _read_by_room(tx, known)
    openids = [row.openid for row in items if row.openid]
    followers = select(Follower.openid, Follower.owner_id).where(Follower.openid.in_(openids))
    known.followers = dict(tx.connection.execute(followers).all()) if openids else {}
    staff = select(Staff.openid).where(Staff.openid.in_(openids))
    known.staff = frozenset(str(each) for each in tx.connection.scalars(staff)) if openids else frozenset()
    return known


def _read_by_phone(tx: Transaction, known: Known, phones: Iterable[str]) -> None:
    statement = select(Owner.id, Owner.name, Owner.phone, Owner.birthday).where(Owner.phone.in_(phones))
    for owner_id, name, phone, birthday in tx.connection.execute(statement.order_by(Owner.id)):
        known.by_phone.setdefault((str(phone), name), Person(name, phone, birthday, owner_id))


def _read_by_room(tx: Transaction, known: Known) -> None:
    """Read the people and homes of the batch's rooms; a person that the phone found too stays one object."""
    people = {person.id: person for person in known.by_phone.values()}
    places = {room_id: place for place, room_id in known.rooms.items()}
    statement = (
        select(Residence, Owner.name, Owner.phone, Owner.birthday)
        .join(Owner, Owner.id == Residence.owner_id)
        .where(Residence.room_id.in_(places))
        .order_by(Residence.id)
    )
    for row in tx.connection.execute(statement):
        person = people.setdefault(row.owner_id, Person(row.name, row.phone, row.birthday, row.owner_id))
        known.by_room.setdefault((places[row.room_id], row.name), person)
        known.homes[row.owner_id, row.room_id] = Home(row.id, row.relation, row.moved_in_on, row.ended_on)

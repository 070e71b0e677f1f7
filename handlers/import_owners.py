"""Owners with their homes from rows of a register: read, compared with the database, written in batches by Core statements."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, update

from handlers.import_cells import (
    Cells,
    read_date,
    read_openid,
    read_past_date,
    read_phone,
    read_relation,
    read_tags,
)
from handlers.import_files import Row
from handlers.import_people import Known, OwnerRow, Person, SeenPeople, read_known
from handlers.import_places import PlaceBook, read_place
from handlers.import_scope import find_outside
from handlers.import_words import Said
from handlers.phone_states import REPLACED, TAG
from handlers.runtime import Runtime
from handlers.tag_book import TagBook, Wanted
from handlers.tag_rules import Outcome, TagOrigin
from handlers.tag_words import TagWish
from models.bulk import insert_many
from models.database import Transaction, insert_for, table_of
from models.followers import Follower
from models.mirror import mark_owners
from models.owners import Owner, PhoneEvent, PhoneState, Relation, Residence, reserve_ids

if TYPE_CHECKING:
    from handlers.import_runs import ImportReport

OWNER_COLUMNS = (
    "community",
    "building",
    "unit",
    "room",
    "name",
    "phone",
    "relation",
    "moved_in_on",
    "birthday",
    "openid",
    "tags",
)


TAG_TEXTS = 4096  # different cells of tags that are remembered
NEW_FOLLOWER = {"is_following": True, "message_sent": 0, "click_sent": 0}


class OwnerImport:
    """Reads and writes owners. While it checks a file it remembers who was in it, by number and not by name.

    `building_ids`: somebody's who may bring in rows of these only; None is every estate.
    """

    def __init__(
        self, runtime: Runtime, origin: TagOrigin, *, is_checked: bool = False, building_ids: frozenset[int] | None = None
    ) -> None:
        self.building_ids = building_ids
        self.runtime = runtime
        self.today = runtime.today()
        self.places = PlaceBook()
        self.tags = TagBook(runtime, origin, is_register=True)
        self.seen = None if is_checked else SeenPeople()
        self.known = Known({})
        self._read_tags = lru_cache(TAG_TEXTS)(partial(read_tags, vocabulary=runtime.content.vocabulary))

    def parse(self, row: Row) -> OwnerRow | list[str]:
        """Return the row's values, or every problem of its cells and of its repeating another row."""
        cells = Cells(row.cells)
        community = cells.text("community", 80, is_needed=True)
        building, unit, room = (cells.text(name, 40, is_needed=True) for name in ("building", "unit", "room"))
        found = OwnerRow(
            line=row.line,
            place=read_place((community, building, unit, room)),
            names=(community, building, unit, room),
            name=cells.text("name", 60, is_needed=True),
            phone=cells.read("phone", read_phone),
            relation=cells.read("relation", read_relation),
            moved_in_on=cells.read("moved_in_on", read_date),
            birthday=cells.read("birthday", lambda value: read_past_date(value, self.today)),
            openid=cells.read("openid", read_openid),
            tags=cells.read("tags", self._read_tags) or (),
        )
        return cells.problems or (self.seen.find_repetitions(found) if self.seen else []) or found

    def find_conflicts(self, tx: Transaction, items: Sequence[OwnerRow]) -> dict[int, list[str]]:
        """Return the rows whose openid belongs to staff or to somebody else, and those outside the scope."""
        known = self.known = read_known(tx, items)
        problems = find_outside(tx, self.building_ids, items, known) if self.building_ids is not None else {}
        for row in items:
            if row.openid is None or row.line in problems:
                continue
            person, owner_id = known.find(row), known.followers.get(row.openid)
            if row.openid in known.staff:
                problems[row.line] = [Said("openid belongs to a staff member, correct it", "staff_openid")]
            elif owner_id is not None and (person is None or person.id != owner_id):
                words = f"openid belongs to the owner with id {owner_id}, correct it"
                problems[row.line] = [Said(words, "other_openid", owner_id=owner_id)]
        return problems

    def write(self, tx: Transaction, items: Sequence[OwnerRow], report: ImportReport) -> None:
        """Write a batch whose conflicts were looked for in this transaction: places, people, homes, followers, tags."""
        known = self.known
        known.rooms = self.places.add_rooms(tx, [row.names for row in items], known.rooms)
        people = [_find_or_make(known, row) for row in items]
        firsts = {id(person): at for at, person in reversed(list(enumerate(people)))}
        is_new = [person.id == 0 and firsts[id(person)] == at for at, person in enumerate(people)]
        _write_people(tx, people, self.runtime, self.tags.origin.by)
        changed = [person.is_changed for person in people]
        for at in _write_homes(tx, known, items, people):
            changed[at] = True
        for at in _write_followers(tx, known, items, people, self.runtime):
            changed[at] = True
        for at in self._write_tags(tx, items, people, report, is_new):
            changed[at] = True
        moved = zip(items, people, changed, is_new, strict=True)
        mark_owners(tx, sorted({person.id for row, person, change, new in moved if change and (row.openid or not new)}))
        report.created += sum(is_new)
        report.updated += sum(change and not new for change, new in zip(changed, is_new, strict=True))
        report.unchanged += sum(not change and not new for change, new in zip(changed, is_new, strict=True))

    def _write_tags(
        self, tx: Transaction, items: Sequence[OwnerRow], people: Sequence[Person], report: ImportReport, is_new: Sequence[bool]
    ) -> list[int]:
        """Write tags; return the positions of rows that changed something. What she did not agree to is left out and told."""
        wanted = [
            Wanted(person.id, _wish(row.tags), is_new=new) for row, person, new in zip(items, people, is_new, strict=True)
        ]
        done = self.tags.write(tx, wanted)
        for row, counts in zip(items, done, strict=True):
            if counts[Outcome.REFUSED]:
                report.note(f"line {row.line}: {counts[Outcome.REFUSED]} tag(s) left out, they need her own consent")
            if counts[Outcome.CONFLICT]:
                report.note(f"line {row.line}: {counts[Outcome.CONFLICT]} tag(s) contradict what is known, staff decide")
        written = [at for at, counts in enumerate(done) if counts[Outcome.WRITTEN]]
        _follow_states(tx, [(people[at].id, dict(items[at].tags)) for at in written])
        return written


@lru_cache(TAG_TEXTS)
def _wish(tags: tuple[tuple[str, str], ...]) -> tuple[TagWish, ...]:
    return tuple(TagWish(True, *pair) for pair in tags)


def _follow_states(tx: Transaction, told: Sequence[tuple[int, dict[str, str]]]) -> None:
    """Let the register say of numbers what a file says of them as a tag."""
    news = [{"asked": owner_id, "new_state": tags[TAG]} for owner_id, tags in told if TAG in tags]
    if news:
        owner = table_of(Owner)
        change = update(owner).where(owner.c.id == bindparam("asked")).values(phone_state=bindparam("new_state"))
        tx.connection.execute(change, news)


def _find_or_make(known: Known, row: OwnerRow) -> Person:
    """Return the row's person with the row's news; an empty cell leaves what is known."""
    person = known.find(row)
    if person is None:
        person = Person(row.name, row.phone, row.birthday)
    for name, value in (("phone", row.phone), ("birthday", row.birthday)):
        if value and getattr(person, name) != value:
            if name == "phone" and person.id:
                person.was_phone = person.was_phone or person.phone
            setattr(person, name, value)
            person.is_changed = True
    known.add(row, person)
    return person


def _keep_numbers(tx: Transaction, people: Sequence[Person], runtime: Runtime, by: str) -> None:
    """Keep the numbers that a register replaces in the history; what was known of them is not known of the new ones (R95)."""
    if not people:
        return
    owner, ids = table_of(Owner), [person.id for person in people]
    states = dict(tx.connection.execute(select(owner.c.id, owner.c.phone_state).where(owner.c.id.in_(ids))).all())
    said = {"action": REPLACED, "by": by[:80], "evidence": None, "at": runtime.now()}
    events = [{"owner_id": each.id, "phone": each.was_phone, "state": states[each.id], **said} for each in people]
    insert_many(tx, table_of(PhoneEvent), events)
    fresh = {"phone_state": PhoneState.UNCHECKED.value, "phone_failures": 0, "phone_changed_at": runtime.now()}
    tx.connection.execute(update(owner).where(owner.c.id.in_(ids)).values(**fresh))


def _write_people(tx: Transaction, people: Sequence[Person], runtime: Runtime, by: str) -> None:
    new = list(dict.fromkeys(person for person in people if not person.id))
    if new:
        values = {"created_at": runtime.now(), "phone_state": PhoneState.UNCHECKED.value, "phone_failures": 0}
        for person, owner_id in zip(new, reserve_ids(tx, len(new)), strict=True):
            person.id = owner_id
        rows = [{"id": p.id, "name": p.name, "phone": p.phone, "birthday": p.birthday, **values} for p in new]
        insert_many(tx, table_of(Owner), rows)
    changed = {person.id: person for person in people if person.is_changed}
    if changed:
        _keep_numbers(tx, [person for person in changed.values() if person.was_phone], runtime, by)
        change = update(table_of(Owner)).where(table_of(Owner).c.id == bindparam("asked"))
        tx.connection.execute(
            change.values(phone=bindparam("new_phone"), birthday=bindparam("new_birthday")),
            [{"asked": each.id, "new_phone": each.phone, "new_birthday": each.birthday} for each in changed.values()],
        )


def _write_homes(tx: Transaction, known: Known, items: Sequence[OwnerRow], people: Sequence[Person]) -> list[int]:
    """Write new homes and the news of old ones; return the positions of rows that changed something."""
    new, news, changed = [], [], []
    for at, (row, person) in enumerate(zip(items, people, strict=True)):
        room_id = known.rooms[row.place]
        home = known.homes.get((person.id, room_id))
        if home is None:
            relation = (row.relation or Relation.OWNER).value
            new.append({"owner_id": person.id, "room_id": room_id, "relation": relation, "moved_in_on": row.moved_in_on})
            changed.append(at)
            continue
        relation = row.relation.value if row.relation else home.relation
        moved_in_on = row.moved_in_on or home.moved_in_on
        if (relation, moved_in_on, None) != (home.relation, home.moved_in_on, home.ended_on):
            news.append({"asked": home.id, "new_relation": relation, "new_moved_in_on": moved_in_on})
            changed.append(at)
    if new:
        insert_many(tx, table_of(Residence), new)
    if news:
        statement = update(table_of(Residence)).where(table_of(Residence).c.id == bindparam("asked"))
        values: dict[str, Any] = {"relation": bindparam("new_relation"), "moved_in_on": bindparam("new_moved_in_on")}
        values["ended_on"] = None  # the register says that the person lives there
        tx.connection.execute(statement.values(**values), news)
    return changed


def _write_followers(
    tx: Transaction, known: Known, items: Sequence[OwnerRow], people: Sequence[Person], runtime: Runtime
) -> list[int]:
    """Say who an openid is; a new one is taken as following until the platform says otherwise."""
    news, changed = [], []
    for at, (row, person) in enumerate(zip(items, people, strict=True)):
        if row.openid and known.followers.get(row.openid) != person.id:
            news.append(NEW_FOLLOWER | {"openid": row.openid, "owner_id": person.id, "followed_at": runtime.now()})
            changed.append(at)
    if news:
        statement = insert_for(tx.connection, Follower)
        owner = {"owner_id": statement.excluded.owner_id}
        tx.connection.execute(statement.on_conflict_do_update(index_elements=["openid"], set_=owner), news)
    return changed

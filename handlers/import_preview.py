"""What an import of owners would change, without changing it: the same reading and comparing, and a table instead of rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from handlers.exports import mask_phone
from handlers.import_files import Row
from handlers.import_owners import OwnerImport
from handlers.import_people import Known, OwnerRow, Person
from handlers.runtime import Runtime
from handlers.tag_book import TagBook, Wanted
from handlers.tag_rules import Outcome, TagOrigin
from handlers.tag_words import TagWish
from models.database import Transaction

if TYPE_CHECKING:
    from handlers.import_runs import ImportReport

NewsOf = tuple[str, str, str]  # a field, what is known, what the file says


class OwnerPreview:
    """Stands in the place of OwnerImport and writes nothing."""

    def __init__(self, runtime: Runtime, origin: TagOrigin, *, building_ids: frozenset[int] | None = None) -> None:
        self.inner = OwnerImport(runtime, origin, is_checked=True, building_ids=building_ids)
        self.tags = TagBook(runtime, origin, is_register=True, is_dry=True)
        self._seen: set[int] = set()  # whom earlier rows have named, by hash

    def parse(self, row: Row) -> OwnerRow | list[str]:
        """Return the row's values, or every problem."""
        return self.inner.parse(row)

    def find_conflicts(self, tx: Transaction, items: Sequence[OwnerRow]) -> dict[int, list[str]]:
        """Return the rows whose openid belongs to staff or to somebody else."""
        return self.inner.find_conflicts(tx, items)

    def write(self, tx: Transaction, items: Sequence[OwnerRow], report: ImportReport) -> None:
        """Count what would be created, changed field by field, and left as it is."""
        known = self.inner.known
        people, news = [], []
        for row in items:
            person = known.find(row)
            news.append(list(_compare(known, row, person)) if person else [])
            people.append(person)
            if person is not None:
                person.phone = row.phone or person.phone
                known.add(row, person)
        self._add_tags(tx, items, people, news, report)
        for row, person, found in zip(items, people, news, strict=True):
            if self._is_first(row) and person is None:
                report.created += 1
                continue
            for field, before, after in found if person else [("home", "", "-".join(row.names))]:
                report.count_change(row.line, row.name, field, before, after)
            is_changed = bool(found) or person is None
            report.updated += is_changed
            report.unchanged += not is_changed

    def _is_first(self, row: OwnerRow) -> bool:
        """Tell whether no earlier row has named this person."""
        keys = {hash((row.place, row.name)), *([hash((row.phone, row.name))] if row.phone else [])}
        is_first = not keys & self._seen
        self._seen |= keys
        return is_first

    def _add_tags(
        self,
        tx: Transaction,
        items: Sequence[OwnerRow],
        people: Sequence[Person | None],
        news: Sequence[list[NewsOf]],
        report: ImportReport,
    ) -> None:
        rows = [(row, person, found) for row, person, found in zip(items, people, news, strict=True) if person and row.tags]
        wanted = [Wanted(person.id, tuple(TagWish(True, *pair) for pair in row.tags)) for row, person, _ in rows]
        for (row, _, found), counts in zip(rows, self.tags.write(tx, wanted), strict=True):
            if counts[Outcome.WRITTEN]:
                found.append(("tags", "", ";".join(f"{key}={value}" for key, value in row.tags)))
            report.conflicts += counts[Outcome.CONFLICT]


def _compare(known: Known, row: OwnerRow, person: Person) -> Iterator[NewsOf]:
    """Yield what a row says otherwise than the database; an empty cell says nothing."""
    if row.phone and row.phone != person.phone:
        yield "phone", mask_phone(person.phone or ""), mask_phone(row.phone)
    if row.birthday and row.birthday != person.birthday:
        yield "birthday", str(person.birthday or ""), str(row.birthday)
    home = known.homes.get((person.id, known.rooms.get(row.place, 0)))
    if home is None:
        yield "home", "", "-".join(row.names)
    else:
        if home.ended_on is not None:
            yield "home", f"ended {home.ended_on}", "lives there"
        if row.relation and row.relation.value != home.relation:
            yield "relation", home.relation, row.relation.value
        if row.moved_in_on and row.moved_in_on != home.moved_in_on:
            yield "moved_in_on", str(home.moved_in_on or ""), str(row.moved_in_on)
    if row.openid and known.followers.get(row.openid) != person.id:
        yield "openid", "", row.openid

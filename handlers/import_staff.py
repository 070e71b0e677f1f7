"""Staff and suppliers from rows of a register. There are few of them, so one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from handlers.import_cells import Cells, read_buildings, read_openid, read_phone, read_role
from handlers.import_files import Row
from handlers.import_places import PlaceBook
from handlers.runtime import Runtime
from models.database import Transaction, insert_for
from models.followers import Follower
from models.places import Building, Community
from models.staff import Role, Staff

if TYPE_CHECKING:
    from handlers.import_runs import ImportReport

STAFF_COLUMNS = ("name", "phone", "role", "openid", "buildings")
ALL = "*"


@dataclass(frozen=True, slots=True)
class StaffRow:
    """One good row."""

    line: int
    name: str
    phone: str | None
    role: Role
    openid: str | None
    buildings: tuple[tuple[str, str], ...]


class StaffImport:
    """Reads and writes staff."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.places = PlaceBook()
        self._seen: dict[tuple[str, str], int] = {}

    def parse(self, row: Row) -> StaffRow | list[str]:
        """Return the row's values, or every problem of its cells and of its repeating another row."""
        cells = Cells(row.cells)
        name, role = cells.text("name", 60, is_needed=True), cells.read("role", read_role)
        phone, openid = cells.read("phone", read_phone), cells.read("openid", read_openid)
        buildings = cells.read("buildings", read_buildings) or ()
        if not row.cells.get("role"):
            cells.problems.append(f"role is empty, write one of {', '.join(Role)}")
        if cells.problems or role is None:
            return cells.problems
        found = StaffRow(row.line, name, phone, role, openid, buildings)
        return self._find_repetitions(found) or found

    def _find_repetitions(self, row: StaffRow) -> list[str]:
        """Return what another row says too: a phone, an openid or, without both, the same name and role."""
        keys = [(column, value) for column, value in (("phone", row.phone), ("openid", row.openid)) if value]
        keys = keys or [("name and role", f"{row.name} {row.role.value}")]
        problems = [
            f"{column} is also that of line {self._seen[column, value]}, correct one"
            for column, value in keys
            if (column, value) in self._seen
        ]
        if not problems:
            self._seen.update(dict.fromkeys(keys, row.line))
        return problems

    def find_conflicts(self, tx: Transaction, items: Sequence[StaffRow]) -> dict[int, list[str]]:
        """Return the rows that the database speaks against."""
        found = {row.line: self._list_conflicts(tx, row) for row in items}
        return {line: problems for line, problems in found.items() if problems}

    def _list_conflicts(self, tx: Transaction, row: StaffRow) -> list[str]:
        problems = []
        by_phone, by_openid = _find_by(tx, Staff.phone, row.phone), _find_by(tx, Staff.openid, row.openid)
        if by_phone and by_openid and by_phone.id != by_openid.id:
            problems.append(f"phone is that of {by_phone.name} and openid that of {by_openid.name}, correct one")
        owner_id = tx.session.scalar(select(Follower.owner_id).where(Follower.openid == row.openid))
        if row.openid and owner_id is not None:
            problems.append(f"openid belongs to the owner with id {owner_id}, correct it")
        whole = [community for community, building in row.buildings if building == ALL]
        hint = "import its owners first or name the buildings"
        return problems + [f"no building of {each} is known yet, {hint}" for each in whole if not _list_buildings(tx, each)]

    def write(self, tx: Transaction, items: Sequence[StaffRow], report: ImportReport) -> None:
        """Write the rows; an empty cell leaves what is known."""
        for row in items:
            person = find_person(tx, row)
            if person is None:
                person = Staff(name=row.name, phone=row.phone, role=row.role.value, openid=row.openid, is_active=True)
                tx.session.add(person)
                report.created += 1
                self._place(tx, person, row)
            elif self._update(tx, person, row):
                report.updated += 1
            else:
                report.unchanged += 1
            tx.session.flush()
            _follow(tx, row, self.runtime)

    def _update(self, tx: Transaction, person: Staff, row: StaffRow) -> bool:
        is_changed = False
        values = {"name": row.name, "role": row.role.value, "phone": row.phone, "openid": row.openid}
        for name, value in values.items():
            if value and getattr(person, name) != value:
                setattr(person, name, value)
                is_changed = True
        return self._place(tx, person, row) or is_changed

    def _place(self, tx: Transaction, person: Staff, row: StaffRow) -> bool:
        """Make the person responsible for exactly the row's buildings; True when that is news."""
        if not row.buildings:
            return False
        wanted = set()
        for community, building in row.buildings:
            if building == ALL:
                wanted.update(_list_buildings(tx, community))
            else:
                wanted.add(self.places.get_building(tx, community, building))
        if wanted == {building.id for building in person.buildings}:
            return False
        person.buildings = list(tx.session.scalars(select(Building).where(Building.id.in_(wanted)).order_by(Building.id)))
        return True


def find_person(tx: Transaction, row: StaffRow) -> Staff | None:
    """Return the staff member of a row: by phone, else by openid, else by name and role where neither says otherwise."""
    found = _find_by(tx, Staff.phone, row.phone) or _find_by(tx, Staff.openid, row.openid)
    if found is not None:
        return found
    statement = select(Staff).where(Staff.name == row.name, Staff.role == row.role.value).order_by(Staff.id)
    for person in tx.session.scalars(statement):
        if not (person.phone and row.phone) and not (person.openid and row.openid):
            return person
    return None


def _find_by(tx: Transaction, column: InstrumentedAttribute[str | None], value: str | None) -> Staff | None:
    return tx.session.scalar(select(Staff).where(column == value)) if value else None


def _list_buildings(tx: Transaction, community: str) -> set[int]:
    statement = select(Building.id).join(Community, Community.id == Building.community_id)
    return set(tx.connection.scalars(statement.where(Community.name == community)))


def _follow(tx: Transaction, row: StaffRow, runtime: Runtime) -> None:
    """Take a new openid as following until the platform says otherwise, so that tasks reach it."""
    if row.openid:
        values = {"openid": row.openid, "is_following": True, "followed_at": runtime.now()}
        statement = insert_for(tx.connection, Follower).values(**values, message_sent=0, click_sent=0)
        tx.connection.execute(statement.on_conflict_do_nothing())

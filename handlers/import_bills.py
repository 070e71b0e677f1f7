"""Bills of rooms from rows of a register; known again by room, item and period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import select

from handlers.import_cells import Cells, read_date, read_past_date, read_yuan
from handlers.import_files import Row
from handlers.import_places import RoomKey, RoomNames, find_rooms, read_place
from handlers.runtime import Runtime
from models.bills import Bill
from models.database import Transaction

if TYPE_CHECKING:
    from handlers.import_runs import ImportReport

BILL_COLUMNS = ("community", "building", "unit", "room", "item", "period", "amount", "due_on", "paid_on")
BillKey = tuple[RoomKey, str, str]


@dataclass(frozen=True, slots=True)
class BillRow:
    """One good row."""

    line: int
    place: RoomKey
    names: RoomNames  # the place as the row writes it
    item: str
    period: str
    amount_fen: int
    due_on: date | None
    paid_on: date | None

    @property
    def key(self) -> BillKey:
        """Return what a bill is known by."""
        return self.place, self.item, self.period


class BillImport:
    """Reads and writes bills."""

    def __init__(self, runtime: Runtime) -> None:
        self.today = runtime.today()
        self._seen: dict[BillKey, int] = {}

    def parse(self, row: Row) -> BillRow | list[str]:
        """Return the row's values, or every problem of its cells and of its repeating another row."""
        cells = Cells(row.cells)
        community = cells.text("community", 80, is_needed=True)
        building, unit, room = (cells.text(name, 40, is_needed=True) for name in ("building", "unit", "room"))
        item, period = cells.text("item", 40, is_needed=True), cells.text("period", 20, is_needed=True)
        amount = cells.read("amount", read_yuan)
        due_on = cells.read("due_on", read_date)
        paid_on = cells.read("paid_on", lambda value: read_past_date(value, self.today))
        if not row.cells.get("amount"):
            cells.problems.append("amount is empty, fill it in")
        if cells.problems or amount is None:
            return cells.problems
        names = (community, building, unit, room)
        found = BillRow(row.line, read_place(names), names, item, period, amount, due_on, paid_on)
        if found.key in self._seen:
            return [f"room, item and period are also those of line {self._seen[found.key]}, correct one"]
        self._seen[found.key] = row.line
        return found

    def find_conflicts(self, tx: Transaction, items: Sequence[BillRow]) -> dict[int, list[str]]:
        """Return the rows of rooms that nobody knows."""
        rooms = find_rooms(tx, [row.place for row in items])
        words = "is in no register of owners, correct it or import its owners first"
        return {row.line: [f"room {'-'.join(row.names)} {words}"] for row in items if row.place not in rooms}

    def write(self, tx: Transaction, items: Sequence[BillRow], report: ImportReport) -> None:
        """Write a batch; an empty paid_on leaves a payment that is known."""
        rooms = find_rooms(tx, [row.place for row in items])
        known = {
            (bill.room_id, bill.item, bill.period): bill
            for bill in tx.session.scalars(select(Bill).where(Bill.room_id.in_(rooms.values()))).unique()
        }
        for row in items:
            room_id = rooms[row.place]
            bill = known.get((room_id, row.item, row.period))
            if bill is None:
                values = {"amount_fen": row.amount_fen, "due_on": row.due_on, "paid_on": row.paid_on}
                tx.session.add(Bill(room_id=room_id, item=row.item, period=row.period, **values))
                report.created += 1
                continue
            news = (row.amount_fen, row.due_on or bill.due_on, row.paid_on or bill.paid_on)
            is_new = news != (bill.amount_fen, bill.due_on, bill.paid_on)
            bill.amount_fen, bill.due_on, bill.paid_on = news
            report.updated += is_new
            report.unchanged += not is_new
        tx.session.flush()

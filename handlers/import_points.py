"""Points the office gave or took, from rows of a register; the same row twice is one entry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

from sqlalchemy import select

from handlers.import_cells import Cells, read_openid, read_past_date, read_phone, read_points
from handlers.import_files import Row
from handlers.runtime import Runtime
from models.database import Transaction
from models.followers import Follower
from models.owners import Owner
from models.points import add_points

if TYPE_CHECKING:
    from handlers.import_runs import ImportReport

POINT_COLUMNS = ("phone", "openid", "points", "reason", "on")


@dataclass(frozen=True, slots=True)
class PointRow:
    """One good row: whose, how many (negative: spent), what for, when."""

    line: int
    phone: str | None
    openid: str | None
    points: int
    reason: str
    on: date


class PointImport:
    """Reads and writes points."""

    def __init__(self, runtime: Runtime) -> None:
        self.today = runtime.today()
        self._seen: dict[tuple[object, ...], int] = {}

    def parse(self, row: Row) -> PointRow | list[str]:
        """Return the row's values, or every problem of its cells and of its repeating another row."""
        cells = Cells(row.cells)
        phone, openid = cells.read("phone", read_phone), cells.read("openid", read_openid)
        points, on = cells.read("points", read_points), cells.read("on", lambda value: read_past_date(value, self.today))
        reason = cells.text("reason", 80, is_needed=True)
        cells.problems += [f"{column} is empty, fill it in" for column in ("points", "on") if not row.cells.get(column)]
        if not row.cells.get("phone") and not row.cells.get("openid"):
            cells.problems.append("phone and openid are empty, fill in one")
        if cells.problems or points is None or on is None:
            return cells.problems
        key = (phone or openid, points, reason, on)
        if key in self._seen:
            return [f"says the same as line {self._seen[key]}, take one out or tell the reasons apart"]
        self._seen[key] = row.line
        return PointRow(row.line, phone, openid, points, reason, on)

    def find_conflicts(self, tx: Transaction, items: Sequence[PointRow]) -> dict[int, list[str]]:
        """Return the rows that name nobody, more than one person, or two different ones."""
        found = {row.line: _find_people(tx, row) for row in items}
        words = {0: "names nobody of the register, correct phone or openid"}
        more = "names more than one person, add or correct the openid"
        return {line: [words.get(len(people), more)] for line, people in found.items() if len(people) != 1}

    def write(self, tx: Transaction, items: Sequence[PointRow], report: ImportReport) -> None:
        """Write entries; one that is there stays as it is."""
        for row in items:
            (owner_id,) = _find_people(tx, row)
            key = f"import:{owner_id}:{row.on}:{row.points}:{row.reason}"[:120]
            at = datetime.combine(row.on, time(4), UTC)
            is_new = add_points(tx, owner_id, row.points, row.reason, key, at)
            report.created += is_new
            report.unchanged += not is_new


def _find_people(tx: Transaction, row: PointRow) -> set[int]:
    by_openid: set[int | None] = set()
    if row.openid:
        by_openid = set(tx.session.scalars(select(Follower.owner_id).where(Follower.openid == row.openid)))
    by_phone = set(tx.session.scalars(select(Owner.id).where(Owner.phone == row.phone))) if row.phone else set()
    named = {owner_id for owner_id in by_openid if owner_id is not None}
    if row.openid and row.phone:
        return named & by_phone
    return named or by_phone

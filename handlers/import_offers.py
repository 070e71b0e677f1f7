"""Offers from rows of a register: courses, activities, goods, group-buys, loans; known again by their code."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, time, tzinfo
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from handlers.import_cells import CellError, Cells, read_count, read_date, read_yuan
from handlers.import_files import Row
from handlers.runtime import Runtime
from models.database import Transaction
from models.offers import Offer, OfferKind, OfferStatus
from models.places import Community

if TYPE_CHECKING:
    from handlers.import_runs import ImportReport

OFFER_COLUMNS = (
    "code",
    "kind",
    "community",
    "title",
    "note",
    "price",
    "unit",
    "stock",
    "min_count",
    "starts_at",
    "deadline_at",
    "loan_days",
    "status",
)
OFFER_EXTRAS = ("service", "ages")  # may be missing: which conversation shows it, and for what age
AGES = ("to_6", "to_12", "to_17", "adult")
SETTLED = (OfferStatus.CONFIRMED.value, OfferStatus.CANCELLED.value)
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_MOMENT = re.compile(r"(?P<day>.+?)[ T]+(?P<hour>\d{1,2})[:：](?P<minute>\d\d)(?::\d\d)?")


@dataclass(frozen=True, slots=True)
class OfferRow:
    """One good row; an empty cell is None or ""."""

    line: int
    code: str
    kind: str
    community: str
    title: str
    note: str
    price_fen: int | None
    unit: str
    stock: int | None
    min_count: int | None
    starts_at: datetime | None
    deadline_at: datetime | None
    loan_days: int | None
    status: str
    service: str
    ages: str


KEPT = tuple(each.name for each in fields(OfferRow) if each.name not in ("line", "code", "community", "status"))


class OfferImport:
    """Reads and writes offers."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self._seen: dict[str, int] = {}

    def parse(self, row: Row) -> OfferRow | list[str]:
        """Return the row's values, or every problem of its cells and of its repeating another row."""
        cells, zone = Cells(row.cells), self.runtime.options.zone
        found = OfferRow(
            line=row.line,
            code=cells.read("code", _read_code) or "",
            kind=cells.read("kind", _read_kind) or "",
            community=cells.text("community", 80),
            title=cells.text("title", 60, is_needed=True),
            note=cells.text("note", 200),
            price_fen=cells.read("price", read_yuan),
            unit=cells.text("unit", 12),
            stock=cells.read("stock", read_count),
            min_count=cells.read("min_count", read_count),
            starts_at=cells.read("starts_at", lambda value: read_moment(value, zone)),
            deadline_at=cells.read("deadline_at", lambda value: read_moment(value, zone, is_until=True)),
            loan_days=cells.read("loan_days", read_count),
            status=cells.read("status", _read_status) or "",
            service=cells.read("service", self._read_service) or "",
            ages=cells.read("ages", _read_ages) or "",
        )
        cells.problems += [f"{column} is empty, fill it in" for column in ("code", "kind") if not row.cells.get(column)]
        return cells.problems or self._find_contradictions(found) or found

    def _read_service(self, value: str) -> str:
        if value not in self.runtime.content.services:
            raise CellError(f"{value!r} is no service, see content/catalogue.yaml")
        return value

    def _find_contradictions(self, row: OfferRow) -> list[str]:
        """Return what does not go together in a row, and a code that another row has."""
        problems = []
        if row.kind == OfferKind.GROUP_BUY and row.deadline_at is None:
            problems.append("deadline_at is empty, a group_buy needs one")
        if row.kind == OfferKind.LOAN and not row.loan_days:
            problems.append("loan_days is empty, a loan needs it")
        if row.starts_at and row.deadline_at and row.deadline_at > row.starts_at:
            problems.append("deadline_at lies after starts_at, correct one")
        if row.stock is not None and row.min_count is not None and row.min_count > row.stock:
            problems.append("min_count is more than stock, correct one")
        if row.code in self._seen:
            problems.append(f"code is also that of line {self._seen[row.code]}, correct one")
        self._seen.setdefault(row.code, row.line)
        return problems

    def find_conflicts(self, tx: Transaction, items: Sequence[OfferRow]) -> dict[int, list[str]]:
        """Return the rows whose community nobody knows, or whose code stands for another kind of thing."""
        communities, offers = _read_communities(tx, items), _read_offers(tx, items)
        problems: dict[int, list[str]] = {}
        for row in items:
            known = offers.get(row.code)
            if row.community and row.community not in communities:
                problems.setdefault(row.line, []).append(f"community {row.community!r} is unknown, import its owners first")
            if known is not None and known.kind != row.kind:
                problems.setdefault(row.line, []).append(f"kind was {known.kind} for this code, take another code")
        return problems

    def write(self, tx: Transaction, items: Sequence[OfferRow], report: ImportReport) -> None:
        """Write the rows: the register says everything about an offer but how its round ended."""
        communities, offers = _read_communities(tx, items), _read_offers(tx, items)
        for row in items:
            values: dict[str, Any] = {name: getattr(row, name) for name in KEPT}
            values["community_id"] = communities.get(row.community)
            offer = offers.get(row.code)
            if offer is None:
                status = row.status or OfferStatus.OPEN.value
                tx.session.add(Offer(code=row.code, status=status, **values))
                report.created += 1
                continue
            if row.status and offer.status not in SETTLED:
                values["status"] = row.status
            if offer.starts_at != row.starts_at:
                values["reminded_at"] = None
            changed = {name: value for name, value in values.items() if getattr(offer, name) != value}
            for name, value in changed.items():
                setattr(offer, name, value)
            report.updated += bool(changed)
            report.unchanged += not changed
        tx.session.flush()


def _read_communities(tx: Transaction, items: Sequence[OfferRow]) -> dict[str, int]:
    names = {row.community for row in items if row.community}
    return dict(tx.session.execute(select(Community.name, Community.id).where(Community.name.in_(names))).all())


def _read_offers(tx: Transaction, items: Sequence[OfferRow]) -> dict[str, Offer]:
    found = tx.session.scalars(select(Offer).where(Offer.code.in_({row.code for row in items})))
    return {offer.code: offer for offer in found}


def read_moment(value: str, zone: tzinfo, *, is_until: bool = False) -> datetime:
    """Return an instant from `2026-01-31 19:00` in the estate's zone; a day alone begins, or as a deadline ends, with it."""
    found = _MOMENT.fullmatch(value.strip())
    day = read_date(found["day"].strip() if found else value)
    try:
        clock = time(int(found["hour"]), int(found["minute"])) if found else time(23, 59) if is_until else time()
    except ValueError:
        raise CellError(f"{value!r} is no time, write it like 2026-01-31 19:00") from None
    return datetime.combine(day, clock, zone)


def _read_code(value: str) -> str:
    if not _CODE.fullmatch(value):
        raise CellError(f"{value!r} is no code, use letters, digits, - and _, at most 40")
    return value


def _read_kind(value: str) -> str:
    return _read_word(value, tuple(OfferKind))


def _read_status(value: str) -> str:
    return _read_word(value, tuple(OfferStatus))


def _read_ages(value: str) -> str:
    return _read_word(value, AGES)


def _read_word(value: str, words: Sequence[str]) -> str:
    if value.lower() not in words:
        raise CellError(f"{value!r} is unknown, write one of {', '.join(words)}")
    return value.lower()

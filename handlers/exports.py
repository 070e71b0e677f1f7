"""Data goes out: one mapping a row, in the order of ids, a batch at a time, phone numbers masked unless asked otherwise.

Every transaction is short, so an export of any length holds nobody up; what comes meanwhile may or may not be in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from handlers import export_cases, export_people, export_pushes, export_surveys
from handlers.consents import read_consents
from handlers.errors import InvalidInputError
from handlers.export_rows import BATCH, Reader, page
from handlers.runtime import Runtime
from models.audits import AuditEntry, add_audit
from models.database import Transaction

MOBILE = re.compile(r"(?<![0-9A-Za-z_-])(1[3-9]\d)\d{4}(\d{4})(?![0-9A-Za-z_-])")
PHONE_FIELDS = frozenset({"phone"})
NAMELESS = frozenset({"openid", "assignee_openid", "no"})  # never a phone number, and must stay as they are


def export(runtime: Runtime, kind: str, *, unmask: bool = False, by: str = "system") -> Iterator[dict[str, Any]]:
    """Give every row of a kind with the contract's fields (D13, D18).

    Times carry the estate's offset, money is fen. `unmask` shows phone numbers in full. Audited with the count, also when
    the reader stops early (D26). A kind that has no tables yet has no rows. Raises InvalidInputError for a kind
    that there is not.
    """
    if kind not in READERS:
        raise InvalidInputError(f"there is no export {kind}: choose one of {', '.join(READERS)}")
    reader = READERS[kind]
    return _audited(runtime, kind, reader, by, unmask=unmask)


def _read(runtime: Runtime, reader: Reader) -> Iterator[dict[str, Any]]:
    after: int | None = 0
    while after is not None:
        with runtime.database.reading() as tx:
            rows = reader(tx, runtime, after)
        for row in (row for _, row in rows if row):
            yield {name: render(runtime, value) for name, value in row.items()}
        after = rows[-1][0] if len(rows) == BATCH else None


def _audited(runtime: Runtime, kind: str, reader: Reader, by: str, *, unmask: bool) -> Iterator[dict[str, Any]]:
    count = 0
    try:
        for row in _read(runtime, reader):
            count += 1
            yield row if unmask else mask_row(row)
    finally:
        with runtime.transaction() as tx:
            add_audit(tx.session, runtime.now(), by, "export", f"export:{kind}", count=count, unmask=unmask)


def render(runtime: Runtime, value: Any) -> Any:
    """Return a value as JSON takes it: times with the estate's offset, the inside of lists and mappings too."""
    if hasattr(value, "astimezone"):
        return runtime.local(value).isoformat(timespec="seconds")
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(name): render(runtime, each) for name, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [render(runtime, each) for each in value]
    return value


def mask_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row whose phone numbers are masked, wherever a person wrote one (D17)."""
    return {
        name: mask_phone(value) if name in PHONE_FIELDS and value else value if name in NAMELESS else _mask(value)
        for name, value in row.items()
    }


def mask_phone(phone: str) -> str:
    """Return 138****1234; a landline keeps its last four digits."""
    masked = MOBILE.sub(r"\1****\2", phone)
    return masked if masked != phone else "*" * max(0, len(phone) - 4) + phone[-4:]


def _mask(value: Any) -> Any:
    if isinstance(value, str):
        return MOBILE.sub(r"\1****\2", value)
    if isinstance(value, Mapping):
        return {name: _mask(each) for name, each in value.items()}
    return [_mask(each) for each in value] if isinstance(value, list) else value


def _read_audit(tx: Transaction, _runtime: Runtime, after: int) -> list[tuple[int, dict[str, Any]]]:
    return [
        (
            each.id,
            {"id": each.id, "at": each.at, "by": each.by, "action": each.action, "subject": each.subject}
            | {"detail": each.detail},
        )
        for each in page(tx, AuditEntry, after)
    ]


def _read_nothing(_tx: Transaction, _runtime: Runtime, _after: int) -> list[tuple[int, dict[str, Any]]]:
    """Stand for kinds whose tables do not exist yet."""
    return []


READERS: Mapping[str, Reader] = {
    "owners": export_people.read_owners,
    "staff": export_people.read_staff,
    "orders": export_cases.read_orders,
    "complaints": export_cases.read_complaints,
    "tasks": export_cases.read_tasks,
    "visits": export_surveys.read_visits,
    "responses": export_surveys.read_responses,
    "campaigns": export_pushes.read_campaigns,
    "deliveries": export_pushes.read_deliveries,
    "payments": _read_nothing,
    "suppliers": export_people.read_suppliers,
    "consents": read_consents,
    "audit": _read_audit,
}

"""Orders, complaints and tasks as rows of an export."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from handlers.export_rows import Rows, find_staff_openids, page
from handlers.runtime import Runtime
from models.cases import CaseEvent, Complaint, Order
from models.database import Transaction
from models.tasks import Task


def read_orders(tx: Transaction, _runtime: Runtime, after: int) -> Rows:
    """Return orders; `slots` are the values by step, `slot_labels` what a person reads."""
    orders = page(tx, Order, after)
    openids = find_staff_openids(tx, (each.assignee_id for each in orders))
    return [
        (
            each.id,
            {
                "id": each.id,
                "no": each.no,
                "service": each.service,
                "status": each.status,
                "owner_id": each.owner_id,
                "openid": each.openid,
                "room": each.room_label,
                "slots": _pick(each.slots, "value"),
                "slot_labels": _pick(each.slots, "label"),
                "is_urgent": each.is_urgent,
                "assignee_openid": openids.get(each.assignee_id),
                "amount_fen": each.amount_fen,
                "rating": each.rating,
                "created_at": each.created_at,
                "updated_at": each.updated_at,
            },
        )
        for each in orders
    ]


def _pick(slots: Mapping[str, Any] | None, part: str) -> dict[str, Any]:
    """Return step -> value (or label); what was stored without parts is itself."""
    return {
        step: slot.get(part) if isinstance(slot, Mapping) and part in slot else slot for step, slot in (slots or {}).items()
    }


def read_complaints(tx: Transaction, _runtime: Runtime, after: int) -> Rows:
    """Return complaints with their history; anonymous ones name nobody (R178)."""
    complaints = page(tx, Complaint, after)
    history = _read_history(tx, [each.id for each in complaints])
    return [
        (
            each.id,
            {
                "id": each.id,
                "no": each.no,
                "status": each.status,
                "category": each.category,
                "text": each.text,
                "owner_id": each.owner_id,
                "openid": each.openid,
                "rating": each.rating,
                "history": history.get(each.id, []),
                "created_at": each.created_at,
            },
        )
        for each in complaints
    ]


def _read_history(tx: Transaction, ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    columns = (CaseEvent.complaint_id, CaseEvent.at, CaseEvent.event, CaseEvent.by)
    statement = select(*columns).where(CaseEvent.complaint_id.in_(ids)).order_by(CaseEvent.at, CaseEvent.id)
    history: dict[int, list[dict[str, Any]]] = {}
    for complaint_id, at, event, by in tx.connection.execute(statement):
        history.setdefault(complaint_id or 0, []).append({"at": at, "event": event, "by": by})
    return history


def read_tasks(tx: Transaction, _runtime: Runtime, after: int) -> Rows:
    """Return tasks of staff."""
    tasks = page(tx, Task, after)
    openids = find_staff_openids(tx, (each.assignee_id for each in tasks))
    return [
        (
            each.id,
            {
                "id": each.id,
                "no": each.no,
                "kind": each.kind,
                "status": each.status,
                "assignee_openid": openids.get(each.assignee_id),
                "order_id": each.order_id,
                "complaint_id": each.complaint_id,
                "owner_id": each.owner_id,
                "service": each.service,
                "summary": each.summary,
                "is_urgent": each.is_urgent,
                "due_at": each.due_at,
                "created_at": each.created_at,
            },
        )
        for each in tasks
    ]

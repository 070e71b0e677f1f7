"""The platform's reports on template messages. One may come before the sender has written down what it sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from handlers.sending import Table
from models.campaigns import Delivery
from models.database import Transaction, insert_for
from models.outbox import EarlyReport, OutboxMessage, SendStatus

KEPT = timedelta(days=1)
DELIVERED, BLOCKED, FAILED = "delivered", "user_blocked", "platform_failed"


def note(tx: Transaction, message_id: str, openid: str, platform_status: str, now: datetime) -> None:
    """Write a report onto the row it is about, or keep it for the row that is still being written down."""
    outcome = DELIVERED if platform_status.strip().startswith("success") else FAILED
    outcome = BLOCKED if "block" in platform_status else outcome
    changed = [_write(tx, table, message_id, outcome, openid) for table in (Delivery, OutboxMessage)]
    if any(changed):
        return
    tx.session.execute(delete(EarlyReport).where(EarlyReport.at < now - KEPT))
    statement = insert_for(tx.connection, EarlyReport).values(message_id=message_id, outcome=outcome, at=now)
    tx.connection.execute(statement.on_conflict_do_nothing())


def apply_early(tx: Transaction, table: Table, message_ids: Sequence[str]) -> None:
    """Write the reports that came before their rows were settled."""
    if not message_ids:
        return
    for report in tx.session.scalars(select(EarlyReport).where(EarlyReport.message_id.in_(message_ids))).all():
        if _write(tx, table, report.message_id, report.outcome):
            tx.session.delete(report)


def _write(tx: Transaction, table: Table, message_id: str, outcome: str, openid: str | None = None) -> bool:
    is_delivered = outcome == DELIVERED
    statement = (
        update(table)
        .where(table.message_id == message_id, table.status == SendStatus.SENT.value)
        .values(
            status=(SendStatus.DELIVERED if is_delivered else SendStatus.FAILED).value,
            reason=None if is_delivered else outcome,
        )
    )
    if openid is not None:
        statement = statement.where(table.openid == openid)
    return bool(tx.session.execute(statement).rowcount)  # type: ignore[attr-defined]

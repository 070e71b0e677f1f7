"""What outbox rows and deliveries share: claimed by lease, given the channel the window allows, settled behind a fence.

A row is planned, then leased; a crash between the platform's call and the record leaves a lease that runs out, and the
row becomes `unknown`: it may have been sent, so it is never silently sent again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import Select, and_, or_, select, update

from handlers.ports import Channel, ImageMessage, Outgoing, SendResult, TemplateMessage, TextMessage
from handlers.runtime import Instant, Runtime
from models.campaigns import Delivery
from models.database import Transaction
from models.followers import CLICK_WINDOW, Follower, open_window
from models.outbox import OutboxMessage, SendStatus

Row = TypeVar("Row", OutboxMessage, Delivery)
Table = type[OutboxMessage] | type[Delivery]
WINDOW_REASONS = ("window_closed", "quota_used")
# Nothing left for the person, or the whole account has to wait: such a round is no try of the message itself.
UNTRIED = frozenset(
    ("rate", "limiter_away", "held", "closing", "daily_limit", "account_blocked", "bad_secret", "bad_app_id", "ip_not_allowed")
)
MOST_SHOWN = 200  # characters of a field of a template
FIRST_PAUSE_SECONDS, PAUSE_GROWTH = 5, 4  # eight tries span seven hours: an outage of the platform costs no message


@dataclass(frozen=True, slots=True)
class Parcel:
    """One row on its way: what is sent, by which channel, and the fence its result must match."""

    row_id: int
    fence: int
    openid: str
    channel: Channel
    message: Outgoing
    attempts: int = 1


def claim(runtime: Runtime, tx: Transaction, statement: Select[Row]) -> Sequence[Row]:
    """Lease the rows a statement selects; other workers pass over them (SKIP LOCKED on PostgreSQL)."""
    if not tx.is_sqlite:
        statement = statement.with_for_update(skip_locked=True)
    rows = tx.session.scalars(statement.limit(runtime.options.batch_size)).all()
    until = runtime.now() + timedelta(seconds=runtime.options.lease_seconds)
    for row in rows:
        row.status, row.lease_until = SendStatus.LEASED.value, until
        row.attempts += 1
        row.fence += 1
    return rows


def choose_channel(runtime: Runtime, follower: Follower, template: str | None) -> Channel | None:
    """Return the channel that is open to a follower now and count it in her ledger; None when all are closed.

    Inside the window a customer-service message, else a template where one is configured (facts A9, A10).
    """
    now = runtime.now()
    window = open_window(follower, now, runtime.options.window_messages)
    if window.kind == "click":
        follower.click_sent += 1
        return Channel.MESSAGE
    if window.kind == "message":
        follower.message_sent += 1
        return Channel.MESSAGE
    if template and runtime.options.templates.get(template) and follower.is_following:
        return Channel.TEMPLATE
    return None


def exhaust_window(follower: Follower, window_messages: int) -> None:
    """Close the ledger after the platform said the window is closed or used up."""
    follower.message_sent, follower.click_sent = window_messages, 99


def give_back(follower: Follower, now: datetime) -> None:
    """Take a message that did not leave out of the ledger again: the platform counts only what it took."""
    if follower.click_sent and follower.click_at is not None and now - follower.click_at <= CLICK_WINDOW:
        follower.click_sent -= 1
    elif follower.message_sent:
        follower.message_sent -= 1


def render_message(
    runtime: Runtime,
    channel: Channel,
    body: Mapping[str, object],
    *,
    kind: str = "text",
    template: str | None,
    message_id: str,
) -> Outgoing:
    """Return what is put on the wire for a channel."""
    if channel is Channel.TEMPLATE and template:
        holes = runtime.content.templates[template]
        fields = body.get("fields")
        values = {**(fields if isinstance(fields, dict) else {}), "text": body.get("text", "")}
        data = {name: _clip(text.render(values, Instant(runtime.now()))) for name, text in holes.items()}
        return TemplateMessage(runtime.options.templates[template], data, client_msg_id=message_id)
    if kind == "image":
        return ImageMessage(str(body["media_id"]))
    return TextMessage(str(body["text"]))


def _clip(text: str, most: int = MOST_SHOWN) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= most else f"{flat[: most - 1]}…"


def settle(runtime: Runtime, tx: Transaction, table: Table, parcel: Parcel, result: SendResult) -> str:
    """Record what became of a parcel, unless somebody else took the row meanwhile; returns the new status."""
    now = runtime.now()
    status = {"sent": SendStatus.SENT, "failed": SendStatus.FAILED, "unknown": SendStatus.UNKNOWN}.get(result.status)
    values: dict[str, object] = {"reason": result.reason or None, "lease_until": None, "channel": parcel.channel.value}
    if result.status == "sent":
        values |= {"sent_at": now, "message_id": result.message_id or None}
    else:
        runtime.meter.api_error(result.code, result.reason)
    if result.status == "retry":
        status = SendStatus.PLANNED
        values |= _put_off(parcel, result, now)
    if parcel.channel is Channel.MESSAGE and result.status in ("retry", "failed"):
        follower = tx.session.get(Follower, parcel.openid)
        if result.reason in WINDOW_REASONS:
            status, values["due_at"] = SendStatus.PLANNED, now
            if follower is not None:
                exhaust_window(follower, runtime.options.window_messages)
        elif follower is not None:
            give_back(follower, now)
    if status is SendStatus.PLANNED and parcel.attempts - (result.reason in UNTRIED) >= runtime.options.max_attempts:
        status = SendStatus.FAILED
    final = (status or SendStatus.FAILED).value
    statement = (
        update(table)
        .where(table.id == parcel.row_id, table.fence == parcel.fence, table.status == SendStatus.LEASED.value)
        .values(status=final, **values)
    )
    tx.session.execute(statement)
    return final


def _put_off(parcel: Parcel, result: SendResult, now: datetime) -> dict[str, object]:
    """Return when a message is tried again, and how many tries that makes; pauses grow with the tries."""
    if result.reason in UNTRIED:
        pause = max(result.retry_after_seconds, 1.0)
        return {"due_at": now + timedelta(seconds=pause), "attempts": parcel.attempts - 1}
    pause = max(result.retry_after_seconds, FIRST_PAUSE_SECONDS * PAUSE_GROWTH ** (parcel.attempts - 1))
    return {"due_at": now + timedelta(seconds=pause)}


def give_up(runtime: Runtime, tx: Transaction, table: Table) -> int:
    """Turn leases that ran out into `unknown`; returns how many."""
    lost = (
        update(table)
        .where(table.status == SendStatus.LEASED.value, table.lease_until < runtime.now())
        .values(status=SendStatus.UNKNOWN.value, reason="lease_expired", lease_until=None, fence=table.fence + 1)
    )
    count: int = tx.session.execute(lost).rowcount  # type: ignore[attr-defined]
    return count


def is_any_due(runtime: Runtime, table: Table) -> bool:
    """Tell whether a row waits, without asking for the right to write: most looks find none."""
    with runtime.database.reading() as tx:
        return is_due(runtime, tx, table)


def is_due(runtime: Runtime, tx: Transaction, table: Table) -> bool:
    """Tell whether a row waits for a worker: one to send, or a lease that ran out with the worker that held it."""
    now = runtime.now()
    waiting = and_(table.status == SendStatus.PLANNED.value, table.due_at <= now)
    abandoned = and_(table.status == SendStatus.LEASED.value, table.lease_until < now)
    return tx.session.scalar(select(table.id).where(or_(waiting, abandoned)).limit(1)) is not None

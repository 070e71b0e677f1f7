"""Sends what stands in the outbox, in order per person, by the channel her window allows."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import exists, select, update
from sqlalchemy.orm import aliased

from handlers.desk import Desk
from handlers.ports import Channel
from handlers.reports import apply_early
from handlers.runtime import Runtime
from handlers.sending import Parcel, choose_channel, claim, give_up, is_any_due, render_message, settle
from models.conversations import Conversation
from models.database import Transaction
from models.followers import Follower
from models.outbox import OutboxMessage, SendStatus

HELD = "window_closed"
HELD_DAYS = 7


def send_due(runtime: Runtime) -> int:
    """Send one batch of due rows; returns how many left or found their end. The call is outside any transaction."""
    if not is_any_due(runtime, OutboxMessage):
        return 0
    with runtime.transaction() as tx:
        parcels, handled = _claim_parcels(runtime, tx)
    if parcels:
        results = runtime.sender.send_many([(each.openid, each.message) for each in parcels])
        with runtime.transaction() as tx:
            for parcel, result in zip(parcels, results, strict=True):
                settle(runtime, tx, OutboxMessage, parcel, result)
            apply_early(tx, OutboxMessage, [result.message_id for result in results if result.message_id])
    return handled


def _claim_parcels(runtime: Runtime, tx: Transaction) -> tuple[list[Parcel], int]:
    parcels: list[Parcel] = []
    give_up(runtime, tx, OutboxMessage)
    earlier = aliased(OutboxMessage)
    on_its_way = exists().where(
        earlier.openid == OutboxMessage.openid,
        earlier.id < OutboxMessage.id,
        earlier.status.in_((SendStatus.LEASED.value, SendStatus.PLANNED.value)),
        (earlier.status == SendStatus.LEASED.value) | (earlier.due_at > runtime.now()),
    )
    statement = (
        select(OutboxMessage)
        .where(OutboxMessage.status == SendStatus.PLANNED.value, OutboxMessage.due_at <= runtime.now(), ~on_its_way)
        .order_by(OutboxMessage.id)
    )
    rows = claim(runtime, tx, statement)
    for row in rows:
        follower = tx.session.get(Follower, row.openid) or _meet(tx, row.openid)
        channel = choose_channel(runtime, follower, row.template)
        if channel is None:
            _hold(tx, row, follower)
            continue
        message_id = f"o{row.id}-{row.fence}"
        message = render_message(runtime, channel, row.body, kind=row.kind, template=row.template, message_id=message_id)
        parcels.append(Parcel(row.id, row.fence, row.openid, Channel(channel), message, row.attempts))
    return parcels, len(rows)


def _meet(tx: Transaction, openid: str) -> Follower:
    """Make the ledger of an openid that was named by an import but never wrote."""
    follower = Follower(openid=openid, is_following=True, message_sent=0, click_sent=0)
    tx.session.add(follower)
    tx.session.flush()
    return follower


def _hold(tx: Transaction, row: OutboxMessage, follower: Follower) -> None:
    """Keep a message that no channel takes now: it leaves when the person writes again."""
    row.status, row.lease_until = SendStatus.SKIPPED.value, None
    row.reason = HELD if follower.is_following else "not_following"
    if follower.is_following:
        statement = update(Conversation).where(Conversation.openid == row.openid).values(held=Conversation.held + 1)
        if tx.session.execute(statement).rowcount == 0:  # type: ignore[attr-defined]
            tx.session.add(Conversation(openid=row.openid, round=0, waiting=[], held=1))
            tx.session.flush()


def release_held(desk: Desk) -> None:
    """Let held messages leave: the person just wrote, so her window is open again."""
    statement = (
        update(OutboxMessage)
        .where(
            OutboxMessage.openid == desk.openid,
            OutboxMessage.status == SendStatus.SKIPPED.value,
            OutboxMessage.reason == HELD,
            OutboxMessage.created_at > desk.now - timedelta(days=HELD_DAYS),
        )
        .values(status=SendStatus.PLANNED.value, reason=None, due_at=desk.now, attempts=0)
    )
    desk.session.execute(statement)
    desk.held = 0
    desk.tx.wake("send_outbox")

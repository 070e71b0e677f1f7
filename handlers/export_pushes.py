"""Campaigns and deliveries as rows of an export."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from handlers.export_rows import Rows, page
from handlers.runtime import Runtime
from models.campaigns import Campaign, Delivery
from models.database import Transaction


def read_campaigns(tx: Transaction, _runtime: Runtime, after: int) -> Rows:
    """Return campaigns; `counts` are the deliveries by status as they are now."""
    campaigns = page(tx, Campaign, after)
    counts = _count(tx, [each.id for each in campaigns])
    return [
        (
            each.id,
            {
                "id": each.id,
                "name": each.name,
                "audience": each.audience,
                "status": each.status,
                "counts": counts.get(each.id, {}),
                "matched": each.matched,
                "topic": each.topic,
                "kind": each.kind,
                "due_at": each.due_at,
                "by": each.by,
            },
        )
        for each in campaigns
    ]


def _count(tx: Transaction, ids: Sequence[int]) -> dict[int, dict[str, int]]:
    statement = (
        select(Delivery.campaign_id, Delivery.status, func.count())
        .where(Delivery.campaign_id.in_(ids))
        .group_by(Delivery.campaign_id, Delivery.status)
    )
    counts: dict[int, dict[str, int]] = {}
    for campaign_id, status, count in tx.connection.execute(statement):
        counts.setdefault(campaign_id, {})[status] = count
    return counts


def read_deliveries(tx: Transaction, _runtime: Runtime, after: int) -> Rows:
    """Return deliveries; everybody whom a campaign matched has one, those not sent to with the reason."""
    return [
        (
            each.id,
            {
                "id": each.id,
                "campaign": each.campaign_id,
                "owner_id": each.owner_id,
                "openid": each.openid,
                "channel": each.channel,
                "status": each.status,
                "reason": each.reason,
                "attempts": each.attempts,
                "due_at": each.due_at,
                "sent_at": each.sent_at,
            },
        )
        for each in page(tx, Delivery, after)
    ]

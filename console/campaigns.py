"""Pushes: the list, and what became of one."""

from __future__ import annotations

from collections import Counter

from flask import Blueprint, abort, render_template, request

from console.owners import tells_sensitive
from console.permissions import Permission, needs
from console.room import LARGEST_ID, note_reading, read_cursor, runtime, scope
from models.listings import count_deliveries, find_campaign, list_campaigns, list_deliveries
from models.outbox import SendStatus

blueprint = Blueprint("campaigns", __name__, url_prefix="/campaigns")


@blueprint.get("")
@needs(Permission.SEE_CAMPAIGNS)
def show_list() -> str:
    """Show a page of campaigns."""
    with runtime().database.reading() as tx:
        return render_template("console/campaigns.html", page=list_campaigns(tx.session, scope(), read_cursor()))


@blueprint.get("/<int:campaign_id>")
@needs(Permission.SEE_CAMPAIGNS)
def show(campaign_id: int) -> str:
    """Show one campaign: its audience, its numbers, its first deliveries; the reading is audited."""
    status = request.args.get("status", "")
    status = status if status in list(SendStatus) else ""
    with runtime().transaction() as tx:
        campaign = find_campaign(tx.session, scope(), campaign_id) if campaign_id <= LARGEST_ID else None
        if campaign is None:
            abort(404)
        note_reading(tx, f"campaign:{campaign_id}")
        numbers = count_deliveries(tx.session, scope(), campaign_id)
        is_hidden = tells_sensitive(campaign.audience)
        deliveries = [] if is_hidden else list_deliveries(tx.session, scope(), campaign_id, status)
    return render_template(
        "console/campaign.html",
        campaign=campaign,
        totals=sum_up(numbers),
        reasons=[(*key, number) for key, number in sorted(numbers.items(), key=lambda item: -item[1]) if key[1]],
        deliveries=deliveries,
        is_hidden=is_hidden,
        status=status,
    )


def sum_up(numbers: dict[tuple[str, str], int]) -> Counter[str]:
    """Return the number of deliveries by status, from those by status and reason."""
    totals: Counter[str] = Counter()
    for (status, _reason), number in numbers.items():
        totals[status] += number
    return totals

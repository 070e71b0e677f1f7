"""Sends the deliveries of campaigns in batches, by the channel each owner's window allows; replies in the outbox go first."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import exists, or_, select

from handlers import tasks_for_owners
from handlers.ports import Channel
from handlers.pushes import NO_PROFILE, update_counts
from handlers.reports import apply_early
from handlers.runtime import Runtime
from handlers.sending import MOST_SHOWN, Parcel, choose_channel, claim, give_up, is_any_due, render_message, settle
from handlers.topics import MARKETING, SERVICE
from handlers.wording import render_link
from models.campaigns import Campaign, CampaignStatus, Delivery
from models.database import Transaction
from models.followers import PERSONAL, Follower, PushStop
from models.outbox import SendStatus

NOTICE = "notice"


def send_due(runtime: Runtime) -> int:
    """Send one batch of due deliveries; returns how many left or found their end."""
    if not is_any_due(runtime, Delivery):
        return 0
    with runtime.transaction() as tx:
        parcels, campaigns, handled = _claim_parcels(runtime, tx)
    if parcels:
        results = runtime.sender.send_many([(each.openid, each.message) for each in parcels])
        with runtime.transaction() as tx:
            for parcel, result in zip(parcels, results, strict=True):
                settle(runtime, tx, Delivery, parcel, result)
            apply_early(tx, Delivery, [result.message_id for result in results if result.message_id])
    if campaigns:
        with runtime.transaction() as tx:
            for campaign_id in campaigns:
                update_counts(tx, campaign_id)
    return handled


def _claim_parcels(runtime: Runtime, tx: Transaction) -> tuple[list[Parcel], set[int], int]:
    lost = give_up(runtime, tx, Delivery)
    statement = (
        select(Delivery)
        .where(Delivery.status == SendStatus.PLANNED.value, Delivery.due_at <= runtime.now())
        .order_by(Delivery.id)
    )
    rows = claim(runtime, tx, statement)
    campaigns = {row.campaign_id: tx.session.get_one(Campaign, row.campaign_id) for row in rows}
    parcels: list[Parcel] = []
    for row in rows:
        campaign = campaigns[row.campaign_id]
        if campaign.status == CampaignStatus.SCHEDULED.value:
            campaign.status = CampaignStatus.RUNNING.value
        parcel = _prepare(runtime, tx, row, campaign)
        if parcel is not None:
            parcels.append(parcel)
    touched = set(campaigns) | (_find_running(tx) if lost else set())
    return parcels, touched, len(rows)


def _find_running(tx: Transaction) -> set[int]:
    return set(tx.session.scalars(select(Campaign.id).where(Campaign.status == CampaignStatus.RUNNING.value)))


def _prepare(runtime: Runtime, tx: Transaction, row: Delivery, campaign: Campaign) -> Parcel | None:
    """Return the parcel of a leased row, or None after writing why it is not sent to."""
    follower = tx.session.get(Follower, row.openid)
    if (reason := _find_refusal(tx, campaign, follower)) is not None or follower is None:
        _skip(row, reason or "not_following")
        return None
    if campaign.rule and (later := end_of_quiet(runtime)) is not None:
        row.status, row.due_at, row.lease_until, row.attempts = SendStatus.PLANNED.value, later, None, row.attempts - 1
        return None
    is_carried = campaign.kind != MARKETING or runtime.content.template_kinds.get(NOTICE) == MARKETING
    channel = choose_channel(runtime, follower, NOTICE if is_carried else None)  # no template carries offers (D10)
    if channel is None:
        _skip(row, tasks_for_owners.ask_to_call(runtime, tx, row, campaign))
        return None
    body = {
        "text": _render_text(runtime, campaign, Channel(channel)),
        "fields": {"summary": campaign.name, "no": "", "status": campaign.text},
    }
    message = render_message(runtime, channel, body, template=NOTICE, message_id=f"d{row.id}-{row.fence}")
    return Parcel(row.id, row.fence, follower.openid, Channel(channel), message, row.attempts)


def _find_refusal(tx: Transaction, campaign: Campaign, follower: Follower | None) -> str | None:
    if campaign.status == CampaignStatus.CANCELLED.value:
        return "cancelled"
    if follower is None or not follower.is_following:
        return "not_following"
    if campaign.kind != SERVICE and has_stopped(tx, follower.openid, campaign.topic):
        return "opted_out"
    if campaign.is_targeted and wants_nothing_personal(tx, follower):
        return NO_PROFILE
    return None


def _render_text(runtime: Runtime, campaign: Campaign, channel: Channel) -> str:
    """Return the text with the lines that tell how to stop it: by a tap in the chat, in words on a template (D09, D10)."""
    footer = [runtime.say("push.footer")] if campaign.kind != SERVICE else []
    if campaign.is_targeted:
        word = runtime.say("push.personal_word")
        how = render_link(word, "personal") if channel is Channel.MESSAGE else word
        footer.append(runtime.say("push.personal", word=how))
    text = campaign.text
    if footer and channel is Channel.TEMPLATE:  # which holds so much, and the end must not be what is cut off
        room = MOST_SHOWN - sum(len(line) + 1 for line in footer)
        text = text if len(text) <= room else f"{text[: room - 1]}…"
    return "\n".join((text, *footer))


def _skip(row: Delivery, reason: str) -> None:
    row.status, row.reason, row.lease_until = SendStatus.SKIPPED.value, reason, None


def has_stopped(tx: Transaction, openid: str, topic: str) -> bool:
    """Tell whether a person wants no pushes of a topic, at this very moment."""
    stopped = exists().where(PushStop.openid == openid, or_(PushStop.topic == "", PushStop.topic == topic))
    return bool(tx.session.scalar(select(stopped)))


def wants_nothing_personal(tx: Transaction, follower: Follower) -> bool:
    """Tell whether a person wants no pushes chosen by what is known of her, said with any of her accounts (D09)."""
    openids = [follower.openid]
    if follower.owner_id is not None:
        openids += tx.session.scalars(select(Follower.openid).where(Follower.owner_id == follower.owner_id))
    said = exists().where(PushStop.openid.in_(openids), PushStop.topic == PERSONAL)
    return bool(tx.session.scalar(select(said)))


def end_of_quiet(runtime: Runtime) -> datetime | None:
    """Return when the quiet hours end, None outside them: no rule rings at night."""
    if runtime.options.quiet is None:
        return None
    start, end = runtime.options.quiet
    local = runtime.local(runtime.now())
    now = local.time()
    if not ((now >= start or now < end) if start > end else start <= now < end):
        return None
    morning = local.replace(hour=end.hour, minute=end.minute, second=0, microsecond=0)
    return morning if morning > local else morning + timedelta(days=1)

"""Targeted pushes: an expression picks the owners, and each of them gets a delivery row, sent to or skipped with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, exists, func, insert, literal, or_, select

from handlers.errors import InvalidInputError
from handlers.runtime import Runtime
from handlers.topics import MARKETING, SERVICE
from models.audience.fields import names_profile
from models.audience.nodes import Audience
from models.audience.parse import parse_audience
from models.audience.queries import count_audience, list_audience
from models.audience.sql import compile_sql
from models.audits import add_audit
from models.campaigns import Campaign, CampaignStatus, Delivery
from models.consents import has_agreed
from models.database import Transaction, table_of
from models.followers import PERSONAL, REACHING, Follower, PushStop
from models.outbox import SendStatus
from models.owners import Owner

MAX_TEXT_BYTES = 1800  # leaves room for the lines that tell how to stop
NO_CONSENT, NO_PROFILE = "no_consent", "no_profile"
SEND_JOB = "send_deliveries"


def read_audience(runtime: Runtime, expression: str) -> Audience:
    """Return the parsed expression; AudienceError points at the place that is wrong."""
    return parse_audience(expression, runtime.content.vocabulary)


def count(runtime: Runtime, expression: str) -> int:
    """Return how many owners an expression picks."""
    audience = read_audience(runtime, expression)
    with runtime.database.reading() as tx:
        return count_audience(tx.connection, audience, runtime.now(), runtime.today())


def list_ids(runtime: Runtime, expression: str) -> list[int]:
    """Return the ids of the owners an expression picks, in order."""
    audience = read_audience(runtime, expression)
    with runtime.database.reading() as tx:
        return list(list_audience(tx.connection, audience, runtime.now(), runtime.today()))


def create(
    runtime: Runtime,
    *,
    audience: str,
    text: str,
    name: str = "",
    at: datetime | None = None,
    dry_run: bool = False,
    topic: str = "",
    kind: str = "",
    by: str = "cli",
) -> dict[str, Any]:
    """Plan a push: returns campaign, matched, planned and skipped {reason: n}. A dry run counts and writes nothing.

    Every matched owner has a row; those not sent to are skipped with the reason. The topic's class (content/topics.yaml)
    says how much of a yes it needs: `service` also reaches people who opted out, marketing only those who agreed (D10).
    """
    picked = read_audience(runtime, audience)
    check_text(runtime, text)
    if runtime.content.forbidden.find(name):
        raise InvalidInputError("the name holds a word of content/forbidden.txt: a template shows it to owners")
    topics = runtime.content.topics
    kind, topic = kind or topics.find_kind(topic), topics.find_code(topic)
    if dry_run:
        with runtime.database.reading() as tx:
            return {"campaign": None, **_tally(tx, _pick(runtime, picked, topic, kind))}
    with runtime.transaction() as tx:
        campaign = add_campaign(runtime, tx, picked, text, name=name, at=at, topic=topic, kind=kind, by=by)
        return {"campaign": campaign.id, **campaign.counts}


def check_text(runtime: Runtime, text: str) -> None:
    """Refuse a text that is empty, too long or holds a forbidden word (R116)."""
    if not text.strip():
        raise InvalidInputError("the text is empty: say what the owners shall read")
    if (size := len(text.encode())) > MAX_TEXT_BYTES:
        raise InvalidInputError(f"the text has {size} bytes, at most {MAX_TEXT_BYTES} fit: shorten it")
    if runtime.content.forbidden.find(text):
        raise InvalidInputError("the text holds a word of content/forbidden.txt: take it out, owners must not read it")


def add_campaign(
    runtime: Runtime,
    tx: Transaction,
    audience: Audience,
    text: str,
    *,
    name: str,
    topic: str,
    kind: str,
    by: str,
    at: datetime | None = None,
    rule: str | None = None,
    run_id: int | None = None,
) -> Campaign:
    """Freeze an audience into a campaign and its delivery rows, in the caller's transaction."""
    now = runtime.now()
    due_at = at if at is not None and at > now else now
    campaign = Campaign(
        name=name or text.strip().split("\n")[0][:60],
        audience=audience.source,
        text=text,
        topic=topic,
        kind=kind,
        is_targeted=names_profile(audience.node),
        status=(CampaignStatus.SCHEDULED if due_at > now else CampaignStatus.RUNNING).value,
        rule=rule,
        run_id=run_id,
        due_at=due_at,
        by=by,
        created_at=now,
        counts={},
    )
    tx.session.add(campaign)
    tx.session.flush()
    picked = _pick(runtime, audience, topic, kind)
    frozen = picked.add_columns(literal(campaign.id), literal(due_at, Delivery.due_at.type), literal(0), literal(0))
    columns = ["owner_id", "openid", "status", "reason", "campaign_id", "due_at", "attempts", "fence"]
    tx.connection.execute(insert(table_of(Delivery)).from_select(columns, frozen))
    counts = _tally_campaign(tx, campaign.id)
    campaign.matched, campaign.counts = counts["matched"], counts
    if not counts["planned"]:
        campaign.status = CampaignStatus.DONE.value
    add_audit(tx.session, now, by, "push", f"campaign:{campaign.id}", matched=counts["matched"], planned=counts["planned"])
    tx.session.flush()
    tx.wake(SEND_JOB)
    return campaign


def _pick(runtime: Runtime, audience: Audience, topic: str, kind: str) -> Select[Any]:
    """Select owner_id, openid, status, reason of everybody in the audience; one openid per person, the one that reaches her."""
    rank = func.row_number().over(partition_by=Follower.owner_id, order_by=REACHING)
    ranked = select(Follower.owner_id, Follower.openid, Follower.is_following, rank.label("rank")).where(
        Follower.owner_id.is_not(None)
    )
    reach = ranked.subquery("reach")
    stopped = exists().where(PushStop.openid == reach.c.openid, or_(PushStop.topic == "", PushStop.topic == topic))
    reasons: list[tuple[ColumnElement[bool], Any]] = [  # the first that holds is told
        (reach.c.openid.is_(None), literal("no_openid")),
        (reach.c.is_following.is_(False), literal("not_following")),
    ]
    if kind != SERVICE:
        reasons.append((stopped, literal("opted_out")))
    if kind == MARKETING:
        version = runtime.content.consents.purposes[MARKETING].version
        reasons.append((~has_agreed(Owner.id, reach.c.openid, MARKETING, version), literal(NO_CONSENT)))
    if names_profile(audience.node):
        reasons.append((_wants_nothing_personal(), literal(NO_PROFILE)))
    reason = case(*reasons, else_=None)
    status = case((reason.is_(None), SendStatus.PLANNED.value), else_=SendStatus.SKIPPED.value)
    chosen = compile_sql(audience, runtime.now(), runtime.today())
    return (
        select(Owner.id, reach.c.openid, status.label("status"), reason.label("reason"))
        .outerjoin(reach, (reach.c.owner_id == Owner.id) & (reach.c.rank == 1))
        .where(Owner.id.in_(chosen))
    )


def _wants_nothing_personal() -> ColumnElement[bool]:
    """Return the condition that an owner wants no pushes for what is known of her, said with whichever account (D09)."""
    said = exists().where(PushStop.topic == PERSONAL, PushStop.openid == Follower.openid)
    return said.where(Follower.owner_id == Owner.id).correlate(Owner.__table__)


def _tally(tx: Transaction, picked: Select[Any]) -> dict[str, Any]:
    rows = picked.subquery("picked")
    return _sum(
        tx.connection.execute(select(rows.c.status, rows.c.reason, func.count()).group_by(rows.c.status, rows.c.reason))
    )


def _tally_campaign(tx: Transaction, campaign_id: int) -> dict[str, Any]:
    statement = select(Delivery.status, Delivery.reason, func.count()).where(Delivery.campaign_id == campaign_id)
    return _sum(tx.connection.execute(statement.group_by(Delivery.status, Delivery.reason)))


def _sum(rows: Any) -> dict[str, Any]:
    matched, planned, skipped = 0, 0, {}
    for status, reason, number in rows:
        matched += number
        if status == SendStatus.SKIPPED.value:
            skipped[reason] = number
        else:
            planned += number
    return {"matched": matched, "planned": planned, "skipped": skipped}


def update_counts(tx: Transaction, campaign_id: int) -> Mapping[str, int]:
    """Recount a campaign's deliveries by status and end it when none is under way."""
    campaign = tx.session.get_one(Campaign, campaign_id)
    statement = select(Delivery.status, func.count()).where(Delivery.campaign_id == campaign_id).group_by(Delivery.status)
    by_status: dict[str, int] = dict(tx.connection.execute(statement).all())
    campaign.counts = {**campaign.counts, "by_status": by_status}
    if not any(by_status.get(status.value) for status in (SendStatus.PLANNED, SendStatus.LEASED)):
        campaign.status = CampaignStatus.DONE.value
    return by_status

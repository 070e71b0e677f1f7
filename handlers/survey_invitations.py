"""Invites owners to a survey, the bot's way: now where a message may reach them, else at the end of their next conversation.

Nobody is asked who refused to be, who has answered, or who was invited within the week (D04).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from dialogs.script import Script
from dialogs.survey import Source
from handlers import consents, deliveries, invitations, pushes, runs
from handlers.desk import Desk, open_desk, save_conversation
from handlers.errors import InvalidInputError, NotFoundError
from handlers.runtime import Runtime
from handlers.surveys import INVITED
from models.answers import InvitationStatus, SurveyInvitation
from models.audits import add_audit
from models.database import Transaction
from models.followers import Follower, PushStop, find_openid, open_window
from models.runs import ScriptRun

TOPIC = "survey"  # what 退订 may name; who stopped everything but service is not invited either


def invite_audience(runtime: Runtime, survey: str, audience: str, by: str, *, dry_run: bool = False) -> dict[str, Any]:
    """Invite those whom an expression picks; returns survey, matched, asked, waiting and skipped {reason: n}.

    Raises NotFoundError for an unknown survey, InvalidInputError for one that only staff ask, AudienceError.
    """
    script = _get_survey(runtime, survey)
    ids = pushes.list_ids(runtime, audience)
    counts: Counter[str] = Counter(invite_owner(runtime, script, owner_id, by, dry_run=dry_run) for owner_id in ids)
    if not dry_run:
        with runtime.transaction() as tx:
            add_audit(
                tx.session, runtime.now(), by, "survey_invite", f"survey:{script.id}", audience=audience, matched=len(ids)
            )
    asked, waiting = counts.pop(InvitationStatus.ASKED, 0), counts.pop(InvitationStatus.WAITING, 0)
    return {
        "survey": script.id,
        "matched": len(ids),
        "asked": asked,
        "waiting": waiting,
        "skipped": dict(sorted(counts.items())),
    }


def _get_survey(runtime: Runtime, survey: str) -> Script:
    script = runtime.content.scripts.get(survey)
    if script is None or script.survey is None:
        known = ", ".join(each.id for each in runtime.content.scripts.values() if each.survey is not None)
        raise NotFoundError(f"there is no survey {survey}: choose one of {known}")
    if Source.BOT not in script.survey.sources:
        raise InvalidInputError(f"{survey} is asked by staff only: its sources do not name bot")
    return script


def invite_owner(
    runtime: Runtime, script: Script, owner_id: int, by: str, *, dry_run: bool = False, values: Mapping[str, Any] | None = None
) -> str:
    """Invite one owner in a transaction of her own, `values` handed to the script; returns asked, waiting, or why not."""
    with runtime.transaction() as tx:
        openid = find_openid(tx.session, owner_id)
        follower = tx.session.get(Follower, openid) if openid else None
        if openid is None or follower is None or not follower.is_following:
            return "unreachable"
        desk = open_desk(runtime, tx, openid)
        if refusal := _find_refusal(desk, script, owner_id):
            return refusal
        window = open_window(follower, desk.now, runtime.options.window_messages)
        is_open = window.kind == "message" and deliveries.end_of_quiet(runtime) is None  # nobody is asked at night
        status = InvitationStatus.ASKED if is_open else InvitationStatus.WAITING
        if not dry_run:
            _ask(runtime, tx, desk, script, {INVITED: True, **(values or {})}, is_open=is_open)
            said = {"status": status.value, "by": by[:80], "at": desk.now}
            tx.session.add(SurveyInvitation(survey=script.id, owner_id=owner_id, openid=openid, **said))
        return status


def _find_refusal(desk: Desk, script: Script, owner_id: int) -> str:
    """Return why somebody is not invited, "" when she may be."""
    purpose = script.survey.purpose if script.survey is not None else ""
    if purpose and not consents.may_ask(desk.session, owner_id, purpose, desk.now, desk.openid):
        return "refused"
    stopped = select(PushStop.id).where(PushStop.openid == desk.openid, PushStop.topic.in_(("", TOPIC)))
    if desk.session.scalar(stopped.limit(1)) is not None:
        return "unsubscribed"
    week = desk.now - timedelta(days=desk.runtime.content.inviting.days)
    recent = select(SurveyInvitation.id).where(SurveyInvitation.owner_id == owner_id, SurveyInvitation.at > week)
    if desk.session.scalar(recent.limit(1)) is not None:
        return "invited_lately"
    whose = runs.Counted(desk.openid, owner_id, desk.person.building_id)
    if script.once is not None and runs.is_done(desk, script, script.once, whose):
        return "done"
    under_way = (ScriptRun.script == script.id, ScriptRun.openid == desk.openid, ScriptRun.result.is_(None))
    since = desk.now - script.sitting.max_age
    if desk.session.scalar(select(ScriptRun.id).where(*under_way, ScriptRun.started_at > since).limit(1)) is not None:
        return "under_way"
    return "waiting_already" if any(item.get("script") == script.id for item in desk.waiting) else ""


def _ask(runtime: Runtime, tx: Transaction, desk: Desk, script: Script, values: Mapping[str, Any], *, is_open: bool) -> None:
    """Send the first question, or let it wait for the end of her next conversation; no template is spent on it."""
    if is_open:
        invitations.invite(runtime, tx, desk.openid, script.id, values)
        return
    desk.waiting = [*desk.waiting, {"script": script.id, "vars": dict(values)}]
    save_conversation(desk, spoke_at=desk.updated_at)

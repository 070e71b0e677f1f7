"""Counts runs of scripts: who has answered already, and whether a quota still has a place. Writes no words."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from dialogs.script import Once, Quota, Script, ScriptKind
from handlers.desk import Desk
from models.runs import ScriptRun

COMPLETED = "completed"


def find_refusal(desk: Desk, script: Script) -> str | None:
    """Return why a script may not begin as the key of a phrase, None when it may; it then holds its place."""
    if script.once is not None and _is_done(desk, script, script.once):
        return "host.once_done"
    if script.quota is not None:
        return _take_place(desk, script, script.quota)
    return None


def note_end(desk: Desk, script: Script, result: str, started_at: str) -> None:
    """Write down how a run ended, in the turn's transaction, where somebody counts the runs of this script."""
    if script.once is None and script.quota is None and script.kind is not ScriptKind.SURVEY:
        return
    if script.quota is not None:
        statement = update(ScriptRun).where(*_hers(desk, script)).values(result=result, ended_at=desk.now)
        if desk.session.execute(statement).rowcount:  # type: ignore[attr-defined]
            return
    begun = datetime.fromisoformat(started_at) if started_at else desk.now
    desk.session.add(_build_run(desk, script, begun, result))


def _build_run(desk: Desk, script: Script, started_at: datetime, result: str | None = None) -> ScriptRun:
    return ScriptRun(
        openid=desk.openid,
        owner_id=desk.person.owner_id,
        building_id=desk.person.building_id,
        script=script.id,
        revision=script.revision,
        result=result,
        started_at=started_at,
        ended_at=desk.now if result else None,
    )


def _hers(desk: Desk, script: Script) -> tuple[ColumnElement[bool], ...]:
    return (ScriptRun.script == script.id, ScriptRun.openid == desk.openid, ScriptRun.result.is_(None))


def _is_done(desk: Desk, script: Script, once: Once) -> bool:
    """Tell whether she, or the owner she is bound to under another openid, has completed it in the period."""
    who = ScriptRun.openid == desk.openid
    if desk.person.owner_id is not None:
        who = or_(who, ScriptRun.owner_id == desk.person.owner_id)
    statement = select(ScriptRun.id).where(ScriptRun.script == script.id, ScriptRun.result == COMPLETED, who)
    if once.period is not None:
        statement = statement.where(ScriptRun.ended_at > desk.now - once.period)
    return desk.session.scalar(statement.limit(1)) is not None


def _take_place(desk: Desk, script: Script, quota: Quota) -> str | None:
    """Hold a place from the first question on, so that of two who begin at once only one gets the last.

    A run that is neither completed nor ended gives its place back when it is as old as a draft may get.
    """
    if not desk.tx.is_sqlite:
        desk.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"quota:{script.id}", 0))))
    is_open = and_(ScriptRun.result.is_(None), ScriptRun.started_at > desk.now - script.sitting.max_age)
    taken = (ScriptRun.script == script.id, or_(ScriptRun.result == COMPLETED, and_(is_open, ScriptRun.openid != desk.openid)))
    if quota.answers is not None and _count(desk, *taken) >= quota.answers:
        return "host.quota_full"
    building = desk.person.building_id
    is_limited = quota.per_building is not None and building is not None
    if is_limited and _count(desk, *taken, ScriptRun.building_id == building) >= (quota.per_building or 0):
        return "host.quota_full"
    held = update(ScriptRun).where(*_hers(desk, script)).values(started_at=desk.now, revision=script.revision)
    if not desk.session.execute(held).rowcount:  # type: ignore[attr-defined]
        desk.session.add(_build_run(desk, script, desk.now))
    return None


def _count(desk: Desk, *conditions: ColumnElement[bool]) -> int:
    return desk.session.scalar(select(func.count()).select_from(ScriptRun).where(*conditions)) or 0

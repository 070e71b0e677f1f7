"""Counts runs of scripts: who has answered already, and whether a quota still has a place. Writes no words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from dialogs.script import Once, Quota, Script
from handlers.desk import Desk
from models.runs import ScriptRun

COMPLETED = "completed"


@dataclass(frozen=True, slots=True)
class Counted:
    """Whose run is counted: mostly of the person at the desk, else of the owner a staff member asks."""

    openid: str
    owner_id: int | None
    building_id: int | None


def count_desk(desk: Desk) -> Counted:
    """Return the person at the desk as one whose runs are counted."""
    return Counted(desk.openid, desk.person.owner_id, desk.person.building_id)


def find_refusal(desk: Desk, script: Script, whose: Counted | None = None) -> str | None:
    """Return why a script may not begin as the key of a phrase, None when it may; it then holds its place."""
    counted = whose or count_desk(desk)
    if script.once is not None and is_done(desk, script, script.once, counted):
        return "host.once_done"
    if script.quota is not None:
        return _take_place(desk, script, script.quota, counted)
    return None


def open_run(desk: Desk, script: Script, whose: Counted) -> int:
    """Return the run that begins now: the one that holds a place of a quota, else a new one."""
    if script.quota is not None:
        held = select(func.max(ScriptRun.id)).where(*_hers(script, whose))
        if (found := desk.session.scalar(held)) is not None:
            return found
    run = _build_run(desk, script, whose, desk.now)
    desk.session.add(run)
    desk.session.flush()
    return run.id


def note_end(desk: Desk, script: Script, result: str, started_at: str) -> None:
    """Write down how a run ended, in the turn's transaction, where somebody counts the runs of this script."""
    if script.survey is not None or (script.once is None and script.quota is None):
        return
    whose = count_desk(desk)
    if script.quota is not None:
        statement = update(ScriptRun).where(*_hers(script, whose)).values(result=result, ended_at=desk.now)
        if desk.session.execute(statement).rowcount:  # type: ignore[attr-defined]
            return
    begun = datetime.fromisoformat(started_at) if started_at else desk.now
    desk.session.add(_build_run(desk, script, whose, begun, result))


def _build_run(desk: Desk, script: Script, whose: Counted, started_at: datetime, result: str | None = None) -> ScriptRun:
    return ScriptRun(
        openid=whose.openid,
        owner_id=whose.owner_id,
        building_id=whose.building_id,
        script=script.id,
        revision=script.revision,
        result=result,
        started_at=started_at,
        ended_at=desk.now if result else None,
    )


def _hers(script: Script, whose: Counted) -> tuple[ColumnElement[bool], ...]:
    return (ScriptRun.script == script.id, ScriptRun.openid == whose.openid, ScriptRun.result.is_(None))


def is_done(desk: Desk, script: Script, once: Once, whose: Counted) -> bool:
    """Tell whether she, or the owner she is bound to under another openid, has completed it in the period."""
    who = ScriptRun.openid == whose.openid
    if whose.owner_id is not None:
        who = or_(who, ScriptRun.owner_id == whose.owner_id)
    statement = select(ScriptRun.id).where(ScriptRun.script == script.id, ScriptRun.result == COMPLETED, who)
    if once.period is not None:
        statement = statement.where(ScriptRun.ended_at > desk.now - once.period)
    return desk.session.scalar(statement.limit(1)) is not None


def _take_place(desk: Desk, script: Script, quota: Quota, whose: Counted) -> str | None:
    """Hold a place from the first question on, so that of two who begin at once only one gets the last.

    A run that is neither completed nor ended gives its place back when it is as old as a draft may get.
    """
    if not desk.tx.is_sqlite:
        desk.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"quota:{script.id}", 0))))
    is_open = and_(ScriptRun.result.is_(None), ScriptRun.started_at > desk.now - script.sitting.max_age)
    taken = (ScriptRun.script == script.id, or_(ScriptRun.result == COMPLETED, and_(is_open, ScriptRun.openid != whose.openid)))
    if quota.answers is not None and _count(desk, *taken) >= quota.answers:
        return "host.quota_full"
    building = whose.building_id
    is_limited = quota.per_building is not None and building is not None
    if is_limited and _count(desk, *taken, ScriptRun.building_id == building) >= (quota.per_building or 0):
        return "host.quota_full"
    held = update(ScriptRun).where(*_hers(script, whose)).values(started_at=desk.now, revision=script.revision)
    if not desk.session.execute(held).rowcount:  # type: ignore[attr-defined]
        desk.session.add(_build_run(desk, script, whose, desk.now))
        desk.session.flush()
    return None


def _count(desk: Desk, *conditions: ColumnElement[bool]) -> int:
    return desk.session.scalar(select(func.count()).select_from(ScriptRun).where(*conditions)) or 0

"""Who follows, as the platform tells it: listed once a night page by page, missing rows made, those who are gone let go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from sqlalchemy import or_, select, update

from handlers import inbound
from handlers.errors import GatewayError
from handlers.mirror_calls import Api, is_account_wide, judge, put_pause
from handlers.mirror_plan import forget_states, plan, store_tags
from handlers.ports import FollowerPage, Inbound, PlatformFollower
from handlers.runtime import Runtime
from models.database import Transaction, insert_for
from models.followers import Follower
from models.mirror import (
    AccountRun,
    AccountTag,
    MirrorState,
    MirrorStatus,
    TagStatus,
    add_missing_states,
    find_newest_run,
    list_pauses,
    mark_openids,
)

NIGHT = (time(3, 30), time(6))
LATE = timedelta(hours=36)  # after so long without a listing the night is not waited for
CHUNK = 500
LEASE = timedelta(minutes=10)
LAPS = 2  # a list that goes on for so many times its own total turns in circles
CALM = (MirrorStatus.IDLE.value, MirrorStatus.HELD.value)


def begin_due(runtime: Runtime) -> int:
    """Begin the night's listing, once whoever asks how often; returns 1 when it did."""
    with runtime.database.reading() as tx:
        newest = find_newest_run(tx.session)
    clock = runtime.local(runtime.now()).time()
    is_late = newest is not None and newest.started_at < runtime.now() - LATE
    if (newest is not None and newest.day == runtime.today()) or not (is_late or NIGHT[0] <= clock < NIGHT[1]):
        return 0
    return begin(runtime, is_again=False)


def begin(runtime: Runtime, *, is_again: bool = True) -> int:
    """Begin a listing now, and look at the account's tags; with `is_again` also when today's is over."""
    now, today = runtime.now(), runtime.today()
    fresh = {"started_at": now, "due_at": now, "done_at": None, "cursor": "", "listed": 0, "total": None, "reason": None}
    with runtime.transaction() as tx:
        statement = insert_for(tx.connection, AccountRun).values(day=today, **fresh)
        again = statement.on_conflict_do_update(index_elements=["day"], set_=fresh)
        done = tx.connection.execute(again if is_again else statement.on_conflict_do_nothing())
        if not done.rowcount:
            return 0
        old = update(AccountRun).where(AccountRun.day != today, AccountRun.done_at.is_(None))
        tx.connection.execute(old.values(done_at=now, cursor="", reason="superseded"))
        store_tags(runtime, tx)
        standing = update(AccountTag).where(AccountTag.status == TagStatus.STANDING.value)
        tx.connection.execute(standing.values(due_at=now))
        tx.wake("mirror_account")
    return 1


def is_due(runtime: Runtime, tx: Transaction) -> bool:
    """Tell whether a page of a listing waits."""
    due = select(AccountRun.id).where(AccountRun.done_at.is_(None), AccountRun.due_at <= runtime.now())
    return tx.connection.scalar(due.limit(1)) is not None


def list_due(runtime: Runtime) -> int:
    """Take one page of followers; returns how many it held. Killed in the middle, the page is taken again."""
    now = runtime.now()
    with runtime.transaction() as tx:
        if not is_due(runtime, tx) or Api.LIST.value in list_pauses(tx.session, now):
            return 0
        due = select(AccountRun).where(AccountRun.done_at.is_(None), AccountRun.due_at <= now)
        run = tx.session.scalar(due if tx.is_sqlite else due.with_for_update(skip_locked=True))
        if run is None:
            return 0
        run.due_at = now + LEASE
        cursor, started_at = run.cursor, run.started_at
    try:
        page = runtime.gateway.list_followers(cursor)
    except GatewayError as error:
        _put_off(runtime, started_at, error)
        return 0
    for start in range(0, len(page.openids), CHUNK):
        _meet(runtime, page.openids[start : start + CHUNK], started_at)
    _turn_page(runtime, started_at, page)
    return len(page.openids) or 1


def _put_off(runtime: Runtime, started_at: datetime, error: GatewayError) -> None:
    fault = judge(runtime, error, 3)
    with runtime.transaction() as tx:
        values = {"due_at": fault.retry_at or runtime.now() + timedelta(hours=6), "reason": fault.reason}
        tx.connection.execute(update(AccountRun).where(AccountRun.started_at == started_at).values(**values))
        if is_account_wide(fault):
            put_pause(runtime, tx, Api.LIST, fault)


def _meet(runtime: Runtime, openids: Sequence[str], started_at: datetime) -> None:
    """Make the rows that are missing, note that they were listed, and have every one looked at."""
    now = runtime.now()
    with runtime.transaction() as tx:
        statement = insert_for(tx.connection, Follower).on_conflict_do_nothing()
        blank = {"is_following": True, "message_sent": 0, "click_sent": 0}
        tx.connection.execute(statement, [{"openid": openid, **blank} for openid in openids])
        plan(runtime, tx, openids, due_at=now, is_forced=True)
        tx.session.flush()
        tx.connection.execute(update(MirrorState).where(MirrorState.openid.in_(openids)).values(listed_at=started_at))


def _turn_page(runtime: Runtime, started_at: datetime, page: FollowerPage) -> None:
    with runtime.transaction() as tx:
        run = tx.session.scalar(select(AccountRun).where(AccountRun.started_at == started_at).with_for_update())
        if run is None or run.done_at is not None:
            return
        run.listed, run.total, run.cursor, run.due_at = run.listed + len(page.openids), page.total, page.after, runtime.now()
        run.reason = None
        is_circle = run.listed > LAPS * page.total + CHUNK
        if is_circle or not page.after:
            run.done_at, run.cursor = runtime.now(), ""
            run.reason = "circle" if is_circle else None
            _ask_about_the_others(runtime, tx, started_at)


def _ask_about_the_others(runtime: Runtime, tx: Transaction, started_at: datetime) -> None:
    """Have those looked at who follow as far as we know and were not listed: only the platform's word on each ends that."""
    now = runtime.now()
    tx.session.flush()
    add_missing_states(tx, now)
    following = select(Follower.openid).where(Follower.is_following)
    unlisted = or_(MirrorState.listed_at.is_(None), MirrorState.listed_at < started_at)
    statement = update(MirrorState).where(MirrorState.openid.in_(following), unlisted, MirrorState.status.in_(CALM))
    tx.connection.execute(statement.values(status=MirrorStatus.PLANNED.value, due_at=now, attempts=0, reason=None))


def follow(runtime: Runtime, told: Sequence[PlatformFollower], asked_at: datetime) -> None:
    """Let our rows say who follows, as the platform has just told; what an event said since is newer."""
    openids = [each.openid for each in told]
    with runtime.database.reading() as tx:
        rows = {row.openid: row for row in tx.session.scalars(select(Follower).where(Follower.openid.in_(openids)))}
    news = [each for each in told if each.is_following and _is_new(each, rows.get(each.openid), asked_at)]
    if news:
        with runtime.transaction() as tx:
            for each in news:
                _note_following(tx, each)
            mark_openids(tx, [each.openid for each in news if each.openid not in rows or not rows[each.openid].is_following])
    for each in told:
        row = rows.get(each.openid)
        if not each.is_following and row is not None and row.is_following and not _spoke_since(row, asked_at):
            key = f"gone:{each.openid}:{int(asked_at.timestamp())}"
            inbound.handle(runtime, Inbound(key=key, openid=each.openid, kind="event", event="unsubscribe", sent_at=asked_at))
    if gone := [each.openid for each in told if not each.is_following]:
        with runtime.transaction() as tx:
            forget_states(runtime, tx, gone)


def _is_new(told: PlatformFollower, row: Follower | None, asked_at: datetime) -> bool:
    if row is None or (row.is_following and row.followed_at is None and told.followed_at is not None):
        return True
    return not row.is_following and (row.unfollowed_at is None or row.unfollowed_at < asked_at)


def _spoke_since(row: Follower, asked_at: datetime) -> bool:
    return any(at is not None and at > asked_at for at in (row.followed_at, row.message_at, row.click_at))


def _note_following(tx: Transaction, told: PlatformFollower) -> None:
    row = tx.session.get(Follower, told.openid)
    if row is None:
        row = Follower(openid=told.openid, message_sent=0, click_sent=0, scene=told.scene[:64] or None)
        tx.session.add(row)
    row.is_following, row.unfollowed_at = True, None
    row.followed_at = told.followed_at or row.followed_at

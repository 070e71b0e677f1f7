"""What silence does when its time has come: reminds, goes on, lets rest, lets go. Speaks only through the outbox.

The conversation's row is its own timer. A timer fires under the row's lock and is planned anew in the same transaction,
so any number of processes fire it once and a crash loses none.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select, update

from dialogs.inputs import TimedOut, TimerKind
from dialogs.script import Script
from dialogs.state import DialogState
from dialogs.timed import settle
from dialogs.timing import Timer, count_reminders, find_due
from handlers import notices, resting
from handlers.desk import Desk, open_desk, save_conversation
from handlers.effects import perform
from handlers.inbound import compose
from handlers.runtime import Runtime
from handlers.turns import carry, take_step
from handlers.upgrades import find_script
from models.conversations import Conversation
from models.followers import Follower, open_window

LOG = logging.getLogger(__name__)
BATCH = 200
MOST_BATCHES = 1000
MOST_AT_ONCE = 5  # steps of one conversation in one go; what is left comes with the next look
LATEST = timedelta(hours=1)  # a reminder that missed its time by more helps nobody
PAUSE = timedelta(minutes=10)  # of a conversation whose timer failed


def fire_due(runtime: Runtime) -> int:
    """Let everything happen that silence has brought about by now; returns how many conversations it touched."""
    fired = 0
    for _ in range(MOST_BATCHES):
        openids = _list_due(runtime)
        fired += sum(_fire_safely(runtime, openid) for openid in openids)
        if not openids:
            break
    return fired


def _list_due(runtime: Runtime) -> Sequence[str]:
    due = select(Conversation.openid).where(Conversation.timer_at <= runtime.now())
    with runtime.database.reading() as tx:
        return tx.session.scalars(due.order_by(Conversation.timer_at).limit(BATCH)).all()


def _fire_safely(runtime: Runtime, openid: str) -> bool:
    """Fire one timer; a conversation that cannot go on is put off and keeps nobody else waiting."""
    try:
        return _fire(runtime, openid)
    except Exception:
        LOG.exception("a timer failed")
    now = runtime.now()
    later = update(Conversation).where(Conversation.openid == openid, Conversation.timer_at <= now)
    with runtime.transaction() as tx:
        tx.session.execute(later.values(timer_at=now + PAUSE))
    return False


def _fire(runtime: Runtime, openid: str) -> bool:
    with runtime.transaction() as tx:
        desk = open_desk(runtime, tx, openid)
        if desk.timer is None or desk.timer[0] > desk.now:
            return False  # somebody else was here, or she has written meanwhile
        desk.perform = perform
        fired = 0
        while fired < MOST_AT_ONCE and _fire_next(desk):
            fired += 1
        tx.flush()
        save_conversation(desk, spoke_at=desk.updated_at)
    return fired > 0


def _fire_next(desk: Desk) -> bool:
    state = desk.state
    script = find_script(desk, state) if state is not None else None
    if state is None or script is None or desk.handover_task_id is not None:
        return False
    desk.revisions[script.id, script.revision] = script
    since = desk.runtime.local(desk.updated_at or desk.now)
    timer = find_due(script, state, since, desk.now)
    if timer is None:
        return False
    given = TimedOut(timer.kind, count_reminders(script, state, since, desk.now))
    if timer.kind is TimerKind.REMIND and not (desk.now - timer.at <= LATEST and _is_reachable(desk)):
        desk.state = settle(state, state, given, desk.now)
    else:
        _take_turn(desk, script, state, timer, given)
    return True


def _take_turn(desk: Desk, script: Script, state: DialogState, timer: Timer, given: TimedOut) -> None:
    """Run the turn. What waits for its own time is kept out of it: nothing new begins because somebody is silent."""
    number, kept, desk.waiting = desk.round, desk.waiting, []
    outcome = take_step(desk, script, given)
    said = carry(desk, script, outcome)
    desk.waiting += kept
    if desk.state is None:
        resting.rest_newest(desk, script.id)
    elif desk.state.script == script.id:
        desk.state = settle(state, desk.state, given, desk.now)
    if outcome.effects or outcome.start is not None or _is_reachable(desk):  # what was done for her is told in any case
        n = int(timer.at.timestamp())
        key = f"timer:{desk.openid}:{number}:{state.turn}:{timer.kind.value}:{n}"
        _tell(desk, said, key)


def _tell(desk: Desk, said: list[str], key: str) -> None:
    rest = desk.rest
    text = compose(desk, said)
    if text:
        notices.notify(desk.runtime, desk.tx, desk.openid, text, dedupe=key)
    else:
        desk.rest = rest


def _is_reachable(desk: Desk) -> bool:
    """Tell whether a message would arrive now: one that is held back until she writes again would only be in the way."""
    follower = desk.session.get(Follower, desk.openid)
    return follower is not None and open_window(follower, desk.now, desk.runtime.options.window_messages).kind != "closed"

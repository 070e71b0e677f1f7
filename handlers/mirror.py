"""Brings tags and remarks of followers to the platform: reads, compares, writes what is ours to write, and records it.

What the platform says is read just before it is changed: what somebody else did there is kept for staff to decide and never
overwritten. Killed anywhere, the round is done again: tagging twice is once, and what a round was about to do is on record.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from handlers import mirror_changes, mirror_followers, mirror_plan, mirror_round, mirror_tags, mirror_writes
from handlers.mirror_calls import Api, Fault, put_pause
from handlers.mirror_round import Round
from handlers.mirror_rules import Seen, compare
from handlers.runtime import Runtime
from models.database import Transaction
from models.mirror import JOB, MirrorMark, MirrorState, is_unfinished, list_pauses

__all__ = ["JOB", "is_due", "send_due", "work"]


def work(runtime: Runtime) -> int:
    """Do one batch of whatever is due: tags, marks, a page of followers, followers; returns how much was done."""
    done = mirror_tags.keep_due(runtime) + mirror_plan.drain_marks(runtime)
    return done + mirror_followers.list_due(runtime) + send_due(runtime)


def is_due(runtime: Runtime, tx: Transaction) -> bool:
    """Tell whether a worker has something to do now; what only waits for a quota is not due."""
    now = runtime.now()
    dead = select(MirrorState.openid).where(MirrorState.stale_at <= now).limit(1)
    if tx.connection.scalar(select(MirrorMark.id).limit(1)) is not None or tx.connection.scalar(dead) is not None:
        return True
    paused = list_pauses(tx.session, now)
    if Api.TAGS.value not in paused and mirror_tags.is_due(runtime, tx):
        return True
    if Api.LIST.value not in paused and mirror_followers.is_due(runtime, tx):
        return True
    waiting = select(MirrorState.openid).where(is_unfinished(now)).limit(1)
    return Api.READ.value not in paused and tx.connection.scalar(waiting) is not None


def send_due(runtime: Runtime) -> int:
    """Bring one batch of followers to where they are wanted; returns how many. The calls are outside any transaction."""
    asked_at = runtime.now()
    with runtime.transaction() as tx:
        paused = list_pauses(tx.session, asked_at)
        rounds = [] if Api.READ.value in paused else mirror_round.claim(runtime, tx)
    if not rounds:
        return 0
    stops = {Api(name): Fault(each.reason, each.code, each.until) for name, each in paused.items()}
    known = dict(stops)
    mirror_writes.read(runtime, rounds, stops)
    mirror_followers.follow(runtime, [each.seen for each in rounds if each.seen is not None], asked_at)
    standing, order = _prepare(runtime, [each for each in rounds if each.seen is not None and each.seen.is_following])
    missing = mirror_writes.write(runtime, rounds, order, stops)
    with runtime.transaction() as tx:
        mirror_round.settle(runtime, tx, rounds, standing)
        mirror_tags.look_again(tx, missing, runtime)
        for api, fault in stops.items():
            if api not in known:
                put_pause(runtime, tx, api, fault)
    return len(rounds)


def _prepare(runtime: Runtime, rounds: Sequence[Round]) -> tuple[dict[int, int], list[int]]:
    """Compare, keep what others changed, and write down what is about to be done.

    Returns the tags that stand, and the platform's ids of them, least important first.
    """
    with runtime.transaction() as tx:
        tags = mirror_tags.list_standing(runtime, tx)
        standing = mirror_plan.find_standing(tags)
        ours = {platform_id: tag_id for tag_id, platform_id in standing.items()}
        for each, row in mirror_round.lock(tx, rounds):
            if each.seen is None:
                continue
            each.wanted = compare(row, Seen(each.seen.tags, each.seen.remark), standing)
            mirror_changes.keep(runtime, tx, each, row, ours)
            mirror_round.note(each, row, standing)
            row.trying = sorted({*row.known, *each.wanted.add} - set(each.wanted.remove))
            row.trying_remark = each.wanted.remark
    return standing, [standing[tag.id] for tag in reversed(tags)]

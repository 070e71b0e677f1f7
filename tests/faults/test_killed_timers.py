"""The scheduler ends by `kill -9` while fifty timers are due: after its restart each has fired, and each once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from models.conversations import Conversation
from models.followers import Follower
from models.outbox import OutboxMessage
from tests.faults.processes import Role
from tests.faults.site import Site

PEOPLE = [f"oTIMER{number:02d}" for number in range(50)]


def test_timers_that_were_due_when_the_scheduler_was_killed_fire_once_each(either: Site) -> None:
    if "scheduler" in either.roles:
        either.roles["scheduler"].kill()
    trap = _let_be_due(either)
    _start(either, "dies")
    either.until(lambda: not trap.exists(), "the end of the scheduler")
    assert 0 < len(_reminders(either)) < len(PEOPLE)
    started = [_start(either, name) for name in ("again", "beside")]
    either.until(lambda: len(_reminders(either)) >= len(PEOPLE), "the timers that were left")
    for role in started:
        role.kill()
    assert sorted(row.openid for row in _reminders(either)) == PEOPLE
    assert {row.state["reminded"] for row in _conversations(either) if row.state} == {1}
    assert {row.timer_kind for row in _conversations(either)} == {"idle"}
    if either.platform is not None:
        either.start("scheduler")


def _let_be_due(site: Site) -> Any:
    """Put fifty people into the same question, silent for eleven minutes, one after another."""
    first = site.owner("oTIMED-OUT")
    site.synchronise()
    site.world.say(first, "我家厨房水管漏水了")
    now = datetime.now(UTC)
    with site.world.runtime.transaction() as tx:
        kept = tx.session.get_one(Conversation, first)
        for number, openid in enumerate(PEOPLE):
            spoke_at = now - timedelta(minutes=11) + timedelta(seconds=number / 10)
            due = {"timer_at": spoke_at + timedelta(minutes=10), "timer_kind": "remind", "updated_at": spoke_at}
            same = {"state": kept.state, "script": kept.script, "revision": kept.revision, "round": 1, "waiting": [], "held": 0}
            tx.session.add(Follower(openid=openid, is_following=True, message_at=spoke_at, message_sent=0, click_sent=0))
            tx.session.add(Conversation(openid=openid, **same, **due))
    return site.trap("before-timer", PEOPLE[25])


def _start(site: Site, name: str) -> Role:
    """Start a scheduler in a zone where it is noon, because no reminder rings at night."""
    offset = 12 - datetime.now(UTC).hour
    zone = f"Etc/GMT{-offset:+d}" if offset else "Etc/GMT"
    environ = {**site.environ, "GUANJIA__ESTATE__TIMEZONE": zone}
    return site.nursery.start("scheduler", environ, name=f"scheduler-{name}")


def _reminders(site: Site) -> list[OutboxMessage]:
    return [row for row in site.rows(OutboxMessage) if (row.dedupe or "").startswith("timer:oTIMER")]


def _conversations(site: Site) -> list[Conversation]:
    with site.world.runtime.database.reading() as tx:
        return list(tx.session.scalars(select(Conversation).where(Conversation.openid.in_(PEOPLE))))

"""Another writer holds the database for six seconds: the person hears something in time and nothing of hers is lost."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

from bot.spool import Spool
from handlers.ports import Inbound
from tests.faults.site import BUTLER, Site
from tests.faults.wire import PATIENCE_SECONDS

HELD_SECONDS = 6.0


@contextmanager
def hold_database(site: Site) -> Iterator[None]:
    """Hold SQLite's one write lock for six seconds, however long the block takes."""
    with closing(sqlite3.connect(site.folder / "guanjia.db", isolation_level=None, timeout=10)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        until = time.monotonic() + HELD_SECONDS
        try:
            yield
            time.sleep(max(0.0, until - time.monotonic()))
        finally:
            connection.execute("ROLLBACK")


def test_a_message_that_meets_a_locked_database_is_kept_handled_once_and_answered_by_the_outbox(site: Site) -> None:
    assert site.platform is not None
    openid = site.owner("oLOCKED")
    site.walk_to_review(openid)
    spool = site.folder / "spool"
    fields = site.door.message(openid, "确认")
    with hold_database(site):
        told = site.door.deliver(fields)
        kept = list(spool.glob("*.json"))
    assert told.seconds < PATIENCE_SECONDS
    assert told.text == site.world.runtime.say("host.wait")
    assert len(kept) == 1
    (order,) = site.until(lambda: site.orders(openid), "the kept message's turn")
    site.until(lambda: any(order.no in body for body in site.platform.seen(openid)), "the late reply")
    site.until(lambda: not list(spool.glob("*.json")), "the end of the spooled file")
    assert len(site.handled(openid)) == 4
    assert [json.loads(body)["text"] for body in site.platform.seen(openid)] == [site.notices(f"{order.no}。")[-1].body["text"]]
    assert len([row for row in site.notices(order.no) if row.openid == openid]) == 1
    assert len([row for row in site.notices(order.no) if row.openid == BUTLER]) == 1
    site.door.deliver(fields)
    assert len(site.orders(openid)) == 1


def test_the_reply_to_a_kept_message_survives_the_scheduler(site: Site) -> None:
    assert site.platform is not None
    openid = site.owner("oKEPT")
    spool = Spool(site.folder / "spool")
    trap = site.trap("after-commit", openid)
    (site.folder / "spool").mkdir(exist_ok=True)
    (site.folder / "spool" / "0-unreadable.json").write_text("{", encoding="utf-8")
    site.synchronise()
    spool.keep(Inbound(key="kept-1", openid=openid, kind="text", sent_at=site.world.clock.now(), text="我家厨房水管漏水了"))
    site.until(lambda: not trap.exists() and not site.roles["scheduler"].is_alive(), "the end of the scheduler")
    site.start("scheduler")
    site.until(lambda: not list((site.folder / "spool").glob("*.json")), "the end of the kept file")
    site.until(lambda: site.platform.seen(openid), "the late reply")
    site.door.say(openid, "明天下午三点")
    assert [row.text for row in site.handled(openid)] == ["我家厨房水管漏水了", "明天下午三点"]
    assert sum("哪天" in body for body in site.platform.seen(openid)) == 1
    assert [path.name for path in (site.folder / "spool").iterdir()] == ["0-unreadable.failed"]

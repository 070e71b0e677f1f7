"""The platform's API answers with every kind of trouble: each outbox row and delivery ends where it was promised to.

The sender and the token service are the real ones, the other side is a sandbox of its own; only the clock is a test's.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.wechat.account import Account
from bot.wechat.limiter import LocalLimiter, Rate
from bot.wechat.sender import WeChatSender
from bot.wechat.tokens import TokenService
from handlers import deliveries, outbox, pushes
from handlers.notices import notify
from models.campaigns import Campaign, Delivery
from models.database import Database
from models.outbox import OutboxMessage
from models.tasks import Task
from tests.databases import Sqlite
from tests.faults.conftest import Loaded
from tests.faults.processes import Nursery, find_port, wait_for
from tests.faults.site import start_platform
from tests.faults.wire import Platform
from tests.faults.wired_world import TEXT, Wire
from tests.world import build_world

CUSTOM, TEMPLATE = "message/custom/send", "message/template/send"


@pytest.fixture(scope="session")
def other_platform(nursery: Nursery, folder: Path) -> Platform:
    """Give a sandbox of its own; nobody listens at its webhook."""
    return start_platform(nursery, folder / "other", find_port(), f"http://127.0.0.1:{find_port()}/wechat")


@pytest.fixture
def wire(other_platform: Platform, sqlite_files: Sqlite, loaded: Loaded, tmp_path: Path) -> Iterator[Wire]:
    """Give an empty estate, the real sender, and a sandbox without arranged faults."""
    database = Database(sqlite_files.create(tmp_path / "wire.sqlite"))
    world = build_world(database, *loaded, tmp_path)
    account = Account("gh_faults", "wxfaults", "faults-secret", "faultsTOKEN", mode="sandbox", api_base=other_platform.base)
    with httpx.Client(timeout=60, trust_env=False) as http:
        sender = WeChatSender(account, TokenService(None, account, http))
        options = replace(world.runtime.options, window_messages=5, templates={"task": "T-task", "notice": "T-notice"})
        world.runtime = replace(world.runtime, sender=sender, options=options)
        other_platform.call("knobs", {"clear": True})
        yield Wire(world, other_platform, sender)
        sender.close()
    database.close()


RETRIED = [
    pytest.param({"errcode": -1}, "busy", timedelta(seconds=5), id="busy"),
    pytest.param({"errcode": 45009}, "daily_limit", timedelta(hours=1), id="daily limit"),
    pytest.param({"http_status": 500}, "server_error", timedelta(seconds=5), id="500"),
    pytest.param({"http_status": 502}, "server_error", timedelta(seconds=5), id="502"),
]


@pytest.mark.parametrize(("fault", "reason", "pause"), RETRIED)
def test_a_message_that_met_a_passing_fault_waits_and_is_sent_once(
    wire: Wire, fault: dict[str, Any], reason: str, pause: timedelta
) -> None:
    openid = wire.meet()
    wire.platform.fail(CUSTOM, **fault)
    wire.notify(openid)
    row = wire.row(OutboxMessage)
    assert (row.status, row.reason, wire.arrivals(openid)) == ("planned", reason, 0)
    assert row.due_at == wire.world.clock.now() + pause
    wire.send(pause - timedelta(seconds=1))
    assert wire.arrivals(openid) == 0
    wire.send(timedelta(seconds=1))
    wire.send(timedelta(days=1))
    row = wire.row(OutboxMessage)
    assert (row.status, row.reason, wire.arrivals(openid)) == ("sent", None, 1)


@pytest.mark.parametrize(
    "fault", [{"errcode": -1}, {"http_status": 503}, {"errcode": 45009}], ids=["busy", "503", "daily limit"]
)
def test_a_push_that_met_a_passing_fault_is_sent_once_afterwards(wire: Wire, fault: dict[str, Any]) -> None:
    openid = wire.meet()
    wire.platform.fail(CUSTOM, **fault)
    wire.push()
    assert (wire.row(Delivery).status, wire.arrivals(openid)) == ("planned", 0)
    wire.send(timedelta(hours=1))
    assert (wire.row(Delivery).status, wire.row(Campaign).status, wire.arrivals(openid)) == ("sent", "done", 1)


@pytest.mark.parametrize("minutes", [1, 10], ids=["a minute", "ten minutes"])
def test_an_outage_of_the_platform_costs_no_message(wire: Wire, minutes: int) -> None:
    openid = wire.meet()
    wire.platform.fail(CUSTOM, http_status=503, times=10_000)
    wire.notify(openid)
    for _ in range(minutes * 6):
        wire.send(timedelta(seconds=10))
    wire.platform.call("knobs", {"clear": True})
    for _ in range(12):
        wire.send(timedelta(minutes=5))
    assert (wire.row(OutboxMessage).status, wire.arrivals(openid)) == ("sent", 1)


def test_a_day_without_quota_costs_no_message(wire: Wire) -> None:
    openid = wire.meet()
    wire.platform.fail(CUSTOM, errcode=45009, times=10_000)
    wire.notify(openid)
    for _ in range(20):
        wire.send(timedelta(hours=1))
    assert wire.row(OutboxMessage).status == "planned"
    wire.platform.call("knobs", {"clear": True})
    wire.send(timedelta(hours=1))
    assert (wire.row(OutboxMessage).status, wire.arrivals(openid)) == ("sent", 1)


@pytest.mark.parametrize("code", [40001, 42001])
def test_a_refused_token_is_renewed_and_the_message_leaves_in_the_same_go(wire: Wire, code: int) -> None:
    openid = wire.meet()
    wire.platform.call("knobs", {"advance_seconds": 60})  # a new token may be forced every half minute only
    wire.platform.fail(CUSTOM, errcode=code)
    wire.notify(openid)
    row = wire.row(OutboxMessage)
    assert (row.status, row.attempts, wire.arrivals(openid)) == ("sent", 1, 1)


def test_a_token_that_ran_out_on_the_platform_is_renewed_in_the_same_go(wire: Wire) -> None:
    first, second = wire.meet(), wire.meet()
    wire.notify(first)
    wire.platform.call("knobs", {"expire_tokens": True})
    with wire.world.runtime.transaction() as tx:
        notify(wire.world.runtime, tx, second, TEXT)
    wire.send()
    assert (wire.arrivals(first), wire.arrivals(second)) == (1, 1)


def test_a_token_that_stays_refused_ends_the_tries_soon_and_the_message_waits(wire: Wire) -> None:
    openid = wire.meet()
    wire.platform.fail(CUSTOM, errcode=40001, times=10_000)
    before = len(calls_of(wire))
    wire.notify(openid)
    assert wire.row(OutboxMessage).status == "planned"
    assert len(calls_of(wire)) - before <= 8
    wire.platform.call("knobs", {"clear": True})
    wire.send(timedelta(minutes=1))
    assert (wire.row(OutboxMessage).status, wire.arrivals(openid)) == ("sent", 1)


def calls_of(wire: Wire) -> list[dict[str, Any]]:
    """Return what the bot called, newest first."""
    found: list[dict[str, Any]] = wire.platform.call("calls", kind="api", limit=200)["calls"]
    return found


@pytest.mark.parametrize("code", [45015, 45047])
def test_a_notice_outside_the_window_leaves_by_its_template(wire: Wire, code: int) -> None:
    openid = wire.meet()
    wire.platform.fail(CUSTOM, errcode=code)
    wire.notify(openid, template="notice")
    row = wire.row(OutboxMessage)
    assert (row.status, row.channel, wire.arrivals(openid)) == ("sent", "template", 1)


@pytest.mark.parametrize("code", [45015, 45047])
def test_a_text_outside_the_window_is_held_until_the_person_writes_again(wire: Wire, code: int) -> None:
    openid = wire.meet()
    wire.platform.fail(CUSTOM, errcode=code)
    wire.notify(openid)
    row = wire.row(OutboxMessage)
    assert (row.status, row.reason, wire.arrivals(openid)) == ("skipped", "window_closed", 0)
    wire.world.say(openid, "你好")
    wire.send()
    wire.send(timedelta(days=1))
    assert (wire.row(OutboxMessage).status, wire.arrivals(openid)) == ("sent", 1)


def test_a_push_outside_the_window_leaves_by_template_and_without_one_the_butler_is_asked_to_ring(wire: Wire) -> None:
    openid = wire.meet()
    wire.world.staff("王管家", "oRINGS")
    wire.platform.fail(CUSTOM, errcode=45015)
    wire.push()
    assert (wire.row(Delivery).status, wire.row(Delivery).channel, wire.arrivals(openid)) == ("sent", "template", 1)
    wire.world.runtime = replace(wire.world.runtime, options=replace(wire.world.runtime.options, templates={}))
    wire.push()
    with wire.world.runtime.database.reading() as tx:
        second = tx.session.query(Delivery).order_by(Delivery.id.desc()).first()
        task = tx.session.query(Task).one()
    assert second is not None
    assert (second.status, second.reason, wire.arrivals(openid)) == ("skipped", "window_closed", 1)
    assert TEXT[:6] in task.summary


def test_a_call_the_account_has_no_right_to_fails_with_its_reason_and_is_not_repeated(wire: Wire) -> None:
    openid = wire.meet()
    wire.platform.fail(CUSTOM, errcode=48001, times=2)
    wire.notify(openid)
    wire.push()
    wire.send(timedelta(days=1))
    for row in (wire.row(OutboxMessage), wire.row(Delivery)):
        assert (row.status, row.reason, row.attempts) == ("failed", "no_right", 1)
    assert wire.arrivals(openid) == 0


@pytest.mark.parametrize("has_arrived", [True, False], ids=["it had arrived", "it had not"])
@pytest.mark.parametrize("body", ["<html>Bad Gateway</html>", "", '{"errcode":', "[]"], ids=["page", "empty", "half", "list"])
def test_garbage_leaves_the_outcome_unknown_and_nothing_is_sent_twice(wire: Wire, body: str, has_arrived: bool) -> None:
    openid = wire.meet()
    wire.platform.fail(CUSTOM, body=body, times=2, after=has_arrived)
    wire.notify(openid)
    wire.push()
    wire.send(timedelta(days=1))
    assert (wire.row(OutboxMessage).status, wire.row(Delivery).status) == ("unknown", "unknown")
    assert wire.row(OutboxMessage).reason == "garbage"
    assert wire.arrivals(openid) == (2 if has_arrived else 0)


def test_an_answer_after_six_seconds_leaves_the_outcome_unknown_and_the_message_arrives_once(wire: Wire) -> None:
    pushed = wire.meet()
    pushes.create(wire.world.runtime, audience="everyone", text=TEXT, topic="service")
    noticed = wire.meet()
    wire.platform.fail(CUSTOM, delay_seconds=6, times=2)
    with wire.world.runtime.transaction() as tx:
        notify(wire.world.runtime, tx, noticed, TEXT)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda send_due: send_due(wire.world.runtime), (outbox.send_due, deliveries.send_due)))
    assert (wire.row(OutboxMessage).status, wire.row(OutboxMessage).reason) == ("unknown", "timeout")
    wire.send(timedelta(days=1))
    assert (wire.row(Delivery).status, wire.row(Delivery).reason) == ("unknown", "timeout")
    wait_for(lambda: (wire.arrivals(pushed), wire.arrivals(noticed)) == (1, 1), 30, "what was already on its way")


def test_a_push_that_is_larger_than_the_rate_allows_loses_nobody(wire: Wire) -> None:
    openids = [wire.meet() for _ in range(40)]
    slow = LocalLimiter({"custom_send": Rate(50, burst=2)}, longest_wait_seconds=0.04)
    wire.sender._limiter = slow
    wire.push()
    for _ in range(40):
        wire.send(timedelta(seconds=2))
    with wire.world.runtime.database.reading() as tx:
        assert {row.status for row in tx.session.query(Delivery)} == {"sent"}
    assert [wire.arrivals(openid) for openid in openids] == [1] * len(openids)


def test_many_messages_to_one_person_stay_in_order_when_the_first_must_wait(wire: Wire) -> None:
    openid = wire.meet()
    wire.platform.fail(CUSTOM, errcode=-1)
    with wire.world.runtime.transaction() as tx:
        for number in range(4):
            notify(wire.world.runtime, tx, openid, f"第{number}条")
    wire.send()
    wire.send(timedelta(seconds=30))
    wire.send(timedelta(seconds=30))
    assert [f"第{number}条" in body for number, body in enumerate(wire.platform.seen(openid))] == [True] * 4


def test_a_platform_that_is_not_there_costs_nothing_but_time(wire: Wire) -> None:
    openid = wire.meet()
    account = Account("gh_faults", "wxfaults", "x", "faultsTOKEN", mode="sandbox", api_base=f"http://127.0.0.1:{find_port()}")
    good = wire.world.runtime
    with httpx.Client(timeout=60, trust_env=False) as http:
        sender = WeChatSender(account, TokenService(None, account, http))
        wire.world.runtime = replace(good, sender=sender)
        wire.notify(openid)
        sender.close()
    assert wire.row(OutboxMessage).status == "planned"
    wire.world.runtime = good
    wire.send(timedelta(minutes=1))
    assert (wire.row(OutboxMessage).status, wire.arrivals(openid)) == ("sent", 1)

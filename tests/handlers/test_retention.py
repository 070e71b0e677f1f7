"""Nothing is kept longer than its kind is; what an open case needs is."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from handlers import retention
from handlers.rights_book import parse_retention, read_period
from models.cases import Attachment, CaseEvent, Complaint, Order
from models.conversations import Conversation, InboundMessage
from models.database import Transaction
from models.followers import BindAttempt, Follower
from models.outbox import OutboxMessage
from models.owners import Owner
from models.tags import OwnerTag, get_or_create_tag
from models.tasks import Task
from models.unheard import Unheard
from tests.handlers.test_story import book_leak, settle
from tests.world import World


def purge(world: World, after: timedelta) -> int:
    world.clock.advance(after)
    done = retention.purge_due(world.runtime)
    assert retention.purge_due(world.runtime) == 0
    return done


def close_everything(tx: Transaction) -> None:
    tx.session.execute(update(Order).values(status="confirmed"))
    tx.session.execute(update(Task).values(status="done"))


def test_messages_live_half_a_year(world: World) -> None:
    world.owner("张阿姨", openid="zhang")
    world.say("zhang", "你好")
    assert purge(world, timedelta(days=179)) == 0
    assert purge(world, timedelta(days=2)) > 0
    assert (world.count(InboundMessage), world.count(Conversation)) == (0, 0)
    assert (world.count(Owner), world.count(Follower)) == (1, 1)


def test_what_was_said_is_frozen_while_a_complaint_is_open(world: World) -> None:
    settle(world)
    book_leak(world)
    world.say("li", "任务")
    now = world.runtime.now()
    with world.runtime.transaction() as tx:
        close_everything(tx)
        case = {"category": "noise", "text": "吵", "room_label": "", "slots": {}, "created_at": now, "updated_at": now}
        tx.session.add(Complaint(no="T1", openid="zhang", status="accepted", **case))
    purge(world, timedelta(days=200))
    with world.runtime.database.reading() as tx:
        left = set(tx.session.scalars(select(InboundMessage.openid)))
    assert left == {"zhang"}
    with world.runtime.transaction() as tx:
        tx.session.execute(update(Complaint).values(status="confirmed"))
    assert purge(world, timedelta()) > 0
    assert world.count(InboundMessage) == 0


def test_a_case_goes_three_years_after_its_end_with_all_that_hangs_on_it(world: World) -> None:
    settle(world)
    world.say("zhang", "我家厨房水管漏水了")
    world.say("zhang", "明天下午三点")
    world.picture("zhang", "leak-1")
    world.say("zhang", "确认")
    world.tick()
    with world.runtime.database.reading() as tx:
        path = world.runtime.options.data_dir / (tx.session.scalars(select(Attachment.path)).one() or "")
    purge(world, timedelta(days=1200))
    assert world.count(Order) == 1
    with world.runtime.transaction() as tx:
        close_everything(tx)
    assert path.is_file()
    purge(world, timedelta())
    assert [world.count(each) for each in (Order, Task, CaseEvent, Attachment)] == [0, 0, 0, 0]
    assert not path.exists()


def test_a_recording_lives_thirty_days_unless_its_complaint_is_open(world: World) -> None:
    now = world.runtime.now()
    folder = world.runtime.options.data_dir / "media"
    folder.mkdir()
    for name in ("a", "b"):
        (folder / name).write_bytes(b"voice")
    case = {"category": "noise", "text": "吵", "room_label": "", "slots": {}, "created_at": now, "updated_at": now}
    with world.runtime.transaction() as tx:
        tx.session.add(Complaint(no="T1", openid="zhang", status="accepted", **case))
        tx.session.flush()
        for name, complaint_id in (("a", None), ("b", 1)):
            values = {"openid": "zhang", "kind": "voice", "media_id": name, "due_at": now, "created_at": now}
            tx.session.add(Attachment(path=f"media/{name}", complaint_id=complaint_id, status="kept", **values))
    assert purge(world, timedelta(days=29)) == 0
    assert purge(world, timedelta(days=2)) == 1
    assert [path.name for path in folder.iterdir()] == ["b"]


def test_every_other_kind_goes_when_its_time_is_over(world: World) -> None:
    owner_id = world.owner("张阿姨", openid="zhang")
    now = world.runtime.now()
    with world.runtime.transaction() as tx:
        tag_id = get_or_create_tag(tx.connection, "pet.kind", "犬")
        tx.session.add(OwnerTag(owner_id=owner_id, tag_id=tag_id, source="test", at=now, expires_at=now))
        tx.session.add(BindAttempt(openid="zhang", at=now))
        tx.session.add(Unheard(text="什么", times=1, candidates={}, status="open", first_at=now, last_at=now))
        for status in ("sent", "planned"):
            tx.session.add(OutboxMessage(openid="zhang", kind="text", body={}, status=status, due_at=now, created_at=now))
    tables = (BindAttempt, OwnerTag, Unheard, OutboxMessage)
    seen = []
    for days in (29, 2, 58, 2, 88, 2):
        purge(world, timedelta(days=days))
        seen.append([world.count(table) for table in tables])
    assert seen == [[1, 1, 1, 2], [0, 1, 1, 2], [0, 1, 1, 2], [0, 0, 1, 2], [0, 0, 1, 2], [0, 0, 0, 1]]


def test_every_kind_that_ends_is_let_go_by_somebody(world: World) -> None:
    by_hand = {"order", "complaint", "task", "voice", *retention.OF_A_CASE}
    purged = {rule.table for rule in retention.RULES} | by_hand
    kinds = world.runtime.content.retention.kinds
    assert {name for name, kind in kinds.items() if kind.find_limit(world.runtime.now()) is not None} - purged == set()


def test_more_than_a_batch_goes_in_one_night(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 3)
    with world.runtime.transaction() as tx:
        tx.session.add_all(BindAttempt(openid="zhang", at=world.runtime.now()) for _ in range(10))
    assert purge(world, timedelta(days=31)) == 10


@pytest.mark.parametrize(("hour", "done"), [(1, 0), (2, 1), (4, 1), (5, 0), (14, 0)])
def test_the_clock_purges_at_night_only(world: World, hour: int, done: int) -> None:
    with world.runtime.transaction() as tx:
        tx.session.add(BindAttempt(openid="zhang", at=world.runtime.now()))
    local = world.runtime.local(world.runtime.now() + timedelta(days=40)).replace(hour=hour, minute=0)

    class Stopped:
        def now(self) -> datetime:
            return local

    assert retention.purge_at_night(replace(world.runtime, clock=Stopped())) == done


def test_a_tick_tells_how_much_was_let_go(world: World) -> None:
    world.say("zhang", "你好")
    assert world.tick()["retention"] == 0
    assert world.tick(timedelta(days=181))["retention"] > 0


@pytest.mark.parametrize(
    ("written", "days"), [("30d", 30), ("24m", 730), ("3y", 1095), ("stays", None)], ids=["days", "months", "years", "stays"]
)
def test_a_time_of_keeping_is_read_as_written(written: str, days: int | None) -> None:
    found = read_period("x", written)
    assert (found.days if found else None) == days


@pytest.mark.parametrize(
    "given",
    [
        {"keep": "ever", "title": "a", "source": "b"},
        {"keep": "30d", "title": "", "source": "b"},
        {"keep": "30d", "title": "a", "source": "b", "more": 1},
        {"keep": "30d", "title": "a", "source": "b", "at_least": "3y"},
    ],
    ids=["no such time", "no title", "unknown key", "less than the law wants"],
)
def test_a_kind_that_cannot_be_read_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"x"):
        parse_retention({"kinds": {"x": given}})

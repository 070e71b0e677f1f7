"""Being forgotten: asked for in the chat, told, done through every table, file and trace, and finished when nothing is open."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import redis
from sqlalchemy import Text, select, type_coerce, update

from bot.queue import RedisQueue
from models.audits import AuditEntry
from models.cases import Attachment, Order
from models.consents import Consent
from models.conversations import Conversation, InboundMessage
from models.owners import Owner
from models.rights import Erasure, digest_openid
from models.sealing import MARK, Secret, SecretRows
from models.staff import Staff
from tests.account import busy
from tests.handlers.planting import NAME, OPENID, PHONE, TRACES, FakeLinks, FakeTraces, dump, list_empty_holdings, plant, talk
from tests.world import World

DAY = timedelta(days=1, minutes=1)


@pytest.fixture
def estate(world: World) -> World:
    world.runtime = replace(world.runtime, links=FakeLinks(), traces=FakeTraces())
    return world


def finish(world: World) -> None:
    """Let everything of hers come to its end."""
    with world.runtime.transaction() as tx:
        tx.session.execute(update(Order).values(status="confirmed"))


def ask_to_be_forgotten(world: World) -> str:
    said = world.say(OPENID, "删除我")
    return said + world.say(OPENID, "删掉")


def find_traces(world: World) -> list[str]:
    """Return what still leads to her in the database and in every file, the database's own included."""
    text = dump(world)
    found = [word for word in TRACES if word in text]
    for path in world.runtime.options.data_dir.rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        found += [f"{path.name}: {word}" for word in TRACES if word.encode() in content]
    return found


def test_a_person_planted_in_every_table_leaves_no_trace(estate: World) -> None:
    plant(estate)
    assert "删" in ask_to_be_forgotten(estate)
    assert list_empty_holdings(estate) == []
    finish(estate)
    estate.tick(DAY)
    assert any("都删了" in text for text in estate.sender.texts(OPENID))
    estate.tick(timedelta(minutes=1))
    assert find_traces(estate) == []
    assert estate.runtime.traces.forgotten == [OPENID]  # type: ignore[union-attr]
    with estate.runtime.database.reading() as tx:
        row = tx.session.scalars(select(Erasure)).one()
        order = tx.session.scalars(select(Order)).one()
    assert (row.status, row.openid, row.owner_id, row.subject) == ("done", None, None, digest_openid(OPENID))
    assert row.swept_at is not None
    assert (order.service, order.status, order.slots, order.room_label) == ("housekeeping.utilities", "confirmed", {}, "")


def test_her_picture_goes_with_her_unless_it_is_somebody_elses_too(estate: World) -> None:
    plant(estate)
    with estate.runtime.database.reading() as tx:
        path = tx.session.scalars(select(Attachment.path)).one()
    kept = estate.runtime.options.data_dir / (path or "")
    assert kept.is_file()
    finish(estate)
    ask_to_be_forgotten(estate)
    estate.tick(DAY)
    estate.tick(timedelta(minutes=1))
    assert not kept.exists()


def test_she_may_take_it_back_for_a_day(estate: World) -> None:
    plant(estate)
    finish(estate)
    ask_to_be_forgotten(estate)
    assert "留着" in estate.say(OPENID, "不删了")
    estate.tick(DAY)
    assert estate.count(Owner) == 1
    assert "没有要删的" in estate.say(OPENID, "不删了")


def test_nothing_is_done_before_the_day_is_over(estate: World) -> None:
    plant(estate)
    finish(estate)
    ask_to_be_forgotten(estate)
    estate.tick(timedelta(hours=23))
    assert NAME in dump(estate)
    assert "还删吗" in estate.say(OPENID, "删除我")


def test_what_is_open_is_told_kept_and_forgotten_when_it_is_over(estate: World) -> None:
    no = plant(estate)
    assert no in ask_to_be_forgotten(estate)
    estate.tick(DAY)
    assert any(no in text and "还没办完" in text for text in estate.sender.texts(OPENID))
    with estate.runtime.database.reading() as tx:
        assert tx.session.scalars(select(Erasure.status)).one() == "partly"
        assert tx.session.scalars(select(Owner.name)).all() == [NAME]
        spoken = select(InboundMessage.text).where(InboundMessage.openid == OPENID)
        assert tx.session.scalars(spoken).all() == []
    estate.tick(timedelta(days=1))
    assert estate.count(Owner) == 1
    finish(estate)
    estate.tick(timedelta(days=1))
    estate.tick(timedelta(minutes=1))
    assert find_traces(estate) == []


def test_who_was_forgotten_and_writes_again_is_new(estate: World) -> None:
    plant(estate)
    finish(estate)
    ask_to_be_forgotten(estate)
    estate.tick(DAY)
    estate.tick(timedelta(minutes=1))
    assert "谁在用" in estate.say(OPENID, "我家厨房水管漏水了")
    fresh = estate.owner("孙姐", openid="sun")
    with estate.runtime.database.reading() as tx:
        seen = {row.subject for row in tx.session.scalars(select(AuditEntry)) if row.subject.startswith("owner:")}
    assert f"owner:{fresh}" not in seen


def test_her_name_among_words_of_others_that_are_sealed_is_blotted_out_and_they_stay_sealed(estate: World) -> None:
    plant(estate)
    with estate.runtime.transaction() as tx:
        said = update(InboundMessage).where(InboundMessage.openid == "wang")
        tx.session.execute(said.values(text=Secret(f"{NAME}家孩子上小学", "chat"), reply=Secret("记下了", "chat")))
        tx.session.execute(
            update(Conversation).where(Conversation.openid == "wang").values(waiting=SecretRows([{"who": NAME}]))
        )
    finish(estate)
    ask_to_be_forgotten(estate)
    estate.tick(DAY)
    estate.tick(timedelta(minutes=1))
    assert find_traces(estate) == []
    with estate.runtime.database.reading() as tx:
        mine = select(InboundMessage.text, type_coerce(InboundMessage.text, Text).label("stored")).where(
            InboundMessage.openid == "wang"
        )
        opened, stored = tx.session.execute(mine.limit(1)).one()
        waiting = tx.session.scalars(select(Conversation.waiting).where(Conversation.openid == "wang")).one()
    assert (list(opened), stored[: len(MARK)]) == (list("＊＊家孩子上小学"), MARK)
    assert (waiting, type(waiting)) == ([{"who": "＊＊"}], SecretRows)


def test_a_namesake_keeps_her_name(estate: World) -> None:
    plant(estate)
    other = estate.owner(NAME, openid="namesake", room="9栋-1单元-901")
    estate.say("namesake", f"你好，我是{NAME}")
    finish(estate)
    ask_to_be_forgotten(estate)
    estate.tick(DAY)
    estate.tick(timedelta(minutes=1))
    with estate.runtime.database.reading() as tx:
        assert tx.session.scalars(select(Owner.id).where(Owner.name == NAME)).all() == [other]
        said = tx.session.scalars(select(InboundMessage.text).where(InboundMessage.openid == "namesake")).all()
    assert f"你好，我是{NAME}" in said
    text = dump(estate)
    assert OPENID not in text
    assert PHONE not in text
    assert "1栋-2单元-301 " + NAME not in text


def test_the_consents_of_somebody_forgotten_name_nobody(estate: World) -> None:
    plant(estate)
    finish(estate)
    ask_to_be_forgotten(estate)
    estate.tick(DAY)
    estate.tick(timedelta(minutes=1))
    with estate.runtime.database.reading() as tx:
        rows = [(row.owner_id, row.openid, row.purpose) for row in tx.session.scalars(select(Consent))]
    assert rows == [(None, None, "profile")]


def test_a_follower_who_is_in_no_register_is_forgotten_too(estate: World) -> None:
    estate.say(OPENID, "你好")
    ask_to_be_forgotten(estate)
    estate.tick(DAY)
    estate.tick(timedelta(minutes=1))
    assert find_traces(estate) == []


def test_redis_never_knows_her(estate: World, redis_url: str) -> None:
    queue = RedisQueue(redis_url, {"send_deliveries": "bulk", "keep_media": "bulk"})
    estate.runtime = replace(estate.runtime, queue=queue)
    estate.owner(NAME, openid=OPENID, phone=PHONE)
    estate.staff("王管家", "wang")
    talk(estate)
    queue.close()
    with redis.Redis.from_url(redis_url) as client:
        kept = [(key, client.dump(key)) for key in client.keys("*")]
    assert kept
    assert [key for key, value in kept for word in TRACES if word.encode() in key + (value or b"")] == []


def test_a_colleague_is_sent_to_the_supervisor(estate: World) -> None:
    estate.staff("王管家", "wang")
    assert "主管" in estate.say("wang", "删除我")
    assert estate.count(Erasure) == 0
    assert estate.count(Staff) == 1


def test_an_anonymous_complaint_leads_back_to_nobody(estate: World) -> None:
    estate.owner(NAME, openid=OPENID, phone=PHONE)
    estate.staff("王管家", "wang")
    estate.say(OPENID, "你好")
    estate.say(OPENID, "我要投诉保安,态度太差,昨天在大门口吼人骂人")
    assert "匿名" in estate.say(OPENID, "跳过")
    estate.say(OPENID, "是")
    assert "T2" in estate.say(OPENID, "确认")
    with estate.runtime.database.reading() as tx:
        rows = [
            (row.openid, row.text, row.reply) for row in tx.session.scalars(select(InboundMessage).order_by(InboundMessage.id))
        ]
    assert rows[0][:2] == (OPENID, "你好")
    nameless = [row for row in rows if row[0] == ""]
    assert len(nameless) == len(rows) - 1
    assert [row[1] for row in nameless] == [None] * len(nameless)
    assert "T2" in (nameless[-1][2] or "")


def test_nothing_of_ours_stays_on_her_at_the_platform(estate: World) -> None:
    plant(estate)
    estate.tick(timedelta(minutes=2))
    on = estate.gateway.person(OPENID)
    assert (estate.gateway.names(OPENID), on.remark) == (["养犬", "爱太极"], f"1栋-2单元-301-{NAME}")
    finish(estate)
    ask_to_be_forgotten(estate)
    estate.gateway.failures["untag_people"] = [busy("daily_limit", 45009, 3600)]
    estate.tick(DAY)
    assert NAME in dump(estate)  # first there, then here
    estate.tick(timedelta(minutes=1))
    estate.tick(timedelta(minutes=1))
    assert (on.tags, on.remark, find_traces(estate)) == ([], "", [])

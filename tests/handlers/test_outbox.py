"""A message outside a passive reply: tried with growing pauses, given up in the end, and looked for without a lock."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from handlers import deliveries, outbox
from handlers.ports import SendResult
from models.outbox import OutboxMessage
from tests.world import World

BUSY, RATE = SendResult("retry", "busy"), SendResult("retry", "rate")


def put_letter(world: World) -> None:
    world.say("o1", "你好")
    now = world.clock.now()
    with world.runtime.transaction() as tx:
        tx.session.add(OutboxMessage(openid="o1", body={"text": "水管修好了。"}, due_at=now, created_at=now))


def read_letter(world: World) -> tuple[str, str | None, int]:
    with world.runtime.database.reading() as tx:
        row = tx.session.scalars(select(OutboxMessage)).one()
        return row.status, row.reason, row.attempts


def test_what_fails_again_and_again_is_given_up_with_its_last_try(world: World) -> None:
    put_letter(world)
    world.runtime = replace(world.runtime, options=replace(world.runtime.options, max_attempts=3))
    world.sender.answers = [BUSY, RATE, BUSY, BUSY]
    for status, attempts in (("planned", 1), ("planned", 1), ("planned", 2), ("failed", 3)):
        world.tick(timedelta(minutes=10))
        assert read_letter(world)[::2] == (status, attempts)
    world.tick(timedelta(days=1))
    assert read_letter(world) == ("failed", "busy", 3)
    assert world.sender.texts("o1") == []


def test_a_look_that_finds_nothing_waits_for_no_writer(world: World) -> None:
    put_letter(world)
    world.tick()
    with world.runtime.transaction():  # on SQLite nobody else may write now
        assert outbox.send_due(world.runtime) == 0
        assert deliveries.send_due(world.runtime) == 0
    assert read_letter(world)[0] == "sent"

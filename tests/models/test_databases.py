"""The ground the other tests stand on: real databases, empty each time, and a real Redis."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import redis
from sqlalchemy import Text, cast, func, inspect, select

from models.conversations import Conversation
from models.database import Database
from models.owners import Owner
from models.tables import METADATA


@pytest.mark.parametrize("turn", [1, 2])
def test_every_test_gets_a_database_of_its_own(database: Database, turn: int) -> None:
    with database.transaction() as transaction:
        assert transaction.session.scalar(select(func.count()).select_from(Owner)) == 0
        transaction.session.add(Owner(name=f"第{turn}位", created_at=datetime.now(UTC)))
    with database.reading() as reading:
        assert reading.session.scalar(select(Owner.name)) == f"第{turn}位"


def test_the_database_has_every_table(database: Database) -> None:
    assert set(METADATA.tables) <= set(inspect(database.engine).get_table_names())


def test_json_is_kept_as_it_is_written(database: Database) -> None:
    known = [{"item": "钟点工", "note": 'a "b"\n\\', "none": None}]
    with database.transaction() as transaction:
        transaction.session.add(Conversation(openid="zhang", waiting=known, round=0, held=0))
    with database.reading() as reading:
        assert reading.session.scalar(select(Conversation.waiting)) == known
        assert "钟点工" in str(reading.session.scalar(select(cast(Conversation.waiting, Text))))


def test_a_transaction_that_fails_leaves_the_next_one_whole(database: Database) -> None:
    def add(name: str, *, fails: bool) -> None:
        with database.transaction() as transaction:
            transaction.session.add(Owner(name=name, created_at=datetime.now(UTC)))
            transaction.flush()
            if fails:
                raise ValueError(name)

    add("一", fails=False)
    with pytest.raises(ValueError, match="二"):
        add("二", fails=True)
    add("三", fails=False)
    database.close()  # and it opens again by itself
    add("四", fails=False)
    with database.reading() as reading:
        assert list(reading.session.scalars(select(Owner.name).order_by(Owner.id))) == ["一", "三", "四"]


@pytest.mark.parametrize("turn", [1, 2])
def test_redis_is_real_and_empty(redis_url: str, turn: int) -> None:
    client = redis.Redis.from_url(redis_url, decode_responses=True)
    assert client.dbsize() == 0
    client.set("turn", turn)
    assert client.get("turn") == str(turn)
    client.close()

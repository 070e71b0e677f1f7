"""The ground the other tests stand on: real databases, empty each time, and a real Redis."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import redis
from sqlalchemy import func, inspect, select

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


@pytest.mark.parametrize("turn", [1, 2])
def test_redis_is_real_and_empty(redis_url: str, turn: int) -> None:
    client = redis.Redis.from_url(redis_url, decode_responses=True)
    assert client.dbsize() == 0
    client.set("turn", turn)
    assert client.get("turn") == str(turn)
    client.close()

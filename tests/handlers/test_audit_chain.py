"""The audit cannot be changed in silence: the database refuses, and where somebody forced it, the chain tells."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from handlers.audit_chain import seal, verify
from migrations import run
from models.audits import AuditEntry, add_audit, count_actions
from models.database import Database
from tests.world import World

CHANGES = (
    "UPDATE audit SET subject = 'order:D2' WHERE id = 2",
    "UPDATE audit SET hash = 'x' WHERE id = 2",
    "UPDATE audit SET place = NULL, prev_hash = NULL, hash = NULL WHERE id = 2",
    "DELETE FROM audit WHERE id = 2",
    "UPDATE audit_chain SET place = 1",
    "DELETE FROM audit_chain",
)


def write(world: World, *subjects: str, by: str = "console:wang") -> None:
    with world.runtime.transaction() as tx:
        for subject in subjects:
            add_audit(tx.session, world.clock.now(), by, "read", subject, count=1, 数=[1.5, "好"])


@pytest.fixture
def sealed(world: World) -> World:
    """Give a world with five sealed rows."""
    write(world, *(f"order:D{number}" for number in range(5)))
    assert seal(world.runtime) == 5
    assert verify(world.runtime).is_whole
    return world


def run_sql(world: World, *statements: str, **values: Any) -> None:
    with world.runtime.database.transaction() as tx:
        for statement in statements:
            tx.connection.execute(text(statement), values)


@contextmanager
def forced(world: World) -> Iterator[None]:
    """Take the triggers away, as somebody would who owns the database."""
    if world.runtime.database.is_sqlite:
        with world.runtime.database.reading() as tx:
            names = tx.connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all()
        run_sql(world, *(f"DROP TRIGGER {name}" for name in names))
    else:
        run_sql(world, "ALTER TABLE audit DISABLE TRIGGER ALL", "ALTER TABLE audit_chain DISABLE TRIGGER ALL")
    yield


def test_rows_are_written_without_the_chain_and_sealed_later_in_the_order_of_their_ids(world):
    write(world, "order:D1", "order:D2")
    with world.runtime.database.reading() as tx:
        assert {row.hash for row in tx.session.query(AuditEntry)} == {None}
    assert seal(world.runtime, batch=1) == 1
    assert [seal(world.runtime), seal(world.runtime)] == [1, 0]
    with world.runtime.database.reading() as tx:
        rows = tx.session.query(AuditEntry).order_by(AuditEntry.id).all()
    assert [row.place for row in rows] == [1, 2]
    assert rows[1].prev_hash == rows[0].hash != rows[1].hash
    assert verify(world.runtime).sealed == 2


def test_the_tick_seals(world):
    write(world, "order:D1")
    world.tick()
    assert verify(world.runtime).sealed == 1


def test_an_empty_audit_is_whole(world):
    assert seal(world.runtime) == 0
    assert verify(world.runtime).is_whole


@pytest.mark.parametrize("change", CHANGES)
def test_the_database_refuses_every_change(sealed, change):
    with pytest.raises(DBAPIError, match="append-only"):
        run_sql(sealed, change)
    assert verify(sealed.runtime).is_whole


def test_the_database_refuses_a_change_of_a_row_that_is_not_sealed_yet(world):
    write(world, "order:D1")
    for change in ("UPDATE audit SET subject = 'x'", "DELETE FROM audit", "UPDATE audit SET hash = 'x', subject = 'x'"):
        with pytest.raises(DBAPIError, match="append-only"):
            run_sql(world, change)


def test_nobody_can_empty_or_replace_the_audit(sealed):
    forge = "INTO audit (id, at, by, action, subject, detail) VALUES (2, '2026-11-21', 'x', 'x', 'x', '{}')"
    change = f"INSERT OR REPLACE {forge}" if sealed.runtime.database.is_sqlite else "TRUNCATE audit"
    with pytest.raises(DBAPIError, match="append-only"):
        run_sql(sealed, change)


TAMPERING = {
    "changed": (2, "UPDATE audit SET subject = 'order:D9' WHERE id = 2"),
    "dated back": (3, "UPDATE audit SET at = '2020-01-01 00:00:00.000000' WHERE id = 3"),
    "other details": (3, "UPDATE audit SET detail = '{}' WHERE id = 3"),
    "removed": (3, "DELETE FROM audit WHERE id = 2"),
    "the first removed": (2, "DELETE FROM audit WHERE id = 1"),
    "swapped": (2, "UPDATE audit SET subject = CASE id WHEN 2 THEN 'order:D2' ELSE 'order:D1' END WHERE id IN (2, 3)"),
    "put in": (
        3,
        "UPDATE audit SET place = place + 100 WHERE place > 2",
        "UPDATE audit SET place = place - 99 WHERE place > 100",
        (
            "INSERT INTO audit (id, at, by, action, subject, detail, place, prev_hash, hash) "
            "SELECT 99, at, by, action, 'order:D7', detail, 3, hash, hash FROM audit WHERE place = 2"
        ),
    ),
    "put in without a place": (
        99,
        (
            "INSERT INTO audit (id, at, by, action, subject, detail, hash) "
            "SELECT 99, at, by, action, subject, detail, hash FROM audit WHERE id = 1"
        ),
    ),
    "the last removed": (None, "DELETE FROM audit WHERE id = 5"),
    "all removed": (None, "DELETE FROM audit"),
    "another end": (None, "UPDATE audit_chain SET hash = 'x'"),
    "made unsealed": (4, "UPDATE audit SET place = NULL, prev_hash = NULL, hash = NULL WHERE id = 3"),
}


@pytest.mark.parametrize("name", TAMPERING)
def test_the_chain_tells_the_first_row_that_was(sealed, name):
    row_id, *changes = TAMPERING[name]
    with forced(sealed):
        run_sql(sealed, *changes)
    verdict = verify(sealed.runtime, batch=2)
    assert not verdict.is_whole
    if name != "put in":
        assert verdict.row_id == row_id
    else:
        assert verdict.row_id == 99


def test_sealing_goes_on_behind_what_is_broken_and_does_not_mend_it(sealed):
    with forced(sealed):
        run_sql(sealed, "UPDATE audit SET subject = 'x' WHERE id = 2")
    write(sealed, "order:D6")
    assert seal(sealed.runtime) == 1
    assert verify(sealed.runtime).row_id == 2


def test_a_row_that_comes_late_with_a_low_id_is_sealed_behind(sealed):
    values = {"at": "2026-11-21 02:00:00"}
    insert = "INSERT INTO audit (id, at, by, action, subject, detail) VALUES (-1, :at, 'x', 'read', 'y', '{}')"
    run_sql(sealed, insert, **values)
    assert seal(sealed.runtime) == 1
    assert verify(sealed.runtime).sealed == 6


def test_clocks_that_seal_at_once_make_one_chain(world):
    write(world, *(f"order:D{number}" for number in range(40)))
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: seal(world.runtime, batch=7), range(8)))
    assert sum(done) == 40
    assert verify(world.runtime).sealed == 40


def test_the_report_counts_by_person_and_action(world):
    write(world, "order:D1", "order:D2")
    write(world, "order:D1", by="console:li")
    now = world.clock.now()
    with world.runtime.database.reading() as tx:
        found = count_actions(tx.session, now, now + timedelta(seconds=1))
        assert found == {"console:li": {"read": 1}, "console:wang": {"read": 2}}
        assert count_actions(tx.session, now - timedelta(days=1), now) == {}


def test_a_migrated_database_refuses_too(database_url, request, tmp_path):
    if database_url.startswith("sqlite"):
        url = f"sqlite:///{tmp_path / 'migrated.sqlite'}"
    else:
        url = request.getfixturevalue("postgres_server").create(has_schema=False)
    run.migrate(url)
    migrated = Database(url)
    with migrated.transaction() as tx:
        tx.connection.execute(
            text("INSERT INTO audit (at, by, action, subject, detail) VALUES ('2026-11-21 02:00:00', 'a', 'b', 'c', '{}')")
        )
    with pytest.raises(DBAPIError, match="append-only"), migrated.transaction() as tx:
        tx.connection.execute(text("DELETE FROM audit"))
    migrated.close()

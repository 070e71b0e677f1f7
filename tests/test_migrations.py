from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect

from migrations import run
from models.database import Database
from models.tables import METADATA


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the URL of a database without any table."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_files").create(tmp_path / "empty.sqlite", has_schema=False)
        return
    server = request.getfixturevalue("postgres_server")
    url = server.create(has_schema=False)
    yield url
    server.drop(url)


def test_the_revisions_lead_to_the_tables_of_the_models(empty_url):
    run.migrate(empty_url)
    assert run.list_differences(empty_url) == []


def test_a_second_run_does_nothing(empty_url):
    assert run.migrate(empty_url)[-1] == run.get_head()
    assert run.migrate(empty_url) == []


def test_processes_that_start_at_once_migrate_once(empty_url):
    with ThreadPoolExecutor(4) as pool:
        ran = list(pool.map(run.migrate, [empty_url] * 4))
    assert sorted(map(bool, ran)) == [False, False, False, True]


def test_there_is_one_head():
    script = ScriptDirectory.from_config(run._configure(None))
    assert script.get_heads() == [run.get_head()]


def test_a_database_tells_whether_it_is_current(empty_url):
    engine = create_engine(empty_url)
    with engine.connect() as connection:
        assert not run.is_current(connection)
    run.migrate(empty_url)
    with engine.connect() as connection:
        assert run.is_current(connection)
    engine.dispose()


def test_a_failed_migration_leaves_nothing_behind(empty_url, monkeypatch):
    def fail(*args: object, **kwargs: object) -> None:
        apply(*args, **kwargs)
        raise RuntimeError("power cut")

    apply = run.command.upgrade
    monkeypatch.setattr(run.command, "upgrade", fail)
    with pytest.raises(RuntimeError, match="power cut"):
        run.migrate(empty_url)
    engine = create_engine(empty_url)
    assert inspect(engine).get_table_names() == []
    engine.dispose()


def test_the_way_back_leads_to_an_empty_database(empty_url):
    run.migrate(empty_url)
    with run._locked(empty_url) as connection:
        run.command.downgrade(run._configure(connection), "base")
    engine = create_engine(empty_url)
    assert inspect(engine).get_table_names() == ["alembic_version"]
    engine.dispose()


def test_a_migrated_sqlite_file_serves_the_bot(tmp_path):
    url = f"sqlite:///{tmp_path}/x.db"
    run.migrate(url)
    database = Database(url)
    with database.reading() as transaction:
        assert set(inspect(transaction.connection).get_table_names()) == {*METADATA.tables, "alembic_version"}
    database.close()

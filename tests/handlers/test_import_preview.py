"""A preview says what an import of owners would change, and changes nothing; a replaced number stays in the history."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from handlers.imports import ImportReport, import_owners
from models.audits import AuditEntry
from models.owners import Owner, PhoneEvent, Residence
from models.tables import METADATA
from tests.handlers.registers import PERSON, write_rows
from tests.world import World

FULL = PERSON | {
    "phone": "13812345678",
    "relation": "业主",
    "moved_in_on": "2024-05-01",
    "openid": "o_wang",
    "tags": "pet.kind=犬;car.count=1",
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "owners.csv"


def preview(world: World, path: Path, *rows: dict[str, str]) -> ImportReport:
    return import_owners(world.runtime, write_rows(path, *rows), dry_run=True)


def count_rows(world: World) -> dict[str, int]:
    with world.runtime.database.reading() as tx:
        tables = METADATA.sorted_tables
        return {each.name: tx.connection.scalar(select(func.count()).select_from(each)) for each in tables}


def test_a_preview_of_new_people_writes_nothing(world: World, path: Path) -> None:
    before = count_rows(world)
    report = preview(world, path, FULL, PERSON | {"room": "102", "name": "李娜"})
    assert (report.created, report.updated, report.unchanged, report.fields) == (2, 0, 0, {})
    assert count_rows(world) == before


def test_a_preview_names_every_field_that_would_change(world: World, path: Path) -> None:
    import_owners(world.runtime, write_rows(path, FULL))
    before = count_rows(world)
    news = {"phone": "13900000009", "moved_in_on": "2020-02-03", "relation": "家人", "tags": "pet.kind=猫"}
    report = preview(
        world,
        path,
        FULL | news,
        FULL | news | {"room": "999", "openid": "", "tags": ""},
        PERSON | {"room": "103", "name": "新人"},
    )
    assert (report.created, report.updated, report.unchanged) == (1, 2, 0)
    assert report.fields == {"phone": 1, "moved_in_on": 1, "relation": 1, "tags": 1, "home": 1}
    assert (2, FULL["name"], "phone", "138****5678", "139****0009") in report.changes
    assert count_rows(world) == before
    done = import_owners(world.runtime, path)
    assert done.problems == []
    assert (done.created, done.updated, done.unchanged) == (1, 2, 0)


def test_a_preview_of_the_same_file_finds_nothing(world: World, path: Path) -> None:
    import_owners(world.runtime, write_rows(path, FULL))
    report = preview(world, path, FULL)
    assert (report.created, report.updated, report.unchanged) == (0, 0, 1)


def test_a_new_person_with_two_homes_is_created_once(world: World, path: Path) -> None:
    report = preview(world, path, FULL, FULL | {"room": "999", "openid": ""})
    assert (report.created, report.updated, report.fields) == (1, 1, {"home": 1})


def test_who_moved_out_would_live_there_again(world: World, path: Path) -> None:
    import_owners(world.runtime, write_rows(path, FULL))
    with world.runtime.transaction() as tx:
        tx.session.scalars(select(Residence)).unique().one().ended_on = date(2026, 1, 2)
    assert preview(world, path, FULL).changes[0][2:] == ("home", "ended 2026-01-02", "lives there")


def test_bad_rows_refuse_a_preview_as_they_refuse_an_import(world: World, path: Path) -> None:
    report = preview(world, path, FULL | {"phone": "1"})
    assert report.is_refused
    assert report.problems[0].startswith("line 2: phone")


def test_progress_is_told_batch_by_batch(world: World, path: Path) -> None:
    told: list[tuple[str, int]] = []
    rows = [PERSON | {"room": str(number), "name": f"业主{number}"} for number in range(1001)]
    import_owners(world.runtime, write_rows(path, *rows), tell=lambda what, number: told.append((what, number)))
    assert told == [("checked", 1000), ("checked", 1001), ("written", 1000), ("written", 1001)]


def test_a_number_that_a_register_replaces_stays_in_the_history(world: World, path: Path) -> None:
    import_owners(world.runtime, write_rows(path, FULL))
    with world.runtime.transaction() as tx:
        tx.session.scalars(select(Owner)).one().phone_state = "空号"
    import_owners(world.runtime, write_rows(path, FULL | {"phone": "13900000009"}), by="cli:me")
    with world.runtime.database.reading() as tx:
        owner, event = tx.session.scalars(select(Owner)).one(), tx.session.scalars(select(PhoneEvent)).one()
        assert (owner.phone, owner.phone_state) == ("13900000009", "待核")
        assert (event.action, event.phone, event.state, event.by) == ("replaced", FULL["phone"], "空号", "cli:me")
        assert tx.session.scalar(select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "import")) == 2


def test_a_state_that_a_file_tells_as_a_tag_is_the_registers(world: World, path: Path) -> None:
    import_owners(world.runtime, write_rows(path, FULL | {"tags": "phone.state=停机"}))
    with world.runtime.database.reading() as tx:
        assert tx.session.scalars(select(Owner.phone_state)).all() == ["停机"]

"""A register is brought, looked at, agreed to and carried in pieces: a worker that dies costs a piece, a second yes nothing."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from handlers import job_imports, jobs
from handlers.errors import ForbiddenError, InvalidInputError, NotFoundError
from handlers.import_owners import OWNER_COLUMNS
from handlers.job_imports import OwnerImport
from handlers.jobs import JobHand, JobView
from models.audits import AuditEntry
from models.jobs import Job, JobKind
from models.owners import Owner, Residence
from models.places import Building
from tests.handlers.registers import PERSON
from tests.world import World

LIN = JobHand("console:lin")
TICKET = "a-ticket-of-one-click"
OWNERS = JobKind.IMPORT_OWNERS


def write(*rows: dict[str, str], encoding: str = "utf-8-sig") -> io.BytesIO:
    text = io.StringIO()
    writer = csv.DictWriter(text, OWNER_COLUMNS, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return io.BytesIO(text.getvalue().encode(encoding))


def people(number: int) -> list[dict[str, str]]:
    return [PERSON | {"room": str(each), "name": f"业主{each}"} for each in range(number)]


def bring(world: World, *rows: dict[str, str], hand: JobHand = LIN, **options: str) -> int:
    job_id = jobs.bring_file(world.runtime, hand, OWNERS, TICKET, "一期.csv", write(*rows, **options))
    jobs.carry_due(world.runtime)
    return job_id


def see(world: World, job_id: int, hand: JobHand = LIN) -> JobView:
    return jobs.view(world.runtime, hand, job_id)


def count(world: World, model: type) -> int:
    with world.runtime.database.reading() as tx:
        return tx.session.scalar(select(func.count()).select_from(model)) or 0


def list_files(world: World) -> list[str]:
    folder = world.runtime.options.data_dir / "jobs"
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_nothing_is_written_before_the_yes_and_everything_once_after_it(world: World) -> None:
    job_id = bring(world, *people(3), encoding="gb18030")
    job = see(world, job_id).job
    assert (job.state, job.counts["created"], job.rows_total) == ("ready", 3, 3)
    assert count(world, Owner) == 0
    for _ in range(2):
        jobs.confirm(world.runtime, LIN, job_id, skips_bad=False)
        jobs.carry_due(world.runtime)
    job = see(world, job_id).job
    assert (job.state, job.counts["created"], job.rows_done, job.rows_total) == ("done", 3, 3, 3)
    assert (count(world, Owner), list_files(world), world.queue.woken.count("carry_jobs")) == (3, [], 2)
    with world.runtime.database.reading() as tx:
        told = tx.session.scalars(select(AuditEntry).where(AuditEntry.action == "import")).one()
    assert (told.by, told.subject, told.detail["rows"]) == ("console:lin", "file:一期.csv", 3)


def test_the_same_click_twice_is_one_job(world: World) -> None:
    assert bring(world, *people(1)) == bring(world, *people(2))
    assert count(world, Job) == 1
    with pytest.raises(InvalidInputError, match="ticket"):
        jobs.bring_file(world.runtime, LIN, OWNERS, "../x", "x", write())


def test_a_worker_that_dies_costs_a_piece_and_nothing_is_done_twice(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_imports, "PIECE", 2)
    job_id = bring(world, *people(5))
    jobs.confirm(world.runtime, LIN, job_id, skips_bad=False)
    whole, calls = OwnerImport.write, []

    def die(importer: OwnerImport, *given: object) -> None:
        calls.append(1)
        whole(importer, *given)  # type: ignore[arg-type]
        if len(calls) == 2:
            raise MemoryError

    monkeypatch.setattr(OwnerImport, "write", die)
    with pytest.raises(MemoryError):
        jobs.carry_due(world.runtime)
    assert (count(world, Owner), see(world, job_id).job.rows_done) == (2, 2)
    assert jobs.carry_due(world.runtime) == 0  # the dead one's lease
    world.clock.advance(timedelta(seconds=61))
    jobs.carry_due(world.runtime)
    job = see(world, job_id).job
    assert (job.state, job.counts["created"], job.counts["rows"]) == ("done", 5, 5)
    assert (count(world, Owner), count(world, Residence), len(calls)) == (5, 5, 4)


def test_a_job_that_is_stopped_keeps_what_is_written_and_leaves_no_file(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_imports, "PIECE", 2)
    job_id = bring(world, *people(5))
    jobs.confirm(world.runtime, LIN, job_id, skips_bad=False)
    whole = OwnerImport.write
    calls: list[int] = []

    def write_and_stop(importer: OwnerImport, *given: object) -> None:
        calls.append(1)
        whole(importer, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(OwnerImport, "write", write_and_stop)
    monkeypatch.setattr(job_imports, "rests", lambda runtime, _job: bool(jobs.stop(runtime, LIN, job_id)))
    jobs.carry_due(world.runtime)
    assert (see(world, job_id).job.state, count(world, Owner), len(calls), list_files(world)) == ("stopped", 2, 1, [])


def test_bad_rows_are_told_in_words_and_may_be_left_out(world: World) -> None:
    bad = PERSON | {"name": "王芳", "room": "=1+1", "phone": "+12"}
    job_id = bring(world, *people(1), bad)
    seen = see(world, job_id)
    assert (seen.job.state, seen.job.counts["rejected"], list(seen.preview["problems"])) == ("ready", 1, ["3"])
    with pytest.raises(InvalidInputError):
        jobs.confirm(world.runtime, LIN, job_id, skips_bad=False)
    jobs.confirm(world.runtime, LIN, job_id, skips_bad=True)
    jobs.carry_due(world.runtime)
    path = jobs.take_result(world.runtime, LIN, job_id)
    header, row = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    assert (row[header.index("room")], row[header.index("phone")]) == ("'=1+1", "'+12")
    assert row[-1] == "手机「+12」不是电话，写 11 位手机号，或带区号的座机"
    world.clock.advance(timedelta(hours=25))
    jobs.carry_due(world.runtime)
    assert list_files(world) == []
    with pytest.raises(NotFoundError):
        jobs.take_result(world.runtime, LIN, job_id)


def test_what_a_spreadsheet_writes_around_a_text_is_taken_off_and_no_formula_is_worked_out(world: World) -> None:
    bring(world, PERSON | {"name": "=SUM(A1)", "phone": '="13812345678"', "room": "'=2"})
    jobs.confirm(world.runtime, LIN, 1, skips_bad=False)
    jobs.carry_due(world.runtime)
    with world.runtime.database.reading() as tx:
        owner = tx.session.scalars(select(Owner)).one()
        assert (owner.name, owner.phone, owner.residences[0].room.name) == ("=SUM(A1)", "13812345678", "=2")


def test_a_row_that_turned_bad_since_the_look_is_looked_at_anew(world: World) -> None:
    job_id = bring(world, PERSON | {"openid": "o_1"}, *people(1))
    jobs.confirm(world.runtime, LIN, job_id, skips_bad=False)
    world.staff("赵", "o_1")
    jobs.carry_due(world.runtime)
    jobs.carry_due(world.runtime)
    job = see(world, job_id).job
    assert (job.state, job.error, count(world, Owner)) == ("ready", "changed", 0)


def test_nobody_brings_in_rows_of_other_buildings_or_of_their_people(world: World) -> None:
    world.owner("李娜", phone="13812345678", room="2栋-1单元-101", community="阳光")
    world.owner("王伟", room="1栋-1单元-101", community="阳光")
    with world.runtime.database.reading() as tx:
        mine = tx.session.scalars(select(Building.id).where(Building.name == "1栋")).one()
    hand = JobHand("console:mine", frozenset({mine}))
    elsewhere = PERSON | {"name": "李娜", "phone": "13812345678", "birthday": "1980-01-01"}
    job_id = bring(world, PERSON, PERSON | {"building": "2栋"}, elsewhere, hand=hand)
    seen = see(world, job_id, hand)
    assert {line: problems[0][1] for line, problems in seen.preview["problems"].items()} == {"3": "outside", "4": "elsewhere"}
    with pytest.raises(NotFoundError):
        jobs.view(world.runtime, LIN, job_id)


def test_what_is_no_register_is_refused_with_its_reasons(world: World) -> None:
    job_id = jobs.bring_file(world.runtime, LIN, OWNERS, TICKET, "x.csv", io.BytesIO(b"name,age\n"))
    jobs.carry_due(world.runtime)
    seen = see(world, job_id)
    assert (seen.job.state, seen.job.error, len(seen.preview["faults"])) == ("refused", "header", 11)
    assert list_files(world) == ["preview.json"]


@pytest.mark.parametrize(("limit", "error"), [("MOST_ROWS", "too_long"), ("MOST_BAD", "too_bad")])
def test_a_file_that_would_fill_the_memory_is_refused(
    world: World, monkeypatch: pytest.MonkeyPatch, limit: str, error: str
) -> None:
    monkeypatch.setattr(job_imports, limit, 2)
    job_id = bring(world, *(PERSON | {"room": str(each), "phone": "1"} for each in range(3)))
    assert (see(world, job_id).job.state, see(world, job_id).job.error) == ("refused", error)


def test_a_file_that_is_too_large_is_not_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs.job_files, "MOST_BYTES", 10)
    with pytest.raises(InvalidInputError, match="too_large"):
        jobs.bring_file(world.runtime, LIN, OWNERS, TICKET, "x.csv", write(*people(1)))
    assert list_files(world) == []


def test_a_line_without_an_end_is_not_kept(world: World) -> None:
    with pytest.raises(InvalidInputError, match="no_register"):
        jobs.bring_file(world.runtime, LIN, OWNERS, TICKET, "x.csv", io.BytesIO(b"a\n" + b"a," * 40_000))
    assert list_files(world) == []


def test_what_nobody_says_yes_to_is_gone_after_a_day(world: World) -> None:
    job_id = bring(world, *people(1))
    world.clock.advance(timedelta(hours=25))
    jobs.carry_due(world.runtime)
    assert (see(world, job_id).job.error, list_files(world)) == ("expired", [])


def test_a_long_list_goes_out_in_pieces_and_a_longer_one_only_with_a_second_person(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for number in range(5):
        world.owner(f"业主{number}", phone=f"1380000000{number}", room=f"1栋-1单元-{number}")
    monkeypatch.setattr("handlers.owner_export.PAGE", 2)
    job_id = jobs.ask_export(world.runtime, LIN, TICKET, "", jobs.ALONE + 1)
    assert jobs.carry_due(world.runtime) == 0
    for hand in (JobHand(LIN.by, may_approve=True), JobHand("console:wang")):
        with pytest.raises(ForbiddenError):
            jobs.approve(world.runtime, hand, job_id)
    boss = JobHand("console:boss", may_approve=True)
    assert [job.id for job in jobs.list_waiting(world.runtime, boss)] == [job_id]
    jobs.approve(world.runtime, boss, job_id)
    jobs.carry_due(world.runtime)
    path = jobs.take_result(world.runtime, LIN, job_id)
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    assert [row[2] for row in rows[:-1]] == ["手机", *(f"138****000{number}" for number in range(5))]
    assert rows[-1][0].startswith("lin 2026-")
    with world.runtime.database.reading() as tx:
        told = tx.session.scalars(select(AuditEntry).where(AuditEntry.action == "export")).one()
    assert (told.by, told.detail["count"]) == ("console:lin", 5)

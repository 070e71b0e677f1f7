"""Owners leave as a file: behind the second factor, bounded, masked, audited; and no cell of it is a formula."""

from __future__ import annotations

import csv
import io
import re

import pytest

from console.transfers import guard_cell
from handlers import jobs, owner_export
from models.audits import AuditEntry
from tests.console.conftest import Visitor, give_account
from tests.world import World

PAGE = "/console/transfers/owners"


def read_rows(visitor: Visitor, **fields: str) -> list[list[str]]:
    answer = visitor.post(PAGE, **fields)
    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))


def list_exports(world: World) -> list[tuple[str, str, int]]:
    with world.runtime.database.reading() as tx:
        return [(row.by, row.subject, row.detail["count"]) for row in tx.session.query(AuditEntry).filter_by(action="export")]


@pytest.fixture
def people(estate: World) -> World:
    estate.owner("张秀英", phone="13800000001", tags={"pet.kind": "犬", "health.care": "半护"})
    estate.owner("=cmd|' /C calc'!A0", room="2栋-1单元-101", tags={"pet.kind": "犬", "reach.hours": "打13800000009"})
    estate.owner("王芳", room="1栋-1单元-502")
    return estate


def test_a_list_leaves_masked_and_audited_and_runs_nothing(staff, people):
    header, *rows, end = read_rows(staff, audience="养犬")
    assert end[0].startswith("admin 2026-11-21 10:00 导出，共 2 位")
    assert header == list(owner_export.COLUMNS)
    assert rows == [
        ["1", "张秀英", "138****0001", "阳光花园", "1栋-2单元-301", "业主", "宠物=犬"],
        ["2", "'=cmd|' /C calc'!A0", "", "阳光花园", "2栋-1单元-101", "业主", "宠物=犬;方便联系的时间=打138****0009"],
    ]
    assert list_exports(people) == [("console:admin", "export:owners", 2)]


@pytest.mark.parametrize("cell", ["=1+1", "+86", "-1", "@SUM(A1)", "\t=1", " =1", "\r=1"])
def test_a_cell_that_a_spreadsheet_would_run_is_shown_instead(cell):
    assert guard_cell(cell) == f"'{cell}"
    assert guard_cell("1栋-2单元") == "1栋-2单元"


def test_more_than_may_leave_at_once_is_refused_and_nothing_goes_out(staff, people, monkeypatch):
    monkeypatch.setattr(owner_export, "MOST_ROWS", 2)
    answer = staff.post(PAGE)
    assert answer.status_code == 303
    assert list_exports(people) == []


def test_only_the_scope_leaves_and_only_behind_the_second_factor(visitor, other, people):
    give_account(people, "feng", "supervisor", ("1栋",), has_factor=True)
    visitor.enter(people, "feng")
    assert [row[0] for row in read_rows(visitor)[1:-1]] == ["1", "3"]
    give_account(people, "fang", "supervisor")
    other.sign_in("fang")
    assert other.get(PAGE).location.startswith("/console/account/second-factor")
    assert [each[2] for each in list_exports(people)] == [2]


def test_more_than_two_hundred_leave_only_with_a_second_person_unless_a_supervisor_takes_them(
    visitor, other, people, monkeypatch
):
    for name, limit in (("ALONE", 2), ("IN_CHARGE", 3)):
        monkeypatch.setattr(jobs, name, limit)
    give_account(people, "feng", "supervisor", ("1栋", "2栋"), has_factor=True)
    visitor.enter(people, "feng")
    assert len(read_rows(visitor)) == 5
    give_account(people, "yun", "operations", has_factor=True)
    other.enter(people, "yun")
    page = other.read(PAGE)
    assert "超过 2 位，要另一位管全小区的主管同意" in page
    ticket = re.search(r'name="ticket" value="([^"]+)"', page)
    answer = other.post(PAGE, ticket=ticket[1])
    assert (answer.status_code, answer.location.startswith("/console/transfers/jobs/")) == (303, True)
    assert [each[2] for each in list_exports(people)] == [3]


def test_finance_may_export_bills_and_no_list_of_people(visitor, people):
    give_account(people, "qian", "finance", has_factor=True)
    visitor.enter(people, "qian")
    assert visitor.get(PAGE).status_code == 403


def test_many_exports_of_few_add_up_to_an_alarm(staff, estate):
    for number in range(13):
        estate.owner(f"业主{number}", room=f"1栋-1单元-{number}")
    for _ in range(2):
        read_rows(staff)
    estate.tick()
    with estate.runtime.database.reading() as tx:
        alarms = tx.session.query(AuditEntry).filter_by(action="alarm").all()
    assert [(row.detail["kind"], row.detail["threshold"]) for row in alarms] == [("exported", 25)]


def test_a_mistake_in_the_audience_leads_back_to_the_list(staff, people):
    assert staff.get(f"{PAGE}?audience=养恐龙").location.startswith("/console/owners?audience=")
    assert staff.post(PAGE, audience="养恐龙").status_code == 303
    assert "符合 <strong>2</strong> 位" in staff.read(f"{PAGE}?audience=养犬")

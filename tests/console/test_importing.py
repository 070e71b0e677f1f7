"""Registers come in and long lists go out from the staff pages: looked at first, agreed to once, never other people's."""

from __future__ import annotations

import io
import re

from console import app as console_app
from console import transfers
from handlers import jobs
from models.audits import AuditEntry
from models.owners import Owner
from tests.console.conftest import Visitor, give_account
from tests.world import World

PAGE = "/console/imports"
HEADER = "community,building,unit,room,name,phone,relation,moved_in_on,birthday,openid,tags\n"
GOOD = "阳光花园,1栋,1单元,101,王伟,13812345678,,,,,\n"
BAD = "阳光花园,1栋,1单元,102,<b>李娜</b>,+12,,,,,\n"


def bring(visitor: Visitor, text: str, name: str = "一期.csv", kind: str = "import_owners") -> str:
    """Send a file and return the page it leads to."""
    ticket = re.search(r'name="ticket" value="([^"]+)"', visitor.read(PAGE))
    assert ticket
    file = (io.BytesIO(text.encode("utf-8-sig")), name)
    answer = visitor.post(PAGE, kind=kind, ticket=ticket[1], file=file)
    assert answer.status_code == 303
    return answer.location


def count_owners(world: World) -> int:
    return world.count(Owner)


def test_a_register_is_looked_at_then_agreed_to_then_carried_out(staff, estate):
    page = bring(staff, HEADER + GOOD)
    assert 'http-equiv="refresh"' in staff.read(page)
    assert "<progress" in staff.read(page)
    jobs.carry_due(estate.runtime)
    shown = staff.read(page)
    assert "确认导入" in shown
    assert 'http-equiv="refresh"' not in shown
    assert count_owners(estate) == 0
    for _ in range(2):
        assert staff.post(f"{page}/confirm", page, mode="all").location == page
    jobs.carry_due(estate.runtime)
    assert "办完了" in staff.read(page)
    assert count_owners(estate) == 1
    assert staff.get(f"{page}/rejected").status_code == 404
    with estate.runtime.database.reading() as tx:
        told = [row.action for row in tx.session.query(AuditEntry).order_by(AuditEntry.id) if row.by == "console:admin"]
    assert [action for action in told if action in ("job", "job_start", "import")] == ["job", "job_start", "import"]


def test_bad_rows_are_shown_in_chinese_and_taken_away_afterwards(staff, estate):
    page = bring(staff, HEADER + GOOD + BAD, name="<i>.csv")
    jobs.carry_due(estate.runtime)
    shown = staff.read(page)
    assert "第 3 行" in shown
    assert "手机「+12」不是电话" in shown
    assert "<i>" not in shown
    staff.post(f"{page}/confirm", page, mode="all")  # not offered: nothing happens
    jobs.carry_due(estate.runtime)
    assert count_owners(estate) == 0
    staff.post(f"{page}/confirm", page, mode="good")
    jobs.carry_due(estate.runtime)
    assert count_owners(estate) == 1
    answer = staff.get(f"{page}/rejected")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "'+12" in answer.data.decode("utf-8-sig")


def test_a_header_that_does_not_fit_is_told(staff, estate):
    page = bring(staff, "community,name\n")
    jobs.carry_due(estate.runtime)
    shown = staff.read(page)
    assert "没有导入" in shown
    assert "少了「phone」" in shown


def test_nobody_sees_a_job_of_somebody_else_and_her_buildings_bound_her(visitor, staff, other, estate):
    estate.owner("王伟", room="1栋-1单元-101")
    page = bring(staff, HEADER + GOOD)
    give_account(estate, "feng", "supervisor", ("1栋",), has_factor=True)
    other.enter(estate, "feng")
    assert [other.get(page + end).status_code for end in ("", "/rejected")] == [404, 404]
    mine = bring(other, HEADER + GOOD.replace("1栋", "2栋"))
    for _ in range(2):
        jobs.carry_due(estate.runtime)
    assert "这个楼栋不归您管" in other.read(mine)


def test_a_file_that_is_too_long_is_refused_before_it_is_read(staff, monkeypatch):
    monkeypatch.setattr(console_app, "LARGEST_FILE", 2_000)
    token = staff.token(PAGE)
    file = (io.BytesIO(b"x" * 5_000), "x.csv")
    answer = staff.client.post(PAGE, data={"csrf_token": token, "kind": "import_owners", "file": file})
    assert answer.status_code == 413
    assert staff.post(PAGE, kind="import_owners").location.endswith("said=no_file")


def test_a_long_list_is_written_by_a_worker_and_a_very_long_one_asks_a_second_person(staff, other, estate, monkeypatch):
    for number in range(3):
        estate.owner(f"业主{number}", room=f"1栋-1单元-{number}")
    monkeypatch.setattr(transfers, "AT_ONCE", 1)
    monkeypatch.setattr(jobs, "IN_CHARGE", 2)
    list_page = "/console/transfers/owners"
    ticket = re.search(r'name="ticket" value="([^"]+)"', staff.read(list_page))
    assert ticket
    page = staff.post(list_page, ticket=ticket[1]).location
    assert "要另一位管全小区的主管同意" in staff.read(page)
    assert staff.post(f"{page}/approve", page).status_code == 403
    give_account(estate, "boss", "supervisor", has_factor=True)
    other.enter(estate, "boss")
    other.post(f"{page}/approve", list_page)
    jobs.carry_due(estate.runtime)
    assert other.get(f"{page}/list").status_code == 404
    assert len(staff.get(f"{page}/list").data.decode("utf-8-sig").splitlines()) == 5

"""Stopping and starting again: quickly, cleanly, and with everything as it was."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.e2e.phone import Phone, find_no
from tests.e2e.system import System, wait_for

pytestmark = pytest.mark.browser

ZHANG, LIAO = "oDEMO_zhang", "oDEMO_0004"
STOP_SECONDS = 20  # five on an idle machine


def test_ctrl_c_ends_all_within_five_seconds_and_a_second_start_has_lost_nothing(phone: Phone, system: System) -> None:
    phone.be(ZHANG)
    phone.say("马桶堵了，明天上午十点来")
    phone.is_answered("拍张照片")
    phone.say("跳过")
    phone.is_answered("我跟您核对一下")
    phone.say("确认")
    no = find_no("D", phone.is_answered("登记好了"))
    phone.say("我家厨房水管漏水了")
    phone.is_answered("哪天方便师傅上门")
    before = _count_demo(system)
    due_at = datetime.now(ZoneInfo("Asia/Shanghai")) + timedelta(seconds=6)
    push = ("push", "--audience", "community = '阳光花园' and room = '1栋-1单元-203'", "--topic", "service")
    system.run(*push, "--text", "电梯明天检修。", "--at", due_at.isoformat())

    code, seconds = system.stop()
    assert code == 0
    assert seconds < STOP_SECONDS
    assert _find_left_over(system) == []
    assert system.find_errors() == []

    system.start()
    assert _count_demo(system) == before
    phone.open()
    phone.be(ZHANG)
    phone.say("明天下午三点")
    phone.is_answered("拍张照片")
    phone.say("进度")
    assert f"{no} 水电暖气管道" in phone.is_answered("您托办的事")
    phone.say("取消")
    wait_for(lambda: any("电梯明天检修" in str(each["body"]) for each in system.list_messages(LIAO)), 120)
    assert sum("电梯明天检修" in str(each["body"]) for each in system.list_messages(LIAO)) == 1


def _count_demo(system: System) -> tuple[int, int]:
    """Return how many owners and cases there are."""
    with closing(sqlite3.connect(system.folder / "guanjia.db")) as database:
        owners = database.execute("SELECT count(*) FROM owner").fetchone()[0]
        cases = database.execute("SELECT count(*) FROM case_event WHERE event = 'booked'").fetchone()[0]
    return owners, cases


def _find_left_over(system: System) -> list[str]:
    """Return the processes that still work in this system's folder, where the machine lets one see that."""
    mark = f"GUANJIA__DATA_DIR={system.folder}\0".encode()
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (place / "environ").read_bytes():
                found.append((place / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found

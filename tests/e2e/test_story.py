"""What the product is for: a leak mended and confirmed, a complaint that finds its way, a push that finds its owners."""

from __future__ import annotations

import csv
import json
import re
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from tests.e2e.phone import Phone, find_no
from tests.e2e.system import ROOT, System, wait_for

pytestmark = pytest.mark.browser

SHANGHAI = ZoneInfo("Asia/Shanghai")
ZHANG, WANG = "oDEMO_zhang", "oDEMO_wang"
NEIGHBOUR, FORMER = ("oDEMO_0009", "曾婷婷"), ("oDEMO_0005", "贾强")  # of building 1: one has a car and no dog, one has both
AUDIENCE = "养犬 且 有车 且 非出租"


def test_a_leak_is_booked_mended_shown_and_confirmed_with_five_points(phone: Phone) -> None:
    phone.be(ZHANG)
    phone.say("我家厨房水管漏水了")
    phone.is_answered("哪天方便师傅上门")
    days = {_tomorrow()}
    phone.say("明天下午三点")
    phone.is_answered("拍张照片")
    phone.send_picture("leak")
    summary = phone.is_answered("我跟您核对一下")
    days.add(_tomorrow())
    assert "漏水" in summary
    assert any(f"{day} 15:00" in summary for day in days)
    assert "照片：已收到" in summary
    phone.tap("确认")
    no = find_no("D", phone.is_answered("登记好了"))

    phone.be(WANG)
    assert "漏水" in phone.hears(no)
    phone.say("任务")
    assert "1栋-2单元-301 张阿姨" in phone.is_answered(no)
    phone.say(f"接单 {no}")
    phone.is_answered("归您了")
    phone.be(ZHANG)
    phone.hears(f"（{no}）王管家接单了")

    phone.be(WANG)
    phone.say(f"完成 {no} 换了接头")
    phone.is_answered("拍一张完工照片")
    phone.send_picture("repaired")
    phone.is_answered("照片转给业主了")
    phone.be(ZHANG)
    phone.hears(f"（{no}）王管家说做好了：换了接头。问题解决了吗")
    phone.hears(f"{no} 的照片")
    expect(phone.bubbles("account", "image").locator("img")).to_be_visible()
    phone.tap("解决了")
    phone.is_answered("打个分")
    phone.tap("5 分")
    phone.is_answered("谢谢您")
    phone.say("进度")
    assert f"{no} 水电暖气管道：已办结" in phone.is_answered("您托办的事")
    phone.be(WANG)
    phone.hears(f"{no} 张阿姨说办好了，打了 5 分")


def _tomorrow() -> str:
    day = datetime.now(SHANGHAI) + timedelta(days=1)
    return f"{day.month}月{day.day}日(周{'一二三四五六日'[day.weekday()]})"


def test_a_complaint_about_noise_at_night_gets_a_receipt_and_reaches_the_butler(phone: Phone) -> None:
    phone.be(ZHANG)
    phone.say("楼上半夜太吵了，天天吵到两点，睡不着")
    phone.is_answered("有照片的话")
    phone.say("跳过")
    assert "方面：噪音" in phone.is_answered("我跟您核对一下")
    phone.tap("确认")
    receipt = phone.is_answered("二十四小时内给您答复")
    assert "由王管家跟进" in receipt
    phone.be(WANG)
    phone.hears(find_no("T", receipt))


def test_a_push_reaches_exactly_those_whom_the_register_and_the_butler_describe(phone: Phone, system: System) -> None:
    phone.be(WANG)
    phone.say("标签 张阿姨 +养犬 +有车 -出租")
    phone.is_answered("改好了。张阿姨")
    phone.say(f"标签 {NEIGHBOUR[1]} +养犬")
    phone.is_answered(f"改好了。{NEIGHBOUR[1]}")
    phone.say(f"标签 {FORMER[1]} -养犬")
    phone.is_answered(f"改好了。{FORMER[1]}")
    expected = _find_audience() - {FORMER[0]} | {ZHANG, NEIGHBOUR[0]}
    assert FORMER[0] in _find_audience()
    assert NEIGHBOUR[0] not in _find_audience()

    ids = json.loads(system.run("audience", AUDIENCE, "--ids"))["ids"]
    assert _find_openids(system, ids) == expected
    made = json.loads(system.run("push", "--audience", AUDIENCE, "--text", "周六上午东门打狂犬疫苗，带上狗证。"))
    assert made["planned"] == len(expected)
    assert made["skipped"] == {"no_openid": made["matched"] - len(expected)}
    wait_for(lambda: not _count_waiting(system, made["campaign"]), 120)
    received = system.find_receivers("东门打狂犬疫苗")
    assert set(received) == expected
    assert all(len(times) == 1 for times in received.values())
    phone.be(NEIGHBOUR[0])
    phone.hears("东门打狂犬疫苗")


def _find_openids(system: System, owner_ids: list[int]) -> set[str]:
    with closing(sqlite3.connect(system.folder / "guanjia.db")) as database:
        return {openid for openid, owner in database.execute("SELECT openid, owner_id FROM follower") if owner in owner_ids}


def _count_waiting(system: System, campaign: int) -> int:
    statement = "SELECT count(*) FROM delivery WHERE campaign_id = ? AND status IN ('planned', 'leased')"
    with closing(sqlite3.connect(system.folder / "guanjia.db")) as database:
        number: int = database.execute(statement, (campaign,)).fetchone()[0]
    return number


def _find_audience() -> set[str]:
    """Return the openids of the demo's register that the audience means, without asking the product."""
    with (ROOT / "sandbox" / "demo" / "owners.csv").open(encoding="utf-8") as file:
        return {row["openid"] for row in csv.DictReader(file) if row["openid"] and _is_meant(row["tags"].split(";"))}


def _is_meant(tags: list[str]) -> bool:
    has_car = "car.count=1" in tags or "car.count=2+" in tags
    return "pet.kind=犬" in tags and has_car and "house.use=出租" not in tags


def test_a_scheduled_push_leaves_when_its_time_has_come_and_not_before(system: System) -> None:
    due_at = datetime.now(SHANGHAI) + timedelta(seconds=7)
    command = ("push", "--audience", "building = '1栋' and community = '阳光花园'", "--topic", "service")
    made = json.loads(system.run(*command, "--text", "明早八点到十点停水，请提前存水。", "--at", due_at.isoformat()))
    assert made["planned"] > 0
    early = _messages_of_zhang(system)
    assert early == [] or datetime.now(SHANGHAI) >= due_at
    arrived = wait_for(lambda: _messages_of_zhang(system), 120)
    assert len(arrived) == 1
    assert arrived[0] >= due_at.timestamp()


def _messages_of_zhang(system: System) -> list[float]:
    return [each["at"] for each in system.list_messages(ZHANG) if re.search("明早八点到十点停水", str(each["body"]))]

"""What else happens on an ordinary day: voices, places, comings and goings, a code on a door, a person who answers."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest
from playwright.sync_api import expect

from tests.e2e.phone import Phone, find_no
from tests.e2e.system import System

pytestmark = pytest.mark.browser

CAO, LI, YAO, GONG = "oDEMO_0008", "oDEMO_0010", "oDEMO_0011", "oDEMO_first_1"


def test_what_she_says_is_heard_and_what_nobody_asked_for_is_met_with_a_question(phone: Phone) -> None:
    phone.be(CAO)
    phone.speak("厨房水管漏水了")
    phone.is_answered("哪天方便师傅上门")
    phone.say("取消")
    phone.is_answered("已经取消了")
    phone.open_tool("place")
    phone.is_answered("位置收到了")
    phone.send_picture("lamp")
    phone.is_answered("照片收到了")


def test_who_leaves_is_left_alone_and_who_comes_back_is_welcomed(phone: Phone, system: System) -> None:
    phone.be(YAO)
    phone.pick_from_sheet("unfollow")
    expect(phone.page.locator("#strip")).to_be_visible()
    assert phone.bubbles("account").count() == len([each for each in system.list_messages(YAO) if each["side"] == "account"])
    phone.page.click("#strip #follow")
    expect(phone.page.locator("#strip")).to_be_hidden()
    welcome = phone.is_answered("先跟您说清五件事")
    assert "雪梅" in welcome
    assert "绑定" not in welcome


def test_a_stranger_scans_the_code_on_her_door_and_says_only_her_number(phone: Phone, system: System) -> None:
    phone.be(GONG)
    phone.scan(f"room-{_find_room(system, '1栋-1单元-202')}")
    assert "1栋-1单元-202" in phone.is_answered("请报一下您留在物业的手机号")
    phone.show_keys()
    phone.say("13800000002")
    phone.is_answered("认出您了，龚凤霞，1栋-1单元-202")
    phone.scan("room-1")
    phone.is_answered("已经绑定过了")


def _find_room(system: System, label: str) -> int:
    """Return the id that is printed into the code of a room of the first community."""
    with closing(sqlite3.connect(system.folder / "guanjia.db")) as database:
        row = database.execute("SELECT min(id) FROM room WHERE label = ?", (label,)).fetchone()
    number: int = row[0]
    return number


def test_a_colleague_answers_after_a_hand_over_until_the_owner_goes_back(phone: Phone, system: System) -> None:
    phone.be(CAO)
    phone.say("人工")
    phone.is_answered("来跟您聊")
    phone.say("电梯卡丢了怎么补")
    name = phone.is_answered("带给").removeprefix("带给").split("了")[0]
    people = system.ask("people")["people"]
    colleague = next(each["openid"] for each in people if each["name"] == name and each["role"] != "业主")

    phone.be(colleague)
    told = phone.hears("电梯卡丢了怎么补")
    phone.say(f"回复 {find_no('H', told)} 带上登记的手机到前台就能补")
    phone.is_answered("带给曹伟了")
    phone.be(CAO)
    phone.hears(f"{name}：带上登记的手机到前台就能补")
    phone.say("返回")
    phone.is_answered("接下来还是我陪您")


def test_one_word_ends_pushes_and_another_brings_them_back(phone: Phone, system: System) -> None:
    phone.be(LI)
    phone.say("退订")
    phone.is_answered("不再给您发这类消息了")
    audience = "community = '阳光花园' and building = '1栋'"
    planned = json.loads(system.run("push", "--audience", audience, "--text", "周末有集市。", "--dry-run"))
    assert planned["skipped"]["opted_out"] == 1
    phone.say("恢复推送")
    phone.is_answered("随时回复「退订」就停")

"""Staff at work in the chat: tasks come to them, are taken, handed on and done, and the owner is told."""

from __future__ import annotations

import threading

from tests.contract.conftest import Town
from tests.contract.test_chat import book

STAFF = ("s-butler", "s-zhang", "s-zhao", "s-desk", "s-boss")


def words(town: Town, openid: str) -> str:
    return "\n".join(call.words for call in town.tencent.sent(openid))


def order(town: Town, openid: str) -> dict[str, object]:
    return next(row for row in town.program.run("export", "orders").rows if row["openid"] == openid)


def task_no(town: Town, openid: str) -> str:
    row = order(town, openid)
    return str(next(t["no"] for t in town.program.run("export", "tasks").rows if t["order_id"] == row["id"]))


def test_an_order_becomes_a_task_that_is_taken_and_done(town: Town) -> None:
    owner = town.phone("o35")
    book(owner, "厨房水管漏水")
    no = task_no(town, "o35")
    told = town.tencent.wait(lambda: [s for s in STAFF if no in words(town, s)])
    listed = town.phone(told[0]).say("任务")
    assert no in listed or no in town.phone(told[0]).say("更多")
    staff = town.phone("s-zhang")
    before = len(town.tencent.sent("o35"))
    assert staff.say(f"接单 {no}")
    town.tencent.wait(lambda: len(town.tencent.sent("o35")) > before)
    assert order(town, "o35")["assignee_openid"] == "s-zhang"
    before = len(town.tencent.sent("o35"))
    assert staff.say(f"完成 {no}")
    town.tencent.wait(lambda: len(town.tencent.sent("o35")) > before)
    assert no not in staff.say("任务")
    assert "done" in str(order(town, "o35")["status"])
    assert no in owner.say("进度")


def test_two_who_take_the_same_task_are_told_who_has_it(town: Town) -> None:
    book(town.phone("o36"), "厨房水管漏水")
    no = task_no(town, "o36")
    heard: dict[str, str] = {}
    threads = [
        threading.Thread(target=lambda s=s: heard.update({s: town.phone(s).say(f"接单 {no}")})) for s in ("s-zhang", "s-zhao")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winner = order(town, "o36")["assignee_openid"]
    loser = ({"s-zhang", "s-zhao"} - {winner}).pop()
    assert winner in ("s-zhang", "s-zhao")
    assert {"s-zhang": "张师傅", "s-zhao": "赵师傅"}[str(winner)] in heard[loser] or "已" in heard[loser]
    assert heard["s-zhang"] != heard["s-zhao"]


def test_a_task_is_handed_on_by_name(town: Town) -> None:
    book(town.phone("o37"), "厨房水管漏水")
    no = task_no(town, "o37")
    assert town.phone("s-zhang").say(f"接单 {no}")
    assert town.phone("s-zhang").say(f"转派 {no} 没有这人")
    assert order(town, "o37")["assignee_openid"] == "s-zhang"
    assert town.phone("s-zhang").say(f"转派 {no} 赵师傅")
    assert order(town, "o37")["assignee_openid"] == "s-zhao"
    town.tencent.wait(lambda: no in words(town, "s-zhao"))
    assert no in town.phone("s-zhao").say("任务")


def test_staff_words_are_lenient_and_wrong_numbers_are_told(town: Town) -> None:
    butler = town.phone("s-butler")
    for text in ("接单", "接单 NOPE", "完成 W999999", "转派", "转派 NOPE 赵师傅", "标签", "标签 没有这人 +犬", "任务"):
        assert butler.say(text)


def test_an_owner_cannot_use_the_words_of_staff(town: Town) -> None:
    book(town.phone("o38"), "厨房水管漏水")
    no = task_no(town, "o38")
    assert town.phone("o38").say(f"接单 {no}")
    assert town.phone("o38").say(f"完成 {no}")
    assert order(town, "o38")["assignee_openid"] != "o38"
    assert town.phone("o38").say("任务")


def test_a_butler_tags_a_person_by_name_or_room(town: Town) -> None:
    butler = town.phone("s-butler")
    name = next(r["name"] for r in town.program.run("export", "owners").rows if r["openid"] == "o39")
    assert butler.say(f"标签 {name} +pet.kind=犬")
    assert butler.say("标签 1栋1单元3901 +car.count=1")
    tags = next(r["tags"] for r in town.program.run("export", "owners").rows if r["openid"] == "o39")
    assert tags == {"pet.kind": ["犬"], "car.count": ["1"]}
    assert butler.say(f"标签 {name} +猫 -犬")
    tags = next(r["tags"] for r in town.program.run("export", "owners").rows if r["openid"] == "o39")
    assert tags["pet.kind"] == ["猫"]
    assert any(row["action"] == "tag" for row in town.program.run("export", "audit").rows)

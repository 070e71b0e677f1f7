"""What a resident can do in the chat: book, ask, complain, change the mind at every moment."""

from __future__ import annotations

import re

import pytest

from tests.contract.conftest import Town
from tests.contract.test_registers import check_fields
from tests.contract.wire import Phone

BOOKINGS = {
    "o01": ("厨房水管漏水", "housekeeping.utilities"),
    "o02": ("家里空调不制冷了要修", "housekeeping.appliances"),
    "o03": ("找个钟点工打扫卫生", "housekeeping.hourly"),
    "o04": ("车子坏了要修车", "car.repair"),
    "o05": ("帮我把快递送上门", "delivery.last_mile"),
    "o06": ("想给老人找人陪聊", "elderly.companionship"),
    "o07": ("孩子要补课", "education.tutoring"),
    "o08": ("想报团去国内旅游", "travel.domestic"),
    "o09": ("楼道灯坏了", "base.public_repair"),
    "o10": ("要办装修手续", "base.decoration_permit"),
    "o11": ("家里有废品要卖", "housekeeping.recycling"),
    "o12": ("帮我叫辆出租车", "base.taxi"),
}
ANSWERS = [
    (r"回复「确认」", "确认"),
    (r"「跳过」", "跳过"),
    (r"(?m)^\s*1\. ", "1"),
    (r"手机|电话", "13800000001"),
    (r"车牌", "京A12345"),
    (r"几点到几点|时段", "明天上午10点到12点"),
    (r"几个小时|多少|几位|几个|几人|几件|多大", "2"),
    (r"几点|什么时候|何时|哪天|哪一天|时间|日子", "明天上午10点"),
]


def answer_to(question: str) -> str:
    """Answer a question the way a patient person would, from its words alone."""
    last = question.strip().split("\n\n")[-1]
    return next((word for pattern, word in ANSWERS if re.search(pattern, last)), "家里的事，麻烦您看看")


def book(phone: Phone, words: str) -> str:
    """Talk until the order has a number; give the last words."""
    reply = phone.say(words)
    for _ in range(16):
        if re.search(r"[A-Z]{1,3}[-]?\d{4,}", reply):
            return reply
        reply = phone.say("音乐美术" if "想学哪一类" in reply else answer_to(reply))
    raise AssertionError(f"no order after {words!r}: {reply}")


@pytest.fixture(scope="session")
def booked(town: Town) -> dict[str, str]:
    """Book one of each and give the closing words by openid."""
    return {openid: book(town.phone(openid), words) for openid, (words, _) in BOOKINGS.items()}


def test_twelve_services_are_booked_and_exported(town: Town, booked: dict[str, str]) -> None:
    orders = {str(row["openid"]): row for row in check_fields(town.program, "orders")}
    for openid, (_, service) in BOOKINGS.items():
        assert orders[openid]["service"] == service
        assert str(orders[openid]["no"]) in booked[openid]
        assert orders[openid]["slots"]
        assert orders[openid]["amount_fen"] is None or isinstance(orders[openid]["amount_fen"], int)
    tasks = check_fields(town.program, "tasks")
    ids = {row["order_id"] for row in tasks}
    assert {orders[openid]["id"] for openid in BOOKINGS} <= ids


def test_progress_names_the_order(town: Town, booked: dict[str, str]) -> None:
    number = re.search(r"[A-Z]{1,3}[-]?\d{4,}", booked["o01"])
    assert number
    assert number.group() in town.phone("o01").say("进度")
    assert number.group() in town.phone("o01").say("我报修的单子到哪一步了")
    assert town.phone("o40").say("进度")


def test_a_running_booking_shows_where_it_stands(town: Town) -> None:
    phone = town.phone("o13")
    phone.say("我要修水电")
    first = town.program.run("conversation", "o13").json
    assert first["script"] == "housekeeping.utilities"
    assert set(first) >= {"script", "revision", "step", "awaiting", "answers"}
    assert set(first["awaiting"]) >= {"type", "options", "required"}
    assert first["awaiting"]["type"] == "choice"
    for n, option in enumerate(first["awaiting"]["options"], 1):
        assert set(option) >= {"key", "label", "number"}
        assert option["number"] == n
    out = town.program.run("say", "o13", "1").out
    second = town.program.run("conversation", "o13").json
    assert out.strip()
    assert second["step"] != first["step"]
    assert first["step"] in second["answers"]
    phone.say("返回")
    assert town.program.run("conversation", "o13").json["step"] == first["step"]
    phone.say("取消")
    assert town.program.run("conversation", "o13").json == {"script": None}


def test_the_words_for_every_moment_work_in_the_middle(town: Town) -> None:
    phone = town.phone("o14")
    first = phone.say("我要修水电")
    options = re.findall(r"(?m)^\d+\. ", first)
    assert options, first
    assert phone.say("跳过")
    assert phone.say("重复")
    for word in ("进度", "隐私"):
        assert phone.say(word)
    assert phone.say("返回")
    assert "<a href=" in phone.say("菜单")
    phone.say("我要修水电")
    assert "恢复推送" in phone.say("退订")
    assert phone.say("恢复推送") != phone.say("重复")
    phone.say("我要修水电")
    assert phone.say("人工")
    assert phone.say("取消")


@pytest.mark.parametrize("word", ["菜单", "返回", "取消", "跳过", "重复", "人工", "退订", "隐私", "进度"])
def test_the_words_for_every_moment_work_without_anything_open(town: Town, word: str) -> None:
    for phone in (town.phone(), town.phone("o15")):
        assert phone.say(word)
        assert phone.say(f" {word}。")


def test_options_can_be_tapped(town: Town) -> None:
    phone = town.phone("o16")
    first = phone.say("我要修水电")
    label, ident = re.findall(r'weixin://bizmsgmenu\?msgmenucontent=([^&]+)&msgmenuid=([^"]+)"', first)[0]
    after = phone.say(label, bizmsgmenuid=ident)
    assert after != first
    again = phone.say(label, bizmsgmenuid=ident)
    assert again
    stand = town.program.run("conversation", "o16").json
    assert stand["script"] == "housekeeping.utilities"
    assert len(stand["answers"]) == 1


def test_a_wrong_answer_is_asked_again(town: Town) -> None:
    phone = town.phone("o17")
    phone.say("我要修水电")
    assert phone.say("99")
    assert phone.say("一百二十三")
    stand = town.program.run("conversation", "o17").json
    assert stand["answers"] == {}


def test_a_complaint_gets_a_number_a_task_and_a_history(town: Town) -> None:
    phone = town.phone("o18")
    book(phone, "我要投诉，保洁一个星期没来扫楼道了")
    (row,) = [r for r in check_fields(town.program, "complaints") if r["openid"] == "o18"]
    assert row["history"]
    assert {"at", "event", "by"} <= set(row["history"][0])  # type: ignore[index]
    assert "楼道" in str(row["text"])
    assert any(t["complaint_id"] == row["id"] for t in check_fields(town.program, "tasks"))
    assert str(row["no"]) in phone.say("进度")


@pytest.mark.parametrize("words", ["建议：小区多装几个充电桩吧", "表扬一下保安小李，他很热心"])
def test_a_kind_word_and_an_idea_are_thanked(town: Town, words: str) -> None:
    phone = town.phone("o19")
    reply = phone.say(words)
    for _ in range(5):
        if "谢" in reply:
            return
        reply = phone.say(answer_to(reply))
    raise AssertionError(reply)


def test_schoolwork_for_a_child_is_an_order_for_a_call(town: Town) -> None:
    phone = town.phone("o34")
    for word in ("孩子要补课", "1", "2", "1"):
        phone.say(word)
    assert "打电话跟您" in phone.say("1")
    assert any(
        each["service"] == "education.tutoring" and each["openid"] == "o34"
        for each in town.program.run("export", "orders").rows
    )


def test_a_person_can_be_handed_over_and_comes_back(town: Town) -> None:
    phone = town.phone("o28")
    assert phone.say("人工")
    phone.send("text", Content="我家门锁打不开了")
    assert phone.say("菜单")
    assert town.tencent.wait(lambda: town.tencent.sent("s-desk") + town.tencent.sent("s-butler"))


def test_nothing_reaches_a_person_who_has_opted_out(town: Town) -> None:
    phone = town.phone("o29")
    assert phone.say("退订")
    done = town.program.run("push", "--audience", "room = '2901'", "--text", "周末有电影").json
    assert done["planned"] == 0
    assert sum(done["skipped"].values()) == 1


def test_a_long_answer_is_paged(town: Town) -> None:
    phone = town.phone("o30")
    for word in ("菜单", "1", "返回", "2", "返回", "9", "帮助", "更多", "隐私", "更多"):
        phone.say(word)

"""What a message means while something else runs: words that work everywhere, other wishes, old taps, digressions."""

from __future__ import annotations

import re

import pytest

from handlers.conversations import describe
from models.cases import Order
from models.unheard import Unheard
from tests.world import World


@pytest.fixture
def zhang(world: World) -> World:
    world.owner("张阿姨", openid="zhang", phone="13800000001")
    world.staff("王管家", "wang")
    world.say("zhang", "我家厨房水管漏水了")
    return world


def step_of(world: World, openid: str = "zhang") -> tuple[str | None, str | None]:
    found = describe(world.runtime, openid)
    return found["script"], found.get("step")


@pytest.mark.parametrize("word", ["进度", "隐私", "退订"])
def test_a_short_question_in_between_leads_back_to_the_same_question(zhang: World, word: str) -> None:
    before = step_of(zhang)
    said = zhang.say("zhang", word)
    assert "您哪天方便" in said
    assert step_of(zhang) == before


def test_a_person_is_called_and_the_booking_goes_on_afterwards(zhang: World) -> None:
    before = step_of(zhang)
    assert "王管家" in zhang.say("zhang", "人工")
    zhang.say("zhang", "水表在哪")
    assert "您哪天方便" in zhang.say("zhang", "返回")
    assert step_of(zhang) == before


def test_the_menu_is_shown_although_a_person_was_called_in_a_booking(zhang: World) -> None:
    zhang.say("zhang", "人工")
    assert "<a href=" in zhang.say("zhang", "菜单")
    assert step_of(zhang) == ("menu.main", "home")


def test_a_word_with_nothing_to_act_on_is_not_taken_for_a_sentence_nobody_understood(world: World) -> None:
    world.owner("张阿姨", openid="zhang", phone="13800000001")
    assert "没有等您回的话" in world.say("zhang", "跳过")
    told = world.say("zhang", "进度")
    assert [world.say("zhang", word) for word in ("重复", "再说一遍")] == [told, told]
    assert step_of(world) == (None, None)
    assert world.count(Unheard) == 0


def test_the_words_of_staff_are_heard_with_what_a_keyboard_puts_behind_them(zhang: World) -> None:
    for said in ("明天下午三点", "跳过", "确认"):
        zhang.say("zhang", said)
    listed = zhang.say("wang", "任务")
    assert (no := re.findall(r"D\d+", listed))
    assert [zhang.say("wang", words) for words in ("任务。", "任务！", "任务：")] == [listed] * 3
    assert "归您了" in zhang.say("wang", f"接单：{no[0]}。")
    assert zhang.say("zhang", "任务。") != listed


def test_a_sentence_that_means_cancel_cancels(zhang: World) -> None:
    assert "取消" in zhang.say("zhang", "算了不修了不用来了")
    assert step_of(zhang) == (None, None)


def test_a_greeting_in_between_only_repeats_the_question(zhang: World) -> None:
    assert "您哪天方便" in zhang.say("zhang", "你好")


def test_another_wish_is_offered_first_and_the_old_one_waits(zhang: World) -> None:
    assert "先办" in zhang.say("zhang", "我家空调不制冷了")
    zhang.say("zhang", "1")
    assert step_of(zhang)[0] == "housekeeping.appliances"
    said = zhang.say("zhang", "取消")
    assert "您哪天方便" in said
    assert step_of(zhang)[0] == "housekeeping.utilities"


def test_a_tap_on_an_old_prompt_is_not_taken_as_an_answer(world: World) -> None:
    world.owner("张阿姨", openid="zhang", phone="13800000001")
    menu = world.say("zhang", "菜单")
    mark = re.search(r"msgmenuid=(t[\d-]+\.travel)", menu)[1]  # type: ignore[index]
    world.say("zhang", "我家厨房水管漏水了")
    said = world.receive("zhang", text="旅行管家", prompt=mark)
    assert "前面的选项" in said
    assert "您哪天方便" in said


def test_a_tap_on_the_current_prompt_is_taken_by_its_key(world: World) -> None:
    world.owner("张阿姨", openid="zhang", phone="13800000001")
    menu = world.say("zhang", "菜单")
    mark = re.search(r"msgmenuid=(t[\d-]+\.travel)", menu)[1]  # type: ignore[index]
    assert "国内游" in world.receive("zhang", text="旅行管家", prompt=mark)


def test_an_invitation_does_not_tear_somebody_out_of_a_booking(zhang: World) -> None:
    zhang.say("zhang", "明天下午三点")
    zhang.say("zhang", "跳过")
    no = re.search(r"D\d+", zhang.say("zhang", "确认"))[0]  # type: ignore[index]
    zhang.say("zhang", "我要约个钟点工")
    before = step_of(zhang)
    zhang.say("wang", f"完成 {no}")
    told = zhang.texts("zhang")[-1]
    assert step_of(zhang) == before
    mark = re.search(r"msgmenuid=([^\"]+)", told)[1]  # type: ignore[index]
    assert "解决了吗" in zhang.receive("zhang", text="好", prompt=mark)
    zhang.say("zhang", "解决了")
    zhang.say("zhang", "跳过")
    assert step_of(zhang) == before


@pytest.mark.parametrize(
    "kind", ["image", "location", "video", "shortvideo", "file", "link", "voice", "unsupported", "brand_new"]
)
def test_no_kind_of_message_is_met_with_silence(world: World, kind: str) -> None:
    assert world.receive("somebody", kind=kind, media_id="m")
    world.owner("张阿姨", openid="zhang", phone="13800000001")
    world.say("zhang", "我家厨房水管漏水了")
    assert world.receive("zhang", kind=kind, media_id="m")


def test_a_message_that_comes_again_has_no_second_effect_and_gets_the_first_answer(zhang: World) -> None:
    first = zhang.receive("zhang", key="same", text="明天下午三点")
    assert zhang.receive("zhang", key="same", text="明天下午三点") == first
    zhang.say("zhang", "跳过")
    booked = zhang.receive("zhang", key="last", text="确认")
    assert zhang.receive("zhang", key="last", text="确认") == booked
    assert zhang.count(Order) == 1
    assert zhang.meter.counts["redelivered"] == 2


def test_a_forbidden_word_is_never_repeated_to_anybody(zhang: World) -> None:
    zhang.say("zhang", "取消")
    said = [zhang.say("zhang", "我要投诉零物业费是骗人的,楼道脏得很没人打扫")]
    said += [zhang.say("zhang", text) for text in ("跳过", "确认", "进度")]
    assert not any("零物业费" in text for text in [*said, *zhang.texts("zhang"), *zhang.texts("wang")])


def test_a_long_reply_is_paged(world: World) -> None:
    world.owner("张阿姨", openid="zhang", phone="13800000001")
    world.say("zhang", "人工")
    assert all(len(world.say("zhang", text).encode()) <= 2048 for text in ("返回", "菜单", "隐私", "更多"))


def test_a_stranger_who_wants_to_talk_stands_in_the_list_of_tasks_as_a_friend(world: World) -> None:
    world.staff("李前台", "li", role="service_desk", buildings=())
    world.say("stranger", "人工")
    listed = world.say("li", "任务")
    assert "待接 一位朋友想找人聊（" in listed
    assert "  " not in listed
    world.say("stranger", "有人吗")
    world.tick()
    assert any("一位朋友：有人吗" in text for text in world.sender.texts("li"))

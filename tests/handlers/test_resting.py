"""Coming back to what was left half-filled: asked once, gone on with, begun anew, or let go."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from dialogs.conduct import Resume
from handlers.conversations import describe
from tests.world import World

REPAIR = "housekeeping.utilities"
ASKED = "还没填完，接着来吗"


@pytest.fixture
def resting(world: World) -> World:
    world.owner("张阿姨", openid="zhang", phone="13800000001")
    world.staff("王管家", "wang")
    world.say("zhang", "我家厨房水管漏水了")
    world.tick(timedelta(hours=2))
    assert stand(world) == (REPAIR, "when", True)
    return world


def stand(world: World) -> tuple[object, ...]:
    found = describe(world.runtime, "zhang")
    return (found["script"], found.get("step"), found.get("resting"))


def set_resume(world: World, how: Resume) -> None:
    content = world.runtime.content
    script = content.scripts[REPAIR]
    changed = replace(script, sitting=replace(script.sitting, resume=how))
    world.runtime = replace(world.runtime, content=replace(content, scripts={**content.scripts, REPAIR: changed}))


def test_an_answer_that_fits_goes_on_at_once(resting: World) -> None:
    said = resting.say("zhang", "明天下午三点")
    assert ASKED not in said
    assert stand(resting)[1:] != ("when", True)


def test_another_wish_asks_first_and_the_draft_goes_on(resting: World) -> None:
    assert f"「水电暖气管道维修」{ASKED}" in resting.say("zhang", "我家空调不制冷了")
    assert "您哪天方便" in resting.say("zhang", "1")
    assert stand(resting) == (REPAIR, "when", False)


def test_speaking_anew_drops_the_draft_and_hears_the_sentence(resting: World) -> None:
    resting.say("zhang", "我家空调不制冷了")
    resting.say("zhang", "重新说")
    assert stand(resting)[0] == "housekeeping.appliances"
    resting.say("zhang", "取消")
    assert stand(resting)[0] is None


def test_the_same_wish_again_asks_and_begins_anew_when_told_so(resting: World) -> None:
    assert ASKED in resting.say("zhang", "我家厨房水管漏水了")
    said = resting.say("zhang", "2")
    assert "您哪天方便" in said
    assert stand(resting) == (REPAIR, "when", False)
    assert describe(resting.runtime, "zhang")["drafts"] == []


def test_nobody_is_asked_the_same_thing_twice(resting: World) -> None:
    resting.say("zhang", "我家厨房水管漏水了")
    assert ASKED not in resting.say("zhang", "我家厨房水管漏水了，快来修")


def test_taking_it_back_at_the_question_lets_the_draft_go(resting: World) -> None:
    resting.say("zhang", "我家空调不制冷了")
    resting.say("zhang", "取消")
    assert stand(resting)[0] is None
    assert ASKED not in resting.say("zhang", "我家厨房水管漏水了")


@pytest.mark.parametrize("word", ["继续", "接着填"])
def test_a_word_takes_it_up_again(resting: World, word: str) -> None:
    said = resting.say("zhang", word)
    assert "接着办「水电暖气管道维修」" in said
    assert stand(resting) == (REPAIR, "when", False)


def test_words_that_work_everywhere_act_as_always(resting: World) -> None:
    assert "取消" in resting.say("zhang", "取消")
    assert stand(resting)[0] is None


def test_a_tap_on_the_question_that_rests_is_its_answer(world: World) -> None:
    world.owner("张阿姨", openid="zhang", phone="13800000001")
    for text in ("我家厨房水管漏水了", "明天下午三点", "跳过"):
        said = world.say("zhang", text)
    mark = re.search(r"msgmenuid=(t[^\"]+)", said)[1]  # type: ignore[index]
    before = stand(world)
    world.tick(timedelta(hours=2))
    assert stand(world) == (*before[:2], True)
    assert ASKED not in world.receive("zhang", text="x", prompt=mark)
    assert stand(world)[1] != before[1]


def test_a_script_that_always_resumes_goes_on_without_asking(resting: World) -> None:
    set_resume(resting, Resume.AUTO)
    assert ASKED not in resting.say("zhang", "嗯嗯那个什么来着")
    assert stand(resting) == (REPAIR, "when", False)


def test_a_script_that_never_resumes_is_let_go(resting: World) -> None:
    set_resume(resting, Resume.NEVER)
    resting.say("zhang", "我家空调不制冷了")
    assert stand(resting)[0] == "housekeeping.appliances"
    resting.say("zhang", "取消")
    assert stand(resting)[0] is None


def test_a_menu_tap_does_not_lose_the_draft(resting: World) -> None:
    resting.event("zhang", "click", "MENU")
    assert stand(resting)[0] == "menu.main"
    assert describe(resting.runtime, "zhang")["drafts"] == [REPAIR]
    resting.say("zhang", "取消")
    assert stand(resting) == (REPAIR, "when", True)
    assert "接着办「水电暖气管道维修」" in resting.say("zhang", "继续")


def test_what_was_set_aside_longer_ago_than_its_script_allows_is_gone(resting: World) -> None:
    resting.event("zhang", "click", "MENU")
    resting.clock.advance(timedelta(days=8))
    resting.tick()
    assert stand(resting)[0] is None
    assert "接着办" not in resting.say("zhang", "继续")


def test_a_picture_that_fits_no_question_asks_too(resting: World) -> None:
    assert ASKED in resting.picture("zhang")
    assert "您需要哪一样" in resting.say("zhang", "重新说")


def test_an_invitation_that_comes_in_a_long_silence_does_not_lose_what_was_half_filled(world: World) -> None:
    world.owner("张阿姨", openid="zhang", phone="13800000001")
    world.staff("王管家", "wang")
    for text in ("我家厨房水管漏水了", "明天下午三点", "跳过"):
        world.say("zhang", text)
    no = re.search(r"D\d{10}", world.say("zhang", "确认"))[0]  # type: ignore[index]
    world.say("zhang", "我要约个钟点工")
    before = stand(world)
    world.clock.advance(timedelta(minutes=40))
    world.say("wang", f"完成 {no}")
    assert stand(world)[0] == "order.confirm"
    world.say("zhang", "解决了")
    assert before[0] in describe(world.runtime, "zhang")["drafts"]
    world.say("zhang", "5")
    assert stand(world) == before


def test_a_draft_that_waits_behind_something_else_is_asked_for_as_well(resting: World) -> None:
    resting.event("zhang", "click", "MENU")
    assert ASKED in resting.say("zhang", "我家厨房水管漏水了")
    assert "您哪天方便" in resting.say("zhang", "接着填")
    assert describe(resting.runtime, "zhang")["drafts"] == []
    assert stand(resting) == (REPAIR, "when", False)

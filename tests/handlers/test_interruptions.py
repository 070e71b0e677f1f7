"""What may come between a question and its answer, and what becomes of a second wish: by step and by script."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from dialogs.script import Ask, Interrupt, OnBusy
from handlers.conversations import describe
from handlers.wishes import MOST_WISHES
from models.cases import Order
from tests.world import World

SCRIPT = "housekeeping.utilities"
WISHES = ("我要约个钟点工", "我家空调不制冷了", "我想学钢琴", "给老人约个体检", "我要买车险", "我要请个月嫂")
SHORT_ANSWERS = {
    "物业费怎么交": ("前台",),
    "进度": ("没有", "托办", "托我们"),
    "隐私": ("信息", "资料"),
    "谢谢": ("客气", "应该的"),
}
Conduct = Callable[..., World]


@pytest.fixture
def conduct(world: World) -> Conduct:
    """Give 张阿姨 at the question 哪天方便, in a script whose conduct was changed."""

    def change(on_busy: OnBusy = OnBusy.ASK, interrupt: Interrupt = Interrupt.ALLOW) -> World:
        content = world.runtime.content
        script = content.scripts[SCRIPT]
        steps = tuple(replace(step, interrupt=interrupt) if isinstance(step, Ask) else step for step in script.steps)
        scripts = {**content.scripts, SCRIPT: replace(script, on_busy=on_busy, steps=steps)}
        world.runtime = replace(world.runtime, content=replace(content, scripts=scripts))
        world.owner("张阿姨", openid="zhang", phone="13800000001")
        world.staff("王管家", "wang")
        assert "哪天方便" in world.say("zhang", "我家厨房水管漏水了")
        return world

    return change


def standing(world: World) -> str | None:
    found: str | None = describe(world.runtime, "zhang")["script"]
    return found


def book(world: World) -> str:
    for text in ("明天下午三点", "跳过"):
        world.say("zhang", text)
    return world.say("zhang", "确认")


def test_where_only_answers_may_come_between_a_new_wish_is_kept_and_begins_when_this_one_ends(conduct: Conduct) -> None:
    world = conduct(interrupt=Interrupt.ANSWERS)
    said = world.say("zhang", "我要约个钟点工")
    assert "记下了" in said
    assert "哪天方便" in said
    assert standing(world) == SCRIPT
    said = book(world)
    assert "接着办" in said
    assert standing(world) == "housekeeping.hourly"
    assert world.count(Order) == 1


def test_where_only_answers_may_come_between_short_answers_are_given_and_the_question_comes_again(conduct: Conduct) -> None:
    world = conduct(interrupt=Interrupt.ANSWERS)
    for text, told in SHORT_ANSWERS.items():
        said = world.say("zhang", text)
        assert any(part in said for part in told)
        assert "哪天方便" in said
        assert standing(world) == SCRIPT


def test_where_nothing_may_come_between_a_wish_is_an_answer_that_does_not_fit(conduct: Conduct) -> None:
    world = conduct(interrupt=Interrupt.NEVER, on_busy=OnBusy.REPLACE)
    said = world.say("zhang", "我家空调不制冷了")
    assert "哪天方便" in said
    assert "空调" not in said
    assert standing(world) == SCRIPT


@pytest.mark.parametrize("interrupt", list(Interrupt))
def test_the_words_of_the_house_act_whatever_a_step_allows(conduct: Conduct, interrupt: Interrupt) -> None:
    world = conduct(interrupt=interrupt)
    for word in ("进度", "隐私", "退订", "重复", "返回"):
        world.say("zhang", word)
        assert standing(world) == SCRIPT
    assert "王管家" in world.say("zhang", "人工")
    world.say("zhang", "返回")
    assert standing(world) == SCRIPT
    world.say("zhang", "取消")
    assert standing(world) is None
    world.say("zhang", "我家厨房水管漏水了")
    world.say("zhang", "菜单")
    assert standing(world) == "menu.main"


def test_stacked_wishes_begin_one_after_the_other_and_the_same_one_is_kept_once(conduct: Conduct) -> None:
    world = conduct(on_busy=OnBusy.STACK)
    assert "记下了" in world.say("zhang", WISHES[0])
    assert "已经记着" in world.say("zhang", WISHES[0])
    assert "记下了" in world.say("zhang", WISHES[1])
    book(world)
    assert standing(world) == "housekeeping.hourly"
    world.say("zhang", "取消")
    assert standing(world) == "housekeeping.appliances"
    assert "接着办" not in world.say("zhang", "取消")
    assert standing(world) is None


def test_five_wishes_are_kept_and_of_the_sixth_she_is_told(conduct: Conduct) -> None:
    world = conduct(on_busy=OnBusy.STACK)
    said = [world.say("zhang", text) for text in WISHES]
    assert sum("记下了" in each for each in said) == MOST_WISHES
    assert f"已经记了 {MOST_WISHES} 样" in said[-1]


def test_a_script_may_ask_give_way_or_ignore(conduct: Conduct) -> None:
    world = conduct(on_busy=OnBusy.IGNORE)
    assert "哪天方便" in world.say("zhang", WISHES[0])
    assert standing(world) == SCRIPT


def test_a_script_that_gives_way_is_left_at_once(conduct: Conduct) -> None:
    world = conduct(on_busy=OnBusy.REPLACE)
    world.say("zhang", WISHES[0])
    assert standing(world) == "housekeeping.hourly"


def test_the_offer_to_do_the_other_first_is_not_made_twice(conduct: Conduct) -> None:
    world = conduct()
    assert "先办" in world.say("zhang", WISHES[0])
    world.say("zhang", WISHES[0])
    assert standing(world) == "housekeeping.hourly"

"""Scripts are edited while people wait on them: nobody is lost, asked twice, or taken at a word meant for another question."""

from __future__ import annotations

from dataclasses import replace
from itertools import cycle, product

import pytest

from dialogs.script import Upgrade
from dialogs.session import COMMITTED
from dialogs.state import dump_state
from handlers.conversations import describe
from models.conversations import ScriptRevision
from tests.handlers.live_scripts import EDITS, keep, parse_new, parse_old, publish, seat, stand_at
from tests.world import World

PEOPLE = 1000
DAY, NOTE, DONE, FLOOR, NUMBER, KIND = "哪天", "还有什么要说", "好了。", "几楼", "第几天", "哪一种"
AT_DAY = {"inserted": FLOOR, "deleted": NOTE, "renamed": NOTE, "type": NUMBER, "option": KIND}
AT_NOTE = {"inserted": FLOOR, "deleted": DONE, "renamed": DONE, "type": NUMBER, "option": KIND}
SAID = {"day": "明天", "note": "没有了"}


def expect(policy: Upgrade, edit: str, step: str) -> str:
    """Return what the next message brings: on the stored revision just the next question."""
    if policy is Upgrade.PIN or edit == "script":
        return NOTE if step == "day" else DONE
    return (AT_DAY if step == "day" else AT_NOTE)[edit]


def test_a_thousand_who_wait_while_scripts_are_edited_are_all_answered_sensibly(world: World) -> None:
    cases = [(policy, edit, f"live.{policy}.{edit}") for policy, edit in product(Upgrade, [*EDITS, "script"])]
    old = {script_id: parse_old(script_id) for _, _, script_id in cases}
    keep(world, old.values())
    publish(world, [parse_new(script_id, edit, policy) for policy, edit, script_id in cases if edit in EDITS])
    people = dict(zip(range(PEOPLE), cycle(product(cases, ("day", "note"))), strict=False))
    seat(world, {f"o{number}": stand_at(old[case[2]], step) for number, (case, step) in people.items()})
    wrong = []
    for number, ((policy, edit, _), step) in people.items():
        said, wanted = world.say(f"o{number}", SAID[step]), expect(policy, edit, step)
        if wanted not in said:
            wrong.append((policy, edit, step, said))
    assert wrong == []


def move(world: World, edit: str, policy: Upgrade, step: str, **values: object) -> None:
    """Seat 张阿姨 at a step of a script that is edited now."""
    old = parse_old("live")
    keep(world, [old])
    publish(world, [parse_new("live", edit, policy)])
    seat(world, {"zhang": replace(stand_at(old, step), **values)})  # type: ignore[arg-type]


def test_a_number_typed_at_the_old_options_is_not_taken_for_one_of_the_new(world: World) -> None:
    move(world, "option", Upgrade.MIGRATE, "kind")
    said = world.say("zhang", "2")
    assert "刚刚更新过" in said
    assert "丙" in said
    found = describe(world.runtime, "zhang")
    assert (found["step"], found["answers"]) == ("kind", {})
    assert DAY in world.say("zhang", "2")
    assert describe(world.runtime, "zhang")["answers"]["kind"]["value"] == "c"


@pytest.mark.parametrize("policy", [Upgrade.MIGRATE, Upgrade.RESTART])
def test_a_tap_on_the_old_options_is_old_after_the_edit_and_stays_so(world: World, policy: Upgrade) -> None:
    move(world, "option", policy, "kind")
    for _ in range(2):
        said = world.receive("zhang", text="乙", prompt="t1-2.b")
        assert "丙" in said
        assert describe(world.runtime, "zhang")["answers"] == {}
    assert "前面的选项" in said


def test_a_tap_on_a_question_that_stayed_the_same_is_its_answer(world: World) -> None:
    move(world, "renamed", Upgrade.MIGRATE, "kind")
    assert DAY in world.receive("zhang", text="乙", prompt="t1-2.b")


@pytest.mark.parametrize("policy", list(Upgrade))
def test_the_words_of_the_house_act_although_the_question_has_changed(world: World, policy: Upgrade) -> None:
    old = parse_old("live")
    keep(world, [old])
    publish(world, [parse_new("live", "type", policy)])
    seat(world, {openid: stand_at(old, "day") for openid in ("zhang", "li", "zhao", "chen")})
    assert "取消了" in world.say("zhang", "取消")
    assert describe(world.runtime, "zhang")["script"] is None
    world.say("li", "菜单")
    assert describe(world.runtime, "li")["script"] == "menu.main"
    assert "天？" not in world.say("zhao", "人工")
    assert "天？" in world.say("chen", "隐私")
    assert describe(world.runtime, "chen")["script"] == "live"


def test_a_clear_wish_is_heard_although_the_question_has_changed(world: World) -> None:
    world.owner("张阿姨", openid="zhang", phone="13800000001")
    move(world, "type", Upgrade.MIGRATE, "day")
    assert "先办" in world.say("zhang", "我家空调不制冷了")


def test_what_was_set_aside_on_an_old_revision_comes_back_on_the_new_one(world: World) -> None:
    old = parse_old("live")
    keep(world, [old])
    publish(world, [parse_new("live", "type", Upgrade.MIGRATE)])
    item = {"resume": dump_state(stand_at(old, "day")), "at": world.clock.now().isoformat()}
    seat(world, {"zhang": stand_at(parse_new("live", "type", Upgrade.MIGRATE), "note")}, waiting=(item,))
    said = world.say("zhang", "取消")
    assert NUMBER in said
    assert "接着办" in said


def test_beginning_again_never_repeats_an_effect(world: World) -> None:
    move(world, "deleted", Upgrade.RESTART, "day", vars={"sentence": "", COMMITTED: True}, path=())
    assert NOTE in world.say("zhang", "明天")


def test_without_its_text_a_conversation_whose_script_is_gone_ends_kindly_and_wishes_begin(world: World) -> None:
    world.owner("张阿姨", openid="zhang", phone="13800000001")
    seat(world, {"zhang": stand_at(parse_old("live"), "day")})
    said = world.say("zhang", "我家厨房水管漏水了")
    assert "停办" in said
    assert "哪天方便" in said


def test_a_service_whose_script_is_gone_is_booked_by_the_general_one(world: World) -> None:
    world.owner("张阿姨", openid="zhang", phone="13800000001")
    content = world.runtime.content
    by_intent = {intent: script for intent, script in content.by_intent.items() if intent != "housekeeping.hourly"}
    world.runtime = replace(world.runtime, content=replace(content, by_intent=by_intent))
    publish(world, (), gone=["housekeeping.hourly"])
    world.say("zhang", "我要约个钟点工")
    assert describe(world.runtime, "zhang")["script"] == "booking.general"


def test_a_stored_text_this_version_cannot_read_is_no_reason_to_fail(world: World) -> None:
    old = parse_old("live")
    publish(world, [parse_new("live", "renamed", Upgrade.PIN)])
    with world.runtime.transaction() as tx:
        values = {"file": "f", "source": "id: live\nnonsense: 1\n", "created_at": world.clock.now()}
        tx.session.add(ScriptRevision(script="live", revision=old.revision, **values))
    seat(world, {"zhang": stand_at(old, "note")})
    assert NOTE in world.say("zhang", "没有了")

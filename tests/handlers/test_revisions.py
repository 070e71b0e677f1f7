"""Before an edit goes live: who waits on which step, and what the edit would do to them."""

from __future__ import annotations

from dataclasses import replace

from dialogs.replay import compare_recorded
from dialogs.script import Upgrade
from dialogs.state import dump_state
from handlers.recordings import list_recordings
from handlers.revisions import check_live, count_waiting, store_revisions
from models.cases import Order
from tests.handlers.live_scripts import keep, parse_new, parse_old, publish, seat, stand_at
from tests.world import World

OLD = parse_old("live")


def prepare(world: World, edit: str, upgrade: Upgrade, step: str = "day") -> None:
    keep(world, [OLD])
    publish(world, [parse_new("live", edit, upgrade)])
    item = {"resume": dump_state(stand_at(OLD, "note")), "at": world.clock.now().isoformat()}
    seat(world, {"zhang": stand_at(OLD, step)})
    seat(world, {"li": stand_at(OLD, step)}, waiting=(item,))


def codes(world: World) -> list[tuple[str, str]]:
    return [
        (problem.code, problem.message) for problem in check_live(world.runtime) if problem.place.file.endswith("live.yaml")
    ]


def test_open_and_set_aside_conversations_are_counted_by_revision_and_step(world: World) -> None:
    prepare(world, "deleted", Upgrade.PIN)
    found = count_waiting(world.runtime)
    assert [(each.step, each.conversations, each.set_aside, each.is_current) for each in found] == [
        ("day", 2, 0, False),
        ("note", 1, 1, False),
    ]
    assert {each.revision for each in found} == {OLD.revision}
    assert found[0].oldest == world.clock.now()


def test_a_step_that_is_gone_while_people_wait_on_it_demands_an_alias(world: World) -> None:
    prepare(world, "deleted", Upgrade.MIGRATE)
    ((code, message),) = codes(world)
    assert code == "waiting_step"
    assert "2 conversations wait on 'day'" in message
    assert "alias" in message


def test_an_alias_and_the_policies_that_guess_nothing_are_fine(world: World) -> None:
    prepare(world, "renamed", Upgrade.MIGRATE)
    assert codes(world) == []
    for policy in (Upgrade.PIN, Upgrade.RESTART):
        publish(world, [parse_new("live", "deleted", policy)])
        assert codes(world) == []


def test_a_question_of_another_type_is_a_problem_as_soon_as_answers_are_kept(world: World) -> None:
    keep(world, [OLD])
    publish(world, [parse_new("live", "type", Upgrade.PIN)])
    seat(world, {"zhang": stand_at(OLD, "day")})
    assert codes(world) == []
    seat(world, {"li": stand_at(OLD, "note")})
    ((code, message),) = codes(world)
    assert code == "type_changed"
    assert "1 answer of the type 'date'" in message


def test_answers_in_booked_orders_count_too(world: World) -> None:
    keep(world, [OLD])
    publish(world, [parse_new("live", "type", Upgrade.PIN)])
    now = world.clock.now()
    with world.runtime.transaction() as tx:
        slots = {"day": {"value": "2026-11-22", "label": "周日"}}
        tx.session.add(Order(no="D1", service="live", slots=slots, created_at=now, updated_at=now))
    assert [code for code, _ in codes(world)] == ["type_changed"]


def test_nothing_waits_on_a_fresh_database(world: World) -> None:
    store_revisions(world.runtime)
    assert count_waiting(world.runtime) == []
    assert check_live(world.runtime) == []


def test_real_conversations_are_found_again_and_go_the_same_way_on_the_same_revision(world: World) -> None:
    store_revisions(world.runtime)
    world.owner("张阿姨", openid="zhang", phone="13800000001")
    world.staff("王管家", "wang")
    for text in ("我家厨房水管漏水了", "进度", "明天下午三点", "我要投诉", "接着", "跳过", "确认", "菜单"):
        world.say("zhang", text)
    world.say("zhang", "我家厨房水管漏水了")
    first, second = list_recordings(world.runtime, "housekeeping.utilities", 20)
    assert [message.heard.text for message in first.messages][-1] == "确认"
    assert first.is_sentence
    assert len(second.messages) == 1
    assert "zhang" not in first.name
    content = world.runtime.content
    current = content.scripts["housekeeping.utilities"]
    assert compare_recorded(current, first, content.texts, content.words, content.calendar).is_same
    steps = tuple(replace(step, text=current.steps[0].text) for step in current.steps if hasattr(step, "text"))
    assert not compare_recorded(replace(current, steps=steps), first, content.texts, content.words, content.calendar).is_same
    assert len(list_recordings(world.runtime, "housekeeping.utilities", 1)) == 1

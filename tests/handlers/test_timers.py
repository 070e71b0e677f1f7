"""Silence has consequences once, whoever looks and however often: reminders, rest, timeouts, the end."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from dialogs.conduct import Sitting, Timeout
from dialogs.parse import parse_script
from dialogs.script import Ask
from handlers import timers
from handlers.conversations import describe
from handlers.invitations import invite
from models.cases import Order
from models.conversations import Conversation
from models.followers import Follower
from tests.world import World

MINUTES, HOURS, DAYS = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
REPAIR = "housekeeping.utilities"


@pytest.fixture
def zhang(world: World) -> World:
    world.owner("张阿姨", openid="zhang", phone="13800000001")
    world.staff("王管家", "wang")
    return world


def with_sitting(world: World, script_id: str = REPAIR, timeout: Timeout | None = None, **values: Any) -> None:
    """Let a script of content behave differently in time."""
    content = world.runtime.content
    script = content.scripts[script_id]
    steps = tuple(replace(step, timeout=timeout) if isinstance(step, Ask) else step for step in script.steps)
    sitting = replace(script.sitting, **values)
    world.runtime = replace(
        world.runtime,
        content=replace(content, scripts={**content.scripts, script_id: replace(script, sitting=sitting, steps=steps)}),
    )


def stand(world: World, openid: str = "zhang") -> tuple[Any, ...]:
    found = describe(world.runtime, openid)
    return (found["script"], found.get("step"), found.get("resting"))


def test_a_silent_owner_is_reminded_once_rests_and_is_let_go(zhang: World) -> None:
    zhang.say("zhang", "我家厨房水管漏水了")
    before = stand(zhang)
    assert describe(zhang.runtime, "zhang")["timer"] == {"at": "2026-11-21T10:10:00+08:00", "kind": "remind"}
    assert zhang.tick(10 * MINUTES)["timers"] == 1
    (text,) = zhang.sender.texts("zhang")
    assert "您填的都还在" in text
    assert "您哪天方便" in text
    assert not any(zhang.tick().values())
    assert zhang.tick(2 * HOURS)["timers"] == 1
    assert stand(zhang) == (*before[:2], True)
    assert describe(zhang.runtime, "zhang")["timer"]["kind"] == "expire"
    assert zhang.tick(7 * DAYS)["timers"] == 1
    assert stand(zhang) == (None, None, None)
    assert len(zhang.sender.texts("zhang")) == 1


def test_an_answer_overwrites_the_timer(zhang: World) -> None:
    zhang.say("zhang", "我家厨房水管漏水了")
    zhang.clock.advance(9 * MINUTES)
    zhang.say("zhang", "明天下午三点")
    assert zhang.tick(5 * MINUTES)["timers"] == 0
    assert zhang.tick(5 * MINUTES)["timers"] == 1


def test_a_timer_that_was_missed_by_days_does_not_speak(zhang: World) -> None:
    zhang.say("zhang", "我家厨房水管漏水了")
    assert zhang.tick(3 * DAYS)["timers"] == 1
    assert stand(zhang)[2] is True
    assert zhang.sender.texts("zhang") == []
    assert not any(zhang.tick().values())


def test_somebody_who_no_longer_follows_is_not_reminded_later_either(zhang: World) -> None:
    zhang.say("zhang", "我家厨房水管漏水了")
    with zhang.runtime.transaction() as tx:
        tx.session.execute(update(Follower).where(Follower.openid == "zhang").values(message_sent=20))
    zhang.tick(10 * MINUTES)
    zhang.say("zhang", "重复")
    assert zhang.texts("zhang") == []


def test_the_options_of_a_reminder_and_those_before_it_still_work(zhang: World) -> None:
    for text in ("我家厨房水管漏水了", "明天下午三点", "跳过"):
        shown = zhang.say("zhang", text)
    zhang.tick(10 * MINUTES)
    (reminder,) = zhang.sender.texts("zhang")
    mark = reminder.split("msgmenuid=")[1].split('"')[0]
    assert f"msgmenuid={mark}" in shown
    before = stand(zhang)
    assert "前面的选项" not in zhang.receive("zhang", text="x", prompt=mark)
    assert stand(zhang) != before


def test_a_menu_that_nobody_answers_is_closed_without_a_word(zhang: World) -> None:
    zhang.say("zhang", "菜单")
    assert zhang.tick(2 * HOURS)["timers"] == 1
    assert stand(zhang)[0] is None
    assert zhang.sender.texts("zhang") == []


def test_what_stood_behind_a_menu_rests_when_the_menu_is_closed(zhang: World) -> None:
    zhang.say("zhang", "我家厨房水管漏水了")
    zhang.say("zhang", "我家空调不制冷了")
    assert stand(zhang)[0] == "busy"
    zhang.tick(2 * HOURS)
    assert stand(zhang) == (REPAIR, "when", True)


def test_a_question_nobody_answers_is_skipped_in_its_time(zhang: World) -> None:
    with_sitting(zhang, timeout=Timeout(5 * MINUTES, "skip"), remind_after=None)
    zhang.say("zhang", "我家厨房水管漏水了")
    first = stand(zhang)
    zhang.tick(5 * MINUTES)
    second = stand(zhang)
    assert second[1] != first[1]
    assert not any(zhang.tick(4 * MINUTES).values())
    zhang.tick(1 * MINUTES)
    assert stand(zhang)[1] not in (first[1], second[1])
    assert len(zhang.sender.texts("zhang")) == 2


def test_a_question_that_cannot_arrive_is_not_kept_for_later(zhang: World) -> None:
    with_sitting(zhang, timeout=Timeout(5 * MINUTES, "skip"), remind_after=None)
    zhang.say("zhang", "我家厨房水管漏水了")
    with zhang.runtime.transaction() as tx:
        tx.session.execute(update(Follower).where(Follower.openid == "zhang").values(message_sent=20))
    zhang.tick(5 * MINUTES)
    zhang.say("zhang", "重复")
    assert zhang.texts("zhang") == []


def test_an_invitation_does_not_prolong_her_silence(zhang: World) -> None:
    zhang.say("zhang", "我家厨房水管漏水了")
    before = describe(zhang.runtime, "zhang")["timer"]
    zhang.clock.advance(5 * MINUTES)
    with zhang.runtime.transaction() as tx:
        invite(zhang.runtime, tx, "zhang", "order.confirm", {"no": "D1", "service": "保洁"})
    assert describe(zhang.runtime, "zhang")["timer"] == before


def test_what_is_filled_in_is_handed_in_when_the_owner_stays_away(zhang: World) -> None:
    steps = [step.id for step in zhang.runtime.content.scripts[REPAIR].steps]
    with_sitting(zhang, on_idle=f"goto:{steps[steps.index('review') + 1]}", remind_after=None)
    zhang.say("zhang", "我家厨房水管漏水了")
    zhang.say("zhang", "明天下午三点")
    zhang.tick(2 * HOURS)
    assert zhang.count(Order) == 1
    assert any("D2611" in text for text in zhang.sender.texts("zhang"))
    zhang.tick(2 * HOURS)
    assert zhang.count(Order) == 1


def test_a_discarded_service_says_so_in_one_line(zhang: World) -> None:
    with_sitting(zhang, on_idle="discard", remind_after=None)
    zhang.say("zhang", "我家厨房水管漏水了")
    zhang.tick(2 * HOURS)
    assert [("先放下了" in text) for text in zhang.sender.texts("zhang")] == [True]
    assert stand(zhang)[0] is None


def test_while_a_person_answers_nothing_is_timed(zhang: World) -> None:
    zhang.say("zhang", "人工")
    assert not any(zhang.tick(3 * HOURS)[kind] for kind in ("timers",))


def test_one_that_fails_keeps_nobody_waiting_and_is_tried_again(
    zhang: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    zhang.owner("李叔", openid="li_owner", room="1栋-1单元-101")
    for openid in ("zhang", "li_owner"):
        zhang.say(openid, "我家厨房水管漏水了")
    whole = timers.take_step

    def fails_for_zhang(desk: Any, script: Any, given: Any) -> Any:
        if desk.openid == "zhang":
            raise ValueError("broken")
        return whole(desk, script, given)

    monkeypatch.setattr(timers, "take_step", fails_for_zhang)
    with caplog.at_level(logging.CRITICAL, logger="handlers.timers"):
        assert zhang.tick(10 * MINUTES)["timers"] == 1
        assert not any(zhang.tick().values())
    assert len(zhang.sender.texts("li_owner")) == 1
    monkeypatch.undo()
    assert zhang.tick(timers.PAUSE)["timers"] == 1
    assert len(zhang.sender.texts("zhang")) == 1


def test_processes_that_look_at_the_same_moment_fire_once(zhang: World) -> None:
    zhang.say("zhang", "我家厨房水管漏水了")
    with zhang.runtime.transaction() as tx:
        kept = tx.session.execute(select(Conversation).where(Conversation.openid == "zhang")).scalar_one()
        columns = [column.key for column in Conversation.__table__.columns if column.key != "openid"]
        for number in range(20):
            tx.session.add(Conversation(openid=f"p{number}", **{name: getattr(kept, name) for name in columns}))
            tx.session.add(Follower(openid=f"p{number}", is_following=True, message_at=zhang.clock.now(), message_sent=0))
    zhang.clock.advance(10 * MINUTES)
    fired: list[int] = []
    crowd = [threading.Thread(target=lambda: fired.append(timers.fire_due(zhang.runtime))) for _ in range(3)]
    for each in crowd:
        each.start()
    for each in crowd:
        each.join()
    assert sum(fired) == 21
    zhang.tick()
    assert [len(zhang.sender.texts(f"p{number}")) for number in range(20)] == [1] * 20


def test_the_instant_of_a_timer_is_kept_in_utc_whatever_the_database(zhang: World) -> None:
    zhang.say("zhang", "我家厨房水管漏水了")
    with zhang.runtime.database.reading() as tx:
        at = tx.session.scalar(select(Conversation.timer_at).where(Conversation.openid == "zhang"))
    assert at == datetime.fromisoformat("2026-11-21T10:10:00+08:00")


def test_a_script_without_a_reminder_gets_none() -> None:
    script = parse_script("id: a\nkind: menu\ntitle: t\nsteps:\n  - {id: q, ask: 您好？, type: text}\n", "a.yaml")
    assert script.sitting == Sitting(on_idle="discard")

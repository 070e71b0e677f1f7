"""Runs that are counted: once a person, a quota of answers, the last place given once."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from dialogs.conduct import Once, Quota
from dialogs.parse import parse_script
from models.followers import Follower
from models.runs import ScriptRun
from tests.world import World

SURVEY = """\
id: survey.lift
kind: survey
title: 电梯问卷
triggers: {words: [电梯问卷]}
steps:
  - {id: fits, ask: 电梯好用吗？, type: yesno, required: false}
  - {id: done, end: 谢谢您。}
"""


def offer(world: World, once: Once | None = None, quota: Quota | None = None) -> None:
    script = replace(parse_script(SURVEY, "survey.yaml"), once=once, quota=quota)
    content = world.runtime.content
    content = replace(
        content,
        scripts={**content.scripts, script.id: script},
        by_word={**content.by_word, "电梯问卷": script.id},
    )
    world.runtime = replace(world.runtime, content=content)


@pytest.fixture
def estate(world: World) -> World:
    for number in range(1, 4):
        building = "1栋" if number < 3 else "2栋"
        world.owner(f"业主{number}", openid=f"o{number}", room=f"{building}-1单元-10{number}")
    return world


def answer(world: World, openid: str) -> str:
    world.say(openid, "电梯问卷")
    return world.say(openid, "是")


def results(world: World) -> list[str | None]:
    with world.runtime.database.reading() as tx:
        return list(tx.session.scalars(select(ScriptRun.result).order_by(ScriptRun.id)))


def test_a_survey_leaves_a_row_however_it_ends(estate: World) -> None:
    offer(estate)
    answer(estate, "o1")
    estate.say("o2", "电梯问卷")
    estate.say("o2", "取消")
    assert results(estate) == ["completed", "cancelled"]
    with estate.runtime.database.reading() as tx:
        run = tx.session.scalars(select(ScriptRun)).first()
        assert run is not None
        assert (run.openid, run.script, run.owner_id is None, run.building_id is None) == ("o1", "survey.lift", False, False)


def test_who_has_answered_is_not_asked_again_nor_is_the_same_owner_elsewhere(estate: World) -> None:
    offer(estate, once=Once())
    answer(estate, "o1")
    assert "已经填过了" in estate.say("o1", "电梯问卷")
    with estate.runtime.transaction() as tx:
        owner_id = tx.session.scalar(select(Follower.owner_id).where(Follower.openid == "o1"))
        tx.session.add(Follower(openid="o1-too", owner_id=owner_id, is_following=True, message_sent=0, click_sent=0))
    assert "已经填过了" in estate.say("o1-too", "电梯问卷")
    assert "电梯好用吗" in estate.say("o2", "电梯问卷")


def test_after_the_period_it_may_be_answered_again_and_giving_up_does_not_count(estate: World) -> None:
    offer(estate, once=Once(timedelta(days=30)))
    estate.say("o1", "电梯问卷")
    estate.say("o1", "取消")
    answer(estate, "o1")
    assert "已经填过了" in estate.say("o1", "电梯问卷")
    estate.clock.advance(timedelta(days=31))
    assert "电梯好用吗" in estate.say("o1", "电梯问卷")


def test_a_full_quota_refuses_before_the_first_question(estate: World) -> None:
    offer(estate, quota=Quota(answers=1))
    answer(estate, "o1")
    assert "名额刚好满了" in estate.say("o2", "电梯问卷")
    assert results(estate) == ["completed"]


def test_each_building_has_its_own_quota(estate: World) -> None:
    offer(estate, quota=Quota(per_building=1))
    answer(estate, "o1")
    assert "名额刚好满了" in estate.say("o2", "电梯问卷")
    assert "电梯好用吗" in estate.say("o3", "电梯问卷")


def test_who_gives_up_gives_the_place_back(estate: World) -> None:
    offer(estate, quota=Quota(answers=1))
    estate.say("o1", "电梯问卷")
    assert "名额刚好满了" in estate.say("o2", "电梯问卷")
    estate.say("o1", "取消")
    assert "电梯好用吗" in estate.say("o2", "电梯问卷")


def test_a_place_that_somebody_left_without_a_word_is_free_again_in_the_end(estate: World) -> None:
    offer(estate, quota=Quota(answers=1))
    estate.say("o1", "电梯问卷")
    with estate.runtime.transaction() as tx:
        tx.session.execute(update(ScriptRun).values(started_at=estate.clock.now() - timedelta(days=8)))
    assert "电梯好用吗" in estate.say("o2", "电梯问卷")


def test_the_last_place_is_not_given_twice(estate: World) -> None:
    offer(estate, quota=Quota(answers=2))
    answer(estate, "o1")
    said: list[str] = []
    crowd = [threading.Thread(target=lambda who=who: said.append(estate.say(who, "电梯问卷"))) for who in ("o2", "o3")]
    for each in crowd:
        each.start()
    for each in crowd:
        each.join()
    assert sorted("电梯好用吗" in text for text in said) == [False, True]

"""Surveys the bot asks: answers and tags in the turn's transaction, taken back with it; consents, sittings, invitations."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from dialogs.parse import parse_script
from handlers import consents, exports, survey_invitations, survey_results
from handlers.content import index_triggers
from models.answers import SurveyAnswer, SurveyInvitation
from models.consents import PersonIds
from models.runs import ScriptRun
from models.tags import list_tags
from tests.world import World

SURVEY = """
id: survey.try
kind: survey
title: 小调研
purpose: profile
sources: [bot, visit, phone]
sitting: 3
triggers: {words: [小调研]}
steps:
  - id: hello
    say: 我是小区管家，想问您四个小问题，随时可以停。
  - id: use
    ask: 房子现在怎么用？
    type: choice
    name: 房屋用途
    tag: house.use
    why: 上门服务
    fresh: 365d
    options:
      - {key: own, label: 自己住, value: 自住}
      - {key: let, label: 租出去了, value: 出租}
  - id: pet
    ask: 家里有宠物吗？
    type: multi
    name: 宠物
    tag: pet.kind
    why: 宠物服务
    options:
      - {key: none, label: 没养, value: 无}
      - {key: dog, label: 狗, value: 犬}
      - {key: cat, label: 猫, value: 猫}
  - id: kid
    ask: 孩子上几年级？
    type: choice
    name: 孩子
    tag: child.stage
    consent: minors
    why: 亲子活动
    options:
      - {key: young, label: 幼儿园, value: 幼}
      - {key: small, label: 小学, value: 小}
  - id: state
    ask: 电话通吗？
    type: choice
    name: 号码
    tag: phone.state
    staff: true
    why: 号码要对
    options:
      - {key: ok, label: 通的, value: 有效}
      - {key: dead, label: 是空号, value: 空号}
  - id: wish
    ask: 还有什么想说的？
    type: text
    name: 想说的
    why: 改进服务
  - id: bye
    end: 谢谢您，我都记下了。
"""
OPENID = "o-zhang"


@pytest.fixture
def estate(world: World) -> World:
    """An estate with one small survey beside all others, an owner and a butler."""
    script = parse_script(SURVEY, "try.yaml")
    scripts = {**world.runtime.content.scripts, script.id: script}
    tables = {f"by_{name}": table for name, table in index_triggers(scripts).items()}
    sources = {**world.runtime.content.sources, script.id: ("try.yaml", SURVEY)}
    content = replace(world.runtime.content, scripts=scripts, sources=sources, **tables)
    world.runtime = replace(world.runtime, content=content)
    world.owner("张阿姨", openid=OPENID, phone="13800010001")
    world.staff("王管家", "o-wang")
    return world


def tags(world: World, owner_id: int = 1) -> dict[str, list[str]]:
    with world.runtime.database.reading() as tx:
        return list_tags(tx.session, owner_id, world.clock.now())


def standing(world: World) -> list[tuple[str, str | None, str]]:
    with world.runtime.database.reading() as tx:
        rows = tx.session.scalars(select(SurveyAnswer).where(SurveyAnswer.undone_at.is_(None)).order_by(SurveyAnswer.id))
        return [(row.question, row.key, row.source) for row in rows]


def test_every_answer_is_recorded_with_its_tag_as_it_is_given(estate: World) -> None:
    said = estate.say(OPENID, "小调研")
    assert "我记下来" in said
    assert "房子现在怎么用" in estate.say(OPENID, "同意")
    assert "宠物" in estate.say(OPENID, "1")
    assert standing(estate) == [("use", "own", "bot")]
    assert tags(estate) == {"house.use": ["自住"]}
    estate.say(OPENID, "狗 猫")
    assert sorted(tags(estate)["pet.kind"]) == ["犬", "猫"]


def test_going_back_takes_answer_and_tag_back_and_the_new_one_takes_their_place(estate: World) -> None:
    for text in ("小调研", "同意", "1", "狗"):
        estate.say(OPENID, text)
    assert "宠物" in estate.say(OPENID, "返回")
    assert "pet.kind" not in tags(estate)
    estate.say(OPENID, "猫")
    assert tags(estate) == {"house.use": ["自住"], "pet.kind": ["猫"]}
    assert standing(estate) == [("use", "own", "bot"), ("pet", "cat", "bot")]
    assert estate.count(SurveyAnswer) == 3


def test_a_refusal_leaves_no_answer_and_no_tag_and_is_remembered(estate: World) -> None:
    estate.say(OPENID, "小调研")
    assert "什么都没记" in estate.say(OPENID, "不同意")
    assert (standing(estate), tags(estate)) == ([], {})
    with estate.runtime.database.reading() as tx:
        assert not consents.may_ask(tx.session, 1, "profile", estate.clock.now())
        assert tx.session.scalars(select(ScriptRun.result)).all() == ["refused"]
    assert "我记下来" in estate.say(OPENID, "小调研"), "her own word asks again"


def test_thinking_better_of_the_consent_takes_everything_back(estate: World) -> None:
    for text in ("小调研", "同意", "1", "返回", "返回"):
        said = estate.say(OPENID, text)
    assert "我记下来" in said
    assert "什么都没记" in estate.say(OPENID, "不同意")
    assert (standing(estate), tags(estate)) == ([], {})


def test_a_child_is_asked_for_only_behind_its_own_consent(estate: World) -> None:
    for text in ("小调研", "同意", "1", "没养"):
        said = estate.say(OPENID, text)
    assert "监护人" in said
    said = estate.say(OPENID, "不同意")
    assert "几年级" not in said
    assert "想说的" in said
    assert "child.stage" not in tags(estate)


def test_a_tenant_is_not_asked_for_a_child_at_all(estate: World) -> None:
    estate.owner("李叔", openid="o-li", room="1栋-2单元-302", relation="租客")
    for text in ("小调研", "同意", "1", "没养"):
        said = estate.say("o-li", text)
    assert "监护人" not in said
    assert "想说的" in said


def test_what_is_known_is_confirmed_in_one_line_and_lives_on(estate: World) -> None:
    for text in ("小调研", "同意", "1", "没养", "不同意", "挺好"):
        estate.say(OPENID, text)
    estate.clock.advance(timedelta(days=200))
    assert "房屋用途是自己住" in estate.say(OPENID, "小调研")
    estate.say(OPENID, "是的")
    estate.clock.advance(timedelta(days=200))
    assert tags(estate)["house.use"] == ["自住"], "said again after 200 days, it has not died after 400"


def test_what_is_known_and_has_changed_is_asked(estate: World) -> None:
    estate.owner("李叔", openid="o-li", room="1栋-2单元-302", tags={"house.use": "自住"})
    estate.say("o-li", "小调研")
    assert "还是这样吗" in estate.say("o-li", "同意")
    assert "房子现在怎么用" in estate.say("o-li", "不是")
    estate.say("o-li", "2")
    assert tags(estate, 2)["house.use"] == ["出租"]


def test_after_a_sitting_it_rests_and_goes_on_where_it_was(estate: World) -> None:
    for text in ("小调研", "同意", "1", "没养"):
        estate.say(OPENID, text)
    assert "先聊到这儿" not in estate.say(OPENID, "同意")
    assert "先聊到这儿" in estate.say(OPENID, "小学")
    assert "先聊到这儿" not in estate.say(OPENID, "菜单"), "something else is served at once"
    estate.say(OPENID, "退出")
    assert "想说的" in estate.say(OPENID, "继续")
    assert "谢谢您" in estate.say(OPENID, "都挺好")
    assert [question for question, _, _ in standing(estate)] == ["use", "pet", "kid", "wish"]


def test_between_two_sittings_one_reminder_comes_the_next_day(estate: World) -> None:
    for text in ("小调研", "同意", "1", "没养", "同意", "小学"):
        estate.say(OPENID, text)
    estate.tick(timedelta(hours=2))
    assert estate.sender.texts(OPENID) == []
    estate.tick(timedelta(hours=20, minutes=10))
    assert ["还剩几个小问题" in text for text in estate.sender.texts(OPENID)] == [True]
    estate.tick(timedelta(hours=20))
    assert len(estate.sender.texts(OPENID)) == 1
    assert "谢谢您" in estate.say(OPENID, "都挺好"), "the reminder showed the question"


def test_somebody_back_the_next_day_for_nothing_in_particular_is_asked_to_go_on(estate: World) -> None:
    for text in ("小调研", "同意", "1", "暂停"):
        said = estate.say(OPENID, text)
    assert "放一放" in said
    estate.clock.advance(timedelta(hours=12))
    assert "小调研" in estate.say(OPENID, "你好")
    assert "宠物" in estate.say(OPENID, "是的")


def test_an_invitation_is_asked_inside_the_window_and_waits_outside_it(estate: World) -> None:
    estate.owner("李叔", openid="o-li", room="1栋-2单元-302")
    estate.say(OPENID, "你好")
    told = survey_invitations.invite_audience(estate.runtime, "survey.try", "自住 或 非自住", "cli")
    assert told == {"survey": "survey.try", "matched": 2, "asked": 1, "waiting": 1, "skipped": {}}
    assert any("四个小问题" in text for text in estate.texts(OPENID))
    assert estate.texts("o-li") == []
    assert any("四个小问题" in estate.say("o-li", text) for text in ("积分", "取消"))
    with estate.runtime.database.reading() as tx:
        assert set(tx.session.scalars(select(SurveyInvitation.status))) == {"asked"}
    again = survey_invitations.invite_audience(estate.runtime, "survey.try", "自住 或 非自住", "cli")
    assert again["skipped"] == {"invited_lately": 2}
    assert estate.count(SurveyInvitation) == 2


def test_nobody_is_invited_who_refused_or_unsubscribed(estate: World) -> None:
    estate.owner("李叔", openid="o-li", room="1栋-2单元-302")
    with estate.runtime.transaction() as tx:
        consents.record(estate.runtime, tx, PersonIds(1, OPENID), "profile", False, "chat", "k", "owner")
    estate.say("o-li", "退订")
    estate.say("o-li", "1")
    told = survey_invitations.invite_audience(estate.runtime, "survey.try", "自住 或 非自住", "cli", dry_run=True)
    assert told["asked"] == told["waiting"] == 0
    assert told["skipped"].get("refused") == 1
    assert sum(told["skipped"].values()) == 2


def test_results_are_counted_by_question_and_exported_by_contract(estate: World) -> None:
    for text in ("小调研", "同意", "1", "狗 猫", "不同意", "挺好"):
        estate.say(OPENID, text)
    found = survey_results.count_results(estate.runtime, "survey.try")
    by_id = {each.question: each for each in found.questions}
    assert by_id["pet"].options == {"狗": 1, "猫": 1}
    assert (by_id["use"].answered, by_id["use"].options, found.runs) == (1, {"自己住": 1}, {"completed": 1})
    rows = list(exports.export(estate.runtime, "responses"))
    assert [(row["owner_id"], row["question"], row["key"], row["asker"]) for row in rows] == [
        (1, "use", "own", "bot"),
        (1, "pet", "dog,cat", "bot"),
        (1, "wish", None, "bot"),
    ]
    share = survey_results.measure_buildings(estate.runtime)
    assert share["1栋"]["pet.kind"] == 1.0

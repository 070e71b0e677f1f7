"""Pushes chosen by what is known of people can be refused by one word, offers need a yes, and no price hangs on a profile."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.rules import check_push_rule, parse_push_rule
from dialogs.check import Names, check_script
from dialogs.parse import parse_script
from handlers import consents, pushes
from handlers.content import Content
from handlers.ports import TemplateMessage
from handlers.pushes import MAX_TEXT_BYTES
from handlers.topics import MARKETING, NOTICE, SERVICE, parse_topics
from handlers.wording import LIMIT_BYTES
from models.consents import PersonIds
from tests.world import World

TAGGED, EVERYONE = "pet.kind = 犬", "building = 1"


@pytest.fixture
def estate(world: World) -> World:
    world.owner("张阿姨", openid="zhang", tags={"pet.kind": "犬"})
    world.say("zhang", "你好")
    return world


def push(world: World, audience: str, topic: str = "", text: str = "周六打疫苗。") -> dict[str, int]:
    made = pushes.create(world.runtime, audience=audience, text=text, topic=topic)
    return made["skipped"] or {"planned": made["planned"]}


def test_who_wants_nothing_personal_gets_only_what_everybody_gets_until_she_wants_it_again(estate: World) -> None:
    assert push(estate, TAGGED, SERVICE) == {"planned": 1}
    estate.say("zhang", "我要报修")
    answered = estate.say("zhang", "不看个性化")
    assert "恢复个性化" in answered
    estate.tick()
    assert estate.sender.texts("zhang") == []  # planned before, and stopped at once
    for topic in (SERVICE, ""):
        assert push(estate, TAGGED, topic) == {"no_profile": 1}
        assert push(estate, f"{EVERYONE} 且 age >= 60 或 {TAGGED}", topic) == {"no_profile": 1}
        assert push(estate, EVERYONE, topic, "明早停水。") == {"planned": 1}
    estate.say("zhang", "恢复推送")
    assert push(estate, TAGGED) == {"no_profile": 1}
    assert "不看个性化" in estate.say("zhang", "恢复个性化")
    assert push(estate, TAGGED) == {"planned": 1}


def test_a_targeted_push_says_how_to_refuse_by_a_tap_in_the_chat_and_in_words_on_a_template(estate: World) -> None:
    push(estate, TAGGED, SERVICE)
    push(estate, EVERYONE, SERVICE, "明早停水。")
    estate.tick()
    targeted, general = estate.sender.texts("zhang")
    assert "msgmenucontent=不看个性化&" in targeted
    assert general == "明早停水。"
    estate.receive("zhang", text="不看个性化", prompt="personal")
    assert push(estate, TAGGED, SERVICE) == {"no_profile": 1}
    estate.owner("李叔", openid="li", room="1栋-1单元-102", tags={"pet.kind": "犬"})
    push(estate, TAGGED, "", "长" * 400)
    estate.tick()
    (message,) = [message for to, message in estate.sender.sent if to == "li"]
    assert isinstance(message, TemplateMessage)
    assert message.data["first"].endswith("不看个性化」")
    longest = "x" * MAX_TEXT_BYTES + targeted.removeprefix("周六打疫苗。") + "\n" + estate.runtime.say("push.footer")
    assert len(longest.encode()) <= LIMIT_BYTES


def test_offers_go_to_those_who_agreed_and_stop_at_once_while_service_passes(estate: World) -> None:
    assert push(estate, EVERYONE, "travel") == {"no_consent": 1}
    with estate.runtime.transaction() as tx:
        person = PersonIds(1, "zhang")
        consents.record(estate.runtime, tx, person, MARKETING, granted=True, channel="chat", evidence="k", by="owner")
    assert push(estate, EVERYONE, "旅游") == {"planned": 1}
    estate.tick(timedelta(hours=49))
    assert estate.sender.sent == []  # the window is closed, and no template carries offers
    push(estate, EVERYONE, "travel")
    estate.say("zhang", "退订")
    estate.tick()
    assert estate.sender.texts("zhang") == []
    assert push(estate, EVERYONE, "travel") == {"opted_out": 1}
    assert push(estate, EVERYONE, "活动") == {"opted_out": 1}
    assert push(estate, EVERYONE, "停水") == {"planned": 1}


def test_a_topic_without_a_class_needs_a_yes_and_a_rule_cannot_need_less_than_its_topic(world: World) -> None:
    book = parse_topics({"topics": {"sport": {"label": "运动"}, "news": {"label": "通知", "class": "service"}}})
    assert [book.find_kind(name) for name in ("运动", "通知", "别的", "")] == [MARKETING, SERVICE, NOTICE, NOTICE]
    with pytest.raises(ValueError, match="class"):
        parse_topics({"topics": {"sport": {"label": "运动", "class": "free"}}})
    schedule = {"cron": "0 9 * * sat"}
    given = {
        "id": "x",
        "title": "甲",
        "topic": "运动",
        "kind": "service",
        "audience": "养犬",
        "schedule": schedule,
        "text": "今天八折。",
    }
    rule = parse_push_rule(given)
    tagged, everyone = (pushes.read_audience(world.runtime, text) for text in ("养犬", "building = 1"))
    assert [kind for kind, *_ in check_push_rule(rule, tagged, book)] == ["topic", "price_by_profile"]
    assert [kind for kind, *_ in check_push_rule(replace(rule, kind=MARKETING), everyone, book)] == []


SCRIPT = """
id: survey.price
kind: survey
title: 价
purpose: profile
sources: [bot]
sitting: 3
triggers: {words: [价]}
steps:
  - id: dear
    say: "上门一次{{ if(is_empty(tags.pet.kind.value), '20元', '30元') }}"
  - id: cheap
    say: 老客户打折
    ask_if: "not is_empty(tags.pet.kind.value)"
  - id: plain
    say: 上门一次20元
  - id: bye
    end: 谢谢您。
"""


def test_a_script_whose_price_looks_at_tags_does_not_pass_the_check(loaded: tuple[Content, object]) -> None:
    names = Names(tags=loaded[0].vocabulary.keys)
    found = [problem for problem in check_script(parse_script(SCRIPT, "x.yaml"), names) if problem.code == "price_by_profile"]
    assert [problem.place.line for problem in found] == [10, 12]

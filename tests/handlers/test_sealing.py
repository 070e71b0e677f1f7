"""What is of level 2 stands nowhere in the clear, is found all the same, and is read by those who may (D06)."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import pytest
from sqlalchemy import text

from bot.sealing import SealingCipher
from console.permissions import ROLES, Permission
from handlers import consents
from handlers.pushes import read_audience
from handlers.sealing import seal_all
from handlers.tag_writes import TagOrigin, write_tag
from handlers.tags import SEES_SENSITIVE
from models.answers import SurveyAnswer
from models.audience.evaluate import matches
from models.audience.people import load_person
from models.audience.queries import list_audience
from models.base import Base
from models.consents import PersonIds
from models.conversations import Conversation
from models.database import Database
from models.tag_changes import TagConflict, list_changes
from models.tags import list_tags
from tests.handlers.test_surveys import OPENID, estate  # noqa: F401
from tests.world import World

WORDS = ("幼儿园", "幼", "young")
OURS = {"script_revision", "consent_text"}  # what is asked, not what was answered


def dump(database: Database) -> str:
    """Return every row of every table as it is stored."""
    with database.reading() as tx:
        tables = [each for each in Base.metadata.sorted_tables if each.name not in OURS]
        return "\n".join(
            f"{each.name}: {list(row)}"
            for each in tables
            for row in tx.connection.execute(text(f'SELECT * FROM "{each.name}"'))
        )


def agree(world: World, purpose: str) -> None:
    with world.runtime.transaction() as tx:
        consents.record(
            world.runtime, tx, PersonIds(1, OPENID), purpose, granted=True, channel="chat", evidence="k", by="owner"
        )


def find(world: World, expression: str) -> tuple[list[int], bool]:
    """Return whom an expression finds in SQL, and whether it holds of the first owner in Python."""
    now, today, audience = world.runtime.now(), world.runtime.today(), read_audience(world.runtime, expression)
    with world.runtime.database.reading() as tx:
        person = load_person(tx, 1, now)
        assert person is not None
        return list(list_audience(tx.connection, audience, now, today)), matches(audience, person, now, today)


def test_an_answer_of_level_2_stands_sealed_everywhere_and_an_audience_still_finds_it(estate: World) -> None:  # noqa: F811
    agree(estate, "profile")
    agree(estate, "minors")
    for said in ("小调研", "1", "狗", "幼儿园"):
        estate.say(OPENID, said)
    estate.say("o-wang", "标签 张阿姨 +小学生")
    with estate.runtime.transaction() as tx:
        write_tag(estate.runtime, tx, 1, "child.stage", "初", TagOrigin("import", "cli:x", evidence="幼儿园 名单"))
    with estate.runtime.database.reading() as tx:
        state = tx.session.get_one(Conversation, OPENID).state
        assert state is not None
        assert state["answers"]["kid"]["label"] == "幼儿园"
    estate.say(OPENID, "更正")  # the survey waits behind it
    assert "孩子学段：幼" in estate.say(OPENID, "喜好和家里情况")  # what she is shown of herself is kept as little in the clear
    rows = dump(estate.runtime.database)
    assert [word for word in (*WORDS, "小学生") if word in rows] == []
    with estate.runtime.database.reading() as tx:
        assert sorted(list_tags(tx.session, 1, estate.runtime.now())["child.stage"]) == sorted(["初", "小", "幼"])
        assert tx.session.query(SurveyAnswer.label).filter_by(question="kid").one()[0] == "幼儿园"
        assert any("幼儿园" in (each.evidence or "") for each in list_changes(tx.session, 1))
    for expression, is_meant in (
        ("child.stage = 幼", True),
        ("有婴幼儿", True),
        ("child.stage = 高", False),
        ("child.stage != 高", True),
        ("child.stage in (高, 幼)", True),
        ("not child.stage = 幼", False),
        ("child.stage 包含 幼", True),
        ("has(child.stage)", True),
    ):
        assert find(estate, expression) == ([1] if is_meant else [], is_meant), expression


def test_only_those_who_may_see_what_is_sensitive_are_told_it_in_the_chat(estate: World) -> None:  # noqa: F811
    agree(estate, "health")
    estate.staff("小台", "o-desk", role="service_desk")
    with estate.runtime.transaction() as tx:
        write_tag(estate.runtime, tx, 1, "health.season", "要提醒", TagOrigin("bot", "owner", evidence="k"))
        other = estate.runtime.content.vocabulary.keys["health.season"].mark("不要")
        said = {"source": "visit", "by": "staff:1", "at": estate.runtime.now()}
        tx.session.add(TagConflict(owner_id=1, key="health.season", kept=other, other=other, **said))
    assert "要提醒" in estate.say("o-wang", "标签 张阿姨")
    assert "不要" in estate.say("o-wang", "标签 张阿姨")
    told = estate.say("o-desk", "标签 张阿姨")
    assert "季节关照" not in told
    assert "不要" not in told
    assert {role.value for role in ROLES if Permission.SEE_SENSITIVE in ROLES[role]} == set(SEES_SENSITIVE)


OLD, NEW = (SealingCipher(f"{name} key of tests, long enough for one") for name in ("a", "another"))
CHANGE = """(1, 1, 'child.class', '体育', 'add', '[{"value": "艺术"}]', 'visit', 'x', '2026-11-01 00:00:00')"""
PLAIN = (
    "INSERT INTO tag (id, key, value, number) VALUES (901, 'child.stage', '小', 1), (902, 'child.class', '体育', 1)",
    "INSERT INTO owner_tag (owner_id, tag_id, source, evidence, at) VALUES (1, 901, 'visit', '练体育', '2026-11-01 00:00:00')",
    "INSERT INTO owner_tag (owner_id, tag_id, source, evidence, at) VALUES (1, 902, 'visit', '练体育', '2026-11-01 00:00:00')",
    f"INSERT INTO tag_change (id, owner_id, key, value, action, before, source, by, at) VALUES {CHANGE}",
)


def test_what_was_kept_plain_or_under_the_key_before_is_sealed_anew_and_nothing_is_lost(world: World) -> None:
    world.owner("张阿姨", tags={"child.stage": "小"})
    content, url = world.runtime.content, world.runtime.database.url
    with world.runtime.database.transaction() as tx:
        for statement in PLAIN:
            tx.connection.exec_driver_sql(statement)
    both = SealingCipher("another key of tests, long enough for one", "a key of tests, long enough for one")
    with closing(Database(url, cipher=both)) as later:
        assert seal_all(later, content, world.clock.now()) == 5
        assert seal_all(later, content, world.clock.now()) == 0
        assert [word for word in ("小", "体育", "艺术") if word in dump(later)] == []
    with closing(Database(url, cipher=NEW)) as later:
        with later.reading() as tx:
            assert list_tags(tx.session, 1, world.runtime.now()) == {"child.class": ["体育"], "child.stage": ["小"]}
            assert list_changes(tx.session, 1)[0].before == [{"value": "艺术"}]
        moved = replace(world, runtime=replace(world.runtime, database=later))
        assert find(moved, "child.stage = 小 且 child.class = 体育") == ([1], True)
    with closing(Database(url, cipher=OLD)) as lost, pytest.raises(ValueError, match="key"):
        seal_all(lost, content, world.clock.now())

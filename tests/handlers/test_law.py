"""Rows of the law that no other test holds to: the yearly look at children's data, heirs, the standard, what stays off."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
import yaml
from sqlalchemy import text

from bot.content import CONTENT_DIR
from bot.rules import next_time
from handlers import consents, minors_audit, pushes, schedules, ticks
from handlers.content import Content
from handlers.sealing import seal_all
from handlers.tag_writes import TagOrigin, write_tag
from models.audience.errors import AudienceError
from models.cases import Feedback
from models.consents import PersonIds
from models.owners import Owner
from models.rights import Erasure
from models.tags import list_tags
from models.tasks import Task, TaskKind
from models.vocabulary import parse_vocabulary
from tests.world import SHANGHAI, World


def list_tasks(world: World, kind: TaskKind) -> list[Task]:
    with world.runtime.database.reading() as tx:
        return tx.session.query(Task).filter_by(kind=kind.value).order_by(Task.id).all()


def agree(world: World, purpose: str, *, granted: bool = True) -> None:
    with world.runtime.transaction() as tx:
        person = PersonIds(1, "zhang")
        consents.record(world.runtime, tx, person, purpose, granted=granted, channel="chat", evidence="k", by="owner")


def tell(world: World, key: str, value: str) -> str:
    with world.runtime.transaction() as tx:
        return write_tag(world.runtime, tx, 1, key, value, TagOrigin("bot", "owner", evidence="k")).outcome.value


def test_each_january_the_supervisor_is_asked_to_look_at_what_is_held_of_children_and_gets_the_numbers(world: World) -> None:
    world.owner("张阿姨", openid="zhang")
    world.staff("刘主管", "liu", role="supervisor", buildings=())
    schedules.store_rules(world.runtime)
    ticks.tick(world.runtime, datetime(2027, 1, 10, 9, tzinfo=SHANGHAI), next_time)
    assert list_tasks(world, TaskKind.AUDIT) == []  # nothing of children is held
    agree(world, "minors")
    assert tell(world, "child.stage", "小") == "written"
    found = minors_audit.report(world.runtime, 2026, "cli:liu")
    assert (found["people"], found["values"], found["standard"]) == (1, {"child.stage": 1}, "GB/T 45574-2025")
    assert found["consents"] == {"granted": 1, "refused_or_withdrawn": 0}
    assert found["deeds"] == {"tag": {"owner": 1}}
    assert found["findings"] == {"people_without_consent": 0, "values_past_their_time": 0}
    assert "张阿姨" not in str(found)
    for year in (2028, 2028, 2029):
        at = datetime(year, 1, 10, 9, 30, tzinfo=SHANGHAI)
        world.clock.advance(max(at - world.clock.now(), at - at))
        ticks.tick(world.runtime, at, next_time)
    first, second = list_tasks(world, TaskKind.AUDIT)
    assert ("2027" in first.summary, "2028" in second.summary) == (True, True)
    assert sum("每年一次的审计" in said for said in world.sender.texts("liu")) == 2


def test_heirs_are_heard_with_a_list_of_proofs_and_nothing_happens_by_itself(world: World) -> None:
    world.owner("张桂兰", openid="zhang")
    world.staff("刘主管", "liu", role="supervisor", buildings=())
    world.staff("王管家", "wang")
    for said in ("亲人过世", "张桂兰 1栋-2单元-301", "女儿"):
        world.say("child", said)
    assert "死亡证明" in world.say("child", "都删掉")
    (task,) = list_tasks(world, TaskKind.FEEDBACK)
    for proof in ("死亡证明", "亲属关系证明", "身份证件", "原件", "另作安排"):
        assert proof in task.summary
    assert "代办逝者资料" in task.summary
    assert any("死亡证明" in said for said in world.texts("liu"))
    assert world.texts("wang") == []
    assert (world.count(Feedback), world.count(Erasure), world.count(Owner)) == (1, 0, 1)


def test_a_map_of_another_version_is_read_anew_and_seals_and_opens_what_changed_its_level(world: World) -> None:
    world.owner("张阿姨", openid="zhang")
    agree(world, "health")
    assert tell(world, "health.season", "要提醒") == "written"
    assert tell(world, "hobby", "太极") == "written"
    given = yaml.safe_load((CONTENT_DIR / "tags.yaml").read_text(encoding="utf-8"))
    given["standard"] = "GB/T 45574-2030"
    given["tags"]["hobby"] |= {"level": 2, "purpose": "health"}
    given["tags"]["health.season"] |= {"level": 1}
    del given["tags"]["health.season"]["purpose"]
    given["groups"]["活动户外"]["sensitivity"] = 2
    newer: Content = replace(world.runtime.content, vocabulary=parse_vocabulary(given))
    assert newer.vocabulary.standard == "GB/T 45574-2030"
    assert (newer.vocabulary.keys["hobby"].level, newer.vocabulary.keys["health.season"].level) == (2, 1)
    database = world.runtime.database
    assert seal_all(database, newer, world.clock.now()) > 0
    assert seal_all(database, newer, world.clock.now()) == 0
    with database.reading() as tx:
        stored = dict(tx.connection.execute(text("SELECT key, value FROM tag")).all())
        assert (stored["health.season"], "太极" in stored["hobby"]) == ("要提醒", False)
        assert list_tags(tx.session, 1, world.runtime.now()) == {"health.season": ["要提醒"], "hobby": ["太极"]}
    world.runtime = replace(world.runtime, content=newer)
    assert pushes.list_ids(world.runtime, "health.season = 要提醒 且 hobby = 太极") == [1]


def test_what_the_seeds_wanted_and_todays_law_forbids_stays_off(loaded: tuple[Content, object]) -> None:
    content = loaded[0]
    vocabulary, sources = content.vocabulary, content.sources
    assert all(vocabulary.is_forbidden(word) for word in ("收入", "财产", "社会关系", "人脸", "体检结果"))  # D2 2, 8, 10
    assert not content.services["finance.mutual_fund"].is_enabled  # D2 3
    assert "不加手续费" in sources["finance.bill_payment"][1]  # D2 3
    assert "公告过的业主联络员" in sources["survey.liaison"][1]  # D2 1: declared, and things instead of neighbours
    for key in ("health.care", "child.counsel"):  # D2 8: no segments
        assert not vocabulary.keys[key].is_in_audiences
        with pytest.raises(AudienceError, match="forbidden_field"):
            pushes.parse_audience(f"{key} = {vocabulary.keys[key].values[0]}", vocabulary)
    for private in ("elderly.mediation", "education.troubled_teens", "deceased"):  # D2 8: restricted
        assert content.duty(private).is_private
    assert content.duty("complaint.other").due_minutes <= 10 * 24 * 60  # D2 9: the city's floor is ten days
    assert "school subjects up to grade nine are only talked over" in sources["education.tutoring"][1]  # D2 9

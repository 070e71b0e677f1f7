"""What was not understood is kept masked, counted once per sentence, and taught by owners and staff."""

from __future__ import annotations

import pytest
import yaml

from handlers import unheard
from handlers.errors import InvalidInputError, NotFoundError
from models.unheard import UnheardStatus, list_unheard
from tests.world import World

STRANGE = "咕噜咕噜转圈圈那个，我电话13800138000"


def _rows(world: World, status: UnheardStatus = UnheardStatus.OPEN) -> list[tuple[str, int]]:
    with world.runtime.database.reading() as tx:
        return [(row.text, row.times) for row in list_unheard(tx.session, status)]


def test_a_sentence_nobody_understands_is_kept_without_its_number_and_counted(world: World) -> None:
    world.owner("张阿姨", openid="oA")
    world.owner("李叔", openid="oB", phone="13800000002", room="1栋-2单元-302")
    for openid in ("oA", "oB"):
        world.say(openid, STRANGE)
    (row,) = _rows(world)
    assert row == ("咕噜咕噜转圈圈那个，我电话〔手机号〕", 2)


def test_what_the_owner_then_chooses_teaches_by_itself(world: World) -> None:
    world.owner("张阿姨", openid="oA")
    asked = world.say("oA", "电视")
    if "哪一样" in asked:
        world.say("oA", "1")
        assert [text for text, _ in _rows(world, UnheardStatus.ANSWERED)] == ["电视"]


def test_small_talk_is_answered_and_not_collected(world: World) -> None:
    world.owner("张阿姨", openid="oA")
    for text in ("谢谢啦", "你是机器人吗", "哈哈哈", "晚安"):
        assert "没听明白" not in world.say("oA", text)
    assert _rows(world) == []


def test_small_talk_within_a_question_leads_back_to_it_and_costs_no_try(world: World) -> None:
    world.owner("张阿姨", openid="oA")
    question = world.say("oA", "我家厨房水管漏水了")
    for _ in range(4):
        assert question.splitlines()[-1] in world.say("oA", "谢谢")


def test_staff_teach_a_sentence_once_and_it_comes_out_as_an_utterance(world: World) -> None:
    world.owner("张阿姨", openid="oA")
    world.say("oA", STRANGE)
    with world.runtime.database.reading() as tx:
        number = list_unheard(tx.session, UnheardStatus.OPEN)[0].id
    unheard.teach(world.runtime, "console:admin", number, "housekeeping.recycling")
    assert _rows(world) == []
    assert yaml.safe_load(unheard.render_taught(world.runtime)) == {
        "housekeeping.recycling": ["咕噜咕噜转圈圈那个，我电话〔手机号〕"]
    }
    with pytest.raises(InvalidInputError):
        unheard.teach(world.runtime, "console:admin", number, "housekeeping.magic")
    with pytest.raises(NotFoundError):
        unheard.teach(world.runtime, "console:admin", 10**9, "complaint")

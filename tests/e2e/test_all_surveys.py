"""Every survey is asked by the bot and led by staff over the real protocol: answers, tags, a push; a no leaves nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest
from sqlalchemy import func, select

from dialogs.intents.understander import Understander
from dialogs.survey import Source
from handlers import pushes, survey_invitations
from handlers.content import Content
from models.answers import SurveyAnswer
from models.campaigns import Delivery
from models.tags import list_tags
from models.tasks import Task
from tests.e2e.caller import Caller, open_witness
from tests.e2e.system import System, wait_for
from tests.world import World

COMMUNITY, HOST = "调研苑", "oSURVEY_host"
WORDS: Mapping[str, str] = {  # what an owner says to be asked
    "survey.delivery": "交付回访",
    "survey.event": "活动小问",
    "survey.friend": "认识一下",
    "survey.liaison": "联络员观察",
    "survey.needs": "服务小问",
    "survey.owner": "业主调研",
    "survey.parcel": "快递小问",
    "survey.yearly": "年度回访",
}
WISHES: Mapping[str, tuple[str, ...]] = {  # what a return visit is about: her own words until it is booked
    "survey.return_repair": ("我家厨房水管漏水了", "后天下午三点", "跳过", "确认"),
    "survey.return_paid": ("我想办钟点工",),
    "survey.return_complaint": ("楼上半夜太吵了，天天吵到两点，睡不着", "跳过", "确认"),
}
FOUND: Mapping[str, str] = {  # the expression that finds who has answered; the others are about no owner's household
    "survey.delivery": "reno.plan = 无",
    "survey.event": "hobby = 广场舞 且 skill = 可教",
    "survey.friend": "family.role = 业主 且 reach.topics = travel",
    "survey.needs": "buy.band = 免费",
    "survey.owner": "自住 且 child.stage = 0-3 且 health.season = 要提醒",
    "survey.parcel": "parcel.week = 0-2",
    "survey.phone": "phone.state = 有效 且 自住",
    "survey.visit": "自住 且 reno.state = 在装",
    "survey.yearly": "car.count = 0",
}
ABOUT_NOBODY = ("survey.group", "survey.supplier")
ABOUT_A_VISIT = ("survey.front_desk", "survey.reception", "survey.liaison")  # of what was done and seen, nothing of a home
LEAST_ANSWERS = 3


@dataclass
class Asked:
    """One survey asked in one way: of whom, in a building of her own with a neighbour whom nobody asks."""

    survey: str
    way: str
    number: int
    owner_id: int = 0

    @property
    def building(self) -> str:
        """Her building."""
        return f"{self.number}栋"

    @property
    def room(self) -> str:
        """Her home."""
        return f"{self.building}-1单元-101"

    @property
    def openid(self) -> str:
        """Her openid."""
        return f"oSURVEY_{self.number:02}"

    @property
    def neighbour(self) -> str:
        """The openid of the neighbour."""
        return f"oSURVEY_{self.number:02}_next"

    @property
    def audience(self) -> str:
        """Whom a push is for: her building's people with the tags that the survey writes."""
        found = FOUND.get(self.survey)
        return f"community = '{COMMUNITY}' 且 building = '{self.building}' 且 ({found})" if found else ""


@dataclass
class Estate:
    """The running product, a witness over its database, a host, and what is asked of whom."""

    system: System
    world: World
    host: Caller
    plan: list[Asked]


@pytest.fixture(scope="module")
def estate(system: System, loaded: tuple[Content, Understander], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    """Give an estate of its own inside the running product: a building for every survey and way, two households each."""
    with open_witness(system, loaded, tmp_path_factory.mktemp("witness")) as world:
        plan = _settle(system, world)
        yield Estate(system, world, Caller(system, world, HOST, "调查员"), plan)


def _plan(content: Content) -> list[Asked]:
    """Return every survey in every kind of way: by the bot where it may, by staff in the first way they may."""
    ways = []
    for script in content.scripts.values():
        sources = script.survey.sources if script.survey else ()
        led = [source for source in sources if source is not Source.BOT]
        ways += [(script.id, way) for way in (*([Source.BOT] if Source.BOT in sources else []), *led[:1])]
    return [Asked(survey, way.value, number) for number, (survey, way) in enumerate(ways, 1)]


def _settle(system: System, world: World) -> list[Asked]:
    plan = _plan(world.runtime.content)
    for each in plan:
        home = {"community": COMMUNITY, "room": each.room}
        each.owner_id = world.owner(f"住户{each.number:02}", openid=each.openid, phone=f"139{each.number:08}", **home)
        world.owner(f"邻居{each.number:02}", openid=each.neighbour, **{**home, "room": f"{each.building}-1单元-102"})
        for openid in (each.openid, each.neighbour):
            Caller(system, world, openid)
    world.staff("调查员", HOST, community=COMMUNITY, buildings=[each.building for each in plan])
    return plan


def _ask(estate: Estate, each: Asked) -> str:
    """Have one survey asked and answered to its end; returns what was said."""
    if each.way != Source.BOT:
        if each.survey in WISHES:
            _have_something_done(estate, each)
        return estate.host.answer_on(estate.host.say(_order_to_lead(estate, each)))
    if each.survey in WORDS:
        caller = Caller(estate.system, estate.world, each.openid)
        return caller.answer_on(caller.say(WORDS[each.survey]))
    caller = _have_something_done(estate, each)
    caller.say("解决了")
    caller.say("5")
    audience = f"community = '{COMMUNITY}' 且 room = '{each.room}'"
    told = survey_invitations.invite_audience(estate.world.runtime, each.survey, audience, "cli")
    assert told["asked"] == 1, told
    return caller.answer_on("")


def _order_to_lead(estate: Estate, each: Asked) -> str:
    way = estate.world.runtime.say(f"visit.way.{each.way}")
    if each.survey in ABOUT_NOBODY:
        return f"调研 {way}"
    title = estate.world.runtime.content.scripts[each.survey].title
    return f"调研 {each.room} {title} {way}"


def _have_something_done(estate: Estate, each: Asked) -> Caller:
    """Let her ask for something and the host report it done."""
    caller = Caller(estate.system, estate.world, each.openid)
    for words in WISHES[each.survey]:
        said = caller.say(words)
    caller.answer_on(said)
    with estate.world.runtime.database.reading() as tx:
        no = tx.session.scalars(select(Task.no).where(Task.owner_id == each.owner_id)).one()
    estate.host.say(f"接单 {no}")
    assert no in estate.host.say(f"完成 {no} 弄好了")
    return caller


@pytest.fixture(scope="module")
def talks(estate: Estate) -> dict[int, str]:
    """Give what was said in every survey, by its number."""
    return {each.number: _ask(estate, each) for each in estate.plan}


def test_every_survey_ends_in_answers_of_the_way_it_was_asked(estate: Estate, talks: dict[int, str]) -> None:
    assert {each.survey for each in estate.plan} == {*WORDS, *WISHES, *FOUND, *ABOUT_NOBODY, *ABOUT_A_VISIT}
    rows = [json.loads(line) for line in estate.system.run("export", "responses").splitlines()]
    for each in estate.plan:
        owner_id = None if each.survey in ABOUT_NOBODY else each.owner_id
        own = [row for row in rows if row["survey"] == each.survey and row["owner_id"] == owner_id]
        assert len(own) >= LEAST_ANSWERS, f"{each}\n{talks[each.number]}"
        assert {row["source"] for row in own} == {each.way}
        assert {row["asker"].partition(":")[0] for row in own} == {"bot" if each.way == Source.BOT else "staff"}
        assert all(row["revision"] and row["label"] for row in own)


def test_what_was_said_is_what_an_audience_finds(estate: Estate, talks: dict[int, str]) -> None:
    found = [each for each in estate.plan if each.audience]
    for each in found:
        assert pushes.list_ids(estate.world.runtime, each.audience) == [each.owner_id], f"{each}\n{talks[each.number]}"
    anything = " 或 ".join(f"({expression})" for expression in FOUND.values())
    told = json.loads(estate.system.run("audience", f"community = '{COMMUNITY}' 且 ({anything})", "--ids"))
    assert set(told["ids"]) == {each.owner_id for each in found}


def test_a_push_by_these_tags_reaches_her_and_not_her_neighbour(estate: Estate, talks: dict[int, str]) -> None:
    expected = {each.openid: f"第 {each.number} 份问卷的回音。" for each in estate.plan if each.audience}
    for each in estate.plan:
        if each.audience:
            told = pushes.create(estate.world.runtime, audience=each.audience, text=expected[each.openid], topic="service")
            assert (told["matched"], told["planned"]) == (1, 1), told
    wait_for(lambda: not _count_waiting(estate.world), 60)
    for openid in (openid for each in estate.plan for openid in (each.openid, each.neighbour)):
        shown = json.dumps(estate.system.list_messages(openid), ensure_ascii=False)
        assert re.findall(r"第 \d+ 份问卷的回音。", shown) == ([expected[openid]] if openid in expected else [])
    assert not (errors := estate.system.find_errors()), "\n\n".join(errors)


def _count_waiting(world: World) -> int:
    with world.runtime.database.reading() as tx:
        waiting = select(func.count()).select_from(Delivery).where(Delivery.status.in_(("planned", "leased")))
        return tx.session.scalar(waiting) or 0


@pytest.mark.parametrize("way", ["bot", "visit"])
def test_a_no_leaves_no_answer_and_no_tag_and_is_not_asked_again(estate: Estate, way: str) -> None:
    owner_id = estate.world.owner("不愿说", openid=f"oSURVEY_no_{way}", community=COMMUNITY, room=f"1栋-2单元-20{len(way)}")
    caller = Caller(estate.system, estate.world, f"oSURVEY_no_{way}")
    asker, order = (caller, "业主调研") if way == "bot" else (estate.host, f"调研 1栋-2单元-20{len(way)} 业主调研 上门")
    assert "我记下来" in asker.say(order)
    assert "什么都没记" in asker.say("不同意")
    told = survey_invitations.invite_audience(estate.world.runtime, "survey.owner", f"room = '1栋-2单元-20{len(way)}'", "cli")
    assert told["skipped"] == {"refused": 1}
    assert "先不打扰" in estate.host.say(f"调研 1栋-2单元-20{len(way)} 业主调研 上门")
    with estate.world.runtime.database.reading() as tx:
        assert tx.session.scalars(select(SurveyAnswer.id).where(SurveyAnswer.owner_id == owner_id)).all() == []
        assert list_tags(tx.session, owner_id, estate.world.runtime.now()) == {}

"""A household's menu: what rules over tags show, hide and put first, why, and what an estate has turned off."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import pytest
from sqlalchemy import Connection, delete, event, select

from handlers import estate_services, menus
from handlers.content import AccountMenu
from handlers.conversations import describe
from handlers.desk import open_desk
from handlers.errors import InvalidInputError, NotFoundError
from handlers.menu_rules import Menu
from models.audits import AuditEntry
from models.cases import Order
from models.hot import HotStatement
from models.tags import OwnerTag, get_or_create_tag
from models.tasks import Task
from tests.world import World

DOGS_AND_CARS = {"pet.kind": "犬", "car.count": "1"}
OLD_AND_YOUNG = {"elder.living": "独居", "child.stage": "小", "car.count": "0"}
GARDEN = "阳光花园"


def options(said: str) -> list[str]:
    return [re.sub(r"<[^>]+>", "", line) for line in re.findall(r"(?m)^.*?\d+\. (.*)$", said)]


def script_of(world: World, openid: str) -> str:
    return str(describe(world.runtime, openid)["script"] or "")


@pytest.fixture
def estate(world: World) -> World:
    """Two households that differ in everything, a butler."""
    world.staff("王管家", "wang")
    world.owner("张阿姨", openid="zhang", tags=OLD_AND_YOUNG)
    world.owner("李先生", openid="li", room="1栋-2单元-302", tags=DOGS_AND_CARS)
    return world


def test_a_stranger_sees_all_that_there_is(world: World) -> None:
    butlers = options(world.say("who", "菜单"))
    assert butlers[:9] == [world.runtime.content.menus.butlers[code].label for code in (*world.runtime.content.butlers, "base")]
    assert butlers[9:] == ["看看我托办的事"]
    shown = []
    for butler in butlers[:9]:
        world.say("who", "菜单")
        shown += options(world.say("who", butler))
    labels = [service.label for service in world.runtime.content.services.values()]
    assert sorted(label.removesuffix("（咨询）") for label in shown) == sorted(labels)


def test_two_households_see_two_menus(estate: World) -> None:
    hers, his = options(estate.say("zhang", "菜单")), options(estate.say("li", "菜单"))
    assert hers[:2] == ["养老管家·陪伴养生", "教育管家·学习活动"]
    assert "车管家·学车修车" not in hers
    assert his[0] == "车管家·学车修车"
    assert options(estate.say("zhang", "养老管家"))[0] == "陪聊"
    estate.say("zhang", "菜单")
    assert options(estate.say("zhang", "教育管家"))[0] == "补课"
    assert "买车" not in options(estate.say("li", "1"))
    estate.say("li", "菜单")
    assert options(estate.say("li", "基础服务"))[0] == "消杀顾问"


def test_somebody_of_whom_nothing_is_known_sees_the_whole(estate: World) -> None:
    estate.owner("新邻居", openid="new", room="1栋-2单元-303")
    assert options(estate.say("new", "菜单")) == options(estate.say("who", "菜单"))


def test_what_is_put_away_is_one_word_away(estate: World) -> None:
    said = options(estate.say("zhang", "菜单"))
    assert said[-3:] == ["看看我托办的事", "看看全部服务", "为什么看到这些"]
    assert "车管家·学车修车" in options(estate.say("zhang", "全部服务"))
    assert "修车" in options(estate.say("zhang", "车管家"))
    estate.say("zhang", "取消")
    assert "车管家·学车修车" in options(estate.say("zhang", "全部服务"))
    estate.say("zhang", "取消")
    estate.say("zhang", "我要修车")
    assert script_of(estate, "zhang") == "car.repair"


def test_a_butler_whose_services_are_all_put_away_still_answers_to_his_name(estate: World) -> None:
    assert "修车" in options(estate.event("zhang", "click", "BUTLER:car"))


def test_a_household_may_ask_why(estate: World) -> None:
    said = estate.say("zhang", "为什么看到这些")
    assert "养老管家放在前面，因为家里有老人。" in said
    assert re.search(r"修车.*先收起来了，因为您说家里没有车。", said)
    assert "全部服务" in said
    estate.say("zhang", "菜单")
    assert "因为家里有老人" in estate.say("zhang", "为什么看到这些")
    assert "大家看到的都一样" in estate.say("who", "为什么看到这些")


def test_the_command_names_the_rule_behind_everything(estate: World) -> None:
    told = menus.explain(estate.runtime, "zhang")
    assert told["shown"][0]["butler"] == "elderly"
    hidden = {each["service"]: each["rule"] for each in told["hidden"]}
    assert set(hidden) == {service for service in estate.runtime.content.services if service.startswith("car.")}
    (rule,) = {told["rules"][number - 1]["when"] for number in hidden.values()}
    assert rule == "无车"
    held = [each for each in told["rules"] if each["holds"]]
    assert all(any(condition["holds"] for condition in each["conditions"]) for each in held)
    assert menus.explain(estate.runtime, "nobody")["hidden"] == []


def test_a_rule_that_shows_wins_over_the_one_of_the_butler(estate: World) -> None:
    estate.owner("小陈", openid="chen", room="1栋-2单元-304", tags={"car.count": "0", "car.intent": "学"})
    estate.say("chen", "菜单")
    said = estate.say("chen", "车管家")
    assert "学车" in said
    assert "修车" not in said
    assert "学车给您留着，因为您说过想学车。" in estate.say("chen", "为什么看到这些")


def test_a_menu_costs_one_statement_more_than_no_menu(estate: World, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    execute = HotStatement._execute

    def run(hot: HotStatement, connection: Connection, values: Mapping[str, object]) -> object:
        seen.append(str(hot._statement))
        return execute(hot, connection, values)

    monkeypatch.setattr(HotStatement, "_execute", run)

    @event.listens_for(estate.runtime.database.engine, "before_cursor_execute")
    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    def count(openid: str, text: str) -> int:
        seen.clear()
        estate.say(openid, text)
        return len([each for each in seen if each.lstrip(" (\n").upper().startswith("SELECT")])

    assert count("li", "菜单") == count("who", "菜单") + 1
    assert count("li", "车管家") == count("who", "车管家") + 1
    of_the_desk = 1 if estate.runtime.database.is_sqlite else 2  # who she is; PostgreSQL locks her conversation first
    assert count("li", "修车") == count("who", "取消") == of_the_desk


def test_what_is_learned_changes_the_menu_at_once_and_homes_alike_share_theirs(estate: World) -> None:
    car = "车管家·学车修车"
    neighbour = estate.owner("周先生", openid="zhou", room="2栋-1单元-101", tags=DOGS_AND_CARS | {"hobby": "棋牌"})
    of_li, of_zhou = (_fit(estate, openid) for openid in ("li", "zhou"))
    assert of_li is of_zhou
    assert options(estate.say("zhou", "菜单"))[0] == car
    with estate.runtime.transaction() as tx:
        tag_id = get_or_create_tag(tx.connection, "car.count", "0")
        tx.session.add(OwnerTag(owner_id=neighbour, tag_id=tag_id, source="test", at=estate.clock.now()))
        tx.session.execute(delete(OwnerTag).where(OwnerTag.owner_id == neighbour, OwnerTag.tag_id != tag_id))
    assert car not in options(estate.say("zhou", "菜单"))
    assert options(estate.say("li", "菜单"))[0] == car


def _fit(world: World, openid: str) -> Menu:
    with world.runtime.database.reading() as tx:
        desk = open_desk(world.runtime, tx, openid)
        return menus.fit(desk, estate_services.list_shelves(desk))


@pytest.fixture
def without_taxi(estate: World) -> World:
    """The estate has turned the taxi off."""
    assert estate_services.switch(estate.runtime, GARDEN, ["-base.taxi"], evidence="车队不来了", by="冯主管") == ["base.taxi"]
    return estate


def test_what_is_off_is_in_no_menu_of_that_estate(without_taxi: World) -> None:
    without_taxi.owner("外区", openid="far", room="9栋-1单元-101", community="翠湖花园")
    for openid, is_there in (("li", False), ("far", True), ("who", True)):
        without_taxi.say(openid, "菜单")
        assert ("代叫出租车" in options(without_taxi.say(openid, "基础服务"))) is is_there
    without_taxi.say("li", "取消")
    without_taxi.say("li", "全部服务")
    assert "代叫出租车" not in options(without_taxi.say("li", "基础服务"))


def test_who_asks_for_what_is_off_is_told_and_may_leave_a_wish(without_taxi: World) -> None:
    said = without_taxi.say("li", "帮我叫辆出租车去机场")
    assert "「代叫出租车」咱们小区眼下还没开" in said
    assert "王管家" in without_taxi.say("li", "记下来")
    without_taxi.say("li", "帮我叫辆出租车")
    assert "记着" in without_taxi.say("li", "好的")
    assert without_taxi.count(Order) == 0
    with without_taxi.runtime.database.reading() as tx:
        (task,) = tx.session.scalars(select(Task))
        assert (task.service, task.assignee.name if task.assignee else None) == ("base.taxi", "王管家")
    assert any("想要「代叫出租车」" in text for text in without_taxi.texts("wang"))
    (row,) = [each for each in estate_services.list_services(without_taxi.runtime, GARDEN) if each["service"] == "base.taxi"]
    assert (row["offered"], row["evidence"], row["by"], row["wishes"]) == (False, "车队不来了", "冯主管", 1)


def test_who_wants_no_wish_kept_leaves_nothing(without_taxi: World) -> None:
    without_taxi.say("li", "帮我叫辆出租车")
    without_taxi.say("li", "先不用")
    assert (without_taxi.count(Task), script_of(without_taxi, "li")) == (0, "")


def test_what_is_turned_off_in_the_middle_of_a_booking_is_not_booked(estate: World) -> None:
    said = estate.say("li", "帮我叫辆出租车")
    assert script_of(estate, "li") == "base.taxi"
    estate_services.switch(estate.runtime, GARDEN, ["-base.taxi"], evidence="", by="冯主管")
    answers = (("核对", "确认"), ("上车", "1"), ("去哪里", "机场"), ("什么时候", "现在"), ("几个人", "2"))
    while script_of(estate, "li"):
        said = estate.say("li", next(answer for asked, answer in answers if asked in said))
    assert estate.count(Order) == 0
    assert "对不住" in said


def test_a_draft_of_what_is_off_is_not_offered_again(estate: World) -> None:
    estate.say("li", "帮我叫辆出租车")
    estate.say("li", "菜单")
    estate_services.switch(estate.runtime, GARDEN, ["-base.taxi"], evidence="", by="冯主管")
    estate.say("li", "取消")
    assert "眼下还没开" in estate.say("li", "帮我叫辆出租车")


def test_of_two_homes_the_one_she_names_decides(without_taxi: World) -> None:
    from models.owners import Residence
    from tests.places import give_room

    owner_id = without_taxi.owner("两处", openid="two", room="1栋-2单元-305")
    with without_taxi.runtime.transaction() as tx:
        far = give_room(tx.connection, "翠湖花园", "9栋", "1单元", "102")
        tx.session.add(Residence(owner_id=owner_id, room_id=far, relation="业主"))
    asked = without_taxi.say("two", "帮我叫辆出租车")
    assert [option for option in options(asked) if "翠湖花园" in option]
    without_taxi.say("two", "翠湖花园")
    assert script_of(without_taxi, "two") == "base.taxi"


def test_the_fund_is_talked_about_only_until_an_estate_has_a_review_that_allows_it(estate: World) -> None:
    estate.say("li", "菜单")
    assert "小额互助基金（咨询）" in options(estate.say("li", "理财管家"))
    with pytest.raises(InvalidInputError) as refused:
        estate_services.switch(estate.runtime, GARDEN, ["+finance.mutual_fund"], evidence=" ", by="冯主管")
    assert "R15" in refused.value.problems[0]
    rows = {each["service"]: each for each in estate_services.list_services(estate.runtime, GARDEN)}
    assert (rows["finance.mutual_fund"]["offered"], rows["finance.mutual_fund"]["bookable"]) == (True, False)
    estate_services.switch(estate.runtime, GARDEN, ["+finance.mutual_fund"], evidence="法务意见 2026-18", by="冯主管")
    rows = {each["service"]: each for each in estate_services.list_services(estate.runtime, GARDEN)}
    assert rows["finance.mutual_fund"]["bookable"] is True
    estate_services.switch(estate.runtime, GARDEN, ["-finance.mutual_fund"], evidence="", by="冯主管")
    assert "还没开" in estate.say("li", "互助基金")


def test_a_switch_is_audited_and_only_when_something_changed(without_taxi: World) -> None:
    assert estate_services.switch(without_taxi.runtime, GARDEN, ["-base.taxi"], evidence="", by="冯主管") == []
    with without_taxi.runtime.database.reading() as tx:
        (entry,) = tx.session.scalars(select(AuditEntry).where(AuditEntry.action == "switch_service"))
    assert (entry.by, entry.subject) == ("冯主管", "service:base.taxi")
    assert entry.detail == {"community": GARDEN, "is_enabled": False, "evidence": "车队不来了"}


def test_a_switch_of_what_there_is_not_changes_nothing(estate: World) -> None:
    with pytest.raises(InvalidInputError):
        estate_services.switch(estate.runtime, GARDEN, ["-base.taxi", "-base.nothing"], evidence="", by="冯主管")
    with pytest.raises(NotFoundError):
        estate_services.switch(estate.runtime, "没有的小区", ["-base.taxi"], evidence="", by="冯主管")
    with pytest.raises(NotFoundError):
        estate_services.list_services(estate.runtime, "没有的小区")
    assert all(each["by"] is None for each in estate_services.list_services(estate.runtime, GARDEN))


class Mirror:
    """Some tags stand on the platform."""

    def __init__(self, **known: int) -> None:
        self.known = known

    def find_account_tag(self, key: str, value: str) -> int | None:
        return self.known.get(value)


def test_conditional_menus_go_to_the_account_where_their_tag_stands_there(world: World) -> None:
    dogs, cars = (AccountMenu("pet.kind", "犬", ({"name": "狗"},)), AccountMenu("car.count", "1", ({"name": "车"},)))
    runtime = replace(world.runtime, content=replace(world.runtime.content, account_menus=(dogs, cars)))
    nothing = menus.publish(runtime)
    assert (nothing["conditional"], [each["for"] for each in nothing["left_out"]]) == ([], ["pet.kind=犬", "car.count=1"])
    assert (world.gateway.menu, world.gateway.conditional) == (nothing["button"], {})
    both = menus.publish(runtime, Mirror(犬=7, **{"1": 8}))
    assert [each["for"] for each in both["conditional"]] == ["pet.kind=犬", "car.count=1"]
    # of those that fit the platform takes the newest, so the first of the file is sent last
    assert [tag_id for tag_id, _ in world.gateway.conditional.values()] == [8, 7]
    one = menus.publish(runtime, Mirror(犬=7))
    assert [tag_id for tag_id, _ in world.gateway.conditional.values()] == [7]
    assert [each["for"] for each in one["left_out"]] == ["car.count=1"]

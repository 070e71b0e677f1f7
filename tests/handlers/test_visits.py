"""Surveys that staff lead: begun in their own chat, typed for the owner, broken off, coded before midnight; dead numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from dialogs.parse import parse_script
from handlers import consents, exports
from models.answers import SurveyAnswer
from models.cases import Attachment
from models.consents import Consent
from models.owners import Owner
from models.tags import OwnerTag
from models.tasks import Task
from models.visits import Visit
from tests.handlers.test_surveys import OPENID, estate, standing, tags
from tests.world import World

__all__ = ["estate"]
BUTLER = "o-wang"


HEAD = "id: survey.try\nkind: survey\ntitle: 小调研\nsources: [visit]\nsteps:\n"
BYE = "  - {id: bye, end: 谢谢您。}\n"


def add(world: World, *texts: str) -> None:
    """Put surveys of a few lines beside the others."""
    content = world.runtime.content
    scripts = {script.id: script for script in (parse_script(text, "try.yaml") for text in texts)}
    world.runtime = replace(world.runtime, content=replace(content, scripts={**content.scripts, **scripts}))


def visit(world: World, no: int = 1) -> Visit:
    with world.runtime.database.reading() as tx:
        return tx.session.get_one(Visit, no)


def tasks(world: World, kind: str) -> list[Task]:
    with world.runtime.database.reading() as tx:
        return list(tx.session.scalars(select(Task).where(Task.kind == kind)))


def lead(world: World, *texts: str) -> str:
    said = ""
    for text in texts:
        said = world.say(BUTLER, text)
    return said


def test_a_staff_member_asks_and_types_and_the_owner_is_sent_nothing(estate: World) -> None:
    said = lead(estate, "调研 1栋-2单元-301 小调研 上门")
    assert "照着念" in said
    assert "我记下来" in said
    assert "房子现在怎么用" in lead(estate, "同意")
    assert "通吗" in lead(estate, "1", "狗", "不同意"), "an observation only staff are asked for"
    assert "核对一下" in lead(estate, "通的", "多种些树")
    assert "1. 房屋用途：自己住" in lead(estate, "重复")
    assert "V2611210001" in lead(estate, "确认")
    assert estate.texts(OPENID) == []
    assert standing(estate) == [
        (name, key, "visit") for name, key in (("use", "own"), ("pet", "dog"), ("state", "ok"), ("wish", None))
    ]
    assert tags(estate) == {"house.use": ["自住"], "pet.kind": ["犬"], "phone.state": ["有效"]}
    assert (visit(estate).outcome, visit(estate).owner_id, visit(estate).status) == ("done", 1, "open")
    with estate.runtime.database.reading() as tx:
        assert set(tx.session.scalars(select(SurveyAnswer.asker))) == {"staff:1"}
        assert {(row.source, row.by) for row in tx.session.scalars(select(OwnerTag))} == {
            ("visit", "owner:1"),
            ("register", "staff:1"),
        }
        assert tx.session.get_one(Owner, 1).phone_state == "有效"


def test_a_summary_is_corrected_before_the_end(estate: World) -> None:
    lead(estate, "调研 张阿姨 小调研 上门", "同意", "1", "狗", "不同意", "通的", "跳过")
    said = lead(estate, "改 1")
    assert "房子现在怎么用" in said
    assert "租出去了" in lead(estate, "2")
    lead(estate, "确认")
    assert tags(estate) == {"house.use": ["出租"], "pet.kind": ["犬"], "phone.state": ["有效"]}
    assert [row[:2] for row in standing(estate)] == [("pet", "dog"), ("state", "ok"), ("use", "let")]


def test_her_consent_said_at_the_door_is_recorded_as_heard_by_staff(estate: World) -> None:
    lead(estate, "调研 张阿姨 小调研 上门", "同意")
    with estate.runtime.database.reading() as tx:
        row = tx.session.scalars(select(Consent)).one()
        assert (row.owner_id, row.channel, row.by, row.evidence) == (1, "staff", "staff:1", "V2611210001")


def test_her_no_at_the_door_leaves_nothing_and_she_is_not_asked_again(estate: World) -> None:
    assert "什么都没记" in lead(estate, "调研 张阿姨 小调研 上门", "不同意")
    assert standing(estate) == []
    assert "先不打扰" in lead(estate, "调研 张阿姨 小调研 上门")
    assert estate.count(Visit) == 1


def test_two_of_one_name_are_told_apart_and_other_buildings_are_out_of_reach(estate: World) -> None:
    estate.owner("张阿姨", room="1栋-2单元-302")
    estate.owner("李叔", room="2栋-1单元-101")
    said = lead(estate, "调研 张阿姨 小调研 上门")
    assert "1栋-2单元-302" in said
    lead(estate, "2")
    assert visit(estate).owner_id == 2
    lead(estate, "取消")
    assert "没找到" in lead(estate, "调研 李叔")


def test_an_owner_cannot_lead_and_a_visit_is_its_hosts_alone(estate: World) -> None:
    assert "照着念" not in estate.say(OPENID, "调研 张阿姨 小调研 上门")
    assert estate.count(Visit) == 0


def test_a_command_comes_between_and_the_visit_goes_on(estate: World) -> None:
    lead(estate, "调研 张阿姨 小调研 上门", "同意", "1")
    said = lead(estate, "任务")
    assert "家里有宠物吗" in said
    lead(estate, "猫")
    assert tags(estate)["pet.kind"] == ["猫"]


def test_a_look_at_the_menu_does_not_lose_a_visit(estate: World) -> None:
    lead(estate, "调研 张阿姨 小调研 上门", "同意", "1", "菜单", "取消")
    assert "家里有宠物吗" in lead(estate, "继续", "重复")


def test_an_angry_owner_is_left_in_peace_and_another_day_is_a_task(estate: World) -> None:
    lead(estate, "调研 张阿姨 小调研 上门", "同意", "1")
    assert "对不住" in lead(estate, "情绪激动")
    said = lead(estate, "明天下午三点")
    assert "张阿姨" in said
    (task,) = tasks(estate, "visit")
    assert task.assignee_id == 1
    assert "11月22日" in task.summary
    assert visit(estate).outcome == "postponed"
    assert tags(estate) == {"house.use": ["自住"]}, "what was said stays"
    assert "宠物" not in lead(estate, "继续")


def test_a_dead_number_is_noted_first_and_the_second_time_a_task(estate: World) -> None:
    assert "打通" in lead(estate, "调研 张阿姨 年度回访 电话")
    assert "号码记成「空号」" in lead(estate, "空号")
    assert (visit(estate).status, visit(estate).outcome) == ("closed", "空号")
    assert tasks(estate, "verify") == []
    lead(estate, "调研 张阿姨 年度回访 电话", "空号")
    assert len(tasks(estate, "verify")) == 1


def test_coding_flags_one_person_in_all_three_parts(estate: World) -> None:
    lead(estate, "调研 张阿姨 小调研 上门", "同意", "1", "狗", "不同意", "通的", "跳过")
    assert "还没问完" in lead(estate, "整理 V2611210001")
    lead(estate, "确认")
    assert "都是您一个人" in lead(estate, "整理 V2611210001")
    assert visit(estate).is_one_person
    assert "已经整理过" in lead(estate, "整理 0001")
    (row,) = exports.export(estate.runtime, "visits")
    assert (row["no"], row["kind"], row["status"], row["is_one_person"], row["host_openid"]) == (
        *("V2611210001", "visit", "coded", True),
        BUTLER,
    )


def test_three_people_with_three_parts_are_not_flagged(estate: World) -> None:
    estate.staff("小李", "o-li")
    estate.staff("小赵", "o-zhao")
    lead(estate, "调研 张阿姨 小调研 上门", "同意", "1", "狗", "不同意", "通的", "跳过", "确认")
    assert "写成您了" in estate.say("o-li", "记录 V2611210001")
    assert "资料没过夜" in estate.say("o-zhao", "整理 V2611210001")


def test_records_left_overnight_become_a_task_once_and_the_supervisor_hears(estate: World) -> None:
    estate.staff("周主管", "o-zhou", role="supervisor", buildings=())
    lead(estate, "调研 张阿姨 小调研 上门", "同意", "1", "狗", "不同意", "通的", "跳过", "确认")
    estate.clock.advance(timedelta(hours=13, minutes=59))
    assert estate.tick()["visits"] == 0
    assert estate.tick(timedelta(minutes=2))["visits"] == 1
    assert estate.tick(timedelta(hours=1))["visits"] == 0
    (task,) = tasks(estate, "coding")
    assert task.assignee_id == 1
    assert [text for text in estate.sender.texts("o-zhou") if "1 份走访记录" in text]
    assert [text for text in estate.sender.texts(BUTLER) if "V2611210001" in text and "没整理" in text]


def test_a_group_speaks_and_no_owner_is_tagged(estate: World) -> None:
    said = lead(estate, "调研 座谈会")
    assert "照着念" in said
    assert visit(estate).owner_id is None
    lead(estate, "1", "2")
    assert {source for _, _, source in standing(estate)} == {"group"}
    with estate.runtime.database.reading() as tx:
        assert set(tx.session.scalars(select(SurveyAnswer.owner_id))) == {None}
    assert tags(estate) == {}


def test_a_recording_is_kept_only_with_the_consent_for_it(estate: World) -> None:
    add(estate, HEAD + "  - {id: sound, ask: 录一段, type: voice, name: 录音, why: 记准, consent: voice}\n" + BYE)
    lead(estate, "调研 张阿姨 小调研 上门", "不同意")
    assert estate.count(Attachment) == 0
    lead(estate, "确认")
    estate.owner("李叔", room="1栋-2单元-302")
    lead(estate, "调研 李叔 小调研 上门", "同意")
    estate.receive(BUTLER, kind="voice", media_id="v-1")
    assert estate.count(Attachment) == 1
    with estate.runtime.database.reading() as tx:
        assert consents.is_granted(tx.session, 2, "voice", estate.clock.now())


def test_a_return_visit_knows_what_it_is_about_and_a_low_mark_brings_somebody_to_the_door(estate: World) -> None:
    for text in ("我家厨房水管漏水了", "明天下午三点", "跳过", "确认"):
        estate.say(OPENID, text)
    lead(estate, "接单 0001", "完成 0001 换了阀芯")
    said = lead(estate, "调研 张阿姨 维修回访 上门")
    assert "D2611210001" in said
    said = lead(estate, "办好了", "1", "5", "5", "约了三回才来", "可以来")
    (task,) = tasks(estate, "visit")
    assert (task.owner_id, task.assignee_id) == (1, 1)
    assert "约了三回才来" in task.summary
    lead(estate, "跳过", "确认")
    (order,) = exports.export(estate.runtime, "orders")
    assert order["status"] == "confirmed", "her word, typed by staff"


@pytest.mark.parametrize(("target", "asked"), [("survey.next", "几辆车"), ("menu.main", "")])
def test_what_a_survey_leads_to_is_about_the_same_owner_in_the_same_visit(estate: World, target: str, asked: str) -> None:
    on = "  - {id: go, ask: 接着问吗, type: yesno, name: 接着, why: 问一句, options: [{key: yes, label: 接着, start: %s}]}\n"
    one = "options: [{key: one, label: 一辆, value: '1'}]"
    car = f"  - {{id: car, ask: 几辆车, type: choice, name: 车, why: 年检, tag: car.count, {one}}}\n"
    add(estate, HEAD + on % target + BYE, HEAD.replace("survey.try", "survey.next").replace("小", "车") + car + BYE)
    said = lead(estate, "调研 张阿姨 小调研 上门", "接着")
    if not asked:
        assert "V2611210001" in said, "the visit has ended: a menu cannot be read out to her"
        assert visit(estate).outcome == "done"
        return
    assert asked in said
    assert "V2611210001" not in said
    assert visit(estate).ended_at is None
    assert "V2611210001" in lead(estate, "一辆", "确认")
    assert tags(estate)["car.count"] == ["1"]
    assert [row[2] for row in standing(estate)] == ["visit", "visit"]
    assert "车：一辆" in lead(estate, "整理 V2611210001")


def test_a_suppliers_sheet_is_about_no_owner(estate: World) -> None:
    said = lead(estate, "调研 供应商")
    assert "供应商。照着念" in said
    assert "哪一家" in said
    lead(estate, "安捷家政", "钟点工")
    assert {row[2] for row in standing(estate)} == {"supplier"}
    assert (visit(estate).owner_id, visit(estate).kind) == (None, "supplier")
    lead(estate, "取消")
    assert "服务性价比" not in lead(estate, "调研 张阿姨")
    estate.staff("快修公司", "o-fix", role="supplier")
    assert "不做走访" in estate.say("o-fix", "调研 张阿姨 小调研 上门"), "a supplier meets no owner in his own name (D11)"


def test_the_case_of_a_return_visit_may_be_named_and_what_was_said_of_it_is_not_asked_again(estate: World) -> None:
    for time in ("三点", "四点"):
        for text in ("我家厨房水管漏水了", f"明天下午{time}", "跳过", "确认"):
            estate.say(OPENID, text)
    lead(estate, "接单 0001", "完成 0001 换了阀芯", "接单 0002", "完成 0002 换了管子")
    assert "D2611210002" in lead(estate, "调研 张阿姨 维修回访 上门"), "the newest when none is named"
    lead(estate, "取消")
    said = lead(estate, "调研 张阿姨 维修回访 上门 D2611210001")
    assert "D2611210001" in said
    assert "毛病修好了吗" in said
    lead(estate, "取消")
    for text in ("解决了", "5"):
        estate.say(OPENID, text)
    said = lead(estate, "调研 张阿姨 维修回访 上门 D2611210002")
    assert "毛病修好了吗" not in said, "she has said so when it was reported done"
    assert "快不快" in said
    assert "结果" not in lead(estate, "4", "5", "5")
    assert "V2611210003" in lead(estate, "确认")

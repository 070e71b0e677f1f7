"""Looking, correcting, a copy, and why a push came: what people may ask of us about their own data."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from handlers import pushes
from models.campaigns import Delivery
from models.conversations import InboundMessage
from models.outbox import SendStatus
from models.rights import PersonalExport
from models.tags import OwnerTag, list_tags
from models.tasks import Task
from tests.handlers.planting import NAME, OPENID, PHONE, FakeLinks, FakeTraces, list_empty_holdings, plant
from tests.world import World


@pytest.fixture
def estate(world: World) -> World:
    world.runtime = replace(world.runtime, links=FakeLinks(), traces=FakeTraces())
    return world


def read_all(world: World, said: str) -> str:
    while "更多" in said[-20:]:
        said += world.say(OPENID, "更多")
    return said


def test_she_sees_every_kind_we_hold_with_its_source_and_time(estate: World) -> None:
    plant(estate)
    said = read_all(estate, estate.say(OPENID, "都记了什么"))
    assert "称呼和电话：1 条，物业登记" in said
    assert "留 180 天" in said
    assert "喜好有：" in said
    assert "宠物：犬" in said


def test_the_short_look_leads_to_every_right(estate: World) -> None:
    estate.owner(NAME, openid=OPENID, phone=PHONE)
    assert "尾号 5678" in estate.say(OPENID, "我的资料")
    assert "怎么称呼" in estate.say(OPENID, "改称呼")
    assert "欧阳兰" in estate.say(OPENID, "欧阳兰")


def test_a_tag_is_corrected_by_her_own_word_and_can_be_taken_away(estate: World) -> None:
    owner_id = estate.owner(NAME, openid=OPENID, tags={"pet.kind": "犬", "car.count": "1"})
    estate.say(OPENID, "更正")
    assert "宠物：犬" in estate.say(OPENID, "喜好")
    assert "猫" in estate.say(OPENID, "犬")
    assert "改了" in estate.say(OPENID, "猫")
    with estate.runtime.database.reading() as tx:
        assert list_tags(tx.session, owner_id, estate.runtime.now()) == {"pet.kind": ["猫"], "car.count": ["1"]}
        row = next(each for each in tx.session.scalars(select(OwnerTag)).unique() if each.tag.key == "pet.kind")
        key = tx.session.scalars(select(InboundMessage.key).order_by(InboundMessage.id.desc()).limit(1)).one()
    assert (row.by, row.evidence) == ("owner", key)
    estate.say(OPENID, "更正")
    estate.say(OPENID, "喜好")
    estate.say(OPENID, "1")
    assert "去掉了" in estate.say(OPENID, "跳过")
    with estate.runtime.database.reading() as tx:
        assert list_tags(tx.session, owner_id, estate.runtime.now()) == {"pet.kind": ["猫"]}


def test_a_phone_is_corrected_by_a_colleague_who_asks_back(estate: World) -> None:
    estate.owner(NAME, openid=OPENID, phone=PHONE)
    estate.staff("王管家", "wang")
    estate.say(OPENID, "更正")
    estate.say(OPENID, "电话")
    assert "前台" in estate.say(OPENID, "换成 13911112222 了")
    assert estate.count(Task) == 1


def test_a_copy_holds_a_row_of_every_table_that_knows_her_and_none_of_others(estate: World) -> None:
    plant(estate)
    estate.owner("孙姐", openid="sun", phone="13700000007", room="9栋-1单元-901")
    estate.say("sun", "我家的事谁也别说")
    estate.say(OPENID, "删除我")
    estate.say(OPENID, "删掉")
    assert list_empty_holdings(estate) == []
    with estate.runtime.transaction() as tx:
        tx.session.add(PersonalExport(openid=OPENID, owner_id=1, status="planned", requested_at=estate.runtime.now()))
    estate.tick()
    link = next(text for text in estate.sender.texts(OPENID) if "/files/" in text)
    with estate.runtime.database.reading() as tx:
        name = tx.session.scalars(select(PersonalExport.name).order_by(PersonalExport.id.desc()).limit(1)).one()
    assert f"/files/{name}.html" in link
    folder = estate.runtime.options.data_dir / "exports"
    raw = (folder / f"{name}.json").read_text(encoding="utf-8")
    kept = json.loads(raw)["data"]
    assert {"owner", "order", "inbound_message", "owner_tag", "consent", "delivery", "residence", "audit"} <= set(kept)
    assert (kept["owner"][0]["name"], kept["owner"][0]["phone"]) == (NAME, PHONE)
    assert kept["residence"][0]["room_label"] == "1栋-2单元-301"
    assert {"key": "hobby", "value": "太极"}.items() <= next(row for row in kept["owner_tag"] if row["key"] == "hobby").items()
    assert "谁也别说" not in raw
    assert "13700000007" not in raw
    page = (folder / f"{name}.html").read_text(encoding="utf-8")
    assert NAME in page
    assert "<h2>约过的服务</h2>" in page


def test_what_she_wrote_cannot_run_in_the_page(estate: World) -> None:
    estate.say(OPENID, "<script>alert(1)</script>")
    estate.say(OPENID, "导出我的资料")
    estate.tick()
    page = next((estate.runtime.options.data_dir / "exports").glob("*.html")).read_text(encoding="utf-8")
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_one_copy_a_day_and_its_files_end_with_their_address(estate: World) -> None:
    estate.owner(NAME, openid=OPENID)
    assert "24 小时" in estate.say(OPENID, "导出我的资料")
    assert "可以再要" in estate.say(OPENID, "导出我的资料")
    assert estate.tick()["copies"] == 1
    assert estate.tick()["copies"] == 0
    folder = estate.runtime.options.data_dir / "exports"
    assert len(list(folder.iterdir())) == 2
    estate.tick(timedelta(hours=24))
    assert list(folder.iterdir()) == []
    assert "24 小时" in estate.say(OPENID, "导出我的资料")


@pytest.mark.parametrize(
    ("audience", "words"),
    [
        ("养犬", "养犬"),
        ("养犬 且 有车", "养犬又有车"),
        ("养犬 且 非出租", "养犬又不是「出租」"),
        ("楼栋 = '1栋'", "楼栋是1栋"),
        ("everyone", "小区里的每一户"),
    ],
)
def test_the_reason_of_a_push_is_told_in_words(estate: World, audience: str, words: str) -> None:
    estate.owner(NAME, openid=OPENID, tags={"pet.kind": "犬", "car.count": "1", "house.use": "自住"})
    estate.say(OPENID, "你好")
    pushes.create(estate.runtime, audience=audience, text="周六打疫苗。", topic="service")
    estate.tick()
    said = estate.say(OPENID, "为什么收到")
    assert "周六打疫苗" in said
    assert words in said


def test_a_push_is_explained_before_its_sender_has_written_down_that_it_went(estate: World) -> None:
    estate.owner(NAME, openid=OPENID, tags={"pet.kind": "犬"})
    estate.say(OPENID, "你好")
    pushes.create(estate.runtime, audience="养犬", text="周六打疫苗。", topic="service")
    with estate.runtime.database.transaction() as tx:
        tx.session.execute(update(Delivery).values(status=SendStatus.LEASED.value))
    assert "周六打疫苗" in estate.say(OPENID, "为什么收到")


def test_who_got_no_push_is_told_so(estate: World) -> None:
    assert "没有群发过" in estate.say(OPENID, "为什么发给我")

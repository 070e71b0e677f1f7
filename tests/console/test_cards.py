"""An owner's card: what is known with where it comes from, masked, within a scope; private work stays with its holder."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import event

from handlers.consents import record
from handlers.tag_rules import TagOrigin
from handlers.tag_writes import write_tag
from models.audits import AuditEntry
from models.card_views import Blinds, find_view
from models.consents import PersonIds
from models.conversations import InboundMessage
from models.listings import Scope
from models.merges import Merge
from models.outbox import OutboxMessage
from models.owners import Residence
from models.timelines import Place, Wanted
from models.veils import Veil
from tests.console.conftest import give_account
from tests.console.estate import add_campaign, add_complaint, add_order, add_picture, add_task, write_file
from tests.console.test_surveys import answer, find_question
from tests.places import give_building, give_room
from tests.world import World

PRIVATE = "elderly.mediation"


def add_message(
    world: World, text: str, script: str | None = None, openid: str = "o1", reply: str | None = None, minutes: int = 0
) -> None:
    at = world.clock.now() + timedelta(minutes=minutes)
    with world.runtime.transaction() as tx:
        key = f"m{next(world.numbers)}"
        tx.session.add(InboundMessage(key=key, openid=openid, kind="text", text=text, script=script, reply=reply, at=at))


def add_notice(world: World, text: str, minutes: int = 0, openid: str = "o1") -> None:
    at = world.clock.now() + timedelta(minutes=minutes)
    values = {"status": "sent", "due_at": at, "created_at": at, "sent_at": at}
    with world.runtime.transaction() as tx:
        tx.session.add(OutboxMessage(openid=openid, kind="text", body={"text": text}, **values))


def count_readings(world: World, subject: str) -> int:
    with world.runtime.database.reading() as tx:
        return tx.session.query(AuditEntry).filter_by(action="read", subject=subject).count()


@pytest.fixture
def owner(estate: World) -> int:
    return estate.owner("张秀英", phone="13800000001", openid="o1")


def write(world: World, owner_id: int, key: str, value: str, origin: TagOrigin) -> None:
    with world.runtime.transaction() as tx:
        write_tag(world.runtime, tx, owner_id, key, value, origin)


def test_a_card_tells_home_people_tags_with_their_source_and_what_happened(staff, estate, owner):
    estate.owner("李雷", relation="家人")
    write(estate, owner, "pet.kind", "犬", TagOrigin("visit", "staff:1", evidence="上门时看到，电话13900001111"))
    add_message(estate, "我家厨房漏水，打 13800000009")
    order = add_order(estate, owner_id=owner, note="厨房")
    complaint = add_complaint(estate, owner_id=owner)
    add_campaign(estate, [(owner, "sent", None)], name="疫苗车")
    page = staff.read(f"/console/owners/{owner}")
    for words in ("张秀英", "138****0001", "1栋-2单元-301", "李＊", "家人", "上门", "上门时看到", "139****1111", "到 2027年"):
        assert words in page, words
    for words in ("打 138****0009", f"/console/orders/{order.no}", f"/console/complaints/{complaint.no}", "疫苗车", "已发出"):
        assert words in page, words
    assert "13800000009" not in page
    only = staff.read(f"/console/owners/{owner}?kind=push")
    assert "疫苗车" in only
    assert "漏水" not in only


def test_every_opening_is_audited_as_a_reading_that_the_alarms_count(staff, estate, owner):
    for _ in range(3):
        staff.read(f"/console/owners/{owner}")
    assert count_readings(estate, f"owner:{owner}") == 3
    assert staff.get("/console/owners/999").status_code == 404
    assert staff.get(f"/console/owners/{2**70}").status_code == 404
    assert count_readings(estate, "owner:999") == 0


def test_an_expired_tag_and_a_contradiction_are_shown_and_the_contradiction_is_decided(staff, estate, owner):
    write(estate, owner, "house.use", "自住", TagOrigin("visit", "staff:1", evidence="看到"))
    write(estate, owner, "house.use", "出租", TagOrigin("import", "cli"))
    old = estate.clock.now() - timedelta(days=800)
    write(estate, owner, "car.power", "电", TagOrigin("visit", "staff:1", at=old))
    page = staff.read(f"/console/owners/{owner}")
    assert "过期了，再问问" in page
    assert "说法不一" in page
    answer = staff.post(f"/console/owners/{owner}/conflicts/1", f"/console/owners/{owner}", take="other")
    page = staff.read(answer.location.split("#")[0])
    assert "说法不一，请定一下" not in page
    assert 'class="tag">出租<' in page


def test_a_card_outside_the_scope_is_not_there_and_a_second_home_elsewhere_is_left_out(visitor, estate, owner):
    neighbour = estate.owner("囍李", room="2栋-1单元-101")
    with estate.runtime.transaction() as tx:
        room_id = give_room(tx.connection, "阳光花园", "2栋", "1单元", "101")
        tx.session.add(Residence(owner_id=owner, room_id=room_id, relation="业主"))
        elsewhere = give_building(tx.connection, "阳光花园", "2栋")
    add_order(estate, owner_id=owner, building_id=elsewhere, note="别处的单")
    give_account(estate, "wang", "butler", ("1栋",))
    visitor.sign_in("wang")
    page = visitor.read(f"/console/owners/{owner}")
    for words in ("2栋", "囍", "别处的单"):
        assert words not in page
    assert visitor.get(f"/console/owners/{neighbour}").status_code == 404
    assert count_readings(estate, f"owner:{neighbour}") == 0


def test_level_two_is_hidden_from_the_service_desk_and_counted(visitor, estate, owner):
    sick = estate.owner("李雷", tags={"health.care": "半护"})
    give_account(estate, "ke", "service_desk", ("1栋",))
    visitor.sign_in("ke")
    page = visitor.read(f"/console/owners/{sick}")
    assert "半护</span>" not in page
    assert "还有 1 项" in page


@pytest.fixture
def secret(estate: World, owner: int) -> World:
    """Give an estate with a private order in a butler's house that a supervisor holds."""
    holder = give_account(estate, "feng", "supervisor", has_factor=True)
    placed = {"building_id": 1, "community_id": 1, "owner_id": owner}
    order = add_order(estate, 1, service=PRIVATE, note="囍家事", assignee_id=holder, **placed)
    add_task(estate, order.no, order_id=order.id, service=PRIVATE, summary="囍家事", building_id=1, reminders=1)
    write_file(estate, "media/s.png")
    add_picture(estate, path="media/s.png", order_id=order.id)
    add_order(estate, 2, note="寻常事", **placed)
    add_message(estate, "囍我和儿子吵架了", PRIVATE)
    return estate


PAGES = ("/console/", "/console/orders", "/console/tasks", "/console/tasks?state=all", "/console/owners/1")


@pytest.mark.parametrize("role", ["butler", "service_desk"])
def test_private_work_is_shown_on_no_page_of_somebody_else(visitor, secret, role):
    give_account(secret, "wang", role, ("1栋",))
    visitor.sign_in("wang")
    for path in PAGES:
        assert "囍" not in visitor.read(path), path
    assert visitor.get("/console/orders/D2611210001").status_code == 404
    assert visitor.get("/console/pictures/1").status_code == 404
    assert "寻常事" in visitor.read("/console/orders")
    assert "私下说的，不显示" in visitor.read("/console/owners/1")


def test_supervisors_and_whoever_holds_it_see_private_work(visitor, other, secret):
    visitor.enter(secret, "feng")
    for path in PAGES:
        assert "囍" in visitor.read(path), path
    held = give_account(secret, "wang", "butler", ("1栋",))
    other.sign_in("wang")
    assert other.get("/console/orders/D2611210001").status_code == 404
    with secret.runtime.transaction() as tx:
        from models.tasks import Task

        tx.session.query(Task).update({"assignee_id": held})
    assert "囍" in other.read("/console/orders/D2611210001")
    assert "囍" in other.read("/console/tasks")


def test_answers_and_consents_are_told_once_and_sensitive_answers_only_to_some(visitor, staff, estate, owner):
    survey, question, labels = find_question(estate, is_sensitive=True)
    answer(estate, owner, survey, question, f"囍{labels[0]}")
    with estate.runtime.transaction() as tx:
        person = PersonIds(owner, None)
        record(estate.runtime, tx, person, "marketing", True, "chat", "k1", "owner")
    page = staff.read(f"/console/owners/{owner}?kind=answer")
    assert page.count(f"囍{labels[0]}") == 1
    assert staff.read(f"/console/owners/{owner}?kind=consent").count("收推荐 同意") == 1
    give_account(estate, "ke", "service_desk", ("1栋",))
    visitor.client.post("/console/sign-out", data={"csrf_token": visitor.token("/console/")})
    visitor.sign_in("ke")
    assert "囍" not in visitor.read(f"/console/owners/{owner}?kind=answer")


def test_what_was_said_both_ways_is_told_without_numbers_addresses_and_links(staff, estate, owner):
    link = '1. <a href="weixin://bizmsgmenu?msgmenucontent=x&amp;msgmenuid=t1">厨房</a>'
    add_message(estate, "水管漏了", reply=f"哪里漏？打 13800000009\n{link}\nhttps://x.example/files/secret-key")
    add_notice(estate, "师傅13700001111下午到")
    write(estate, owner, "pet.kind", "犬", TagOrigin("visit", "staff:1"))
    with estate.runtime.transaction() as tx:
        merged = {"dropped_id": 77, "dropped_name": "张秀莹", "by": "console:admin"}
        tx.session.add(Merge(owner_id=owner, at=estate.clock.now(), **merged))
    page = staff.read(f"/console/owners/{owner}")
    story = page[page.index('id="story"') :]
    for words in ("水管漏了", "1. 厨房", "138****0009", "137****1111", "（链接）", "和 张＊＊ 合成了一位", "加上 宠物"):
        assert words in story, words
    for words in ("secret-key", "weixin:", "13700001111", "秀莹"):
        assert words not in story, words


def test_the_story_is_turned_page_by_page_and_nothing_is_lost_between_pages(staff, estate, owner):
    for number in range(40):
        add_message(estate, f"第{number:02d}句", minutes=number % 3)  # many at one instant
        add_notice(estate, f"告知{number:02d}", minutes=number % 3)
    seen, path = [], f"/console/owners/{owner}"
    while path:
        page = staff.read(path)
        seen += re.findall(r"第\d\d句|告知\d\d", page)
        found = re.search(r'rel="next" href="([^"]+)"', page)
        path = unescape(found[1]).split("#")[0] if found else ""
    assert len(seen) == len(set(seen)) == 80
    only = re.findall(r"第\d\d句|告知\d\d", staff.read(f"/console/owners/{owner}?kind=notice"))
    assert len(only) == 30
    assert all(each.startswith("告知") for each in only)
    assert "第39句" in staff.read(f"/console/owners/{owner}?kind=message&behind=x_1_2")


def test_private_talk_is_hidden_to_its_last_word_and_so_is_what_was_sent_about_it(visitor, secret):
    add_message(secret, "囍就这样", None, reply="囍记下了", minutes=1)  # it ended the private conversation
    add_notice(secret, "囍您的单 D2611210001 有人接了", minutes=2)
    add_notice(secret, "您的单 D2611210002 有人接了", minutes=2)
    add_message(secret, "再见", None, reply="好的", minutes=3)
    give_account(secret, "wang", "butler", ("1栋",))
    visitor.sign_in("wang")
    page = visitor.read("/console/owners/1")
    assert "囍" not in page
    assert "D2611210002" in page
    assert "再见" in page
    today = visitor.read("/console/")
    assert re.search(r"今天的工单</span><strong>1</strong>", today)


def test_what_names_level_two_goes_to_the_service_desk_without_its_words(visitor, estate, owner):
    add_message(estate, "我的资料", reply="· 护理级别：囍半护")
    survey, question, labels = find_question(estate, is_sensitive=True)
    answer(estate, owner, survey, question, labels[0])
    add_message(estate, "囍要提醒")
    give_account(estate, "ke", "service_desk", ("1栋",))
    visitor.sign_in("ke")
    assert "囍" not in visitor.read(f"/console/owners/{owner}")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_statement_of_a_card_looks_at_everybody(estate, owner):
    add_message(estate, "你好", reply="单号 D2611210001")
    add_notice(estate, "单号 T2611210001")
    add_order(estate, owner_id=owner)
    said: list[tuple[str, object]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: object, *_rest: object) -> None:
        said.append((statement, parameters))

    veil = Veil(frozenset({PRIVATE}), frozenset(), 1)
    blinds = Blinds(frozenset({PRIVATE}), frozenset({("survey.owner", "pet")}))
    behind = Wanted(behind=Place(estate.clock.now() + timedelta(days=1), 0, 1))
    now, today = estate.runtime.now(), estate.runtime.today()
    with estate.runtime.database.reading() as tx:
        event.listen(tx.connection, "before_cursor_execute", note)
        view = find_view(tx.session, owner, Scope(frozenset({1}), veil), now, today, blinds=blinds, wanted=behind)
        event.remove(tx.connection, "before_cursor_execute", note)
        plans = [tx.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {each}", given).all() for each, given in said]
    assert view is not None
    assert len(said) > 15
    steps = [row[3] for plan in plans for row in plan]
    small = {"SCAN CONSTANT ROW", "SCAN (subquery-1)", "SCAN consent_text"}
    assert {step for step in steps if step.startswith("SCAN")} - small == set()

"""The list of owners: an audience with the place of its mistake, a search, paging, a scope, saved segments."""

from __future__ import annotations

import re

import pytest

from handlers import pushes
from models.audits import AuditEntry
from models.segments import Segment
from tests.console.conftest import give_account
from tests.world import World

LIST = "/console/owners"


def find_ids(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'href="/console/owners/(\d+)"', page)]


@pytest.fixture
def people(estate: World) -> World:
    estate.owner("张秀英", phone="13800000001", openid="o1", tags={"pet.kind": "犬", "car.count": "1"})
    estate.owner("李雷", phone="13800000002", room="2栋-1单元-101", tags={"pet.kind": "猫"})
    estate.owner("王芳", room="1栋-1单元-502", tags={"pet.kind": "犬", "house.use": "出租"})
    return estate


def test_an_audience_narrows_the_list_and_counts_it(staff, people):
    assert find_ids(staff.read(LIST)) == [1, 2, 3]
    page = staff.read(f"{LIST}?audience=养犬 且 非出租")
    assert find_ids(page) == [1]
    assert "符合 <strong>1</strong> 位" in page
    assert 'value="养犬 且 非出租"' in page
    for words in ("张＊＊", "1栋-2单元-301", "宠物 犬", "尾号 0001", "关注中"):
        assert words in page
    assert "张秀英" not in page
    assert "没有这样的业主" in staff.read(f"{LIST}?audience=租客")


def test_a_mistake_is_marked_at_its_place_and_what_was_typed_is_kept(staff, people):
    answer = staff.get(f"{LIST}?audience=养犬 且 养恐龙 或 有车")
    assert answer.status_code == 422
    assert 'value="养犬 且 养恐龙 或 有车"' in answer.text
    assert re.search(r"第 6 个字.*?养犬 且 <mark>养恐龙</mark> 或 有车", answer.text, re.DOTALL)
    assert 'aria-invalid="true"' in answer.text
    assert find_ids(answer.text) == []


MISTAKES = (
    "养犬 且",
    "(养犬",
    "姓名 = '张'",
    "age > 很多",
    "building =",
    "x" * 5000,
    "(" * 300 + "养犬" + ")" * 300,
    "'",
    "楼栋 = 1栋 且 <b>",
)


@pytest.mark.parametrize("expression", MISTAKES, ids=range(len(MISTAKES)))
def test_every_mistake_is_told_and_never_breaks_the_page(staff, people, expression):
    answer = staff.get(LIST, query_string={"audience": expression})
    assert answer.status_code == 422
    assert 'id="where"' in answer.text
    assert "<b>" not in answer.text


def test_one_person_is_found_by_name_room_and_the_end_of_the_phone(staff, people):
    assert find_ids(staff.read(f"{LIST}?words=秀英")) == [1]
    assert find_ids(staff.read(f"{LIST}?words=502")) == [3]
    assert find_ids(staff.read(f"{LIST}?words=0002")) == [2]
    assert find_ids(staff.read(f"{LIST}?words=%25")) == []
    assert 'value="秀英"' in staff.read(f"{LIST}?words=秀英")


def test_pages_meet_without_gap_or_overlap(staff, estate):
    for number in range(120):
        estate.owner(f"业主{number}", room=f"1栋-1单元-{number}")
    seen, path = [], LIST
    while path:
        page = staff.read(path)
        seen.append(find_ids(page))
        found = re.search(r'rel="next" href="([^"]+)"', page)
        path = found[1].replace("&amp;", "&") if found else ""
    assert [len(each) for each in seen] == [50, 50, 20]
    assert [number for each in seen for number in each] == list(range(1, 121))


def test_a_butler_lists_and_counts_her_own_houses_only(visitor, people):
    give_account(people, "wang", "butler", ("1栋",))
    visitor.sign_in("wang")
    page = visitor.read(LIST)
    assert find_ids(page) == [1, 3]
    assert "一共 <strong>2</strong> 位" in page
    assert find_ids(visitor.read(f"{LIST}?audience=养猫")) == []
    assert find_ids(visitor.read(f"{LIST}?words=李雷")) == []


def test_level_two_tags_are_for_butlers_and_supervisors(visitor, other, estate):
    estate.owner("张秀英", tags={"health.season": "要提醒", "pet.kind": "犬"})
    give_account(estate, "wang", "butler", ("1栋",))
    give_account(estate, "ke", "service_desk", ("1栋",))
    visitor.sign_in("wang")
    other.sign_in("ke")
    assert "季节关照 要提醒" in visitor.read(LIST)
    assert "宠物 犬" in other.read(LIST)
    assert "要提醒" not in other.read(LIST)


def list_segments(world: World) -> list[tuple[str, str, str]]:
    with world.runtime.database.reading() as tx:
        return [(each.name, each.expression, each.by) for each in tx.session.query(Segment)]


def test_a_list_by_what_one_may_not_read_is_refused_because_it_would_tell(visitor, other, estate):
    estate.owner("张秀英", tags={"health.season": "要提醒"})
    give_account(estate, "yun", "operations")
    visitor.sign_in("yun")
    for expression in ("health.season = 要提醒", "养犬 或 非 has(health.season)"):
        answer = visitor.get(f"{LIST}?audience={expression}")
        assert (answer.status_code, find_ids(answer.text)) == (422, [])
        assert "您的岗位看不了" in answer.text
    give_account(estate, "wang", "butler", ("1栋",))
    other.sign_in("wang")
    assert find_ids(other.read(f"{LIST}?audience=health.season = 要提醒")) == [1]
    made = pushes.create(estate.runtime, audience="health.season = 要提醒", text="换季了。", topic="service")
    assert "看不了名单" in visitor.read(f"/console/campaigns/{made['campaign']}")
    assert "张＊＊" in other.read(f"/console/campaigns/{made['campaign']}")


def test_a_segment_is_kept_under_one_name_and_taken_out_again(staff, people):
    path = f"{LIST}?audience=养犬"
    answer = staff.post("/console/segments", path, audience="养犬", name="  养犬 家庭 ")
    assert answer.status_code == 303
    assert "存好了" in staff.read(answer.location)
    assert list_segments(people) == [("养犬 家庭", "养犬", "console:admin")]
    assert re.search(r'aria-current="true">养犬 家庭<', staff.read(path))
    answer = staff.post("/console/segments", path, audience="养猫", name="养犬 家庭")
    page = staff.read(answer.location)
    assert "换个名字" in page
    assert 'value="养犬 家庭"' in page
    assert 'value="养猫"' in page
    staff.post("/console/segments/1/remove", path, audience="养犬")
    assert list_segments(people) == []
    with people.runtime.database.reading() as tx:
        rows = tx.session.query(AuditEntry).filter_by(action="segment")
        assert [(row.by, row.subject, row.detail["what"]) for row in rows] == [
            ("console:admin", "segment:1", "save"),
            ("console:admin", "segment:1", "remove"),
        ]


def test_a_segment_that_cannot_be_read_or_has_no_name_is_not_kept(staff, people):
    for fields in (
        {"audience": "养恐龙", "name": "x"},
        {"audience": "养犬", "name": " "},
        {"audience": "养犬", "name": "长" * 61},
    ):
        staff.post("/console/segments", f"{LIST}?audience=养犬", **fields)
    assert list_segments(people) == []


def test_somebody_elses_segment_is_taken_out_only_by_whom_is_in_charge(visitor, staff, other, people):
    staff.post("/console/segments", f"{LIST}?audience=养犬", audience="养犬", name="甲")
    give_account(people, "wang", "butler", ("1栋",))
    other.sign_in("wang")
    assert other.post("/console/segments/1/remove", "/console/account").status_code == 403
    assert "拿掉「甲」" not in other.read(f"{LIST}?audience=养犬")
    assert len(list_segments(people)) == 1

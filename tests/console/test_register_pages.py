"""Pages that keep the register clean: two rows of one person, numbers that lead nowhere, codes for colleagues."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import event, select, text

from handlers.doubles import list_doubles
from handlers.phone_states import set_phone_state
from models.audits import AuditEntry
from models.listings import Cursor, Scope
from models.owners import Owner, PhoneEvent
from models.phone_lists import list_phones
from models.staff import Staff
from models.staff_codes import StaffCode
from tests.console.conftest import Visitor, give_account
from tests.console.estate import add_order
from tests.world import World

LIST = "/console/doubles"


def list_owners(world: World) -> list[int]:
    with world.runtime.database.reading() as tx:
        return list(tx.session.scalars(select(Owner.id).order_by(Owner.id)))


def list_actions(world: World) -> list[str]:
    with world.runtime.database.reading() as tx:
        return list(tx.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


@pytest.fixture
def pair(estate: World) -> tuple[int, int]:
    """Give two rows of one person; the first has an order and another use of the house."""
    first = estate.owner("张秀英", phone="13800000001", tags={"house.use": "自住", "pet.kind": "犬"})
    second = estate.owner("张秀英", phone="13800000001", openid="o2", room="1栋-2单元-302", tags={"house.use": "出租"})
    add_order(estate, owner_id=first)
    return first, second


def test_a_pair_is_shown_with_its_reasons_and_what_a_merge_would_do_and_then_merged(staff, estate, pair):
    first, second = pair
    page = staff.read(LIST)
    assert f"{LIST}/{second}/{first}" in page  # who follows stays
    assert "电话一样" in page
    path = f"{LIST}/{second}/{first}"
    before = list_actions(estate)
    page = staff.read(path)
    for words in ("138****0001", "工单 1 条", "住处 1 条", "房屋用途：现在是 出租，另一位是 自住", "合并不能撤回"):
        assert words in page, words
    assert list_owners(estate) == [first, second]  # a preview leaves nothing
    assert list_actions(estate) == [*before, "read", "read"]
    answer = staff.post(f"{path}/merge", path)
    assert "合成一位了" in staff.read(answer.location)
    assert list_owners(estate) == [second]
    assert "merge" in list_actions(estate)
    assert "和 张＊＊ 合成了一位" in staff.read(f"/console/owners/{second}")
    assert staff.get(path).status_code == 404


def test_two_who_were_told_apart_are_not_brought_up_again(staff, estate, pair):
    first, second = pair
    path = f"{LIST}/{second}/{first}"
    for _ in range(2):
        answer = staff.post(f"{path}/apart", path)
    assert "是两位，以后不再提" in staff.read(answer.location)
    assert "没有像是同一位的" in staff.read(LIST)
    assert list_doubles(estate.runtime) == []
    assert list_actions(estate).count("tell_apart") == 2  # once for each of the two
    assert list_owners(estate) == [first, second]


def test_one_who_lives_elsewhere_too_is_merged_by_nobody_of_one_house(visitor, estate):
    first = estate.owner("张秀英", phone="13800000001")
    second = estate.owner("张秀英", phone="13800000001", room="2栋-1单元-101")
    give_account(estate, "feng", "supervisor", ("1栋",), has_factor=True)
    visitor.enter(estate, "feng")
    assert "没有像是同一位的" in visitor.read(LIST)
    for path in (f"{LIST}/{first}/{second}", f"{LIST}/{second}/{first}"):
        assert visitor.get(path).status_code == 404
        assert visitor.post(f"{path}/merge", "/console/account").status_code == 404
    assert visitor.get(f"{LIST}/{first}/{first}").status_code == 404
    assert list_owners(estate) == [first, second]


def ring(world: World, owner_id: int, state: str) -> None:
    with world.runtime.transaction() as tx:
        set_phone_state(world.runtime, tx, owner_id, state, "staff:1")


def test_dead_numbers_are_listed_by_state_with_the_task_and_are_replaced(staff, estate):
    butler = estate.staff("王管家", buildings=("1栋",))
    dead = estate.owner("张秀英", phone="13800000001")
    for _ in range(2):
        ring(estate, dead, "空号")
    estate.owner("李雷", phone="13800000002")
    refused = estate.owner("韩梅梅", phone="13800000003", room="2栋-1单元-101")
    ring(estate, refused, "拒接")
    page = staff.read("/console/phones")
    assert butler
    for words in ("张＊＊", "138****0001", "连着 2 次打不通", "核对任务 C", "王管家", "全部 2", "空号 1", "拒接 1"):
        assert words in page, words
    assert "李＊" not in page
    assert "韩＊＊" not in staff.read("/console/phones?state=空号")
    path = f"/console/phones/{dead}"
    said = staff.read(staff.post(f"{path}/number", "/console/phones", phone="新号 139 0000 0009", listed="空号").location)
    assert "换好了" in said
    assert "张＊＊" not in said
    answer = staff.post(f"/console/phones/{refused}/state", "/console/phones", state="有效")
    assert "没有打不通的号码" in staff.read(answer.location)
    assert "没看出是哪个号码" in staff.read(staff.post(f"{path}/number", "/console/phones", phone="不知道").location)
    assert staff.post(f"{path}/state", "/console/phones", state="好").status_code == 400
    with estate.runtime.database.reading() as tx:
        assert tx.session.get(Owner, dead).phone == "13900000009"
        assert {each.by for each in tx.session.query(PhoneEvent).filter_by(action="replaced")} == {"console:admin"}


def test_numbers_of_another_house_are_neither_shown_nor_changed(visitor, estate):
    owner = estate.owner("囍韩", phone="13800000003", room="2栋-1单元-101")
    ring(estate, owner, "空号")
    give_account(estate, "wang", "butler", ("1栋",))
    visitor.sign_in("wang")
    assert "囍" not in visitor.read("/console/phones")
    for path, given in (("state", {"state": "有效"}), ("number", {"phone": "13900000009"})):
        assert visitor.post(f"/console/phones/{owner}/{path}", "/console/account", **given).status_code == 404


def test_the_few_dead_numbers_are_found_by_their_own_index(estate):
    seen: list[tuple[str, object]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: object, *_rest: object) -> None:
        seen.append((statement, parameters))

    with estate.runtime.database.reading() as tx:
        if not tx.is_sqlite:  # of a table with nothing in it no index is ever the cheapest way
            tx.connection.execute(text("SET LOCAL enable_seqscan = off"))
        event.listen(tx.connection, "before_cursor_execute", note)
        list_phones(tx.session, Scope(), ("空号",), Cursor())
        event.remove(tx.connection, "before_cursor_execute", note)
        statement, parameters = seen[0]
        plan = tx.connection.exec_driver_sql(f"EXPLAIN {'QUERY PLAN ' if tx.is_sqlite else ''}{statement}", parameters).all()
    assert "ix_owner_doubted" in str(plan)


def test_a_code_is_shown_once_replaced_and_taken_back(staff, estate):
    wang = estate.staff("王管家")
    page = staff.post(f"/console/staff-codes/{wang}", "/console/staff-codes").text
    code = re.search(r'class="once"><code>(\d{6})</code>', page)[1]
    assert "138" not in page
    listed = staff.read("/console/staff-codes")
    assert code not in listed
    assert "有码，到" in listed
    page = staff.post(f"/console/staff-codes/{wang}", "/console/staff-codes").text
    again = re.search(r'class="once"><code>(\d{6})</code>', page)
    estate.say("o9", f"员工 {code}")
    assert not is_bound(estate, wang)
    answer = staff.post(f"/console/staff-codes/{wang}/revoke", "/console/staff-codes")
    assert "不能用了" in staff.read(answer.location)
    estate.say("o9", f"员工 {again[1]}")
    assert not is_bound(estate, wang)
    page = staff.post(f"/console/staff-codes/{wang}", "/console/staff-codes").text
    estate.say("o9", f"员工 {re.search(r'<code>([0-9]{6})</code>', page)[1]}")
    assert is_bound(estate, wang)
    assert "绑定了微信" in staff.read("/console/staff-codes?words=王")
    assert list_actions(estate).count("staff_code") == 3
    assert list_actions(estate).count("staff_code_end") == 1
    with estate.runtime.database.reading() as tx:
        assert code not in str([vars(each) for each in tx.session.scalars(select(StaffCode))])


def is_bound(world: World, staff_id: int) -> bool:
    with world.runtime.database.reading() as tx:
        return tx.session.get(Staff, staff_id).openid is not None


def test_nobody_makes_a_code_for_a_colleague_of_another_house(visitor: Visitor, estate: World):
    far = estate.staff("囍管家", buildings=("2栋",))
    give_account(estate, "feng", "supervisor", ("1栋",), has_factor=True)
    visitor.enter(estate, "feng")
    assert "囍" not in visitor.read("/console/staff-codes")
    for path in (f"/console/staff-codes/{far}", f"/console/staff-codes/{far}/revoke"):
        assert visitor.post(path, "/console/staff-codes").status_code == 404

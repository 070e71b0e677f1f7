"""Accounts of colleagues: given, changed at the first sign-in, locked; and what each of them ends."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import String, cast, select

from console.permissions import EVERYTHING, ROLES
from console.room import EXTENSION, Room
from console.second_factor import hash_recovery_code
from handlers.accounts import use_recovery_code, use_step
from models.accounts import OUTSIDERS, ConsoleAccount, replace_recovery_codes
from models.audits import AuditEntry
from models.sealing import MARK
from models.staff import Role, Staff
from tests.console.conftest import LOGIN, PASSWORD, Visitor, give_account
from tests.world import World

NEW = "tulip ladder seven"


def find_password(page: str) -> str:
    found = re.search(r'class="once"><code>([^<]+)<', page)
    assert found
    return found[1]


def read_account(world: World, login: str) -> ConsoleAccount:
    with world.runtime.database.reading() as tx:
        return tx.session.query(ConsoleAccount).filter_by(login=login).one()


def list_actions(world: World) -> list[tuple[str, str, str]]:
    with world.runtime.database.reading() as tx:
        rows = tx.session.query(AuditEntry).order_by(AuditEntry.id)
        return [(row.by, row.action, row.subject) for row in rows]


def change(world: World, staff_id: int, **values: object) -> None:
    with world.runtime.transaction() as tx:
        row = tx.session.get(Staff, staff_id)
        for name, value in values.items():
            setattr(row, name, value)


def test_a_colleague_gets_a_login_with_a_password_that_she_must_change_at_once(staff, other, estate):
    number = estate.staff("王管家", buildings=("1栋",))
    page = staff.post(f"/console/accounts/{number}/login", f"/console/accounts/{number}", login=" Ｗang ").text
    password = find_password(page)
    assert find_password(page) not in staff.read(f"/console/accounts/{number}")
    assert other.sign_in("WANG", password).location == "/console/"
    for path in ("/console/", "/console/orders", "/console/account", "/console/account/second-factor", "/console/nowhere"):
        assert other.get(path).location.startswith("/console/account/password"), path
    answer = other.post("/console/account/password", current=password, wanted=NEW, again=NEW)
    assert (answer.status_code, answer.location) == (302, "/console/account?done=password")
    assert "王管家" in other.read("/console/")
    other.post("/console/sign-out", "/console/account")
    assert other.sign_in("wang", password).status_code == 422
    assert list_actions(estate) == [
        ("console:admin", "sign_in", "console"),
        ("console:admin", "account_give", f"staff:{number}"),
        ("console:wang", "sign_in", "console"),
        ("console:wang", "own_password", "console"),
        ("console:wang", "sign_out", "console"),
    ]


def test_a_one_time_password_opens_nothing_after_three_days_and_second_factors_are_sealed(staff, other, estate):
    number = estate.staff("王管家", buildings=("1栋",))
    page = staff.post(f"/console/accounts/{number}/login", f"/console/accounts/{number}", login="wang").text
    give_account(estate, "li", "supervisor", has_factor=True)
    with estate.runtime.database.reading() as tx:
        stored = tx.session.scalars(select(cast(ConsoleAccount.totp_secret, String)).where(ConsoleAccount.login == "li")).one()
    assert stored.startswith(MARK)
    estate.clock.advance(timedelta(hours=72))
    assert other.sign_in("wang", find_password(page)).status_code == 422


def enter(visitor: Visitor, world: World) -> int:
    number = give_account(world, "wang", "butler", ("1栋",))
    assert visitor.sign_in("wang").location == "/console/"
    assert visitor.get("/console/").status_code == 200
    return number


def is_inside(visitor: Visitor) -> bool:
    return visitor.get("/console/").status_code == 200


def test_a_locked_accounts_open_session_dies_and_its_password_opens_nothing(staff, other, estate):
    number = enter(other, estate)
    staff.post(f"/console/accounts/{number}/lock", f"/console/accounts/{number}")
    assert not is_inside(other)
    answer = other.sign_in("wang")
    assert (answer.status_code, "账号或密码不对" in answer.text) == (422, True)
    staff.post(f"/console/accounts/{number}/unlock", f"/console/accounts/{number}")
    assert not is_inside(other)
    assert other.sign_in("wang").status_code == 302
    assert [each[1] for each in list_actions(estate)][-3:] == ["account_lock", "account_unlock", "sign_in"]


def test_a_new_password_ends_all_sessions_and_the_old_one_opens_nothing(staff, other, estate):
    number = enter(other, estate)
    page = staff.post(f"/console/accounts/{number}/password", f"/console/accounts/{number}").text
    assert not is_inside(other)
    assert other.sign_in("wang").status_code == 422
    assert other.sign_in("wang", find_password(page)).status_code == 302


def test_changing_ones_own_password_ends_the_other_sessions_and_not_this_one(visitor, other, estate):
    enter(visitor, estate)
    assert other.sign_in("wang").status_code == 302
    visitor.post("/console/account/password", current=PASSWORD, wanted=NEW, again=NEW)
    assert (is_inside(visitor), is_inside(other)) == (True, False)


def test_another_role_and_leaving_end_the_session(visitor, estate):
    number = enter(visitor, estate)
    change(estate, number, role="technician")
    assert not is_inside(visitor)
    assert visitor.sign_in("wang").status_code == 302
    change(estate, number, is_active=False)
    assert not is_inside(visitor)
    assert visitor.sign_in("wang").status_code == 422


def test_signing_out_everywhere_ends_every_session(visitor, other, estate):
    enter(visitor, estate)
    other.sign_in("wang")
    assert visitor.post("/console/account/end-sessions", "/console/account").location == "/console/sign-in"
    assert (is_inside(visitor), is_inside(other)) == (False, False)


def test_the_login_of_the_settings_can_sign_out_everywhere_too(staff, other):
    other.sign_in()
    assert is_inside(other)
    staff.post("/console/account/end-sessions", "/console/account")
    assert (is_inside(staff), is_inside(other)) == (False, False)


def test_a_new_password_in_the_settings_ends_the_sessions_of_the_old_one(staff, app, console_access):
    room = app.extensions[EXTENSION]
    app.extensions[EXTENSION] = Room(room.runtime, replace(console_access, mark="another"))
    assert not is_inside(staff)


def test_a_supplier_has_no_login(staff, other, estate):
    number = estate.staff("李老板", role="supplier", buildings=())
    assert staff.get(f"/console/accounts/{number}").status_code == 404
    give_account(estate, "li", "supplier")
    assert other.sign_in("li").status_code == 422


def test_roles_without_any_permission_are_those_that_get_no_login():
    assert {role.value for role in ROLES if not ROLES[role]} == set(OUTSIDERS)
    assert set(ROLES) == set(Role)


EXPECTED = {
    Role.BUTLER: "signed_in see_today see_orders see_complaints see_tasks see_campaigns see_owners tag_owners "
    "see_sensitive see_surveys edit_owners see_content",
    Role.SERVICE_DESK: "signed_in see_today see_orders see_complaints see_tasks see_campaigns see_owners tag_owners "
    "edit_owners see_content",
    Role.TECHNICIAN: "signed_in see_today see_orders see_complaints see_tasks see_campaigns",
    Role.OPERATIONS: "signed_in see_today see_campaigns edit_content teach export see_owners tag_owners tag_many "
    "see_surveys export_owners import merge_owners see_content",
    Role.FINANCE: "signed_in see_today see_orders see_bills export",
    Role.SUPPLIER: "",
}


def test_the_table_of_roles_is_what_was_agreed():
    assert ROLES[Role.SUPERVISOR] == EVERYTHING
    assert {role: set(words.split()) for role, words in EXPECTED.items()} == {role: set(ROLES[role]) for role in EXPECTED}


BAD_LOGINS = ("", "a", "two words", "@admin", "x" * 41, "a:b", "<b>", "-wang")


def test_a_login_that_is_none_or_taken_is_refused_and_the_form_keeps_it(staff, estate):
    give_account(estate, "wang", "butler")
    number = estate.staff("小赵")
    page = f"/console/accounts/{number}"
    for login in BAD_LOGINS:
        assert staff.post(f"{page}/login", page, login=login).status_code == 422, login
    assert 'value="two words"' in staff.post(f"{page}/login", page, login="two words").text
    for login in ("WANG", LOGIN, LOGIN.upper()):
        answer = staff.post(f"{page}/login", page, login=login)
        assert (answer.status_code, "已经有人用了" in answer.text) == (409, True)
    assert staff.post(f"{page}/login", page, login="zhao").status_code == 200
    assert staff.post(f"{page}/login", page, login="zhao2").status_code == 409


def test_the_list_is_narrowed_and_paged(staff, estate):
    for number in range(31):
        estate.staff(f"同事{number:02d}")
    give_account(estate, "wang", "supervisor")
    give_account(estate, "li", "butler", is_locked=True)

    def names(query: str) -> list[str]:
        return re.findall(r'/console/accounts/\d+">([^<]+)<', staff.read(f"/console/accounts?{query}"))

    assert len(names("")) == 30
    assert names("words=同事07") == ["同事07"]
    assert names("words=%25") == names("words=_") == []
    assert names("role=supervisor") == names("state=open") == ["wang"]
    assert names("state=locked") == ["li"]
    assert len(names("state=none")) == 30
    assert names("words=nobody&role=x&state=y") == []


def test_a_supervisor_of_some_buildings_has_no_hand_in_what_reaches_further(visitor, estate):
    give_account(estate, "feng", "supervisor", ("1栋",), has_factor=True)
    others = {
        "here": estate.staff("小一", buildings=("1栋",)),
        "there": estate.staff("小二", buildings=("2栋",)),
        "both": estate.staff("小三", buildings=("1栋", "2栋")),
        "everywhere": estate.staff("小四", role="operations", buildings=()),
    }
    visitor.enter(estate, "feng")
    page = visitor.read("/console/accounts")
    assert [name in page for name in ("小一", "小二", "小三", "小四")] == [True, False, False, False]
    token = visitor.token("/console/accounts/" + str(others["here"]))
    for name, number in others.items():
        expected = 200 if name == "here" else 404
        assert visitor.get(f"/console/accounts/{number}").status_code == expected
        answer = visitor.client.post(f"/console/accounts/{number}/login", data={"csrf_token": token, "login": f"login-{name}"})
        assert answer.status_code == expected, name


def test_nobody_is_in_charge_of_herself(visitor, estate):
    number = give_account(estate, "feng", "supervisor", has_factor=True)
    visitor.enter(estate, "feng")
    assert "这是您自己" in visitor.read(f"/console/accounts/{number}")
    for action in ("password", "lock", "unlock", "second-factor"):
        assert visitor.post(f"/console/accounts/{number}/{action}", "/console/account").status_code == 403, action


def test_an_id_too_large_for_the_database_is_not_found(staff):
    assert staff.get(f"/console/accounts/{'9' * 20}").status_code == 404
    assert staff.post(f"/console/accounts/{'9' * 20}/lock", "/console/account").status_code == 404


def test_twenty_wrong_tries_from_many_addresses_close_the_door_of_one_account(app, estate):
    give_account(estate, "wang", "butler")
    give_account(estate, "li", "butler")

    def attempt(address: str, login: str, password: str) -> int:
        client = app.test_client()
        client.environ_base["REMOTE_ADDR"] = address
        return Visitor(client).sign_in(login, password).status_code

    tries = [attempt(f"203.0.113.{number}", ("wang", "WANG", "Ｗang")[number % 3], "wrong") for number in range(20)]
    assert tries == [422] * 20
    assert attempt("203.0.113.99", "wang", PASSWORD) == 429
    assert attempt("203.0.113.99", "li", PASSWORD) == 302


def test_the_hash_is_argon2_and_nobody_can_read_the_password_anywhere(staff, estate):
    number = estate.staff("王管家")
    page = staff.post(f"/console/accounts/{number}/login", f"/console/accounts/{number}", login="wang").text
    assert read_account(estate, "wang").password_hash.startswith("$argon2id$")
    assert find_password(page) not in staff.read("/console/audit")


def test_of_many_who_type_the_same_code_at_once_one_gets_in(estate):
    give_account(estate, "feng", "supervisor", has_factor=True)
    number = read_account(estate, "feng").id
    hashed = hash_recovery_code("a")
    with estate.runtime.transaction() as tx:
        replace_recovery_codes(tx.session, number, [hashed])
    with ThreadPoolExecutor(4) as pool:
        steps = list(pool.map(lambda _: use_step(estate.runtime, number, 7), range(8)))
        codes = list(pool.map(lambda _: use_recovery_code(estate.runtime, "x", number, hashed), range(8)))
    assert (sum(steps), sum(codes)) == (1, 1)
    assert not use_step(estate.runtime, number, 6)
    assert use_step(estate.runtime, number, 8)

"""The second factor: asked for where it is needed, good once, and never a way around itself."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest

from console.permissions import Permission, needs
from console.room import EXTENSION, Room
from console.second_factor import find_step
from models.accounts import ConsoleAccount
from tests.console.conftest import PASSWORD, SECRET, Visitor, give_account, make_code
from tests.world import World

WANTED = "/console/accounts"
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # its SQL runs on both in test_accounts


def enrol(visitor: Visitor, world: World, login: str = "feng", **fields: str):
    page = visitor.read("/console/account/second-factor")
    secret = re.search(r'class="key">([^<]+)<', page)[1].replace(" ", "")
    code = pyotp.TOTP(secret).generate_otp(int(world.clock.now().timestamp()) // 30)
    given = {"code": code, "password": PASSWORD, **fields}
    return secret, visitor.post("/console/account/second-factor", **given)


def test_whoever_needs_it_sets_it_up_on_the_way_and_comes_out_where_she_wanted(visitor, estate):
    give_account(estate, "feng", "supervisor")
    visitor.sign_in("feng")
    assert visitor.get("/console/orders").status_code == 200
    answer = visitor.get(f"{WANTED}?role=butler")
    assert answer.location == "/console/account/second-factor?next=/console/accounts?role%3Dbutler"
    _, done = enrol(visitor, estate, next=f"{WANTED}?role=butler")
    codes = re.findall(r"<li><code>([^<]+)<", done.text)
    assert len(set(codes)) == 10
    assert f'href="{WANTED}?role=butler"' in done.text
    assert visitor.get(WANTED).status_code == 200
    assert "备用码还剩 <strong>10</strong> 个" in visitor.read("/console/account")


def test_from_then_on_the_password_alone_opens_nothing(visitor, estate):
    give_account(estate, "feng", "supervisor", has_factor=True)
    answer = visitor.sign_in("feng", next="/console/orders")
    assert answer.location == "/console/sign-in/code?next=/console/orders"
    for path in ("/console/", WANTED, "/console/account"):
        assert visitor.get(path).location.startswith("/console/sign-in"), path
    assert visitor.post("/console/sign-in/code", code="000000").status_code == 422
    answer = visitor.post("/console/sign-in/code", code=make_code(estate), next="/console/orders")
    assert (answer.status_code, answer.location) == (302, "/console/orders")
    assert visitor.get(WANTED).status_code == 200


def test_a_code_works_once_also_for_somebody_who_looked_over_her_shoulder(visitor, other, estate):
    give_account(estate, "feng", "supervisor", has_factor=True)
    code = make_code(estate)
    for browser, status in ((visitor, 302), (other, 422)):
        browser.sign_in("feng")
        assert browser.post("/console/sign-in/code", code=code).status_code == status
    assert other.post("/console/sign-in/code", code=make_code(estate, -1)).status_code == 422
    estate.clock.advance(timedelta(seconds=30))
    assert other.post("/console/sign-in/code", code=make_code(estate)).status_code == 302


def test_the_code_that_set_it_up_does_not_open_the_door_afterwards(visitor, other, estate):
    give_account(estate, "feng", "supervisor")
    visitor.sign_in("feng")
    secret, _ = enrol(visitor, estate)
    other.sign_in("feng")
    now = int(estate.clock.now().timestamp()) // 30
    assert other.post("/console/sign-in/code", code=pyotp.TOTP(secret).generate_otp(now)).status_code == 422
    assert other.post("/console/sign-in/code", code=pyotp.TOTP(secret).generate_otp(now + 1)).status_code == 302


def test_a_recovery_code_works_once_however_it_is_typed(visitor, other, estate):
    give_account(estate, "feng", "supervisor")
    visitor.sign_in("feng")
    _, done = enrol(visitor, estate)
    code = re.search(r"<li><code>([^<]+)<", done.text)[1]
    other.sign_in("feng")
    assert other.post("/console/sign-in/code", code=code.upper().replace("-", " ")).status_code == 302
    assert "备用码还剩 <strong>9</strong> 个" in other.read("/console/account")
    other.post("/console/sign-out", "/console/account")
    other.sign_in("feng")
    assert other.post("/console/sign-in/code", code=code).status_code == 422


def test_new_recovery_codes_void_the_old_ones(visitor, other, estate):
    give_account(estate, "feng", "supervisor")
    visitor.sign_in("feng")
    _, done = enrol(visitor, estate)
    old = re.search(r"<li><code>([^<]+)<", done.text)[1]
    fresh = visitor.post("/console/account/recovery-codes", "/console/account").text
    assert old not in fresh
    other.sign_in("feng")
    assert other.post("/console/sign-in/code", code=old).status_code == 422
    new = re.search(r"<li><code>([^<]+)<", fresh)[1]
    assert other.post("/console/sign-in/code", code=new).status_code == 302


def test_five_wrong_codes_close_the_door_for_fifteen_minutes(visitor, estate):
    give_account(estate, "feng", "supervisor", has_factor=True)
    visitor.sign_in("feng")
    assert [visitor.post("/console/sign-in/code", code="000000").status_code for _ in range(5)] == [422] * 5
    assert visitor.post("/console/sign-in/code", code=make_code(estate)).status_code == 429
    visitor.sign_in("feng")  # the right password wins no new tries
    assert visitor.post("/console/sign-in/code", code=make_code(estate)).status_code == 429


def test_a_half_done_sign_in_lasts_ten_minutes_and_ends_with_the_right_to_it(visitor, estate):
    give_account(estate, "feng", "supervisor", has_factor=True)
    visitor.sign_in("feng")
    estate.clock.advance(timedelta(minutes=10))
    assert visitor.get("/console/sign-in/code").location.startswith("/console/sign-in")
    visitor.sign_in("feng")
    with estate.runtime.transaction() as tx:
        tx.session.query(ConsoleAccount).filter_by(login="feng").one().is_locked = True
    assert visitor.get("/console/sign-in/code").location.startswith("/console/sign-in")


def test_after_half_an_hour_the_code_is_asked_for_again_where_it_matters_and_only_there(visitor, estate):
    give_account(estate, "feng", "supervisor", has_factor=True)
    visitor.enter(estate, "feng")
    estate.clock.advance(timedelta(minutes=30))
    assert visitor.get("/console/orders").status_code == 200
    answer = visitor.get(WANTED)
    assert answer.location == f"/console/prove?next={WANTED}"
    assert visitor.post("/console/prove", code="123456", next=WANTED).status_code == 422
    assert visitor.post("/console/prove", code=make_code(estate), next=WANTED).location == WANTED
    assert visitor.get(WANTED).status_code == 200


def test_a_form_that_was_left_open_changes_nothing_without_a_code(visitor, estate):
    give_account(estate, "feng", "supervisor", has_factor=True)
    number = give_account(estate, "wang", "butler", ("1栋",))
    visitor.enter(estate, "feng")
    token = visitor.token(f"/console/accounts/{number}")
    estate.clock.advance(timedelta(minutes=31))
    answer = visitor.client.post(
        f"/console/accounts/{number}/lock",
        data={"csrf_token": token},
        headers={"Referer": f"http://localhost/console/accounts/{number}"},
    )
    assert answer.location == f"/console/prove?next=/console/accounts/{number}"
    assert "锁住了" not in visitor.read("/console/account")


def test_moving_to_another_phone_asks_for_a_code_of_the_old_one(visitor, estate):
    give_account(estate, "feng", "supervisor", has_factor=True)
    visitor.enter(estate, "feng")
    estate.clock.advance(timedelta(minutes=31))
    for path in ("/console/account/second-factor",):
        assert visitor.get(path).location.startswith("/console/prove")
        assert visitor.post(path, "/console/account", code="1", password=PASSWORD).location.startswith("/console/prove")
    assert visitor.post("/console/account/recovery-codes", "/console/account").location.startswith("/console/prove")
    visitor.post("/console/prove", code=make_code(estate))
    secret, done = enrol(visitor, estate)
    assert secret != SECRET
    assert "收好备用码" in done.text


def test_setting_it_up_asks_for_the_password_and_the_right_code(visitor, estate):
    give_account(estate, "feng", "supervisor")
    visitor.sign_in("feng")
    for given, words in (({"password": "wrong"}, "密码不对"), ({"code": "000000"}, "验证码不对"), ({"code": ""}, "都要填")):
        _, answer = enrol(visitor, estate, **given)
        assert (answer.status_code, words in answer.text) == (422, True), given
    assert visitor.get(WANTED).status_code == 303


def test_a_supervisor_forgets_it_for_a_colleague_who_lost_her_phone(staff, other, estate):
    number = give_account(estate, "qian", "finance", has_factor=True)
    other.enter(estate, "qian")
    staff.post(f"/console/accounts/{number}/second-factor", f"/console/accounts/{number}")
    assert other.get("/console/").status_code == 302
    assert other.sign_in("qian").location == "/console/"
    assert "重设两步验证" in staff.read("/console/audit")


@pytest.fixture
def outside(app, console_access):
    """Make the app one that is not in sandbox mode."""
    room = app.extensions[EXTENSION]
    app.extensions[EXTENSION] = Room(room.runtime, replace(console_access, is_sandbox=False))
    return app


def test_outside_the_sandbox_the_login_of_the_settings_sets_it_up_before_anything_else(outside, visitor, estate):
    assert visitor.sign_in().status_code == 302
    for path in ("/console/", WANTED, "/console/account", "/console/nowhere"):
        assert visitor.get(path).location.startswith("/console/account/second-factor"), path
    enrol(visitor, estate)
    assert visitor.get("/console/").status_code == 200
    visitor.post("/console/sign-out", "/console/account")
    assert visitor.sign_in().location == "/console/sign-in/code"


def test_in_the_sandbox_the_login_of_the_settings_may_go_without(staff):
    assert staff.get(WANTED).status_code == 200


EXPORTERS = {"supervisor", "operations", "finance"}


@pytest.mark.parametrize("role", ["supervisor", "operations", "finance", "butler", "service_desk", "technician"])
def test_exporting_asks_every_role_that_may_for_its_second_factor(app, visitor, estate, role):
    app.view_functions["console.unheard.download"] = needs(Permission.EXPORT)(lambda: "rows")
    give_account(estate, role, role, ("1栋",))
    visitor.sign_in(role)
    answer = visitor.get("/console/unheard/taught.yaml")
    if role in EXPORTERS:
        assert answer.location.startswith("/console/account/second-factor")
        enrol(visitor, estate, role)
        assert visitor.read("/console/unheard/taught.yaml") == "rows"
    else:
        assert answer.status_code == 403


def test_a_phone_whose_clock_is_half_a_minute_off_is_understood_and_more_is_not(estate):
    now = estate.clock.now()
    current = int(now.timestamp()) // 30
    totp = pyotp.TOTP(SECRET)
    found = [find_step(SECRET, totp.generate_otp(current + off), now) for off in (-2, -1, 0, 1, 2)]
    assert found == [None, current - 1, current, current + 1, None]
    assert find_step(SECRET, " 12 ٣", now) is None
    digits = totp.generate_otp(current)
    assert find_step(SECRET, f"{digits[:3]} {digits[3:]}", now) == current

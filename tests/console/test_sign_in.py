"""The door: passwords, guessing, sessions and CSRF."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from console.sign_in import safe_target
from console.throttle import begin_try
from models.sign_ins import SignInAttempt
from tests.console.conftest import LOGIN, PASSWORD

ADDRESS = "203.0.113.7"


def test_the_right_password_opens_the_overview(visitor):
    answer = visitor.sign_in()
    assert (answer.status_code, answer.location) == (302, "/console/")
    assert "今天" in visitor.read("/console/")


WRONG = ((LOGIN, "wrong"), ("nobody", PASSWORD), ("管家", "密码"), (LOGIN, ""), ("", ""), ("a\x00", "b"))


def test_anything_else_stays_outside_with_one_and_the_same_answer(visitor):
    for login, password in WRONG:
        answer = visitor.sign_in(login, password)
        assert answer.status_code == 422, login
        assert "账号或密码不对" in answer.text
        assert visitor.get("/console/").status_code == 302


def test_a_stranger_is_led_to_the_door_and_from_there_to_where_he_wanted(visitor):
    answer = visitor.get("/console/orders?status=booked")
    assert answer.location == "/console/sign-in?next=/console/orders?status%3Dbooked"
    assert visitor.sign_in(next="/console/orders?status=booked").location == "/console/orders?status=booked"


ELSEWHERE = ("https://evil.test/", "//evil.test/console/", "/\\evil.test", "javascript:alert(1)", "/console/../x", "/sandbox/")


def test_nobody_is_sent_elsewhere_after_signing_in(app):
    with app.test_request_context("/console/sign-in"):
        assert {safe_target(target) for target in ELSEWHERE} == {"/console/"}


def test_five_wrong_tries_close_the_door_for_fifteen_minutes_even_to_the_right_password(visitor, estate):
    assert [visitor.sign_in(password="wrong").status_code for _ in range(5)] == [422] * 5
    answer = visitor.sign_in()
    assert answer.status_code == 429
    assert "一刻钟" in answer.text
    estate.clock.advance(timedelta(minutes=14, seconds=59))
    assert visitor.sign_in().status_code == 429
    estate.clock.advance(timedelta(seconds=2))
    assert visitor.sign_in().status_code == 302


def test_who_got_in_starts_with_a_clean_slate(visitor, estate):
    for _ in range(4):
        visitor.sign_in(password="wrong")
    assert visitor.sign_in().status_code == 302
    assert estate.count(SignInAttempt) == 0


def test_another_address_and_another_login_are_counted_apart(estate):
    assert [begin_try(estate.runtime, "a", ADDRESS) for _ in range(6)] == [True] * 5 + [False]
    assert begin_try(estate.runtime, "b", ADDRESS)
    assert begin_try(estate.runtime, "a", "203.0.113.8")


def test_of_many_tries_at_once_five_are_looked_at(estate):
    with ThreadPoolExecutor(6) as pool:
        allowed = list(pool.map(lambda _: begin_try(estate.runtime, "a", ADDRESS), range(18)))
    assert sum(allowed) <= 5


def test_a_session_ends_eight_hours_after_the_sign_in_however_busy_it_was(staff, estate):
    for _ in range(15):
        estate.clock.advance(timedelta(minutes=30))
        assert staff.get("/console/").status_code == 200
    estate.clock.advance(timedelta(minutes=30))
    assert staff.get("/console/").status_code == 302


def test_a_session_that_somebody_planted_does_not_survive_the_sign_in(visitor):
    visitor.get("/console/sign-in")
    with visitor.client.session_transaction(base_url="http://localhost/console/") as planted:
        planted["planted"] = "yes"
        before = planted["csrf_token"]
    visitor.sign_in()
    visitor.read("/console/")
    with visitor.client.session_transaction(base_url="http://localhost/console/") as session:
        assert "planted" not in session
        assert session["csrf_token"] != before


def test_signing_out_ends_the_session(staff):
    answer = staff.client.post("/console/sign-out", data={"csrf_token": staff.token("/console/")})
    assert answer.location == "/console/sign-in"
    assert staff.get("/console/").status_code == 302


def test_a_form_without_its_token_does_nothing(staff):
    for path in ("/console/sign-in", "/console/sign-out"):
        answer = staff.client.post(path, data={"login": LOGIN, "password": PASSWORD})
        assert answer.status_code == 400
        assert "刷新" in answer.text
    assert staff.get("/console/").status_code == 200


def test_the_cookie_is_for_the_console_alone_and_no_script_can_read_it(visitor):
    cookie = visitor.sign_in().headers["Set-Cookie"]
    for part in ("guanjia_console=", "HttpOnly", "SameSite=Lax", "Path=/console", "Expires="):
        assert part in cookie
    assert "Secure" not in cookie


def test_sign_ins_are_in_the_audit_and_passwords_are_not(staff):
    page = staff.read("/console/audit")
    assert "登录" in page
    assert "console:admin" in page
    assert PASSWORD not in page

"""What a password of one's own must be; one-time passwords, pictures and codes that the pages make."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest

from console.passwords import find_weakness, make_password
from console.second_factor import make_recovery_codes, render_qr
from models.staff import Staff
from tests.console.conftest import LOGIN, PASSWORD, SECRET, give_account

NEW = "tulip ladder seven"


FAULTS = (
    ({"wanted": NEW, "again": "something else"}, "不一样"),
    ({"wanted": "short", "again": "short"}, "十个字"),
    ({"wanted": "my13800000077", "again": "my13800000077"}, "手机号"),
    ({"wanted": "1234567890", "again": "1234567890"}, "太常见"),
    ({"wanted": NEW, "again": ""}, "三个空"),
    ({"wanted": NEW, "again": NEW, "current": "wrong"}, "现在的密码不对"),
    ({"wanted": PASSWORD, "again": PASSWORD}, "和原来的一样"),
)


def test_a_password_that_is_weak_or_not_meant_is_refused_with_the_reason(visitor, estate):
    number = give_account(estate, "wang", "butler", ("1栋",))
    with estate.runtime.transaction() as tx:
        tx.session.get(Staff, number).phone = "13800000077"
    visitor.sign_in("wang")
    for given, words in FAULTS:
        answer = visitor.post("/console/account/password", **{"current": PASSWORD, **given})
        assert (answer.status_code, words in answer.text) == (422, True), given
    visitor.post("/console/sign-out", "/console/account")
    assert visitor.sign_in("wang").status_code == 302


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("a" * 9, "short"),
        ("x" * 201, "short"),
        ("aaaaaaaaaaaa", "common"),
        ("Qwertyuiop", "common"),
        ("98765432109", "common"),
        ("abcdefghijkl", "common"),
        ("13800000001", "own"),
        ("张秀英一二三四五六七", ""),
        (NEW, ""),
    ],
)
def test_what_a_new_password_must_be(password, fault):
    assert find_weakness(password, "13800000001", "wang", "") == fault


def test_one_time_passwords_are_long_readable_and_never_the_same():
    made = {make_password() for _ in range(200)}
    assert len(made) == 200
    assert all(re.fullmatch(r"([a-hjkmnp-z2-9]{4}-?){3}", each) and not find_weakness(each) for each in made)


def test_the_picture_is_an_svg_and_the_codes_are_strong():
    assert unquote(render_qr(SECRET, LOGIN)).startswith("data:image/svg+xml;charset=utf-8,<svg")
    codes = make_recovery_codes()
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"([a-z0-9]{4}-){3}[a-z0-9]{4}", code) for code in codes)

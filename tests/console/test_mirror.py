"""The page of the account's tags: what stands there, what somebody changed, what the platform refuses, two buttons each."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from handlers import mirror, mirror_followers
from handlers.errors import PermanentFailureError
from handlers.mirror_rules import MirrorBook, MirroredTag
from models.listings import Cursor, Scope
from models.mirror_views import list_differences
from tests.account import OnAccount
from tests.console.conftest import give_account
from tests.world import World

PAGE = "/console/account-tags"


@pytest.fixture
def changed(estate: World) -> World:
    """Two houses on the account, in whose backstage somebody has been busy."""
    book = MirrorBook((MirroredTag("pet.kind", "犬", "养犬"), MirroredTag("car.count", "1", "有车")), is_remarking=True)
    estate.runtime = replace(estate.runtime, content=replace(estate.runtime.content, mirror=book))
    estate.owner("张秀英", openid="zhang", tags={"pet.kind": "犬"})
    estate.owner("李雷", openid="li", room="2栋-1单元-101")
    estate.owner("王芳", openid="wang", room="2栋-1单元-102")
    estate.gateway.people = {openid: OnAccount() for openid in ("zhang", "li", "wang", "who")}
    estate.gateway.failures["create_tag"] = [PermanentFailureError("bad_tag_name", 45157)]
    compare(estate)
    estate.gateway.people["zhang"].remark = "遛狗的张姐"
    for openid in ("li", "who"):
        estate.gateway.people[openid].tags = [estate.gateway.tag_id("有车")]
    estate.gateway.unknown = {"wang"}
    compare(estate)
    return estate


def compare(world: World) -> None:
    mirror_followers.begin(world.runtime)
    for _ in range(6):
        mirror.work(world.runtime)
        world.clock.advance(timedelta(minutes=1))


def list_ids(world: World) -> dict[tuple[str | None, str], int]:
    with world.runtime.database.reading() as tx:
        page = list_differences(tx.session, Scope(), Cursor())
        return {(each.change.openid, each.change.what): each.id for each in page.rows}


def test_the_page_tells_what_differs_and_two_buttons_decide(staff, changed, app):
    app.extensions["console"] = replace(app.extensions["console"], runtime=changed.runtime)
    page = staff.read(PAGE)
    for words in (
        "遛狗的张姐",
        "1栋-2单元-301-张秀英",
        "后台多贴了「有车」",
        "还没绑定的粉丝",
        "这个微信不是本公众号的粉丝",
        "名字微信不收",
    ):
        assert words in page
    ids = list_ids(changed)
    staff.post(f"{PAGE}/changes/{ids['zhang', 'remark']}", PAGE, take="theirs")
    staff.post(f"{PAGE}/changes/{ids['li', 'tag_on']}", PAGE, take="ours")
    answer = staff.post(f"{PAGE}/changes/{ids['who', 'tag_on']}", PAGE, take="theirs")
    assert "还没绑定房号" in staff.read(answer.location)
    changed.gateway.unknown = set()
    assert staff.post(f"{PAGE}/held", PAGE, openid="wang", do="retry").status_code == 303
    assert staff.post(f"{PAGE}/tags/1", PAGE, do="retry").status_code == 303
    assert staff.post(f"{PAGE}/sync", PAGE).status_code == 303
    compare(changed)
    assert (changed.gateway.names("li"), changed.gateway.people["zhang"].remark) == ([], "遛狗的张姐")
    assert (changed.gateway.names("zhang"), changed.gateway.people["wang"].remark) == (["养犬"], "2栋-1单元-102-王芳")
    assert list(list_ids(changed)) == [("who", "tag_on")]
    page = staff.read(PAGE)
    assert ("遛狗的张姐" in page, "微信不收的" in page) == (False, False)
    assert "定了公众号上的改动" in staff.read("/console/audit")


def test_who_has_some_houses_sees_only_their_people_and_nothing_of_the_account_as_a_whole(visitor, changed, app):
    app.extensions["console"] = replace(app.extensions["console"], runtime=changed.runtime)
    give_account(changed, "zhao", "supervisor", ("1栋",), has_factor=True)
    visitor.enter(changed, "zhao")
    page = visitor.read(PAGE)
    assert ("遛狗的张姐" in page, "李雷" in page, "还没绑定的粉丝" in page, "王芳" in page) == (True, False, False, False)
    ids = list_ids(changed)
    assert visitor.post(f"{PAGE}/changes/{ids['li', 'tag_on']}", PAGE, take="ours").status_code == 404
    assert visitor.post(f"{PAGE}/held", PAGE, openid="wang", do="retry").status_code == 404
    assert visitor.post(f"{PAGE}/tags/1", PAGE, do="stop").status_code == 404
    assert visitor.post(f"{PAGE}/changes/{ids['zhang', 'remark']}", PAGE, take="ours").status_code == 303

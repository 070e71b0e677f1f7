"""Tagging at the console: one owner and many, with permission and scope, audited, and taken back."""

from __future__ import annotations

import re

import pytest

from handlers import tag_desk
from handlers.errors import ForbiddenError, NotFoundError
from handlers.tag_desk import TagHand
from handlers.tag_words import TagWish
from models.audits import AuditEntry
from models.listings import Scope
from models.tags import list_tags
from tests.console.conftest import give_account
from tests.world import World


def read_tags(world: World, owner_id: int) -> dict[str, list[str]]:
    with world.runtime.database.reading() as tx:
        return list_tags(tx.session, owner_id, world.clock.now())


def list_audited(world: World) -> list[tuple[str, str, str]]:
    with world.runtime.database.reading() as tx:
        rows = tx.session.query(AuditEntry).filter(AuditEntry.action.in_(("tag", "untag"))).order_by(AuditEntry.id)
        return [(row.by, row.action, row.subject) for row in rows]


@pytest.fixture
def owner(estate: World) -> int:
    return estate.owner("张秀英")


def test_a_tag_is_added_removed_and_taken_back_on_the_card(staff, estate, owner):
    card = f"/console/owners/{owner}"
    answer = staff.post(f"{card}/tags", card, pick="pet.kind=犬", evidence="上门时看到")
    assert answer.status_code == 303
    page = staff.read(answer.location.split("#")[0])
    assert "记好了" in page
    assert "上门时看到" in page
    staff.post(f"{card}/tags", card, key="family.members", value="4")
    assert read_tags(estate, owner) == {"pet.kind": ["犬"], "family.members": ["4"]}
    answer = staff.post(f"{card}/tags/remove", card, key="pet.kind", value="犬")
    assert "去掉了" in staff.read(answer.location.split("#")[0])
    assert read_tags(estate, owner) == {"family.members": ["4"]}
    answer = staff.post(f"{card}/changes/3/undo", card)
    assert "撤回了" in staff.read(answer.location.split("#")[0])
    assert read_tags(estate, owner) == {"pet.kind": ["犬"], "family.members": ["4"]}
    assert list_audited(estate) == [("console:admin", "tag", f"owner:{owner}")] * 3 + [
        ("console:admin", "untag", f"owner:{owner}")
    ]


REFUSED = {
    "health.season=要提醒": "本人先同意",
    "pet.kind=恐龙": "没有这个值",
    "house.stage=老业主": "算出来的",
    "nothing=x": "没有这个标签",
    "reach.hours=收入很高": "从来不记",
}


@pytest.mark.parametrize(("pick", "words"), REFUSED.items())
def test_what_may_not_be_kept_is_refused_in_words(staff, estate, owner, pick, words):
    answer = staff.post(f"/console/owners/{owner}/tags", f"/console/owners/{owner}", pick=pick)
    assert words in staff.read(answer.location.split("#")[0])
    assert read_tags(estate, owner) == {}


def test_nobody_tags_or_undoes_outside_her_houses(visitor, estate, owner):
    elsewhere = estate.owner("李雷", room="2栋-1单元-101")
    give_account(estate, "wang", "butler", ("1栋",))
    visitor.sign_in("wang")
    page = f"/console/owners/{owner}"
    assert visitor.post(f"/console/owners/{elsewhere}/tags", page, pick="pet.kind=犬").status_code == 404
    assert visitor.post(f"{page}/tags", page, pick="pet.kind=犬").status_code == 303
    assert visitor.post(f"/console/owners/{elsewhere}/changes/1/undo", page).status_code == 404
    assert visitor.post(f"/console/owners/{elsewhere}/conflicts/1", page).status_code == 404
    assert (read_tags(estate, owner), read_tags(estate, elsewhere)) == ({"pet.kind": ["犬"]}, {})


def test_the_use_case_itself_asks_for_role_and_scope(estate, owner):
    def hand(role: str, *buildings: int) -> TagHand:
        return TagHand("console:x", role, Scope(frozenset(buildings)))

    runtime, wish = estate.runtime, TagWish(True, "pet.kind", "犬")
    with pytest.raises(ForbiddenError):
        tag_desk.add_tag(runtime, hand("finance", 1), owner, "pet.kind", "犬", "")
    with pytest.raises(NotFoundError):
        tag_desk.add_tag(runtime, hand("butler", 2), owner, "pet.kind", "犬", "")
    with pytest.raises(ForbiddenError):
        tag_desk.tag_many(runtime, hand("butler", 1), "everyone", wish, "", 1)
    assert tag_desk.preview_many(runtime, hand("supervisor", 2), "everyone", wish).matched == 0
    assert read_tags(estate, owner) == {}


@pytest.fixture
def crowd(estate: World) -> World:
    for number in range(1, 6):
        estate.owner(f"业主{number}", room=f"1栋-1单元-{number}", tags={"house.use": "自住"})
    estate.owner("租户", room="2栋-1单元-1", tags={"house.use": "出租"})
    return estate


LIST, MANY = "/console/owners?audience=自住", "/console/owners/tag-many"


def test_many_are_counted_first_changed_when_confirmed_and_taken_back_at_once(staff, crowd):
    preview = staff.post(MANY, LIST, audience="自住", pick="pet.kind=犬", do="add")
    assert "确认改这 5 位" in preview.text
    assert read_tags(crowd, 1) == {"house.use": ["自住"]}
    fields = {"audience": "自住", "pick": "pet.kind=犬", "do": "add", "matched": "5", "evidence": "疫苗登记"}
    done = staff.post(f"{MANY}/confirm", LIST, **fields)
    assert "改好了" in done.text
    assert all(read_tags(crowd, number)["pet.kind"] == ["犬"] for number in range(1, 6))
    assert "pet.kind" not in read_tags(crowd, 6)
    batch = re.search(r'name="batch" value="(\w+)"', done.text)
    answer = staff.post(f"{MANY}/undo", LIST, batch=batch[1], audience="自住")
    assert "都撤回了" in staff.read(answer.location)
    assert all("pet.kind" not in read_tags(crowd, number) for number in range(1, 6))
    assert ("console:admin", "tag", "audience") in list_audited(crowd)


def test_when_others_are_meant_than_were_shown_nothing_is_changed(staff, crowd):
    fields = {"audience": "自住", "pick": "pet.kind=犬", "do": "add", "matched": "4"}
    answer = staff.post(f"{MANY}/confirm", LIST, **fields)
    assert answer.status_code == 409
    assert "再确认一次" in answer.text
    assert 'name="matched" value="5"' in answer.text
    assert "pet.kind" not in read_tags(crowd, 1)


def test_many_without_a_filter_or_a_tag_are_not_touched(staff, crowd):
    for fields in (
        {"audience": "", "pick": "pet.kind=犬"},
        {"audience": "养恐龙", "pick": "pet.kind=犬"},
        {"audience": "自住", "pick": ""},
    ):
        assert staff.post(MANY, LIST, **fields).status_code == 303
    assert staff.post(f"{MANY}/confirm", LIST, audience="自住", pick="pet.kind=犬", matched="x").status_code == 303
    assert "pet.kind" not in read_tags(crowd, 1)


def test_an_act_of_somebody_else_on_many_is_not_taken_back(staff, other, crowd):
    fields = {"audience": "自住", "pick": "pet.kind=犬", "do": "add", "matched": "5"}
    done = staff.post(f"{MANY}/confirm", LIST, **fields)
    batch = re.search(r'name="batch" value="(\w+)"', done.text)
    give_account(crowd, "yun", "operations", has_factor=True)
    other.enter(crowd, "yun")
    assert other.post(f"{MANY}/undo", "/console/account", batch=batch[1]).status_code == 404
    assert read_tags(crowd, 1)["pet.kind"] == ["犬"]


def test_a_butler_is_not_offered_to_tag_many(visitor, crowd):
    give_account(crowd, "wang", "butler", ("1栋",))
    visitor.sign_in("wang")
    assert "一起贴标签" not in visitor.read(LIST)
    assert visitor.post(MANY, LIST, audience="自住", pick="pet.kind=犬").status_code == 403

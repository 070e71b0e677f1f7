"""Tags and remarks on the account: brought there in batches, through every fault, and never over somebody else's word."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from handlers import mirror, mirror_changes, mirror_followers, mirror_writes
from handlers.errors import ConflictError, PermanentFailureError, UnknownOutcomeError
from handlers.mirror_changes import Decision
from handlers.mirror_rules import MirrorBook, MirroredTag
from handlers.mirror_tags import StandingTags
from handlers.register_moves import end_home
from handlers.tag_writes import TagOrigin, remove_tag, write_tag
from models.audits import AuditEntry
from models.followers import Follower
from models.mirror import AccountPause, AccountRun, AccountTag, ForeignChange, MirrorMark, MirrorState
from models.tags import list_tags
from tests.account import OnAccount, busy
from tests.world import World

DOG, CAR, CAT = (
    MirroredTag("pet.kind", "犬", "养犬"),
    MirroredTag("car.count", "1", "有车"),
    MirroredTag("pet.kind", "猫", "养猫"),
)
BOOK = MirrorBook((DOG, CAR, CAT), is_remarking=True)
MINUTE = timedelta(minutes=1)


class KilledError(BaseException):
    """The worker dies here."""


def die() -> None:
    raise KilledError


@pytest.fixture
def estate(world: World) -> World:
    """Three tags stand on the account; remarks are written."""
    return use(world, BOOK)


def use(world: World, book: MirrorBook) -> World:
    world.runtime = replace(world.runtime, content=replace(world.runtime.content, mirror=book))
    return world


def give(world: World, owner_id: int, key: str, value: str) -> None:
    with world.runtime.transaction() as tx:
        write_tag(world.runtime, tx, owner_id, key, value, TagOrigin("console", "staff:1", evidence="看到的"))


def take(world: World, owner_id: int, key: str, value: str) -> None:
    with world.runtime.transaction() as tx:
        remove_tag(world.runtime, tx, owner_id, key, value, TagOrigin("console", "staff:1"))


def work(world: World, after: timedelta = timedelta()) -> None:
    """Let time pass and the worker do all that is due."""
    world.clock.advance(after)
    for _ in range(20):
        if not mirror.work(world.runtime):
            return
    raise AssertionError("the worker finds no end")


def settle(world: World, after: timedelta = MINUTE) -> None:
    """Let marks be worked out, and what they lead to be due and done."""
    work(world)
    work(world, after)


def state(world: World, openid: str) -> MirrorState:
    with world.runtime.database.reading() as tx:
        return tx.session.get_one(MirrorState, openid)


def open_changes(world: World) -> list[ForeignChange]:
    with world.runtime.database.reading() as tx:
        statement = select(ForeignChange).where(ForeignChange.decided_at.is_(None)).order_by(ForeignChange.id)
        return list(tx.session.scalars(statement))


def list_again(world: World) -> None:
    """Compare everybody with the platform, as the night does."""
    mirror_followers.begin(world.runtime)
    work(world)


def hers(world: World, owner_id: int) -> dict[str, list[str]]:
    with world.runtime.database.reading() as tx:
        return list_tags(tx.session, owner_id, world.clock.now())


def test_tags_and_the_remark_reach_the_account_and_go_again(estate: World) -> None:
    zhang = estate.owner("张阿姨", openid="zhang")
    give(estate, zhang, "pet.kind", "犬")
    give(estate, zhang, "family.members", "3")
    estate.tick()
    assert estate.gateway.calls("tag_people") == []  # what is said in one talk goes in one call
    give(estate, zhang, "car.count", "1")
    estate.tick(MINUTE)
    assert estate.gateway.names("zhang") == ["养犬", "有车"]
    assert estate.gateway.person("zhang").tags[-1] == estate.gateway.tag_id("养犬")  # the weightiest last: it chooses the menu
    assert estate.gateway.person("zhang").remark == "1栋-2单元-301-张阿姨"
    take(estate, zhang, "pet.kind", "犬")
    end_home(estate.runtime, zhang, "", None, "console:admin")
    settle(estate)
    assert (estate.gateway.names("zhang"), estate.gateway.person("zhang").remark) == (["有车"], "")
    assert (estate.count(MirrorMark), open_changes(estate), state(estate, "zhang").status) == (0, [], "idle")
    calls = len(estate.gateway.asked)
    settle(estate)
    assert len(estate.gateway.asked) == calls  # nothing changed, nobody is asked


def test_who_binds_gets_her_remark_and_who_leaves_loses_all_and_gets_it_back(estate: World) -> None:
    estate.owner("张阿姨", phone="13800000001", tags={"pet.kind": "犬"})
    for text in ("绑定房号", "13800000001", "1栋2单元301"):
        said = estate.say("zhang", text)
    assert "张阿姨" in said
    settle(estate)
    assert (estate.gateway.names("zhang"), estate.gateway.person("zhang").remark) == (["养犬"], "1栋-2单元-301-张阿姨")
    estate.event("zhang", "unsubscribe")
    estate.gateway.people["zhang"] = OnAccount(is_following=False)
    settle(estate)
    assert state(estate, "zhang").known == []
    estate.gateway.people["zhang"] = OnAccount()
    estate.event("zhang", "subscribe")
    settle(estate)
    assert (estate.gateway.names("zhang"), open_changes(estate)) == (["养犬"], [])


def test_a_tag_that_dies_leaves_the_account_by_itself(estate: World) -> None:
    zhang = estate.owner("张阿姨", openid="zhang")
    give(estate, zhang, "pet.kind", "犬")
    settle(estate)
    assert estate.gateway.names("zhang") == ["养犬"]
    settle(estate, timedelta(days=366))
    settle(estate)
    assert estate.gateway.names("zhang") == []


def test_people_go_in_batches_and_one_that_is_not_ours_is_found_and_held(
    estate: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror_writes, "CALL", 5)
    owners = [estate.owner(f"业主{each}", openid=f"o{each}", tags={"pet.kind": "犬"}) for each in range(8)]
    estate.gateway.people = {f"o{each}": OnAccount() for each in range(8)}
    estate.gateway.people["o6"] = OnAccount(tags=[*range(20)])
    estate.gateway.account_tags |= {each: f"手工{each}" for each in range(20)}
    estate.gateway.unknown = {"o3"}
    list_again(estate)
    assert [len(openids) for _, openids in estate.gateway.calls("tag_people")] == [5, 1]  # her 20 are full, so she is not named
    assert [each for each in range(8) if "养犬" not in estate.gateway.names(f"o{each}")] == [3, 6]
    assert (state(estate, "o3").status, state(estate, "o3").reason) == ("held", "bad_openid")
    mirror_changes.let_be(estate.runtime, "o3", "console:admin")
    list_again(estate)
    assert state(estate, "o3").reason == "let_be"
    estate.gateway.unknown = set()
    give(estate, owners[3], "pet.kind", "猫")
    settle(estate)
    assert estate.gateway.names("o3") == ["养犬", "养猫"]


def test_one_whose_tags_are_full_does_not_keep_the_others_of_a_call_waiting(estate: World) -> None:
    for each in range(4):
        give(estate, estate.owner(f"业主{each}", openid=f"o{each}"), "pet.kind", "犬")
    estate.gateway.full = {"o2"}
    settle(estate)
    assert [each for each in range(4) if "养犬" in estate.gateway.names(f"o{each}")] == [0, 1, 3]
    assert (state(estate, "o2").status, state(estate, "o2").reason) == ("held", "too_many_tags")
    estate.gateway.full = set()
    mirror_changes.try_again(estate.runtime, "o2", "console:admin")
    work(estate)
    assert estate.gateway.names("o2") == ["养犬"]


def test_the_twenty_weightiest_are_chosen_and_what_others_put_there_counts(world: World) -> None:
    hobbies = world.runtime.content.vocabulary.keys["hobby"].values
    travel = world.runtime.content.vocabulary.keys["travel.style"].values
    needs = world.runtime.content.vocabulary.keys["elder.need"].values
    tags = (
        [("hobby", each) for each in hobbies]
        + [("travel.style", each) for each in travel]
        + [("elder.need", each) for each in needs]
    )
    book = MirrorBook(tuple(MirroredTag(key, value, f"标签{value}") for key, value in [*tags, ("pet.kind", "犬")]))
    estate = use(world, book)
    zhang = estate.owner("张阿姨", openid="zhang")
    estate.gateway.account_tags |= {7: "手工一", 8: "手工二"}
    estate.gateway.people["zhang"] = OnAccount(tags=[7, 8])
    for key, value in [*tags, ("pet.kind", "犬")]:
        give(estate, zhang, key, value)
    settle(estate)
    first = sorted(f"标签{value}" for _, value in tags[:18])
    assert estate.gateway.names("zhang") == sorted([*first, "手工一", "手工二"])
    take(estate, zhang, *tags[0])
    settle(estate)
    assert f"标签{tags[18][1]}" in estate.gateway.names("zhang")


def test_used_up_quotas_wait_and_nothing_is_lost(estate: World) -> None:
    zhang, li = estate.owner("张阿姨", openid="zhang"), estate.owner("李先生", openid="li", room="1栋-2单元-302")
    give(estate, zhang, "pet.kind", "犬")
    give(estate, li, "car.count", "1")
    calls = ("list_tags", "create_tag", "read_followers", "tag_people", "set_remark")
    estate.gateway.failures = {call: [busy("daily_limit", 45009, 3600)] for call in calls}
    for _ in calls:
        settle(estate)
        asked = len(estate.gateway.asked)
        settle(estate)
        assert len(estate.gateway.asked) == asked  # while a quota is used up it is not asked again and again
        settle(estate, timedelta(hours=2))
    assert estate.gateway.failures == {call: [] for call in calls}
    assert (estate.gateway.names("zhang"), estate.gateway.names("li")) == (["养犬"], ["有车"])
    assert estate.gateway.person("li").remark == "1栋-2单元-302-李先生"
    assert (state(estate, "zhang").status, open_changes(estate), estate.count(AccountPause)) == ("idle", [], 4)


def test_what_passes_is_tried_again(estate: World) -> None:
    zhang = estate.owner("张阿姨", openid="zhang")
    give(estate, zhang, "pet.kind", "犬")
    faults = (
        UnknownOutcomeError("timeout"),
        busy("busy", -1),
        PermanentFailureError("bad_tag", 45159),
        PermanentFailureError("no_right", 48001),
    )
    estate.gateway.failures["tag_people"] = list(faults)
    work(estate)
    for fault in faults:
        work(estate, timedelta(hours=7))
        assert (state(estate, "zhang").status, state(estate, "zhang").reason) == ("planned", fault.reason)
    work(estate, timedelta(hours=7))
    assert estate.gateway.names("zhang") == ["养犬"]


def test_a_worker_killed_between_a_call_and_its_record_repeats_it_harmlessly(estate: World) -> None:
    zhang = estate.owner("张阿姨", openid="zhang")
    had = ""
    for call, value in (("create_tag", "犬"), ("tag_people", "猫"), ("set_remark", "犬")):
        if had:
            take(estate, zhang, "pet.kind", had)
        give(estate, zhang, "pet.kind", value)
        if call == "set_remark":
            estate.gateway.person("zhang").remark = ""
            with estate.runtime.transaction() as tx:
                tx.session.get_one(MirrorState, "zhang").written_remark = None
        estate.gateway.after[call] = die
        with pytest.raises(KilledError):
            settle(estate)
        had = value  # and what is wanted changes before anybody repeats it
        estate.clock.advance(timedelta(minutes=20))
    take(estate, zhang, "pet.kind", "犬")
    give(estate, zhang, "pet.kind", "猫")
    settle(estate)
    assert (estate.gateway.names("zhang"), open_changes(estate)) == (["养猫"], [])
    assert estate.gateway.person("zhang").remark == "1栋-2单元-301-张阿姨"
    with estate.runtime.database.reading() as tx:
        assert set(tx.session.scalars(select(AccountTag.is_adopted))) == {False}


def meddle(estate: World) -> tuple[int, OnAccount]:
    """Have somebody change tag and remark of 张阿姨 on the platform; return her id and what stands there."""
    zhang = estate.owner("张阿姨", openid="zhang")
    give(estate, zhang, "pet.kind", "犬")
    settle(estate)
    on = estate.gateway.person("zhang")
    on.tags, on.remark = [estate.gateway.tag_id("有车")], "门口有花的张姐"
    list_again(estate)
    return zhang, on


def test_what_somebody_changes_on_the_platform_is_kept_and_put_back_when_staff_say_so(estate: World) -> None:
    zhang, on = meddle(estate)
    assert [(each.what, each.ours, each.theirs) for each in open_changes(estate)] == [
        ("tag_off", "", ""),
        ("tag_on", "", ""),
        ("remark", "1栋-2单元-301-张阿姨", "门口有花的张姐"),
    ]
    list_again(estate)
    assert len(open_changes(estate)) == 3  # nobody is asked twice
    assert (estate.gateway.names("zhang"), on.remark) == (["有车"], "门口有花的张姐")  # nothing is overwritten silently
    for change in open_changes(estate):
        assert mirror_changes.decide(estate.runtime, change.id, Decision.RESTORE, "console:admin") == ""
    work(estate)
    assert (estate.gateway.names("zhang"), on.remark) == (["养犬"], "1栋-2单元-301-张阿姨")
    assert (open_changes(estate), hers(estate, zhang)) == ([], {"pet.kind": ["犬"]})
    with pytest.raises(ConflictError):
        mirror_changes.decide(estate.runtime, 1, Decision.TAKE, "console:admin")


def test_what_somebody_changes_on_the_platform_is_taken_over_when_staff_say_so(estate: World) -> None:
    zhang, on = meddle(estate)
    for change in open_changes(estate):
        assert mirror_changes.decide(estate.runtime, change.id, Decision.TAKE, "console:admin") == ""
    settle(estate)
    list_again(estate)
    assert (estate.gateway.names("zhang"), on.remark) == (["有车"], "门口有花的张姐")
    assert (hers(estate, zhang), open_changes(estate)) == ({"car.count": ["1"]}, [])
    with estate.runtime.database.reading() as tx:
        audited = tx.session.scalars(select(AuditEntry.subject).where(AuditEntry.action == "account_change")).all()
    assert len(audited) == 3
    end_home(estate.runtime, zhang, "", None, "console:admin")  # their remark was right for the home she had
    settle(estate)
    assert [(each.what, each.theirs) for each in open_changes(estate)] == [("remark", "门口有花的张姐")]


def test_a_tag_on_somebody_nobody_knows_waits_until_she_is_bound(estate: World) -> None:
    zhang = estate.owner("张阿姨", openid="zhang")
    give(estate, zhang, "pet.kind", "犬")
    settle(estate)
    estate.gateway.people["new"] = OnAccount(tags=[estate.gateway.tag_id("养犬")], remark="大概是3栋的")
    list_again(estate)
    (change,) = open_changes(estate)
    assert (change.openid, change.what) == ("new", "tag_on")  # a remark that we have no word for is nobody's business
    assert mirror_changes.decide(estate.runtime, change.id, Decision.TAKE, "console:admin") == "no_owner"
    estate.gateway.people["new"].tags = []
    list_again(estate)
    assert open_changes(estate) == []  # it was taken back there


def test_tags_that_others_rename_or_delete_are_decided_by_staff(estate: World) -> None:
    zhang = estate.owner("张阿姨", openid="zhang")
    for key, value in (("pet.kind", "犬"), ("car.count", "1")):
        give(estate, zhang, key, value)
    settle(estate)
    dog, car = estate.gateway.tag_id("养犬"), estate.gateway.tag_id("有车")
    estate.gateway.account_tags[dog] = "狗狗"
    estate.gateway.delete_tag(car)
    list_again(estate)
    renamed, deleted = open_changes(estate)
    assert (renamed.what, renamed.theirs, deleted.what) == ("renamed", "狗狗", "deleted")
    mirror_changes.decide(estate.runtime, renamed.id, Decision.RESTORE, "console:admin")
    mirror_changes.decide(estate.runtime, deleted.id, Decision.RESTORE, "console:admin")
    settle(estate)
    settle(estate)
    assert (estate.gateway.names("zhang"), open_changes(estate)) == (["养犬", "有车"], [])
    estate.gateway.account_tags[dog] = "狗狗"
    estate.gateway.delete_tag(estate.gateway.tag_id("有车"))
    list_again(estate)
    for change in open_changes(estate):
        mirror_changes.decide(estate.runtime, change.id, Decision.TAKE, "console:admin")
    settle(estate)
    list_again(estate)
    assert (estate.gateway.names("zhang"), open_changes(estate)) == (["狗狗"], [])
    with estate.runtime.database.reading() as tx:
        assert tx.session.scalar(select(AccountTag.status).where(AccountTag.name == "有车")) == "stopped"


def test_a_tag_that_was_there_is_adopted_and_one_the_platform_refuses_is_held(estate: World) -> None:
    zhang = estate.owner("张阿姨", openid="zhang")
    estate.gateway.account_tags[9] = "养犬"
    estate.gateway.failures["create_tag"] = [PermanentFailureError("too_many_tags", 45056)]
    give(estate, zhang, "pet.kind", "犬")
    settle(estate)
    known = StandingTags(estate.runtime.database)
    assert (known.find_account_tag("pet.kind", "犬"), known.find_account_tag("car.count", "1")) == (9, None)
    with estate.runtime.database.reading() as tx:
        held = tx.session.scalars(select(AccountTag).where(AccountTag.status == "held")).one()
    assert (held.name, held.reason) == ("有车", "account_full")
    mirror_changes.try_tag_again(estate.runtime, held.id, "console:admin")
    work(estate)
    assert known.find_account_tag("car.count", "1") == estate.gateway.tag_id("有车")
    settle(estate)
    use(estate, MirrorBook((CAR,)))
    list_again(estate)
    # ours goes; what was there before stays, and only leaves those we put it on
    assert (estate.gateway.names("zhang"), set(estate.gateway.account_tags.values())) == ([], {"星标组", "养犬", "有车"})


def test_followers_are_listed_page_by_page_and_those_who_are_gone_are_let_go(estate: World) -> None:
    estate.owner("张阿姨", openid="zhang")
    estate.owner("李先生", openid="li", room="1栋-2单元-302")
    estate.gateway.people |= {openid: OnAccount() for openid in ("a", "b", "c", "zhang")}
    estate.gateway.people["li"] = OnAccount(is_following=False)
    estate.gateway.page_size = 2
    estate.gateway.failures["list_followers"] = [busy("daily_limit", 45009, 3600)]
    assert mirror_followers.begin_due(estate.runtime) == 0  # ten in the morning
    estate.clock.advance(timedelta(hours=18))
    estate.tick()
    estate.tick()
    assert estate.count(AccountRun) == 1
    estate.tick(timedelta(hours=2))
    with estate.runtime.database.reading() as tx:
        run = tx.session.scalars(select(AccountRun)).one()
        following = dict(tx.session.execute(select(Follower.openid, Follower.is_following)).all())
    assert (run.listed, run.total, run.cursor, run.done_at is None, run.reason) == (4, 4, "", False, None)
    assert following == {"a": True, "b": True, "c": True, "zhang": True, "li": False}
    assert estate.count(AccountPause) == 1
    assert estate.gateway.person("zhang").remark == "1栋-2单元-301-张阿姨"

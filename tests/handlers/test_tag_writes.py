"""Tags are written with their origin, contradictions are shown and not overwritten, and every change can be taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from handlers import consents
from handlers.tag_writes import Outcome, TagOrigin, TagWrite, Undoing, remove_tag, undo, undo_answer, undo_batch, write_tag
from models.audits import AuditEntry
from models.consents import PersonIds
from models.tag_changes import TagChange, TagConflict, list_changes, list_conflicts
from models.tags import OwnerTag, list_tags
from tests.world import World

HERSELF = TagOrigin("bot", "owner", evidence="k1")
BUTLER = TagOrigin("chat", "staff:1", evidence="+养犬")
VISIT = TagOrigin("visit", "staff:2", evidence="visit 7")
FILE = TagOrigin("import", "cli:root", evidence="owners.csv")


@pytest.fixture
def zhang(world: World) -> int:
    return world.owner("张阿姨", openid="zhang")


def write(world: World, owner_id: int, key: str, value: str, origin: TagOrigin) -> TagWrite:
    with world.runtime.transaction() as tx:
        return write_tag(world.runtime, tx, owner_id, key, value, origin)


def remove(world: World, owner_id: int, key: str, value: str | None, origin: TagOrigin) -> TagWrite:
    with world.runtime.transaction() as tx:
        return remove_tag(world.runtime, tx, owner_id, key, value, origin)


def take_back(world: World, change_id: int | None) -> Undoing:
    assert change_id is not None
    with world.runtime.transaction() as tx:
        return undo(world.runtime, tx, change_id, "staff:1")


def tags_of(world: World, owner_id: int) -> dict[str, list[str]]:
    with world.runtime.database.reading() as tx:
        return list_tags(tx.session, owner_id, world.runtime.now())


def conflicts_of(world: World, owner_id: int) -> list[tuple[str, str, str]]:
    with world.runtime.database.reading() as tx:
        return [(each.key, each.kept, each.other) for each in list_conflicts(tx.session, owner_id)]


def test_a_tag_keeps_where_it_comes_from_and_when_it_dies(world: World, zhang: int) -> None:
    done = write(world, zhang, "house.use", "自己住", replace(VISIT, purpose=None, answer_id=5))
    assert (done.outcome, done.value, done.before) == (Outcome.WRITTEN, "自住", ())
    with world.runtime.database.reading() as tx:
        row = tx.session.scalars(select(OwnerTag)).one()
        said = (row.source, row.by, row.evidence, row.answer_id, row.purpose)
        assert said == ("visit", "staff:2", "visit 7", 5, None)
        assert row.expires_at is not None
        assert timedelta(days=364) < row.expires_at - row.at < timedelta(days=366)
        change = tx.session.scalars(select(TagChange)).one()
        assert (change.id, change.action, change.answer_id) == (done.change_id, "add", 5)
        audit = tx.session.scalars(select(AuditEntry)).one()
        assert (audit.by, audit.action, audit.subject) == ("staff:2", "tag", f"owner:{zhang}")
        assert "自住" not in str(audit.detail)


def test_what_is_said_again_lives_longer_and_keeps_the_weightier_source(world: World, zhang: int) -> None:
    write(world, zhang, "house.use", "自住", HERSELF)
    world.clock.advance(timedelta(days=100))
    assert write(world, zhang, "house.use", "自住", FILE).outcome is Outcome.CONFIRMED
    with world.runtime.database.reading() as tx:
        row = tx.session.scalars(select(OwnerTag)).one()
        assert (row.source, row.evidence, row.at) == ("bot", "k1", world.clock.now())


def test_a_new_value_of_a_choice_takes_the_place_of_the_old_one(world: World, zhang: int) -> None:
    write(world, zhang, "car.count", "1", BUTLER)
    done = write(world, zhang, "car.count", "2+", BUTLER)
    assert [row["value"] for row in done.before] == ["1"]
    assert tags_of(world, zhang) == {"car.count": ["2+"]}


def test_values_of_a_multi_stand_side_by_side_but_not_beside_none(world: World, zhang: int) -> None:
    write(world, zhang, "pet.kind", "犬", HERSELF)
    write(world, zhang, "pet.kind", "猫", HERSELF)
    assert tags_of(world, zhang) == {"pet.kind": ["犬", "猫"]} or set(tags_of(world, zhang)["pet.kind"]) == {"犬", "猫"}
    write(world, zhang, "pet.kind", "无", HERSELF)
    assert tags_of(world, zhang) == {"pet.kind": ["无"]}
    write(world, zhang, "pet.kind", "犬", HERSELF)
    assert tags_of(world, zhang) == {"pet.kind": ["犬"]}


@pytest.mark.parametrize(
    ("known", "said", "outcome"),
    [
        (HERSELF, BUTLER, Outcome.CONFLICT),
        (HERSELF, FILE, Outcome.CONFLICT),
        (BUTLER, FILE, Outcome.CONFLICT),
        (BUTLER, VISIT, Outcome.CONFLICT),
        (BUTLER, BUTLER, Outcome.WRITTEN),
        (FILE, BUTLER, Outcome.WRITTEN),
        (FILE, FILE, Outcome.WRITTEN),
        (FILE, HERSELF, Outcome.WRITTEN),
        (BUTLER, HERSELF, Outcome.WRITTEN),
        (HERSELF, HERSELF, Outcome.WRITTEN),
        (replace(HERSELF, evidence=None), FILE, Outcome.WRITTEN),
        (BUTLER, replace(VISIT, by="owner:1"), Outcome.WRITTEN),
    ],
)
def test_who_said_it_decides_whether_a_contradiction_overwrites(
    world: World, zhang: int, known: TagOrigin, said: TagOrigin, outcome: Outcome
) -> None:
    write(world, zhang, "house.use", "自住", known)
    assert write(world, zhang, "house.use", "出租", said).outcome is outcome
    is_kept = outcome is Outcome.CONFLICT
    assert tags_of(world, zhang) == {"house.use": ["自住" if is_kept else "出租"]}
    assert conflicts_of(world, zhang) == ([("house.use", "自住", "出租")] if is_kept else [])


def test_the_same_contradiction_is_one_conflict_until_she_speaks_herself(world: World, zhang: int) -> None:
    write(world, zhang, "house.use", "自住", HERSELF)
    first = write(world, zhang, "house.use", "出租", FILE)
    second = write(world, zhang, "house.use", "出租", FILE)
    assert (first.change_id is None, second.change_id) == (False, None)
    assert len(conflicts_of(world, zhang)) == 1
    write(world, zhang, "house.use", "空置", HERSELF)
    assert conflicts_of(world, zhang) == []
    assert world.count(TagConflict) == 1


def test_what_has_expired_resists_nobody_and_is_in_no_audience(world: World, zhang: int) -> None:
    write(world, zhang, "house.use", "自住", HERSELF)
    world.clock.advance(timedelta(days=366))
    assert tags_of(world, zhang) == {}
    assert write(world, zhang, "house.use", "出租", FILE).outcome is Outcome.WRITTEN


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("no.such", "1", "unknown_key"),
        ("house.use", "仓库", "unknown_value"),
        ("house.stage", "老业主", "computed"),
        ("rel.silent", "30", "computed"),
        ("收入", "高", "forbidden"),
        ("reach.hours", "月收入三万", "forbidden"),
        ("reach.hours", "打 13800000001", "forbidden"),
        ("health.care", "全护", "no_consent"),
        ("child.stage", "小", "no_consent"),
    ],
)
def test_what_may_not_be_kept_is_refused_with_its_reason(world: World, zhang: int, key: str, value: str, reason: str) -> None:
    done = write(world, zhang, key, value, HERSELF)
    assert (done.outcome, done.reason) == (Outcome.REFUSED, reason)
    assert world.count(OwnerTag) == world.count(TagChange) == 0


def test_nobody_is_made_by_a_tag(world: World) -> None:
    assert write(world, 99, "house.use", "自住", BUTLER).reason == "no_owner"


def test_one_value_or_all_of_a_key_can_be_removed(world: World, zhang: int) -> None:
    for hobby in ("太极", "书画", "阅读"):
        write(world, zhang, "hobby", hobby, BUTLER)
    assert remove(world, zhang, "hobby", "太极拳", BUTLER).value == "太极"
    assert remove(world, zhang, "hobby", "太极", BUTLER).reason == "absent"
    assert remove(world, zhang, "hobby", "钓鱼", BUTLER).reason == "absent"
    assert len(remove(world, zhang, "hobby", None, BUTLER).before) == 2
    assert tags_of(world, zhang) == {}


def test_an_addition_is_taken_back_with_what_it_took_the_place_of(world: World, zhang: int) -> None:
    write(world, zhang, "house.use", "自住", HERSELF)
    done = write(world, zhang, "house.use", "出租", HERSELF)
    assert take_back(world, done.change_id) is Undoing.UNDONE
    assert tags_of(world, zhang) == {"house.use": ["自住"]}
    with world.runtime.database.reading() as tx:
        row = tx.session.scalars(select(OwnerTag)).one()
        assert (row.source, row.by, row.evidence) == ("bot", "owner", "k1")
    assert take_back(world, done.change_id) is Undoing.ALREADY
    assert take_back(world, 999) is Undoing.UNKNOWN


def test_a_removal_is_taken_back_whole(world: World, zhang: int) -> None:
    for hobby in ("太极", "书画"):
        write(world, zhang, "hobby", hobby, HERSELF)
    done = remove(world, zhang, "hobby", None, BUTLER)
    assert take_back(world, done.change_id) is Undoing.UNDONE
    assert set(tags_of(world, zhang)["hobby"]) == {"太极", "书画"}


def test_a_confirmation_is_taken_back_to_the_old_expiry(world: World, zhang: int) -> None:
    write(world, zhang, "house.use", "自住", HERSELF)
    world.clock.advance(timedelta(days=300))
    done = write(world, zhang, "house.use", "自住", HERSELF)
    world.clock.advance(timedelta(days=100))
    assert tags_of(world, zhang) == {"house.use": ["自住"]}
    take_back(world, done.change_id)
    assert tags_of(world, zhang) == {}


def test_a_change_that_others_stand_on_is_not_taken_back(world: World, zhang: int) -> None:
    first = write(world, zhang, "house.use", "自住", HERSELF)
    second = write(world, zhang, "house.use", "出租", HERSELF)
    assert take_back(world, first.change_id) is Undoing.CHANGED
    assert take_back(world, second.change_id) is Undoing.UNDONE
    assert take_back(world, first.change_id) is Undoing.UNDONE
    assert tags_of(world, zhang) == {}


def test_other_values_of_a_multi_do_not_stand_in_the_way(world: World, zhang: int) -> None:
    first = write(world, zhang, "hobby", "太极", BUTLER)
    write(world, zhang, "hobby", "书画", BUTLER)
    assert take_back(world, first.change_id) is Undoing.UNDONE
    assert tags_of(world, zhang) == {"hobby": ["书画"]}


def test_a_conflict_is_taken_back_too(world: World, zhang: int) -> None:
    write(world, zhang, "house.use", "自住", HERSELF)
    done = write(world, zhang, "house.use", "出租", FILE)
    assert take_back(world, done.change_id) is Undoing.UNDONE
    assert conflicts_of(world, zhang) == []


def test_all_of_one_act_and_all_of_one_answer_are_taken_back_together(world: World, zhang: int) -> None:
    act = replace(BUTLER, batch="b1")
    for key, value in (("house.use", "自住"), ("car.count", "1")):
        write(world, zhang, key, value, act)
    for hobby in ("太极", "书画"):
        write(world, zhang, "hobby", hobby, replace(HERSELF, answer_id=9))
    with world.runtime.transaction() as tx:
        assert undo_batch(world.runtime, tx, "b1", "staff:1") == {Undoing.UNDONE: 2}
        assert undo_answer(world.runtime, tx, 9, "owner") == {Undoing.UNDONE: 2}
    assert tags_of(world, zhang) == {}
    with world.runtime.database.reading() as tx:
        assert len(list_changes(tx.session, zhang)) == 4


def answer(world: World, owner_id: int, purpose: str, *, granted: bool) -> None:
    with world.runtime.transaction() as tx:
        person = PersonIds(owner_id)
        consents.record(world.runtime, tx, person, purpose, granted, "staff", "form 7", "staff:1")


def test_level_two_is_kept_with_its_own_consent_and_goes_with_it(world: World, zhang: int) -> None:
    answer(world, zhang, "minors", granted=True)
    assert write(world, zhang, "health.care", "自理", HERSELF).reason == "no_consent"
    answer(world, zhang, "health", granted=True)
    done = write(world, zhang, "health.care", "自理", HERSELF)
    assert done.outcome is Outcome.WRITTEN
    with world.runtime.database.reading() as tx:
        assert tx.session.scalars(select(OwnerTag.purpose)).one() == "health"
    gone = remove(world, zhang, "health.care", None, HERSELF)
    answer(world, zhang, "health", granted=False)
    assert take_back(world, gone.change_id) is Undoing.UNDONE
    assert tags_of(world, zhang) == {}


def test_who_refused_a_profile_is_asked_nothing_that_stays_but_is_still_served(world: World, zhang: int) -> None:
    answer(world, zhang, "profile", granted=False)
    assert write(world, zhang, "hobby", "太极", replace(HERSELF, answer_id=3)).reason == "refused_profile"
    assert write(world, zhang, "hobby", "太极", replace(HERSELF, purpose="profile")).reason == "refused_profile"
    assert write(world, zhang, "pet.kind", "犬", BUTLER).outcome is Outcome.WRITTEN


def test_what_rests_on_a_consent_wants_it_to_be_given(world: World, zhang: int) -> None:
    asked = replace(HERSELF, purpose="profile", answer_id=3)
    assert write(world, zhang, "hobby", "太极", asked).reason == "no_consent"
    answer(world, zhang, "profile", granted=True)
    assert write(world, zhang, "hobby", "太极", asked).outcome is Outcome.WRITTEN
    answer(world, zhang, "profile", granted=False)
    assert tags_of(world, zhang) == {}

"""Tags of many people: from a CSV file, for an audience; what is known of one, of all, and what is to be asked next."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from handlers import consents, tag_conflicts, tag_views
from handlers.errors import ConflictError, InvalidInputError, NotFoundError
from handlers.import_tags import TAG_COLUMNS
from handlers.imports import ImportReport, import_owners, import_tags
from handlers.tag_bulk import BulkReport, tag_audience
from handlers.tag_gaps import everybody, find_stalest, measure_coverage
from handlers.tag_rules import TagOrigin
from handlers.tag_words import read_changes, split_changes
from handlers.tag_writes import Undoing, undo_batch, write_tag
from handlers.tags import make_origin
from models.audience.parse import parse_audience
from models.audits import AuditEntry
from models.consents import PersonIds
from models.listings import Scope
from models.owner_cards import find_card
from models.owner_lists import OwnerQuery, count_owners, list_owners, select_owners
from models.owners import Owner
from models.places import Building
from models.tag_changes import TagChange, list_conflicts
from models.tags import OwnerTag, list_tags
from tests.handlers.registers import PERSON, write_rows
from tests.world import World

HERSELF = TagOrigin("bot", "owner", evidence="k1")
HOME = {"community": "阳光花园", "building": "1栋", "unit": "2单元", "room": "301"}


def tags_of(world: World, owner_id: int) -> dict[str, list[str]]:
    with world.runtime.database.reading() as tx:
        return list_tags(tx.session, owner_id, world.runtime.now())


def say(world: World, owner_id: int, key: str, value: str, origin: TagOrigin = HERSELF) -> None:
    with world.runtime.transaction() as tx:
        write_tag(world.runtime, tx, owner_id, key, value, origin)


def bring(world: World, folder: Path, *rows: dict[str, str], **options: bool) -> ImportReport:
    return import_tags(world.runtime, write_rows(folder / "tags.csv", *rows, columns=TAG_COLUMNS), **options)


def bulk(world: World, expression: str, words: str, *, is_dry: bool = False) -> BulkReport:
    wishes = read_changes(world.runtime.content.vocabulary, split_changes(words))
    return tag_audience(world.runtime, expression, wishes, make_origin("command", "staff:1", words), is_dry=is_dry)


def test_people_are_found_by_openid_by_phone_and_by_home(world: World, tmp_path: Path) -> None:
    zhang = world.owner("张阿姨", openid="zhang", phone="13800000001")
    son = world.owner("张小强", phone="13800000001", room="1栋-1单元-101")
    report = bring(
        world,
        tmp_path,
        {"openid_or_phone": "zhang", "tags": "car.count=1;宠物=狗"},
        {"openid_or_phone": "138-0000 0001", **HOME, "tags": "hobby=太极"},
        {**HOME, "room": "101", "unit": "1单元", "tags": "-car.count=1;house.use=出租"},
    )
    assert (report.problems, report.updated) == ([], 3)
    assert report.tags == {"written": 4, "unchanged": 1, "conflict": 0, "refused": 0}
    assert tags_of(world, zhang) == {"car.count": ["1"], "hobby": ["太极"], "pet.kind": ["犬"]}
    assert tags_of(world, son) == {"house.use": ["出租"]}
    with world.runtime.database.reading() as tx:
        assert set(tx.session.scalars(select(OwnerTag.evidence))) == {"tags.csv:2", "tags.csv:3", "tags.csv:4"}


def test_the_same_file_twice_changes_nothing_and_a_dry_run_nothing_at_all(world: World, tmp_path: Path) -> None:
    world.owner("张阿姨", openid="zhang")
    row = {"openid_or_phone": "zhang", "tags": "car.count=1;hobby=太极"}
    assert bring(world, tmp_path, row, dry_run=True).tags["written"] == 2
    assert world.count(OwnerTag) == world.count(TagChange) == world.count(AuditEntry) == 0
    assert bring(world, tmp_path, row).tags["written"] == 2
    again = bring(world, tmp_path, row)
    assert (again.tags["written"], again.tags["unchanged"], again.unchanged) == (0, 2, 1)
    assert world.count(TagChange) == 2


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"tags": "car.count=1"}, "nobody is named, fill in openid_or_phone or the home"),
        ({"openid_or_phone": "zhang"}, "tags is empty, write key=value;key=value"),
        ({"openid_or_phone": "zhang", "tags": "car.kount=1"}, "tags hold the unknown key 'car.kount', see content/tags.yaml"),
        ({"openid_or_phone": "zhang", "tags": "reach.hours=月收入高"}, "tags hold reach.hours=月收入高, which is never kept"),
        ({"openid_or_phone": "zhang", "tags": "house.stage=老业主"}, "tags hold house.stage, which is computed"),
        ({"openid_or_phone": "zhang", "tags": "child.stage=小"}, "tags hold child.stage, which needs her own consent"),
        ({"openid_or_phone": "nobody", "tags": "car.count=1"}, "nobody of the register fits, correct who is meant"),
        ({"openid_or_phone": "13800000001", "tags": "car.count=1"}, "2 people fit (ids "),
        ({"building": "1栋", "tags": "car.count=1"}, "the home is told in part only"),
        ({"openid_or_phone": "138", "tags": "car.count=1"}, "openid_or_phone '138' is no phone number"),
    ],
)
def test_a_bad_row_is_told_with_its_line_and_nothing_is_imported(
    world: World, tmp_path: Path, row: dict[str, str], problem: str
) -> None:
    world.owner("张阿姨", openid="zhang", phone="13800000001")
    world.owner("张小强", phone="13800000001")
    report = bring(world, tmp_path, {"openid_or_phone": "zhang", "tags": "car.count=1"}, row)
    assert report.is_refused
    assert report.problems[0].startswith(f"line 3: {problem}")
    assert world.count(OwnerTag) == 0
    assert bring(world, tmp_path, {"openid_or_phone": "zhang", "tags": "car.count=1"}, row, skip_bad=True).updated == 1


def test_a_file_does_not_overwrite_her_own_word(world: World, tmp_path: Path) -> None:
    zhang = world.owner("张阿姨", openid="zhang")
    say(world, zhang, "house.use", "自住")
    row = {"openid_or_phone": "zhang", "tags": "house.use=出租;car.count=1"}
    assert bring(world, tmp_path, row).tags == {"written": 1, "unchanged": 0, "conflict": 1, "refused": 0}
    assert tags_of(world, zhang) == {"car.count": ["1"], "house.use": ["自住"]}
    assert bring(world, tmp_path, row).tags["conflict"] == 1
    (conflict,) = tag_views.list_open_conflicts(world.runtime)
    assert (conflict["kept"], conflict["other"], conflict["source"]) == ("自住", "出租", "import")


def test_a_register_of_owners_follows_the_same_rules_and_tells_what_it_left_out(world: World, tmp_path: Path) -> None:
    path = write_rows(tmp_path / "o.csv", PERSON | {"openid": "o1", "tags": "house.use=自住;hobby=太极;child.stage=小"})
    report = import_owners(world.runtime, path)
    assert (report.problems, report.created) == ([], 1)
    assert report.notes == ["line 2: 1 tag(s) left out, they need her own consent"]
    with world.runtime.database.reading() as tx:
        owner_id = tx.session.scalars(select(OwnerTag.owner_id)).first()
    assert owner_id is not None
    say(world, owner_id, "house.use", "出租")
    path = write_rows(tmp_path / "o.csv", PERSON | {"openid": "o1", "tags": "house.use=自住;hobby=书画"})
    assert import_owners(world.runtime, path).notes == ["line 2: 1 tag(s) contradict what is known, staff decide"]
    assert tags_of(world, owner_id) == {"house.use": ["出租"], "hobby": ["书画"]}


def test_an_audience_is_counted_first_tagged_in_one_go_and_undone_in_one(world: World) -> None:
    people = [world.owner(f"业主{n}", openid=f"o{n}", tags={"pet.kind": "犬"} if n < 3 else {}) for n in range(4)]
    say(world, people[0], "house.use", "出租")
    preview = bulk(world, "养犬", "+house.use=自住 -pet.kind=犬", is_dry=True)
    assert (preview.matched, preview.batch) == (3, None)
    assert dict(preview.tags) == {"written": 5, "conflict": 1}
    assert world.count(TagChange) == 1
    done = bulk(world, "养犬", "+house.use=自住 -pet.kind=犬")
    assert (done.matched, dict(done.tags)) == (3, {"written": 5, "conflict": 1})
    assert [tags_of(world, each) for each in people] == [{"house.use": ["出租"]}, *[{"house.use": ["自住"]}] * 2, {}]
    assert done.batch is not None
    with world.runtime.transaction() as tx:
        assert undo_batch(world.runtime, tx, done.batch, "staff:1") == {Undoing.UNDONE: 6}
    assert [tags_of(world, each) for each in people[1:]] == [{"pet.kind": ["犬"]}, {"pet.kind": ["犬"]}, {}]
    assert bulk(world, "养犬 且 年龄 > 200", "+有车").matched == 0


def test_staff_decide_a_contradiction_once_and_the_same_file_does_not_open_it_again(world: World, tmp_path: Path) -> None:
    zhang = world.owner("张阿姨", openid="zhang")
    say(world, zhang, "house.use", "自住")
    row = {"openid_or_phone": "zhang", "tags": "house.use=出租"}
    bring(world, tmp_path, row)
    (conflict,) = tag_views.list_open_conflicts(world.runtime)
    with world.runtime.transaction() as tx:
        tag_conflicts.decide(world.runtime, tx, conflict["id"], is_taken=False, by="staff:1")
    bring(world, tmp_path, row)
    assert tag_views.list_open_conflicts(world.runtime) == []
    assert tags_of(world, zhang) == {"house.use": ["自住"]}
    with pytest.raises(ConflictError), world.runtime.transaction() as tx:
        tag_conflicts.decide(world.runtime, tx, conflict["id"], is_taken=True, by="staff:2")
    with pytest.raises(NotFoundError), world.runtime.transaction() as tx:
        tag_conflicts.decide(world.runtime, tx, 99, is_taken=True, by="staff:2")


def test_the_other_value_can_be_taken(world: World, tmp_path: Path) -> None:
    zhang = world.owner("张阿姨", openid="zhang")
    say(world, zhang, "house.use", "自住")
    bring(world, tmp_path, {"openid_or_phone": "zhang", "tags": "house.use=出租"})
    (conflict,) = tag_views.list_open_conflicts(world.runtime)
    with world.runtime.transaction() as tx:
        tag_conflicts.decide(world.runtime, tx, conflict["id"], is_taken=True, by="staff:1")
    shown = tag_views.show(world.runtime, "zhang")
    assert [(tag["value"], tag["source"], tag["by"]) for tag in shown["tags"]] == [("出租", "decision", "staff:1")]
    assert shown["conflicts"] == []


def test_a_change_is_taken_back_by_its_number_or_its_batch(world: World) -> None:
    zhang = world.owner("张阿姨", openid="zhang")
    origin = make_origin("command", "cli", "x")
    say(world, zhang, "house.use", "自住", origin)
    (change,) = tag_views.show(world.runtime, "zhang")["changes"]
    assert tag_views.take_back(world.runtime, str(change["id"]), "cli") == {"undone": 1}
    say(world, zhang, "house.use", "自住", replace(origin, batch="b7"))
    assert tag_views.take_back(world.runtime, "b7", "cli") == {"undone": 1}
    for unknown in ("999", "b8"):
        with pytest.raises(NotFoundError):
            tag_views.take_back(world.runtime, unknown, "cli")
    with pytest.raises(InvalidInputError):
        bulk(world, "everyone", "+收入高")


def test_what_has_expired_leaves_audiences_at_once_and_is_asked_next(world: World) -> None:
    zhang = world.owner("张阿姨", openid="zhang")
    vocabulary = world.runtime.content.vocabulary
    say(world, zhang, "house.intent", "售")
    say(world, zhang, "pet.kind", "犬")
    say(world, zhang, "warranty.end", "2030-01-01")

    def ask(*keys: str) -> list[str]:
        with world.runtime.database.reading() as tx:
            return find_stalest(tx.session, zhang, world.runtime.now(), keys or None)

    def picks(word: str) -> int:
        query = OwnerQuery(parse_audience(word, vocabulary), Scope(), world.runtime.now(), world.runtime.today())
        with world.runtime.database.reading() as tx:
            return count_owners(tx.session, query)

    assert (ask(), picks("想卖房"), picks("养犬")) == ([], 1, 1)
    world.clock.advance(timedelta(days=70))
    assert ask() == ["house.intent"]  # soon
    world.clock.advance(timedelta(days=30))
    assert (ask(), picks("想卖房"), picks("养犬")) == (["house.intent"], 0, 1)
    assert ask("hobby", "house.intent", "car.count", "pet.kind") == ["house.intent", "hobby", "car.count"]
    world.clock.advance(timedelta(days=300))
    assert ask() == ["house.intent", "pet.kind"]
    assert (picks("养犬"), picks("not 养犬")) == (0, 1)


def test_coverage_counts_the_living_values_of_a_scope(world: World) -> None:
    people = [world.owner(f"业主{n}", openid=f"o{n}") for n in range(4)]
    say(world, people[0], "hobby", "太极")
    say(world, people[0], "hobby", "书画")
    say(world, people[1], "house.intent", "售")
    world.clock.advance(timedelta(days=100))
    say(world, people[1], "pet.kind", "犬")
    now = world.runtime.now()
    dogs = OwnerQuery(parse_audience("养犬", world.runtime.content.vocabulary), Scope(), now, world.runtime.today())
    with world.runtime.database.reading() as tx:
        assert measure_coverage(tx.session, everybody(), now) == {"hobby": 0.25, "pet.kind": 0.25}
        assert measure_coverage(tx.session, select_owners(dogs), now) == {"pet.kind": 1.0}
        assert measure_coverage(tx.session, everybody().where(Owner.id < 0), now) == {}


def test_a_list_is_an_audience_within_a_scope_page_by_page(world: World) -> None:
    people = [
        world.owner(f"业主{n}", openid=f"o{n}" if n % 2 else None, room=f"{n % 2 + 1}栋-1单元-{n}01", phone=f"1380000000{n}")
        for n in range(1, 8)
    ]
    for each in people[:5]:
        say(world, each, "pet.kind", "犬")
    now, today, vocabulary = world.runtime.now(), world.runtime.today(), world.runtime.content.vocabulary
    with world.runtime.database.reading() as tx:
        second = tx.session.scalars(select(Building.id).where(Building.name == "2栋")).one()
        everyone = OwnerQuery(None, Scope(), now, today)
        dogs = OwnerQuery(parse_audience("养犬", vocabulary), Scope(), now, today)
        mine = OwnerQuery(parse_audience("养犬", vocabulary), Scope(frozenset({second})), now, today)
        page = list_owners(tx.session, everyone, size=4)
        assert ([row.id for row in page.rows], page.next_after) == (people[:4], people[3])
        page = list_owners(tx.session, everyone, after_id=people[3], size=4)
        assert ([row.id for row in page.rows], page.next_after) == (people[4:], None)
        assert [row.id for row in list_owners(tx.session, dogs).rows] == people[:5]
        assert [row.id for row in list_owners(tx.session, mine, size=2).rows] == [people[0], people[2]]
        assert [row.id for row in list_owners(tx.session, mine, after_id=people[2]).rows] == [people[4]]
        assert (count_owners(tx.session, everyone), count_owners(tx.session, dogs), count_owners(tx.session, mine)) == (7, 5, 3)
        assert list_owners(tx.session, OwnerQuery(None, Scope(frozenset()), now, today)).rows == []
        line = list_owners(tx.session, mine, size=1).rows[0]
    assert (line.name, line.phone_tail, line.room, line.relation) == ("业主1", "0001", "2栋-1单元-101", "业主")
    assert (line.community, line.is_following, line.tags) == ("阳光花园", True, (("pet.kind", "犬"),))


def test_a_rare_condition_is_found_behind_many_people(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.owner_lists.WINDOWS", (2, 3))
    people = [world.owner(f"业主{n}") for n in range(9)]
    for each in (people[1], people[4], people[7], people[8]):
        say(world, each, "pet.kind", "犬")
    now, today = world.runtime.now(), world.runtime.today()
    dogs = OwnerQuery(parse_audience("养犬", world.runtime.content.vocabulary), Scope(), now, today)
    with world.runtime.database.reading() as tx:
        page = list_owners(tx.session, dogs, size=3)
        assert ([row.id for row in page.rows], page.next_after) == ([people[1], people[4], people[7]], people[7])
        assert [row.id for row in list_owners(tx.session, dogs, after_id=people[7]).rows] == [people[8]]


def test_a_card_has_all_of_a_person_and_nothing_outside_the_scope(world: World, tmp_path: Path) -> None:
    zhang = world.owner("张阿姨", openid="zhang", phone="13800000001")
    son = world.owner("张小强", relation="家人")
    world.staff("王管家", "wang")
    world.say("zhang", "你好")
    say(world, zhang, "house.use", "自住")
    bring(world, tmp_path, {"openid_or_phone": "zhang", "tags": "house.use=出租"})
    world.clock.advance(timedelta(days=3))
    with world.runtime.transaction() as tx:
        consents.record(world.runtime, tx, PersonIds(zhang), "profile", True, "staff", "form 7", "staff:1")
    now, today = world.runtime.now(), world.runtime.today()
    with world.runtime.database.reading() as tx:
        card = find_card(tx.session, zhang, Scope(), now, today)
        assert find_card(tx.session, zhang, Scope(frozenset({999})), now, today) is None
        assert find_card(tx.session, 999, Scope(), now, today) is None
        assert len(list_conflicts(tx.session, zhang)) == 1
    assert card is not None
    assert (card.name, [home.room for home in card.homes]) == ("张阿姨", ["1栋-2单元-301"])
    assert [(each.owner_id, each.relation) for each in card.people] == [(son, "家人")]
    assert [(tag.key, tag.value, tag.source, tag.evidence) for tag in card.tags] == [("house.use", "自住", "bot", "k1")]
    assert [(each.kept, each.other) for each in card.conflicts] == [("自住", "出租")]
    assert card.computed == {"house.stage": ["准业主"], "rel.silent": ["3"]}
    assert [(event.kind, event.title, event.status) for event in card.timeline] == [
        ("consent", "profile", "granted"),
        ("tag", "house.use", "conflict"),
        ("tag", "house.use", "add"),
        ("message", "text", ""),
    ]
    assert card.timeline[-1].text == "你好"
    assert card.timeline[-1].answer != ""

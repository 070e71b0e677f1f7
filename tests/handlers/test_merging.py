"""Two rows of the register that were one person become one, with everything that names her, and nothing is lost."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import UniqueConstraint, select

from handlers import pushes
from handlers.doubles import list_doubles
from handlers.errors import ConflictError, InvalidInputError, NotFoundError
from handlers.merging import merge_owners
from models import tables
from models.audits import AuditEntry
from models.campaigns import Delivery
from models.cases import Order
from models.followers import Follower
from models.merges import REFERENCES, Merge, Way, list_references
from models.owners import Owner, PhoneEvent, Residence
from models.tag_changes import TagConflict
from models.tags import list_tags
from tests.world import World


def book(world: World, openid: str) -> None:
    world.say(openid, "我家厨房水管漏水了")
    world.say(openid, "明天下午三点")
    world.say(openid, "跳过")
    world.say(openid, "确认")


def homes_of(world: World, owner_id: int) -> list[str]:
    with world.runtime.database.reading() as tx:
        found = tx.session.scalars(select(Residence).where(Residence.owner_id == owner_id).order_by(Residence.id)).unique()
        return [home.room.label for home in found]


def test_every_column_that_names_an_owner_is_in_the_registry() -> None:
    named = {(column.table.name, column.name) for column in list_references()}
    assert tables.METADATA.tables
    assert named - set(REFERENCES) == set(), "say in models/merges.py what a merge does with it"


def test_a_table_that_may_not_have_two_rows_of_one_owner_is_not_simply_moved() -> None:
    for column in list_references():
        rules = [
            each for each in column.table.constraints if isinstance(each, UniqueConstraint) and column.name in each.columns
        ]
        if column.primary_key or rules:
            assert REFERENCES[column.table.name, column.name] is Way.JOIN


def test_everything_of_hers_goes_over_and_the_main_home_stays(world: World) -> None:
    old = world.owner("张阿姨", openid="old", phone="13800000001", room="3栋-1单元-502", tags={"pet.kind": "犬"})
    new = world.owner("张桂兰", openid="new", phone="13900000002", tags={"car.count": "1"})
    book(world, "old")
    report = merge_owners(world.runtime, new, old, "cli:me")
    assert report.moved["order"] == report.moved["follower"] == report.moved["residence"] == 1
    assert homes_of(world, new) == ["1栋-2单元-301", "3栋-1单元-502"]
    with world.runtime.database.reading() as tx:
        assert tx.session.get(Owner, old) is None
        assert list_tags(tx.session, new, world.clock.now()) == {"car.count": ["1"], "pet.kind": ["犬"]}
        assert tx.session.scalars(select(Order.owner_id)).all() == [new]
        assert set(tx.session.scalars(select(Follower.owner_id))) == {new}
        merge = tx.session.scalars(select(Merge)).one()
        assert (merge.dropped_id, merge.owner_id, merge.dropped_name) == (old, new, "张阿姨")
        (kept,) = tx.session.scalars(select(PhoneEvent)).all()
        assert (kept.owner_id, kept.action, kept.phone) == (new, "merged", "13800000001")
        entry = tx.session.scalars(select(AuditEntry).where(AuditEntry.action == "merge")).one()
        assert (entry.by, entry.subject, entry.detail["dropped"]) == ("cli:me", f"owner:{new}", old)
    assert "哪一套" in world.say("old", "我家马桶堵了")


def test_what_she_has_not_is_taken_from_the_other(world: World) -> None:
    keep, drop = world.owner("张桂兰"), world.owner("张阿姨", phone="13800000001", room="3栋-1单元-502")
    with world.runtime.transaction() as tx:
        tx.session.get_one(Owner, drop).birthday = date(1960, 1, 2)
    merge_owners(world.runtime, keep, drop, "cli")
    with world.runtime.database.reading() as tx:
        owner = tx.session.get_one(Owner, keep)
        assert (owner.name, owner.phone, owner.birthday) == ("张桂兰", "13800000001", date(1960, 1, 2))


def test_a_contradiction_stays_open_for_staff(world: World) -> None:
    keep = world.owner("张桂兰", tags={"car.count": "1", "pet.kind": "犬"})
    drop = world.owner("张阿姨", room="3栋-1单元-502", tags={"car.count": "0", "pet.kind": "犬"})
    assert merge_owners(world.runtime, keep, drop, "cli").conflicts == [("car.count", "1", "0")]
    with world.runtime.database.reading() as tx:
        assert list_tags(tx.session, keep, world.clock.now()) == {"car.count": ["1"], "pet.kind": ["犬"]}
        (conflict,) = tx.session.scalars(select(TagConflict)).all()
        assert (conflict.owner_id, conflict.kept, conflict.other) == (keep, "1", "0")


def test_one_home_of_both_stays_once_with_the_earlier_day(world: World) -> None:
    keep, drop = world.owner("张桂兰"), world.owner("张阿姨")
    with world.runtime.transaction() as tx:
        for owner_id, moved_in, ended in ((keep, date(2024, 5, 1), date(2026, 1, 1)), (drop, date(2023, 5, 1), None)):
            home = tx.session.scalars(select(Residence).where(Residence.owner_id == owner_id)).unique().one()
            home.moved_in_on, home.ended_on = moved_in, ended
    merge_owners(world.runtime, keep, drop, "cli")
    with world.runtime.database.reading() as tx:
        (home,) = tx.session.scalars(select(Residence)).unique().all()
        assert (home.owner_id, home.moved_in_on, home.ended_on) == (keep, date(2023, 5, 1), None)


def test_of_two_deliveries_of_one_push_the_sent_one_stays(world: World) -> None:
    keep = world.owner("张桂兰")
    drop = world.owner("张阿姨", openid="old", room="3栋-1单元-502")
    world.say("old", "你好")
    pushes.create(world.runtime, audience="everyone", text="团购。")
    world.tick(timedelta(minutes=1))
    merge_owners(world.runtime, keep, drop, "cli")
    with world.runtime.database.reading() as tx:
        (row,) = tx.session.scalars(select(Delivery)).all()
        assert (row.owner_id, row.status) == (keep, "sent")


def test_chains_and_nobodies_are_refused(world: World) -> None:
    first, second, third = (world.owner(name, room=f"1栋-1单元-{room}") for name, room in (("甲", 1), ("乙", 2), ("丙", 3)))
    merge_owners(world.runtime, second, first, "cli")
    with pytest.raises(ConflictError, match=f"merged into {second} already"):
        merge_owners(world.runtime, third, first, "cli")
    with pytest.raises(ConflictError, match=f"keep {second} and drop {third} instead"):
        merge_owners(world.runtime, third, second, "cli")
    with pytest.raises(NotFoundError):
        merge_owners(world.runtime, third, 404, "cli")
    with pytest.raises(InvalidInputError):
        merge_owners(world.runtime, third, third, "cli")
    merge_owners(world.runtime, second, third, "cli")
    assert homes_of(world, second) == ["1栋-1单元-2", "1栋-1单元-1", "1栋-1单元-3"]


def test_likely_doubles_are_listed_surest_first(world: World) -> None:
    wang = world.owner("王伟", phone="13800000001")
    twin = world.owner("王伟", phone="13800000001", openid="wang")
    wife = world.owner("李娜", phone="13800000001", room="1栋-2单元-302", relation="家人")
    world.owner("赵敏", phone="13800000009", room="1栋-2单元-303")
    found = [(each.keep, each.drop, each.reasons) for each in list_doubles(world.runtime)]
    assert found == [
        (twin, wang, ["phone", "room_and_name"]),
        (wang, wife, ["phone"]),
        (twin, wife, ["phone"]),
    ]


def test_a_follower_who_was_two_people_is_a_double(world: World) -> None:
    before = world.owner("张阿姨", openid="zhang")
    book(world, "zhang")
    after = world.owner("张桂兰", room="3栋-1单元-502")
    with world.runtime.transaction() as tx:
        tx.session.get_one(Follower, "zhang").owner_id = after
    (double,) = list_doubles(world.runtime)
    assert (double.keep, double.drop, double.reasons) == (after, before, ["openid"])

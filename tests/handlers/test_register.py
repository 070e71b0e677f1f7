"""What days and departures do to the register: stages by date, homes that end, followers who leave."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from handlers import pushes
from handlers.errors import ConflictError, InvalidInputError, NotFoundError
from handlers.exports import export
from handlers.register import find_people
from handlers.register_moves import end_home
from models.campaigns import Delivery
from models.conversations import Conversation
from models.followers import Follower
from models.owners import Residence, compute_stage
from tests.places import give_room
from tests.world import World


def move_in(world: World, owner_id: int, on: date) -> None:
    with world.runtime.transaction() as tx:
        tx.session.scalars(select(Residence).where(Residence.owner_id == owner_id)).unique().one().moved_in_on = on


def second_home(world: World, owner_id: int, room: str = "3栋-1单元-502") -> None:
    with world.runtime.transaction() as tx:
        place = give_room(tx.connection, "阳光花园", *room.split("-"))
        tx.session.add(Residence(owner_id=owner_id, room_id=place, relation="业主"))


@pytest.mark.parametrize(
    ("days", "stage"), [(-1, "准业主"), (0, "磨合期"), (364, "磨合期"), (366, "稳定期"), (730, "稳定期"), (731, "老业主")]
)
def test_a_stage_is_counted_from_the_day_she_moved_in_and_the_same_everywhere(world: World, days: int, stage: str) -> None:
    zhang, today = world.owner("张阿姨"), world.runtime.today()
    move_in(world, zhang, today - timedelta(days=days))
    assert compute_stage(today - timedelta(days=days), today) == stage
    assert pushes.list_ids(world.runtime, stage) == [zhang]
    assert [row["stage"] for row in export(world.runtime, "owners")] == [stage]


def test_a_stage_changes_at_midnight_without_anybody_typing_it(world: World) -> None:
    zhang = world.owner("张阿姨")
    move_in(world, zhang, world.runtime.today() - timedelta(days=364))
    assert pushes.count(world.runtime, "磨合期") == 1
    world.clock.advance(timedelta(days=1))
    assert (pushes.count(world.runtime, "磨合期"), pushes.count(world.runtime, "稳定期")) == (0, 1)


def test_a_home_that_ended_leaves_audiences_and_exports(world: World) -> None:
    zhang = world.owner("张阿姨")
    second_home(world, zhang)
    assert pushes.list_ids(world.runtime, 'building = "1栋"') == [zhang]
    home = end_home(world.runtime, zhang, "1栋-2单元-301", None, "cli:me")
    assert home.ended_on == world.runtime.today()
    assert pushes.list_ids(world.runtime, 'building = "1栋"') == []
    assert [row["room"] for row in export(world.runtime, "owners")] == ["502"]


def test_a_home_ends_once_and_only_where_it_is_clear_which(world: World) -> None:
    zhang = world.owner("张阿姨")
    second_home(world, zhang)
    move_in_on = world.runtime.today()
    with pytest.raises(ConflictError, match="1栋-2单元-301, 3栋-1单元-502: name one"):
        end_home(world.runtime, zhang, "", None, "cli")
    with pytest.raises(InvalidInputError, match="lies in the future"):
        end_home(world.runtime, zhang, "", move_in_on + timedelta(days=1), "cli")
    end_home(world.runtime, zhang, "3-1-502", None, "cli")
    end_home(world.runtime, zhang, "", None, "cli")
    with pytest.raises(NotFoundError, match="does not live anywhere"):
        end_home(world.runtime, zhang, "", None, "cli")


def test_staff_find_nobody_who_has_moved_out_or_lives_elsewhere(world: World) -> None:
    zhang = world.owner("张阿姨", phone="13800000001")
    wang = world.staff("王管家")
    zhou = world.staff("周管家", buildings=("3栋",))
    with world.runtime.database.reading() as tx:
        for who in ("张阿姨", "0001", "13800000001", "1栋-2单元-301", "2-301", "阿姨"):
            assert [each.id for each in find_people(tx.session, who, wang)] == [zhang]
            assert find_people(tx.session, who, zhou) == []
    end_home(world.runtime, zhang, "", None, "cli")
    with world.runtime.database.reading() as tx:
        assert find_people(tx.session, "张阿姨", wang) == []


def test_who_unfollows_leaves_no_draft_no_wish_and_gets_no_push(world: World) -> None:
    world.owner("张阿姨", openid="zhang")
    world.say("zhang", "我家厨房水管漏水了")
    world.event("zhang", "unsubscribe")
    with world.runtime.database.reading() as tx:
        row, follower = tx.session.get_one(Conversation, "zhang"), tx.session.get_one(Follower, "zhang")
        assert (row.state, row.waiting, row.rest, row.timer_at) == (None, [], None, None)
        assert (follower.is_following, follower.unfollowed_at) == (False, world.clock.now())
    pushes.create(world.runtime, audience="everyone", text="团购。")
    with world.runtime.database.reading() as tx:
        assert tx.session.scalars(select(Delivery.reason)).all() == ["not_following"]
    world.event("zhang", "subscribe")
    assert "接着" not in world.say("zhang", "继续")


def test_who_unfollows_while_wishes_wait_finds_none_of_them_again(world: World) -> None:
    zhang = world.owner("张阿姨", openid="zhang")
    second_home(world, zhang)
    world.say("zhang", "我家厨房水管漏水了")
    world.event("zhang", "unsubscribe")
    world.event("zhang", "subscribe")
    with world.runtime.database.reading() as tx:
        assert tx.session.get_one(Conversation, "zhang").waiting == []

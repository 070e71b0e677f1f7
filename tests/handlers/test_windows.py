"""The window in which the platform lets us write: kept to the minute, and never longer than the platform's."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from models.followers import MESSAGE_WINDOW, Follower, open_window
from tests.world import World

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def read(world: World) -> Follower:
    with world.runtime.database.reading() as tx:
        return tx.session.scalars(select(Follower).where(Follower.openid == "zhang")).one()


@pytest.fixture
def spoken(world: World) -> datetime:
    """She has written; the instant."""
    world.owner("张阿姨", openid="zhang")
    world.say("zhang", "你好")
    return world.clock.now()


def test_a_window_is_opened_anew_after_a_minute(world: World, spoken: datetime) -> None:
    world.clock.advance(MINUTE - SECOND)
    world.say("zhang", "菜单")
    assert read(world).message_at == spoken
    world.clock.advance(SECOND)
    world.say("zhang", "家政管家")
    assert read(world).message_at == spoken + MINUTE


def test_what_was_sent_in_it_is_forgotten_at_her_next_word(world: World, spoken: datetime) -> None:
    with world.runtime.transaction() as tx:
        tx.session.execute(update(Follower).where(Follower.openid == "zhang").values(message_sent=5))
    world.clock.advance(SECOND)
    world.say("zhang", "菜单")
    follower = read(world)
    assert (follower.message_at, follower.message_sent) == (spoken + SECOND, 0)


def test_who_had_gone_is_back_with_a_window_of_her_own(world: World, spoken: datetime) -> None:
    world.event("zhang", "unsubscribe")
    world.clock.advance(SECOND)
    world.say("zhang", "菜单")
    follower = read(world)
    assert follower.is_following
    assert follower.message_at == spoken + SECOND


def test_it_never_ends_later_than_the_platforms(world: World, spoken: datetime) -> None:
    world.clock.advance(30 * SECOND)
    world.say("zhang", "菜单")
    follower = read(world)
    assert open_window(follower, spoken + MESSAGE_WINDOW - SECOND, 5).left == 5
    assert open_window(follower, spoken + MESSAGE_WINDOW, 5).kind == "closed"

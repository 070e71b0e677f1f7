"""Offers on a small estate, and effects run as a conversation would run them, without its words."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from dialogs import effects
from dialogs.inputs import Ran, Refused
from handlers.desk import open_desk
from handlers.effects import perform
from models.cases import Order
from models.offers import Booking, Offer
from models.places import Community
from tests.world import World


def settle(world: World) -> None:
    """Three neighbours, their butler, the desk that covers everything."""
    world.owner("张阿姨", openid="zhang", phone="13800000001")
    world.owner("李叔", openid="li", phone="13800000002", room="1栋-2单元-302")
    world.owner("孙姐", openid="sun", phone="13800000003", room="2栋-1单元-101")
    world.staff("王管家", "wang", buildings=("1栋", "2栋"))
    world.staff("罗前台", "luo", role="service_desk", buildings=())
    world.staff("孟师傅", "meng", role="technician", buildings=())


def offer(world: World, code: str, kind: str = "course", *, community: str | None = "阳光花园", **values: object) -> None:
    """Put up an offer; `starts` and `ends` are timedeltas from now."""
    now = world.clock.now()
    for column, name in (("starts_at", "starts"), ("deadline_at", "ends")):
        after = values.pop(name, None)
        if isinstance(after, timedelta):
            values[column] = now + after
    with world.runtime.transaction() as tx:
        place = tx.session.scalar(select(Community.id).where(Community.name == community)) if community else None
        tx.session.add(Offer(**{"code": code, "kind": kind, "community_id": place, "title": code, **values}))


def run(world: World, openid: str, effect: effects.Effect) -> Ran | Refused:
    """Run one effect in a transaction of its own."""
    with world.runtime.transaction() as tx:
        desk = open_desk(world.runtime, tx, openid)
        desk.perform = perform
        return perform(desk, effect)


def book(world: World, openid: str, code: str, service: str = "elderly.senior_college", **values: object) -> Ran | Refused:
    """Book an offer."""
    return run(world, openid, effects.BookOrder(service=service, offer=code, **values))  # type: ignore[arg-type]


def bookings(world: World, code: str) -> list[tuple[str | None, str]]:
    """Return (openid, status) of an offer's bookings in their order."""
    with world.runtime.database.reading() as tx:
        statement = select(Booking.openid, Booking.status).join(Offer).where(Offer.code == code).order_by(Booking.id)
        return [(row[0], row[1]) for row in tx.session.execute(statement)]


def order_of(world: World, openid: str) -> Order:
    """Return a person's newest order."""
    with world.runtime.database.reading() as tx:
        found = tx.session.scalar(select(Order).where(Order.openid == openid).order_by(Order.id.desc()).limit(1))
        assert found is not None
        return found

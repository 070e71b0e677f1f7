"""The worker ends by `kill -9` six times in the middle of a push: nobody is lost, nobody hears it twice, doubt is shown."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator

import pytest

from handlers import pushes
from models.campaigns import Campaign, CampaignStatus, Delivery
from models.followers import Follower
from models.outbox import SendStatus
from models.owners import Owner, Residence
from tests.faults.site import Site
from tests.places import give_room

OWNERS, KILLS, BATCH = 200, 6, 20
TEXT = "明早八点到十点停水,请提前储水。"
MOVING = (SendStatus.PLANNED.value, SendStatus.LEASED.value)


@pytest.fixture
def fragile(site: Site) -> Iterator[Site]:
    """Give the site without its worker; afterwards it has one again."""
    site.roles["worker"].kill()
    yield site
    site.roles["worker"].kill()
    site.start("worker")


def add_crowd(site: Site) -> None:
    """Add owners of another estate who all wrote a moment ago."""
    site.synchronise()
    now = site.world.clock.now()
    with site.world.runtime.transaction() as tx:
        for number in range(OWNERS):
            owner = Owner(name=f"邻居{number}", created_at=now)
            tx.session.add(owner)
            tx.session.flush()
            room_id = give_room(tx.connection, "河畔家园", "9栋", "1单元", str(number))
            tx.session.add(Residence(owner_id=owner.id, room_id=room_id, relation="业主"))
            tx.session.add(
                Follower(
                    openid=f"oNEAR{number}", owner_id=owner.id, is_following=True, message_at=now, message_sent=0, click_sent=0
                )
            )
    assert site.platform is not None
    for number in range(OWNERS):
        site.platform.meet(f"oNEAR{number}")


def start_doomed_worker(site: Site, chance: random.Random) -> None:
    """Start a worker that dies at a random call to the platform, before it leaves or after its answer."""
    site.start(
        "worker",
        FAULTS_CALLS_BEFORE_DEATH=str(chance.randint(1, 30)),
        FAULTS_DIES_BEFORE_ANSWER=chance.choice(["", "1"]),
        **calm_worker(),
    )


def calm_worker() -> dict[str, str]:
    """Return what makes leases run out within the test."""
    return {"FAULTS_LEASE_SECONDS": "2", "FAULTS_BATCH_SIZE": str(BATCH), "GUANJIA__WORKER__THREADS": "1"}


def test_two_hundred_owners_hear_a_push_at_most_once_although_the_worker_dies_six_times(fragile: Site) -> None:
    add_crowd(fragile)
    chance = random.Random(20261121)
    made = pushes.create(fragile.world.runtime, audience="community = 河畔家园", text=TEXT, topic="service")
    for number in range(KILLS):
        start_doomed_worker(fragile, chance)
        worker = fragile.roles["worker"]
        fragile.until(lambda worker=worker: not worker.is_alive(), f"death number {number + 1} of the worker")
    fragile.start("worker", **calm_worker())

    def rows() -> list[Delivery]:
        return list(fragile.rows(Delivery, Delivery.campaign_id == made["campaign"]))

    fragile.until(lambda: not any(row.status in MOVING for row in rows()), "an end for every delivery")
    done = (Campaign.id == made["campaign"], Campaign.status == CampaignStatus.DONE.value)
    (campaign,) = fragile.until(lambda: fragile.rows(Campaign, *done), "the end of the push")
    assert fragile.platform is not None
    arrived = Counter(fragile.platform.receivers(TEXT[:8]))
    by_status = {row.openid: row.status for row in rows()}
    sent = {openid for openid, status in by_status.items() if status == SendStatus.SENT.value}
    unknown = {openid for openid, status in by_status.items() if status == SendStatus.UNKNOWN.value}
    assert made["planned"] == len(by_status) == len(sent | unknown) == OWNERS
    assert set(arrived.values()) == {1}
    assert sent <= set(arrived) <= sent | unknown
    assert 0 < len(unknown) <= KILLS * BATCH
    assert campaign.counts["by_status"] == {"sent": len(sent), "unknown": len(unknown)}

"""The web process ends by `kill -9` between any two steps of a turn: the platform's next delivery makes it whole."""

from __future__ import annotations

import json

import pytest

from tests.faults.site import BUTLER, Site
from tests.faults.traps import STEPS


@pytest.mark.parametrize("step", STEPS)
def test_a_turn_that_was_killed_is_done_once_by_the_redelivery(site: Site, step: str) -> None:
    assert site.platform is not None
    platform, openid = site.platform, site.owner(f"oKILLED-{step}")
    site.walk_to_review(openid)
    trap = site.trap(step, openid)
    platform.call("send", {"openid": openid, "kind": "text", "text": "确认"})
    site.until(lambda: not trap.exists(), "the end of the web process")
    site.start_web(site.door)
    (delivery,) = site.until(
        lambda: [row for row in platform.call("deliveries", openid=openid)["deliveries"] if row["state"] != "pending"],
        "the answer to a re-delivery",
        30,
    )
    (order,) = site.orders(openid)
    shown = [json.loads(body)["text"] for body in platform.seen(openid)]
    assert (delivery["state"], delivery["attempts"] > 1) == ("done", True)
    assert shown == [site.handled(openid)[-1].reply]
    assert order.no in shown[0]
    assert len(site.handled(openid)) == 4
    site.until_sent(order.no, "the notice to the butler")
    assert sum(order.no in body for body in platform.seen(BUTLER)) == 1

"""Redis goes away and comes back: turns go on, readiness tells it, and what waited leaves once."""

from __future__ import annotations

from models.cases import Attachment
from tests.faults.processes import OwnRedis
from tests.faults.site import BUTLER, LEAK, Site
from tests.faults.wire import PATIENCE_SECONDS


def test_turns_go_on_without_redis_and_what_waited_leaves_once_when_it_is_back(site: Site, own_redis: OwnRedis) -> None:
    assert site.platform is not None
    openid = site.owner("oNOREDIS")
    for text in LEAK[:2]:
        site.door.say(openid, text)
    site.platform.call("send", {"openid": openid, "kind": "image", "sample": "leak"})
    site.until(lambda: "核对" in "".join(site.platform.seen(openid)), "the question after the picture")
    own_redis.kill()
    try:
        status, reasons = site.door.get("/readyz")
        told = site.door.say(openid, "确认")
        (order,) = site.orders(openid)
        for role in ("worker", "scheduler"):
            log = site.roles[role].log
            site.until(lambda log=log: "onnection" in log.read_text("utf-8"), f"the {role} noticing")
    finally:
        own_redis.start()
    assert (status, reasons.startswith("redis: ")) == (503, True)
    assert told.seconds < PATIENCE_SECONDS
    assert order.no in told.text
    site.until_sent(order.no, "the notice after Redis is back")
    assert sum(order.no in body for body in site.platform.seen(BUTLER)) == 1
    site.until(
        lambda: [row.status for row in site.rows(Attachment, Attachment.order_id == order.id)] == ["kept"], "the picture"
    )
    assert site.door.get("/readyz") == (200, "ready")
    assert site.door.get("/healthz") == (200, "ok")

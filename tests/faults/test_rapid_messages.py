"""Twenty messages of one person within a second, in the middle of a booking, over the real web processes."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from handlers.conversations import describe
from tests.faults.site import LEAK, Site
from tests.faults.wire import PATIENCE_SECONDS, Told

RAPID = 20
TYPED = ("明天下午三点", "跳过", "确认")  # the booking's own answers, between words that change nothing
BETWEEN = ("重复", "进度", "隐私")


def write_rapidly(site: Site, openid: str, texts: list[str]) -> list[Told]:
    """Send every text as a person does who does not wait for answers: one after the other, within a second."""
    letters = [site.door.message(openid, text) for text in texts]

    def send(number: int) -> Told:
        time.sleep(max(0.0, started + number / len(letters) - time.monotonic()))
        return site.door.deliver(letters[number])

    with ThreadPoolExecutor(len(letters)) as pool:
        started = time.monotonic()
        return list(pool.map(send, range(len(letters))))


def test_twenty_messages_within_a_second_are_all_answered_one_after_the_other_and_book_once(site: Site) -> None:
    openid = site.owner("oRAPID")
    site.synchronise()
    site.world.say(openid, LEAK[0])
    texts = [BETWEEN[number % 3] for number in range(RAPID)]
    texts[3], texts[9], texts[15] = TYPED
    told = write_rapidly(site, openid, texts)
    handled = site.handled(openid)[1:]
    assert max(each.seconds for each in told) < PATIENCE_SECONDS
    assert all(each.text for each in told)
    assert sorted(row.text for row in handled) == sorted(texts)
    assert len(site.orders(openid)) <= 1
    assert _replay(site, [row.text for row in handled]) == [_unnumber(row.reply) for row in handled]


def test_messages_that_wait_for_their_answers_are_handled_in_the_order_they_were_written(site: Site) -> None:
    openid = site.owner("oINORDER")
    site.synchronise()
    site.world.say(openid, LEAK[0])
    texts = [BETWEEN[number % 3] for number in range(RAPID)]
    texts[3], texts[9], texts[15] = TYPED
    told = [site.door.say(openid, text) for text in texts]
    handled = site.handled(openid)[1:]
    assert [row.text for row in handled] == texts
    assert [row.reply for row in handled] == [each.text for each in told]
    assert len(site.orders(openid)) == 1
    assert describe(site.world.runtime, openid)["script"] is None


def _replay(site: Site, texts: list[str]) -> list[str]:
    """Return what another owner hears who writes the same in this order, waiting for each answer."""
    twin = site.owner("oRAPIDTWIN")
    site.world.say(twin, LEAK[0])
    return [_unnumber(site.world.say(twin, text)) for text in texts]


def _unnumber(reply: str | None) -> str:
    """Return a reply without what differs between two owners: the number of the order."""
    return "".join(letter for letter in reply or "" if not letter.isdigit())

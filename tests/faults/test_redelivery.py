"""A message that the platform delivers again has one effect and one answer, during its handling and after it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tests.faults.site import Site


def test_a_redelivery_while_the_first_is_being_handled_waits_for_its_answer(either: Site) -> None:
    openid = either.owner("oDURING")
    either.walk_to_review(openid)
    hold = either.trap("before-commit", openid, "hold")
    fields = either.door.message(openid, "确认")
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(either.doors[0].deliver, fields)
        either.until((either.folder / f"held.before-commit.{openid}").exists, "the first delivery under way")
        others = [pool.submit(door.deliver, fields) for door in (*either.doors, either.doors[0])]
        hold.unlink()
        texts = {each.result().text for each in (first, *others)}
    (order,) = either.orders(openid)
    assert len(texts) == 1
    assert order.no in texts.pop()
    assert len(either.handled(openid)) == 4
    assert len(either.notices(order.no)) == 1


def test_a_redelivery_after_the_answer_gets_the_same_bytes_of_text_again(either: Site) -> None:
    openid = either.owner("oAFTER")
    either.walk_to_review(openid)
    fields = either.door.message(openid, "确认")
    first = either.doors[0].deliver(fields)
    again = [door.deliver(fields) for door in either.doors * 2]
    assert {told.text.encode() for told in again} == {first.text.encode()}
    assert len(either.orders(openid)) == 1
    assert len(either.handled(openid)) == 4


def test_a_late_redelivery_of_an_old_message_does_not_disturb_where_the_person_is_now(either: Site) -> None:
    openid = either.owner("oOLD")
    fields = either.door.message(openid, "我家厨房水管漏水了")
    asked = either.doors[0].deliver(fields).text
    reviewed = either.doors[0].say(openid, "明天下午三点").text
    assert either.doors[1].deliver(fields).text == asked != reviewed
    assert "核对" in either.doors[1].say(openid, "跳过").text


def test_an_event_that_comes_twice_is_one_event(either: Site) -> None:
    openid = either.owner("oEVENT")
    fields = either.door.event(openid, "subscribe", "qrscene_gate")
    answers = [door.deliver(fields).text for door in either.doors]
    assert answers[0] == answers[1] != ""
    assert [row.kind for row in either.handled(openid)] == ["subscribe"]

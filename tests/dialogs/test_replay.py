"""Recorded conversations run on another revision: what is the same is called the same, what differs is shown line by line."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dialogs.answers.base import Heard
from dialogs.calendar import Calendar
from dialogs.parse import parse_script
from dialogs.places import ScriptError
from dialogs.replay import Message, Recording, compare_recorded, compare_transcripts
from tests.dialogs.talk import NOW, REPAIR, TEXTS, WORDS

OLD = parse_script(REPAIR, "repair.yaml")
NEW = parse_script(REPAIR.replace("哪天方便？", "您哪天方便呢？"), "repair.yaml")
SAID = ("厨房漏水", "明天下午三点", "13800138000", "跳过", "确认", "跳过")
TRANSCRIPTS = """\
- name: 漏水
  turns:
    - owner: 厨房漏水
    - bot: 您哪天方便呢
    - owner: 明天下午三点
    - bot: 手机号
- name: 爆管
  turns:
    - owner: 水管爆管了
    - bot: 先关总阀
    - effect: book_order
"""


def record(script=OLD, said=SAID, replies=()):
    replies = [*replies, *[None] * len(said)]
    messages = (Message(Heard("text", text), NOW + timedelta(minutes=n), replies[n]) for n, text in enumerate(said))
    return Recording("one", tuple(messages), script)


def compare(script, recording):
    return compare_recorded(script, recording, TEXTS, WORDS, Calendar())


def test_the_same_revision_says_the_same_to_the_end():
    assert compare(OLD, record()).is_same


def test_another_wording_is_shown_beside_what_the_person_wrote():
    diff = compare(NEW, record()).diff
    assert "-哪天方便？" in diff
    assert "+您哪天方便呢？" in diff
    assert " > 厨房漏水" in diff


def test_a_question_less_shows_where_the_ways_part():
    start = REPAIR.index("  - {id: phone")
    shorter = parse_script(
        REPAIR.replace(REPAIR[start : REPAIR.index("  - {id: photo")], "").replace("，{{ phone }}", ""), "repair.yaml"
    )
    diff = compare(shorter, record()).diff
    assert "-手机号？" in diff
    assert "+拍张照片？" in diff


def test_without_the_revision_of_that_time_the_replies_of_that_time_are_the_measure():
    link = '1. <a href="weixin://bizmsgmenu?msgmenucontent=x&amp;msgmenuid=t1-0.leak">漏水</a>\n2. 爆管\n3. 其他情况'
    told = [f"哪儿坏了？\n{link}", "哪天方便？"]
    assert compare(OLD, record(None, ("报修", "漏水"), told)).is_same
    assert "-哪天方便？" in compare(NEW, record(None, ("报修", "漏水"), told)).diff


def test_phone_numbers_are_masked_wherever_they_stand():
    told = compare(NEW, record(None, SAID, ["请打 13900139000"])).diff
    assert "13800138000" not in told
    assert "138****8000" in told
    assert "13900139000" not in told


def test_relative_days_are_read_at_the_time_of_the_message():
    script = parse_script(REPAIR.replace("ask: 手机号？", 'ask: "{{ when }}，手机号？"'), "repair.yaml")
    late = Recording("one", (record().messages[0], Message(Heard("text", "明天下午三点"), NOW + timedelta(days=3))), None)
    assert "11月25日" in compare(script, late).diff


def test_a_transcript_that_holds_is_the_same_and_one_that_does_not_is_shown():
    held, broken = compare_transcripts(NEW, TRANSCRIPTS, "t.yaml", TEXTS, WORDS, Calendar())
    assert (held.name, held.is_same, broken.is_same) == ("漏水", True, True)
    shown = compare_transcripts(OLD, f"tests:\n{TRANSCRIPTS}", "t.yaml", TEXTS, WORDS, Calendar())[0].diff
    assert "-bot: 您哪天方便呢" in shown
    assert "哪天方便？" in shown


@pytest.mark.parametrize("text", ["id: x", "- {nonsense: 1}", ""])
def test_what_is_no_transcript_is_refused_with_its_place(text):
    with pytest.raises(ScriptError, match=r"t\.yaml"):
        compare_transcripts(OLD, text, "t.yaml", TEXTS, WORDS, Calendar())

"""Yes and no, rooms, and media as answers: what people send -> value and label, or the coded reason."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from dialogs.answers.base import Accepted, AnswerType, Heard, Question, Rejected, Shown
from dialogs.answers.kinds import ANSWERS
from dialogs.calendar import Calendar

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
YES_NO = (Shown(1, "yes", "需要，帮我安排"), Shown(2, "no", "暂时不用"))
ROOMS = ("3栋-1单元-502", "3栋-1单元-602", "5栋-2单元-602")


def ask(kind: str, **known) -> Question:
    return Question(AnswerType(kind), **known)


def read(question: Question, text: str):
    return ANSWERS[question.type].read(Heard("text", text), question, NOW, Calendar())


def outcome(answer):
    return answer.value if isinstance(answer, Accepted) else f"!{answer.reason}"


@pytest.mark.parametrize(
    "text",
    [
        "是",
        "对",
        "好",
        "可以",
        "行",
        "嗯",
        "要",
        "OK",
        "ok",
        "好的",
        "没问题",
        "是的",
        "对的",
        "嗯嗯",
        "好的，谢谢",
        "好啊",
        "是的没错",
        "没有问题",
        "可以的",
        "行。",
        "👌",
    ],
)
def test_words_of_consent_are_yes(text):
    assert outcome(read(ask("yesno"), text)) is True


@pytest.mark.parametrize(
    "text",
    [
        "不",
        "否",
        "不是",
        "不要",
        "不用",
        "不行",
        "没有",
        "没",
        "不用了",
        "不用了，谢谢",
        "不需要",
        "不要不要",
        "不 好",
        "算了",
        "no",
        "不了",
    ],
)
def test_words_of_refusal_are_no(text):
    assert outcome(read(ask("yesno"), text)) is False


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("不知道", "!unrecognised"),
        ("不好意思", "!unrecognised"),
        ("是不是", "!unrecognised"),
        ("好，不用了", "!ambiguous"),
        ("漏水", "!unrecognised"),
    ],
)
def test_what_is_neither_yes_nor_no_is_not_guessed(text, expected):
    assert outcome(read(ask("yesno"), text)) == expected


def test_a_tapped_label_or_its_number_answers_yes_or_no():
    question = ask("yesno", options=YES_NO)

    assert read(question, "需要，帮我安排") == Accepted(True, "需要，帮我安排")
    assert read(question, "2") == Accepted(False, "暂时不用")
    assert read(question, "好的") == Accepted(True, "需要，帮我安排")


@pytest.mark.parametrize(
    "text",
    ["3-1-502", "3栋1单元502室", "3栋1单元502", "三号楼一单元502", "3#1-502", "3号楼1单元502", "三栋一单元五零二",
    "3 1 502",
     "3栋-1单元-502", "我住3栋1单元502", "3号楼1单元5楼502", "3幢1门502房", "3/1/502"],
)  # fmt: skip
def test_a_room_is_read_in_every_usual_writing(text):
    assert outcome(read(ask("room"), text)) == "3栋-1单元-502"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("502", "3栋-1单元-502"), ("五零二", "3栋-1单元-502"), ("3栋602", "3栋-1单元-602"), ("602", "!ambiguous"),
        ("2单元602", "5栋-2单元-602"), ("9栋1单元101", "!unknown_room"), ("你好", "!not_a_room"),
        ("3栋-1单元-602", "3栋-1单元-602"),
    ],
)  # fmt: skip
def test_a_short_answer_is_enough_where_one_known_room_fits(text, expected):
    assert outcome(read(ask("room", rooms=ROOMS), text)) == expected


def test_a_known_room_is_returned_in_its_own_writing():
    question = ask("room", rooms=("翠湖/3栋/1单元/502", "翠湖/4栋/1单元/502"))

    assert outcome(read(question, "3-1-502")) == "翠湖/3栋/1单元/502"


def test_a_door_alone_is_incomplete_where_no_room_is_known():
    assert outcome(read(ask("room"), "502")) == "!incomplete"
    assert outcome(read(ask("room"), "A座1202")) == "A栋-1202"


@pytest.mark.parametrize("kind", ["image", "voice", "video", "file"])
def test_media_are_accepted_by_their_own_kind_only(kind):
    question = ask(kind)
    heard = Heard(kind, media_id="m1", url="https://example.com/1")

    answer = ANSWERS[question.type].read(heard, question, NOW, Calendar())

    assert answer.value == {"media_id": "m1", "url": "https://example.com/1"}
    assert outcome(read(question, "没有照片")) == "!wrong_kind"
    assert outcome(ANSWERS[question.type].read(Heard(kind), question, NOW, Calendar())) == "!empty"


def test_a_location_keeps_its_point_and_name():
    question = ask("location")
    heard = Heard("location", latitude=34.75, longitude=113.62, label="花园路5号")

    answer = ANSWERS[question.type].read(heard, question, NOW, Calendar())

    assert answer == Accepted({"latitude": 34.75, "longitude": 113.62, "label": "花园路5号"}, "花园路5号")
    nowhere = Heard("location", latitude=134.0, longitude=0.0)
    assert outcome(ANSWERS[question.type].read(nowhere, question, NOW, Calendar())) == "!out_of_range"


def test_a_picture_is_no_answer_to_a_question_for_words():
    question = ask("phone")

    answer = ANSWERS[question.type].read(Heard("image", media_id="m1"), question, NOW, Calendar())

    assert answer == Rejected("wrong_kind", {"kind": "image"})


def test_every_type_but_review_has_its_reader():
    assert set(AnswerType) - set(ANSWERS) == {AnswerType.REVIEW}

"""Answers of every type but dates: what people write -> value and label, or the coded reason."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from dialogs.answers.base import Accepted, AnswerType, Heard, Question, Rejected, Shown
from dialogs.answers.kinds import ANSWERS
from dialogs.calendar import Calendar

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
REPAIRS = (
    Shown(1, "water", "水管漏水", ("漏水", "水管", "滴水")),
    Shown(2, "power", "电路故障", ("停电", "跳闸")),
    Shown(3, "lock", "门锁", ("锁", "开不了门")),
    Shown(4, "other", "其他"),
)
CARS = (Shown(1, "none", "没有"), Shown(2, "one", "1辆"), Shown(3, "more", "2辆及以上"))


def ask(kind: str, **known) -> Question:
    return Question(AnswerType(kind), **known)


def read(question: Question, text: str):
    return ANSWERS[question.type].read(Heard("text", text), question, NOW, Calendar())


def extract(question: Question, text: str):
    return ANSWERS[question.type].extract(text, question, NOW, Calendar())


def outcome(answer):
    return answer.value if isinstance(answer, Accepted) else f"!{answer.reason}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", "water"), ("１", "water"), ("①", "water"), ("1️⃣", "water"), ("1.", "water"), ("1、", "water"),
        ("(1)", "water"), ("一", "water"), ("第一个", "water"), ("第二项", "power"), ("选2", "power"), ("我选3",
        "lock"),
        ("3吧", "lock"), ("1 水管漏水", "water"), ("1.水管漏水", "water"), ("5", "!out_of_range"), ("0",
        "!out_of_range"),
        ("water", "water"), ("WATER", "water"), ("水管漏水", "water"), ("水管 漏水", "water"), ("漏水", "water"),
        ("厨房漏水了", "water"), ("跳闸", "power"), ("门锁坏了", "lock"), ("电路", "power"), ("其他的", "other"),
        ("不是漏水，是停电", "power"), ("不要漏水", "!unrecognised"), ("没漏水", "!unrecognised"), ("是不是漏水",
        "water"),
        ("漏水还停电", "!ambiguous"), ("水", "!unrecognised"), ("天气真好", "!unrecognised"), ("", "!empty"),
    ],
)  # fmt: skip
def test_a_choice_is_recognised_by_number_key_label_alias_or_unique_mention(text, expected):
    assert outcome(read(ask("choice", options=REPAIRS), text)) == expected


def test_a_tie_names_the_options_it_lies_between():
    assert read(ask("choice", options=REPAIRS), "漏水还停电") == Rejected("ambiguous", {"options": "水管漏水、电路故障"})


def test_a_number_binds_to_the_shown_number_even_where_a_label_starts_with_it():
    assert outcome(read(ask("choice", options=CARS), "2")) == "one"
    assert outcome(read(ask("choice", options=CARS), "2辆及以上")) == "more"
    assert outcome(read(ask("choice", options=CARS), "没有")) == "none"


def test_a_longer_label_hides_the_shorter_one_inside_it():
    options = (Shown(1, "good", "满意"), Shown(2, "bad", "不满意"))

    assert outcome(read(ask("choice", options=options), "我很不满意")) == "bad"
    assert outcome(read(ask("choice", options=options[:1]), "我很不满意")) == "!unrecognised"


def test_numbers_of_a_later_page_are_the_ones_printed_there():
    options = (Shown(10, "a", "陪聊"), Shown(11, "b", "体检"))

    assert [outcome(read(ask("choice", options=options), text)) for text in ("11", "十", "1")] == [
        "b",
        "a",
        "!out_of_range",
    ]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("我家厨房水管一直漏水，明天来看看", "water"),
        ("漏水又停电", None),
        ("不是漏水", None),
        ("1", None),
        ("门锁换一下", "lock"),
    ],
)
def test_a_choice_is_prefilled_only_where_one_option_is_mentioned(sentence, expected):
    found = extract(ask("choice", options=REPAIRS), sentence)

    assert (found.value if found else None) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,3", ["water", "lock"]), ("1 3", ["water", "lock"]), ("13", ["water", "lock"]), ("31", ["water", "lock"]),
        ("1、3和4", ["water", "lock", "other"]), ("1，2", ["water", "power"]), ("1-3", ["water", "power", "lock"]),
        ("第一个和第三个", ["water", "lock"]), ("水管漏水、门锁", ["water", "lock"]), ("漏水和停电", ["water",
        "power"]),
        ("都要", ["water", "power", "lock", "other"]), ("全部", ["water", "power", "lock",
        "other"]), ("2", ["power"]),
        ("漏水，不要门锁", ["water"]), ("都不要", "!required"), ("没有", "!required"), ("15", "!out_of_range"),
        ("9", "!out_of_range"), ("随便", "!unrecognised"), ("", "!empty"),
    ],
)  # fmt: skip
def test_several_options_are_recognised_in_one_message(text, expected):
    assert outcome(read(ask("multi", options=REPAIRS), text)) == expected


def test_none_of_them_is_an_answer_where_nothing_is_required_or_an_option_says_it():
    assert outcome(read(ask("multi", options=REPAIRS, required=False), "都不要")) == []
    assert outcome(read(ask("multi", options=CARS), "没有")) == ["none"]


def test_the_number_of_chosen_options_is_bounded():
    question = ask("multi", options=REPAIRS, min=2, max=3)

    assert outcome(read(question, "1")) == "!too_few"
    assert read(question, "都要") == Rejected("too_many", {"max": "3"})
    assert read(question, "1,2") == Accepted(["water", "power"], "水管漏水、电路故障")


@pytest.mark.parametrize(
    ("kind", "known", "text", "expected"),
    [
        ("text", {}, "厨房水龙头坏了", "厨房水龙头坏了"), ("text", {"max": 4}, "一二三四五", "!too_long"),
        ("text", {"min": 3}, "好", "!too_short"), ("text", {}, "字" * 501, "!too_long"),
        ("number", {}, "3", 3), ("number", {}, "三", 3), ("number", {}, "3.5", 3.5), ("number", {}, "1,200", 1200),
        ("number", {}, "一百二十", 120), ("number", {}, "一百二", 120), ("number", {}, "两千零五", 2005),
        ("number", {}, "1.2万", 12000), ("number", {}, "大概80平吧", 80), ("number", {},
        "十二个", 12), ("number", {}, "-5", -5),
        ("number", {}, "没有", 0), ("number", {}, "三到五个", "!ambiguous"), ("number", {}, "很多", "!not_a_number"),
        ("number", {"min": 1, "max": 10}, "11", "!out_of_range"), ("number", {"is_integer": True}, "2.5",
        "!not_an_integer"),
        ("number", {}, "9" * 15, "!out_of_range"),
        ("amount", {}, "12.5", 1250), ("amount", {}, "¥12.50", 1250), ("amount", {}, "12元5角", 1250),
        ("amount", {}, "12块5", 1250), ("amount", {}, "十二块", 1200), ("amount", {}, "五毛", 50), ("amount", {},
        "1.2万", 1200000),
        ("amount", {}, "1200元", 120000), ("amount", {}, "三百五十元", 35000), ("amount", {}, "0.001",
        "!too_precise"),
        ("amount", {}, "-3元", "!out_of_range"), ("amount", {"max": 1000}, "20元", "!out_of_range"),
        ("amount", {}, "便宜点", "!not_an_amount"),
        ("phone", {}, "13812345678", "13812345678"), ("phone", {}, "138 1234 5678", "13812345678"),
        ("phone", {}, "+86 138-1234-5678", "13812345678"), ("phone", {}, "我的电话是13812345678", "13812345678"),
        ("phone", {}, "一三八一二三四五六七八", "13812345678"), ("phone", {}, "0371-65551234", "0371-65551234"),
        ("phone", {}, "01065551234", "010-65551234"), ("phone", {}, "(021)65551234转802", "021-65551234-802"),
        ("phone", {}, "1381234567", "!not_a_phone"), ("phone", {}, "12812345678", "!not_a_phone"),
        ("phone", {}, "138123456789", "!not_a_phone"), ("phone", {}, "13812345678或13912345678", "!ambiguous"),
        ("rating", {}, "5", 5), ("rating", {}, "五星", 5), ("rating", {}, "4分", 4), ("rating", {}, "四分吧", 4),
        ("rating", {}, "⭐⭐⭐", 3), ("rating", {}, "★★★★☆", 4), ("rating", {}, "满意", 4), ("rating", {},
        "很满意", 5),
        ("rating", {}, "一般", 3), ("rating", {}, "不满意", 2), ("rating", {}, "非常不满意", 1), ("rating", {},
        "满意吧", 4),
        ("rating", {}, "6", "!out_of_range"), ("rating", {}, "0", "!out_of_range"), ("rating", {}, "4.5",
        "!not_an_integer"),
        ("rating", {"max": 10}, "9", 9), ("rating", {"max": 10}, "很满意", 10), ("rating", {}, "来人",
        "!unrecognised"),
        ("plate", {}, "豫A12345", "豫A12345"), ("plate", {}, "豫a·12b45", "豫A12B45"), ("plate", {}, "豫 A 12345",
        "豫A12345"),
        ("plate", {}, "豫AD12345", "豫AD12345"), ("plate", {}, "豫A12345D", "豫A12345D"), ("plate", {}, "粤B1234学",
        "粤B1234学"),
        ("plate", {}, "我的车是京A88888", "京A88888"), ("plate", {}, "豫A1234", "!not_a_plate"), ("plate", {},
        "A12345", "!not_a_plate"),
        ("plate", {}, "豫A123I5", "!not_a_plate"), ("plate", {}, "豫A12345和豫A12346", "!ambiguous"),
        ("address", {}, "金水区花园路5号", "金水区花园路5号"), ("address", {}, "家里",
        "!not_an_address"), ("address", {}, "3号", "!too_short"),
    ],
)  # fmt: skip
def test_an_answer_of_each_type_is_read(kind, known, text, expected):
    assert outcome(read(ask(kind, **known), text)) == expected


def test_labels_are_what_a_person_reads_back():
    assert read(ask("amount"), "12块5").label == "12.50元"
    assert read(ask("plate"), "豫ad12345").label == "豫A·D12345"
    assert read(ask("number", unit="平米"), "80").label == "80平米"
    assert read(ask("rating"), "五星").label == "5分"
    assert read(ask("number", min=1, max=10), "11") == Rejected("out_of_range", {"min": "1", "max": "10"})


@pytest.mark.parametrize(
    ("kind", "known", "sentence", "expected"),
    [
        ("phone", {}, "厨房漏水，电话13812345678", "13812345678"), ("phone", {}, "13812345678或13912345678", None),
        ("number", {}, "家里3个人", None), ("number", {"unit": "平"},
        "房子80平，3个人", 80), ("number", {"unit": "人"}, "有很多人", None),
        ("amount", {}, "预算500元左右", 50000), ("amount", {}, "500", None), ("plate", {}, "豫A12345打不着火了",
        "豫A12345"),
        ("room", {}, "3栋1单元502漏水了", "3栋-1单元-502"), ("room", {}, "2026-11-305", None), ("rating", {},
        "给你们打5分", 5),
        ("rating", {}, "等了5分钟", None), ("yesno", {}, "好的", None), ("text", {},
        "随便什么", None), ("address", {}, "花园路5号", None),
        ("image", {}, "照片", None), ("location", {}, "这里", None),
        ("multi", {"options": REPAIRS}, "漏水，门锁也坏了", ["water", "lock"]), ("multi", {"options": REPAIRS},
        "你好", None),
    ],
)  # fmt: skip
def test_only_a_sure_answer_is_taken_from_a_first_sentence(kind, known, sentence, expected):
    found = extract(ask(kind, **known), sentence)

    assert (found.value if found else None) == expected

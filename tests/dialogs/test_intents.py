"""What single sentences mean, and how sure we are of it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialogs.intents.decision import Act, Clarify, Stranger, Thresholds, decide
from dialogs.intents.lexicon import Lexicon, Problem, parse_lexicon
from dialogs.intents.understander import Candidate, Understander, Understanding
from tests.dialogs.test_intents_examples import build_understander, read_lexicon


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("我家厨房水管漏水了", "housekeeping.utilities"),
        ("厨房漏水", "housekeeping.utilities"),
        ("我家灯坏了", "housekeeping.utilities"),
        ("空调不制冷", "housekeeping.appliances"),
        ("楼上晚上太吵了睡不着", "complaint"),
        ("狗在楼下乱叫", "complaint"),
        ("电梯坏了", "base.public_repair"),
        ("楼道灯不亮", "base.public_repair"),
        ("小区路灯", "base.public_repair"),
        ("我要装修要办什么手续", "base.decoration_permit"),
        ("想把房子重新装修一下", "housing.renovation"),
        ("搬家具出门要放行条", "base.goods_pass"),
        ("车年检", "car.inspection"),
        ("违章", "car.violations"),
        ("快递帮我拿上来", "delivery.last_mile"),
        ("找个保洁阿姨周六打扫", "housekeeping.hourly"),
        ("我妈一个人在家没人说话", "elderly.companionship"),
        ("孩子成绩跟不上怎么办", "education.tutoring"),
        ("转人工", "human"),
        ("我的单子到哪了", "order_status"),
        ("取消预约", "cancel"),
        ("别再给我发消息了", "opt_out"),
        ("你好", "menu"),
        ("谢谢你们小王真好", "praise"),
        ("不是要投诉,就是问问物业费", "fee_query"),
    ],
)
def test_a_plain_wish_is_acted_upon(text: str, expected: str) -> None:
    understanding = build_understander().understand(text)
    assert (understanding.intent, understanding.text) == (expected, text)
    assert understanding.confidence >= 0.75
    assert decide(understanding) == Act(expected)


@pytest.mark.parametrize(
    "text", ["不用投诉", "", "   ", "。。。", "哈哈哈哈哈哈", "加微信领取装修优惠", "13812345678", "\x00\ud800"]
)
def test_what_is_no_wish_is_a_stranger(text: str) -> None:
    understanding = build_understander().understand(text)
    assert understanding.intent == "none"
    assert decide(understanding) == Stranger()


@pytest.mark.parametrize(
    ("plain", "written"),
    [
        ("电梯坏了", "電梯壞了"),
        ("家里水管漏水", "家裡水管漏水"),
        ("我要退订", "我 要 退 订 ！！！！"),
        ("td", "ＴＤ"),
        ("厨房漏水", "[捂脸]厨房漏水漏水漏水漏水"),
    ],
)
def test_the_way_of_writing_changes_nothing(plain: str, written: str) -> None:
    assert build_understander().understand(written).intent == build_understander().understand(plain).intent != "none"


def test_a_greeting_before_a_wish_is_not_the_wish() -> None:
    assert build_understander().understand("您好,在吗,请问一下,我家马桶堵了").intent == "housekeeping.utilities"


def test_the_point_in_the_middle_of_a_ramble_is_found() -> None:
    ramble = (
        "小姑娘啊我今天早上出门的时候天气好得很就去公园里坐了坐回来以后呢走到家里一看哎呀厨房那个水管子漏水漏得到处都是"
        "我这个老太婆也不懂就拿个盆接着想着等我老头子回来再说他又去钓鱼了"
    )
    assert build_understander().understand(ramble).candidates[0].intent == "housekeeping.utilities"


def test_two_wishes_are_both_offered() -> None:
    understanding = build_understander().understand("空调不制冷了,另外楼上天天半夜太吵")
    first, second = understanding.candidates[:2]
    assert {first.intent, second.intent} == {"housekeeping.appliances", "complaint"}
    assert first.confidence - second.confidence < 0.15
    assert isinstance(decide(understanding), Clarify)


@given(st.text(max_size=300))
@settings(max_examples=200)
def test_any_text_is_understood_without_error_and_always_the_same_way(text: str) -> None:
    once, again = build_understander().understand(text), build_understander().understand(text)
    assert once == again
    confidences = [candidate.confidence for candidate in once.candidates]
    assert len(confidences) <= 5
    assert confidences == sorted(confidences, reverse=True)
    assert all(0 <= confidence <= 1 for confidence in [once.confidence, *confidences])


@given(st.lists(st.deferred(lambda: st.sampled_from(sorted(read_lexicon().words))), max_size=40))
@settings(max_examples=200)
def test_any_heap_of_our_words_is_understood_without_error(words: list[str]) -> None:
    understanding = build_understander().understand("".join(words))
    assert understanding.intent in read_lexicon().intents


def test_the_reasons_can_be_shown() -> None:
    reasons = {finding.reason for finding in build_understander().explain("厨房漏水") if finding.weight > 0}
    assert "漏水" in reasons


@pytest.mark.parametrize(
    ("candidates", "expected"),
    [
        ([("cancel", 0.8)], Act("cancel")),
        ([("cancel", 0.8), ("human", 0.65)], Act("cancel")),
        ([("cancel", 0.8), ("human", 0.66)], Clarify((Candidate("cancel", 0.8), Candidate("human", 0.66)))),
        ([("cancel", 0.69)], Clarify((Candidate("cancel", 0.69),))),
        ([("cancel", 0.5), ("human", 0.25), ("menu", 0.1)], Clarify((Candidate("cancel", 0.5), Candidate("human", 0.25)))),
        ([("cancel", 0.34)], Stranger()),
        ([("none", 0.7), ("cancel", 0.3)], Stranger()),
        ([("none", 0.55), ("cancel", 0.3), ("human", 0.1)], Clarify((Candidate("cancel", 0.3),))),
        ([("none", 0.5), ("cancel", 0.15)], Stranger()),
    ],
)
def test_the_thresholds_choose_between_acting_asking_and_giving_up(candidates, expected) -> None:
    ranked = tuple(Candidate(intent, confidence) for intent, confidence in candidates)
    understanding = Understanding(ranked[0].intent, ranked[0].confidence, ranked, "...")
    assert decide(understanding, Thresholds()) == expected


def test_every_problem_of_a_lexicon_is_reported_at_once() -> None:
    files = {
        "one": {"cancel": {"words": {"取消": 0, "算了": "many"}, "all_of": {"单独": 2}, "wrods": {}}, "nothing.known": {}},
        "two": {"cancel": {"words": {"不要": 1}}, "menu": ["words"]},
        "three": "text",
        "language": {"refusal": ["别"]},
        "traditional": {"pairs": "電电壞"},
    }
    problems = parse_lexicon(files, ["cancel", "menu"])
    assert not isinstance(problems, Lexicon)
    assert {(problem.file, problem.place) for problem in problems} == {
        ("one", "cancel"),
        ("one", "cancel.words"),
        ("one", "cancel.all_of"),
        ("one", "nothing.known"),
        ("two", "cancel"),
        ("two", "menu"),
        ("three", ""),
        ("language", "refusal"),
        ("traditional", "pairs"),
    }
    assert Problem("two", "cancel", "is already described in one") in problems


def test_an_empty_lexicon_understands_nothing() -> None:
    lexicon = parse_lexicon({}, [])
    assert isinstance(lexicon, Lexicon)
    assert Understander(lexicon, list).understand("厨房漏水").intent == "none"

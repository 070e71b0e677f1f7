"""The trained weights: made of the committed sentences, small, and no judge over refusals, greetings and two wishes."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import training
from bot.content import CONTENT_DIR, WEIGHTS, check_content
from dialogs.intents.decision import Act, Clarify, Stranger, decide
from dialogs.intents.features import build_vocabulary, read_features
from dialogs.intents.learning import Lesson, Trial, fit_mix, freeze, learn_weights, value_features
from dialogs.intents.model import Evidence, Mix, Model, parse_model
from dialogs.intents.understander import Understander
from tests.contract.test_understanding import SENTENCES
from tests.loaded import LEXICON, UNDERSTANDER

PATH = CONTENT_DIR / WEIGHTS
A, B, NOTHING = ("cancel", "human", "none")
HAND = tuple(training.Sentence((*word, word), 2, at % 3) for at, word in enumerate(("取消", "真人", "哈哈", "退掉", "客服")))


def test_the_committed_weights_are_those_of_the_committed_sentences() -> None:
    assert json.loads(PATH.read_text("utf-8"))["sources"] == training.hash_sources(), "run `python -m bot train`"


def test_training_again_gives_the_same_file() -> None:
    school = training.School((A, B, NOTHING), {"one": HAND, "other": HAND}, ())
    once, again = (training.format_model(freeze(training.learn(school), school.classes, Mix()), "") for _ in range(2))
    assert once == again
    assert '"rows": {' in once


def test_the_file_is_small_and_sorted_and_knows_every_code() -> None:
    content = json.loads(PATH.read_text("utf-8"))
    assert PATH.stat().st_size < 3_000_000
    assert list(content["rows"]) == sorted(content["rows"])
    assert set(content["classes"]) == LEXICON.intents


@pytest.mark.parametrize(("text", "code"), SENTENCES.items())
def test_plain_sentences_mean_what_they_say(text: str, code: str) -> None:
    assert UNDERSTANDER.understand(text).intent == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("表扬一下保安小李，帮我抬了一袋米", "praise"),
        ("建议小区多装几个充电桩", "suggestion"),
        ("不是要投诉,就是问问物业费", "fee_query"),
        ("您好,在吗,请问一下,我家马桶堵了", "housekeeping.utilities"),
        ("我要修水电", "housekeeping.utilities"),
        ("马桶堵了，明天上午十点来", "housekeeping.utilities"),
        ("想预约钟点工", "housekeeping.hourly"),
        ("你好", "menu"),
        ("别再给我发消息了", "opt_out"),
        ("取消预约", "cancel"),
    ],
)
def test_a_clear_wish_is_acted_upon(text: str, code: str) -> None:
    assert decide(UNDERSTANDER.understand(text)) == Act(code)


@pytest.mark.parametrize("text", ["不用投诉", "", "。。。", "哈哈哈哈", "13812345678", "\x00\ud800", "加微信领取装修优惠"])
def test_what_is_no_wish_stays_a_stranger(text: str) -> None:
    assert decide(UNDERSTANDER.understand(text)) == Stranger()


def test_two_wishes_in_one_message_are_both_offered() -> None:
    decision = decide(UNDERSTANDER.understand("空调不制冷了,另外楼上天天半夜太吵"))
    assert isinstance(decision, Clarify)
    assert {candidate.intent for candidate in decision.candidates} == {"complaint", "housekeeping.appliances"}


@given(st.text(max_size=300) | st.lists(st.sampled_from(sorted(LEXICON.words)), max_size=30).map("，另外".join))
@settings(max_examples=200)
def test_any_text_is_understood_without_error_and_always_the_same_way(text: str) -> None:
    once = UNDERSTANDER.understand(text)
    assert once == UNDERSTANDER.understand(text)
    confidences = [candidate.confidence for candidate in once.candidates]
    assert once.candidates[0].intent == once.intent
    assert confidences == sorted(confidences, reverse=True)
    assert 1 <= len(confidences) <= 5
    assert all(0 <= confidence <= 1 for confidence in confidences)


def test_without_weights_the_rules_speak_alone() -> None:
    ruled = Understander(replace(LEXICON, model=None), list)
    assert ruled.understand("厨房漏水").intent == "housekeeping.utilities"


def test_features_are_characters_and_pairs_with_ends_words_and_one_sign_for_numbers() -> None:
    plain = {"灯", "坏", "^灯", "灯坏", "坏$", "0", "楼", "^0", "0楼", "楼$"}
    assert read_features("灯坏,3楼", build_vocabulary({})) == plain
    vocabulary = build_vocabulary({"灯坏": ((A, 1.0), (B, 2.0)), "灯坏了没修": ((A, 1.0),)})
    assert read_features("灯坏,3楼", vocabulary) == plain | {"w:灯坏", f"c:{A}", f"c:{B}"}


def test_a_lesson_is_learned_and_a_refusal_is_heard() -> None:
    model = learn_three()
    assert model.rank(Evidence(["取", "消"], 2))[0][0] == A
    assert model.rank(Evidence(["真"], 1))[0][0] == B
    assert model.rank(Evidence(["取", "消"], 2, frozenset({A}), is_refusal=True))[0][0] == NOTHING
    assert model.score(["unknown"]) == [0.0, 0.0, 0.0]


def test_a_feature_of_one_class_tells_more_than_one_of_all() -> None:
    lessons = [Lesson(["取", "我"], 0), Lesson(["人", "我"], 1), Lesson(["哈", "我"], 2)]
    values = value_features(lessons, 3, 1)
    assert values["取"] > values["我"] == 1
    assert value_features(lessons, 3, 2) == {"我": 1}


def test_the_mix_learns_that_short_messages_are_rarely_for_us() -> None:
    trials = [Trial([0.0, 0.0, 0.0], 2, 2)] * 8 + [Trial([0.0, 0.0, 0.0], 40, 0)] * 8
    none = fit_mix(trials, (A, B, NOTHING)).none
    assert none[0] > 0.5
    assert none[4] < -0.5


def test_a_model_is_read_as_it_was_written_and_a_broken_one_is_refused() -> None:
    model = learn_three()
    content = json.loads(training.format_model(model, "0"))
    assert parse_model(content) == model
    with pytest.raises(ValueError, match="取"):
        parse_model({**content, "rows": {"取": "#"}})
    with pytest.raises(KeyError):
        parse_model({})


def learn_three() -> Model:
    lessons = [Lesson(["取", "消"], 0), Lesson(["真", "人"], 1), Lesson(["哈"], 2)]
    return freeze(learn_weights(lessons, 3), (A, B, NOTHING), Mix())


def test_the_content_with_its_weights_is_in_order() -> None:
    assert [problem for problem in check_content() if problem.place.file.endswith("weights.json")] == []

"""Answers known before they are asked, the check before sending, and corrections."""

import pytest

from dialogs.outcome import render_plain
from tests.dialogs.talk import TEXTS, Talk, chat

PHONE = "13800138000"


def text(key):
    return TEXTS.phrases[key].source


def reviewed(*more):
    return Talk().say("1", "明天下午三点", PHONE, "跳过", *more)


def test_a_first_sentence_answers_what_it_surely_holds():
    talk = Talk(sentence="我家漏水了，明天下午三点来")
    assert (talk.said, talk.value("fault"), talk.value("when")["on"]) == ("手机号？", "leak", "2026-11-22")
    assert "问题：漏水" in talk.say(PHONE, "跳过").said


def test_a_known_option_goes_its_own_way_at_once():
    talk = Talk(sentence="厨房爆管了")
    assert talk.effects[0].urgent is True
    assert talk.said.startswith("先关总阀。")


def test_a_known_answer_that_breaks_a_rule_is_told_and_asked():
    assert Talk(sentence="漏水，明年六月一号上午九点来").said == "一个月内的都可以。\n哪天方便？"


def test_back_reaches_an_answer_taken_from_the_first_sentence():
    assert Talk(sentence="我家漏水了").say("返回").said.startswith("哪儿坏了？")


def test_a_question_may_refuse_to_be_answered_by_the_first_sentence():
    script = chat("  - {id: m, ask: 哪天？, type: date, prefill: false}\n  - {id: d, end: 好}\n")
    assert Talk(script, "明天").said == "哪天？"


def test_one_day_in_the_first_sentence_answers_one_question():
    script = chat("  - {id: a, ask: 哪天来？, type: date}\n  - {id: b, ask: 哪天走？, type: date}\n  - {id: d, end: 好}\n")
    talk = Talk(script, "后天来住")
    assert (talk.value("a"), talk.said) == ("2026-11-23", "哪天走？")


def test_a_value_handed_in_by_a_steps_name_is_its_answer():
    assert Talk(fault="leak").said == "哪天方便？"
    assert Talk(fault="nonsense").said.startswith("哪儿坏了？")
    assert Talk(fault="leak", when="明天下午三点", phone=PHONE).step == "photo"


@pytest.mark.parametrize("value", [["leak"], {"a": 1}, 7, True, None, "", 1.5])
def test_a_value_of_the_wrong_kind_handed_in_is_asked_for(value):
    assert Talk(fault=value).step == "fault"


def test_the_first_sentence_can_be_told():
    assert Talk(chat("  - {id: d, end: '{{ sentence }}'}\n"), "水管漏了").said == "水管漏了"


def test_a_default_is_taken_once_and_asked_for_when_the_person_goes_back():
    script = chat(
        '  - {id: t, ask: 什么情况？, type: text, default: "if(len(sentence) > 4, sentence, null)"}\n'
        "  - {id: n, ask: 几个？, type: number}\n  - {id: d, end: 好}\n"
    )
    talk = Talk(script, "厨房的灯坏了")
    assert (talk.said, talk.value("t")) == ("几个？", "厨房的灯坏了")
    assert talk.say("返回").said == "什么情况？"
    assert Talk(script, "灯").said == "什么情况？"


def test_a_review_lists_names_and_labels_with_numbers():
    assert reviewed().said == "\n".join(
        [
            "核对一下。",
            "1. 问题：漏水",
            "2. 上门时间：11月22日(周日) 15:00",
            "3. 电话：138****8000",
            "4. 照片：没有",
            text("engine.review.hint"),
            "5. 确认",
        ]
    )


@pytest.mark.parametrize("said", ["确认", "是", "对", "好", "好的", "没问题", "确认吧", "对的", "OK", "5", "嗯嗯"])
def test_a_review_is_confirmed_in_many_words(said):
    assert len(reviewed(said).effects) == 1


@pytest.mark.parametrize(
    ("said", "step"),
    [("改 2", "when"), ("改2", "when"), ("改第二项", "when"), ("2", "when"), ("改时间", "when"), ("时间不对", "when"),
     ("上门时间错了", "when"), ("修改上门时间", "when"), ("1不对", "fault"), ("改一下问题", "fault"), ("电话", "phone"),
     ("第三个改一下", "phone"), ("把电话换一下", "phone")],
)  # fmt: skip
def test_one_answer_is_opened_again_by_number_or_name(said, step):
    talk = reviewed(said)
    assert (talk.step, talk.state.reviewing, talk.effects) == (step, True, [])


def test_after_a_correction_the_review_comes_back_at_once():
    talk = reviewed("改 2", "后天上午十点")
    assert (talk.step, talk.state.reviewing) == ("review", False)
    assert "上门时间：11月23日(周一) 10:00" in talk.said
    assert "问题：漏水" in talk.said


def test_a_correction_may_bring_the_new_value_along():
    talk = reviewed("时间改成后天上午十点")
    assert "上门时间：11月23日(周一) 10:00" in talk.said
    assert talk.step == "review"


def test_a_corrected_branch_asks_what_is_newly_needed():
    talk = reviewed("改 1", "其他情况")
    assert talk.said == "什么情况？"
    assert "2. 情况：水表在转" in talk.say("水表在转").said


def test_answers_of_a_way_no_longer_taken_are_laid_aside_and_come_back():
    talk = reviewed("改 1", "其他情况", "水表在转", "改问题", "漏水")
    assert "情况" not in talk.said
    assert "detail" not in talk.state.answers
    assert talk.state.vars["_aside"]["detail"]["value"] == "水表在转"
    assert "情况：水表在转" in talk.say("改问题", "其他情况").said


def test_a_correction_may_lead_past_the_review():
    talk = reviewed("改 1", "爆管")
    assert talk.effects[0].urgent is True
    assert list(talk.effects[0].answers) == ["fault"]


@pytest.mark.parametrize("said", ["改", "不对", "错了", "我要改"])
def test_a_change_without_a_name_asks_which(said):
    assert reviewed(said).said.startswith(text("engine.review.change"))


def test_other_words_at_a_review_are_not_understood():
    talk = reviewed("嘿嘿哟")
    assert talk.said.startswith(text("engine.unrecognised.review"))
    assert (talk.state.tries, talk.effects) == (1, [])


def test_a_review_is_not_skipped_but_left_backwards():
    assert reviewed("跳过").said.startswith(text("engine.skip_required"))
    assert reviewed("返回").step == "photo"


def test_an_answer_before_an_effect_is_not_opened_again():
    script = chat(
        "  - {id: n, ask: 几个？, type: number, name: 数量}\n  - {id: b, do: take_back}\n"
        "  - {id: r, ask: 核对。, type: review}\n  - {id: d, end: 好}\n"
    )
    assert Talk(script).say("3", "改 1").said.startswith(text("engine.no_way_back"))


def test_a_text_is_not_said_twice_when_a_correction_passes_it():
    script = chat(
        "  - {id: n, ask: 几个？, type: number, name: 数量}\n  - {id: s, say: 记下了}\n"
        "  - {id: r, ask: 核对。, type: review}\n  - {id: d, end: 好}\n"
    )
    talk = Talk(script).say("3")
    assert talk.said.startswith("记下了\n核对。")
    assert talk.say("改 1", "4").said.startswith("核对。")


def test_a_prompt_can_be_shown_again_without_a_turn():
    talk = reviewed()
    assert render_plain(talk.repeat()) == talk.said
